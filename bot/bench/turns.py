"""`motcua bench turns`: from a message received to its answer committed, on one core, beside an echo that keeps nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from bot import clock, late
from bot.bench import databases, measure
from bot.bench.measure import Figures, Measured
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import schema
from bot.db.store import Store
from bot.domain import centers
from bot.messages import Incoming
from bot.settings import Settings
from handlers import ROUTES
from procedures import loader, search
from procedures.catalog import Catalog

BOT = "bench"
AT_ONCE = 64
OFFERED_PER_SECOND = 100
PEOPLE = 400
# What is said to each question of the bot: a matter in own words, then numbers, as most people do.
NUMBERS = ("1", "1", "1")


def run(settings: Settings, data: Path = loader.DATA, *, seconds: float = 5.0) -> Measured:
    """Turns a second and milliseconds a turn on SQLite, on the disk of the data folder; also on PostgreSQL when that is configured."""
    catalog = loader.load(data)
    premises = Premises(catalog, search.build(catalog), centers.Directory(centers.read(None)), "https://motcua.example")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with measure.one_core(), tempfile.TemporaryDirectory(dir=settings.data_dir) as place:
        figures = asyncio.run(_measure(f"sqlite:///{place}/turns.db", premises, seconds))
        baseline = {
            **_rates("aiogram_echo_", asyncio.run(_echo(seconds))),
            **_rates("raw_sqlite_", _raw(Path(place) / "raw.db", seconds)),
        }
    ratio = {
        f"{other}_{rate}": round(float(figures[rate]) / baseline[f"{other}_{rate}"], 3)
        for other in ("aiogram_echo", "raw_sqlite")
        for rate in ("turns_per_s", "turns_per_cpu_s")
    }
    if settings.database.startswith("postgresql"):
        figures = {**figures, **_on_postgresql(settings.database, premises, seconds)}
    return Measured("turns", {**figures, "load_average": measure.load_average()}, baseline, ratio)


def _on_postgresql(database: str, premises: Premises, seconds: float) -> Figures:
    """The same in a database of its own beside the configured one, which is not touched."""
    try:
        with databases.fresh(database) as url:
            found = asyncio.run(_measure(url, premises, seconds))
    except SQLAlchemyError as error:
        return {"postgresql": f"no database of its own can be made there: {str(error).splitlines()[0]}"}
    return {f"postgresql_{figure}": value for figure, value in found.items()}


async def _measure(url: str, premises: Premises, seconds: float) -> Figures:
    async with _crowd(url, premises) as crowd:
        await crowd.talk_for(seconds / 5)  # warm up: statements, pages, everybody's first turn
        spent = await crowd.talk_for(seconds)
    async with _crowd(url, premises) as crowd:
        await crowd.talk_for(seconds / 5)
        waits = await crowd.offered(OFFERED_PER_SECOND, seconds)
    return {
        "conversations_at_once": AT_ONCE,
        **_rates("", spent),
        "offered_per_s": OFFERED_PER_SECOND,
        "p50_ms": measure.percentile_ms(waits, 0.5),
        "p99_ms": measure.percentile_ms(waits, 0.99),
        "turns": spent.turns + len(waits),
    }


class Spent(NamedTuple):
    """Turns, and what they took."""

    turns: int
    seconds: float
    cpu_seconds: float


class Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def stop(self, turns: int) -> Spent:
        return Spent(turns, time.perf_counter() - self._began, time.process_time() - self._worked)


def _rates(prefix: str, spent: Spent) -> dict[str, float]:
    """`per_cpu_s` leaves out the time other processes took, and the waiting for the disk."""
    return {
        f"{prefix}turns_per_s": round(spent.turns / spent.seconds, 1),
        f"{prefix}turns_per_cpu_s": round(spent.turns / spent.cpu_seconds, 1),
    }


@asynccontextmanager
async def _crowd(url: str, premises: Premises) -> AsyncIterator[Crowd]:
    """A service that only converses, and people to talk to it."""
    store = Store(url)
    schema.upgrade(store.engine)
    dispatcher = Dispatcher(store, premises, ROUTES)
    serving = asyncio.create_task(dispatcher.run())
    try:
        yield Crowd(dispatcher, premises.catalog)
    finally:
        dispatcher.stop()
        await serving
        store.close()


class Crowd:
    """People who say something, wait for the committed answer, and say the next thing."""

    def __init__(self, dispatcher: Dispatcher, catalog: Catalog) -> None:
        self._dispatcher = dispatcher
        self._numbers = itertools.count()
        self._run = secrets.token_hex(4)
        self._answered: dict[str, asyncio.Event] = {}
        self._matters = [entry.title for entry in catalog.procedures.values() if entry.depth == "curated"]
        dispatcher.answered = lambda _bot, address: self._answered[address].set()

    async def talk_for(self, seconds: float) -> Spent:
        """Everybody at once as fast as they are answered."""
        watch = Watch()
        end = time.perf_counter() + seconds
        turns = await asyncio.gather(*(self._talk(f"p{person}", self._script(person), end) for person in range(AT_ONCE)))
        return watch.stop(sum(turns))

    async def _talk(self, address: str, script: Iterator[str], end: float) -> int:
        turns = 0
        while time.perf_counter() < end:
            await self._turn(address, next(script))
            turns += 1
        return turns

    async def offered(self, per_second: int, seconds: float) -> list[float]:
        """Seconds from the moment each message was due to its answer, at a steady rate whatever the answers take."""
        scripts = {f"q{person}": self._script(person) for person in range(PEOPLE)}
        begin = time.perf_counter() + 0.05
        people = itertools.cycle(scripts)
        due = [(begin + number / per_second, next(people)) for number in range(max(1, int(per_second * seconds)))]
        return await asyncio.gather(*(self._on_time(moment, address, next(scripts[address])) for moment, address in due))

    async def _on_time(self, moment: float, address: str, said: str) -> float:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        await self._turn(address, said)
        return time.perf_counter() - moment

    async def _turn(self, address: str, said: str) -> None:
        answered = self._answered[address] = asyncio.Event()
        update = f"{self._run}-{next(self._numbers)}"
        await self._dispatcher.receive(Incoming(bot=BOT, update_id=update, address=address, kind="text", text=said, sent_at=clock.now()))
        await answered.wait()

    def _script(self, person: int) -> Iterator[str]:
        for matter in itertools.islice(itertools.cycle(self._matters), person % len(self._matters), None):
            yield matter
            yield from NUMBERS


async def _echo(seconds: float) -> Spent:
    """A bare aiogram webhook without its HTTP: an update in, the same text as its answer, nothing kept."""
    aiogram = late.load("aiogram")
    dispatcher, bot = aiogram.Dispatcher(), aiogram.Bot("1:x")

    async def answer(message: Any) -> Any:
        return message.answer(message.text)

    dispatcher.message.register(answer)
    numbers = itertools.count(1)

    async def talk(person: int, end: float) -> int:
        turns = 0
        while time.perf_counter() < end:
            assert await dispatcher.feed_webhook_update(bot, _update(next(numbers), person)) is not None
            turns += 1
        return turns

    watch, end = Watch(), time.perf_counter() + seconds
    turns = await asyncio.gather(*(talk(person, end) for person in range(1, AT_ONCE + 1)))
    spent = watch.stop(sum(turns))
    await bot.session.close()
    return spent


def _update(number: int, person: int) -> dict[str, Any]:
    chat = {"id": person, "type": "private", "first_name": "Lan"}
    sender = {"id": person, "is_bot": False, "first_name": "Lan"}
    return {"update_id": number, "message": {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": sender, "text": "khai sinh"}}


def _raw(file: Path, seconds: float) -> Spent:
    """The bare driver: the message, the state and the answer, one commit a turn, synchronous FULL."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE inbox (id INTEGER PRIMARY KEY, address TEXT, body TEXT);"
            "CREATE TABLE state (address TEXT PRIMARY KEY, state TEXT);"
            "CREATE TABLE outbox (id INTEGER PRIMARY KEY, address TEXT, body TEXT);"
        )
        watch, end, number = Watch(), time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            _raw_turn(base, f"p{number % AT_ONCE}")
            number += 1
        return watch.stop(number)


def _raw_turn(base: sqlite3.Connection, address: str) -> None:
    base.execute("BEGIN IMMEDIATE")
    base.execute("INSERT INTO inbox (address, body) VALUES (?, ?)", (address, "x" * 200))
    base.execute("INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state", (address, "x" * 1000))
    base.execute("INSERT INTO outbox (address, body) VALUES (?, ?)", (address, "x" * 1500))
    base.execute("COMMIT")
