"""Processes that do things at the same instant, each with a store of its own on the same database."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from bot import errors
from bot.db.store import Store
from tests.races import unguarded

SIZE = 8
PATIENCE = 60.0


class Deed(NamedTuple):
    """What one process does: `work(session, *args, **kwargs)` in a transaction; a coroutine function gets the store itself."""

    work: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}  # noqa: RUF012 (never changed)


class Outcome(NamedTuple):
    """What came of it. `error`: the name of what it raised, `said`: its words."""

    result: Any = None
    error: str = ""
    said: str = ""


class Order(NamedTuple):
    """Deeds for one process, one after the other; without a url: close the store. `off`: the guards taken away, for a control."""

    url: str
    deeds: tuple[Deed, ...]
    off: tuple[str, ...]


def deed(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Deed:
    return Deed(work, args, kwargs)


class Crew:
    """SIZE processes, started once for the whole run."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("forkserver")  # a clean process without threads imports once, and is forked from
        context.set_forkserver_preload(["handlers.visiting", "holidays.countries.vietnam", "tests.races.deeds", "tests.races.crew"])
        self._barriers = context.Barrier(SIZE), context.Barrier(SIZE)  # they have to be there until the last process has them
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(SIZE):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, *self._barriers), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)

    def race(self, url: str, *deeds: Deed, off: Sequence[str] = ()) -> list[Outcome]:
        """What came of each deed, all processes starting at once. More deeds than processes: each does several, one after the other.

        Nothing but a VisitError may be raised, unless guards are off.
        """
        for number, pipe in enumerate(self._pipes):
            pipe.send(Order(url, deeds[number::SIZE], tuple(off)))
        by_process = [self._answer(pipe) for pipe in self._pipes]
        outcomes = [by_process[number % SIZE][number // SIZE] for number in range(len(deeds))]
        unexpected = [
            outcome.said for outcome in outcomes if outcome.error and not issubclass(getattr(errors, outcome.error, Exception), errors.VisitError)
        ]
        assert off or not unexpected, unexpected[0]
        return outcomes

    def _answer(self, pipe: Connection) -> list[Outcome]:
        assert pipe.poll(PATIENCE), "a process does not answer"
        answer: list[Outcome] = pipe.recv()
        return answer

    def leave(self) -> None:
        """Let go of the database."""
        for pipe in self._pipes:
            pipe.send(Order("", (), ()))
        for pipe in self._pipes:
            self._answer(pipe)

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.send(None)
        for process in self._processes:
            process.join(PATIENCE)
        for pipe in self._pipes:
            pipe.close()


def _work(pipe: Connection, start: Barrier, looked: Barrier) -> None:
    with asyncio.Runner() as runner:
        runner.run(_serve(pipe, start, looked))


async def _serve(pipe: Connection, start: Barrier, looked: Barrier) -> None:
    store: Store | None = None
    while (order := pipe.recv()) is not None:
        if not order.url:
            if store is not None:
                store.close()
            store = None
            pipe.send([])
            continue
        store = store or Store(order.url)
        with unguarded.taken_off(order.off, functools.partial(looked.wait, PATIENCE)):
            pipe.send(await _carry_out(order, store, start))


async def _carry_out(order: Order, store: Store, start: Barrier) -> list[Outcome]:
    place: Any = unguarded.Bare(store) if order.off else store
    await place.read(_warm_up)
    start.wait(PATIENCE)
    return [await _outcome(place, one) for one in order.deeds]


def _warm_up(session: Any) -> None:
    session.connection()


async def _outcome(place: Any, one: Deed) -> Outcome:
    try:
        if asyncio.iscoroutinefunction(one.work):
            return Outcome(await one.work(place, *one.args, **one.kwargs))
        return Outcome(await place.write(one.work, *one.args, **one.kwargs))
    except errors.VisitError as error:
        return Outcome(error=type(error).__name__, said=str(error))
    except Exception as error:  # noqa: BLE001 (told to whoever started the race)
        return Outcome(error=type(error).__name__, said=traceback.format_exc())
