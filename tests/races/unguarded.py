"""The guards of the house taken off, one by one: a race test is only worth something when it fails without them."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import bindparam, create_engine, func, select, text, update
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.day import Visit, Wait
from bot.db.engines import BUSY_TIMEOUT_MS
from bot.db.prepared import Prepared
from bot.db.questions import GroupAsker
from bot.db.store import Store
from bot.domain import booking, groups, queue, visits, waitlist

# These are written last, over what another process has just written.
LAST = {"moved": 0.3, "booked": 0.3}

_VISIT, _WAIT, _ASKER = upsert.table(Visit), upsert.table(Wait), upsert.table(GroupAsker)


class Bare:
    """A store that keeps nothing together: every statement is committed by itself, so that no lock outlives it."""

    def __init__(self, store: Store) -> None:
        patience = {"timeout": BUSY_TIMEOUT_MS / 1000} if store.is_sqlite else {}
        self._engine = create_engine(store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=patience)

    async def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with _Loose(self._engine, expire_on_commit=False) as session:
            return work(session, *args, **kwargs)

    read = write


class _Loose(Session):
    def begin_nested(self) -> Any:
        return contextlib.nullcontext()


class _Meeting:
    """Everybody has looked before anybody writes: each process waits once for all the others."""

    def __init__(self, wait: Callable[[], object]) -> None:
        self._wait, self._met = wait, False

    def __call__(self) -> None:
        if not self._met:
            self._met = True
            self._wait()


@contextlib.contextmanager
def taken_off(guards: Sequence[str], wait: Callable[[], object]) -> Iterator[None]:
    """`lock`: nobody waits for anybody. `state`: changed whatever the row says by now. `series`: the highest number and one."""
    meeting = _Meeting(wait)
    with pytest.MonkeyPatch.context() as patch:
        for guard in guards:
            _OFF[guard](patch, meeting)
        yield
    if guards:
        meeting()


def _no_locks(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(locks, "hold", lambda *_: None)
    patch.setattr(booking, "_lock", lambda *_: None)
    _hesitate(patch, meeting, "add")


def _no_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(visits, "_changing", _whatever_its_state)
    patch.setattr(waitlist, "_mark", _mark_whatever_its_state)
    _hesitate(patch, meeting, "change")


def _no_series(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(queue, "next_number", _highest_and_one)
    _hesitate(patch, meeting, "add")


def _no_upsert(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Look when the member asked last, meet the others, write."""

    def take(session: Session, group_id: int, who: str, before: dt.datetime, *, now: dt.datetime) -> bool:
        last = session.execute(select(_ASKER.c.asked_at).where(_ASKER.c.group_id == group_id, _ASKER.c.sender == who)).scalar()
        meeting()
        if last is not None and last > before:
            return False
        first = upsert.insert(session, GroupAsker, group_id=group_id, sender=who, asked_at=now)
        session.execute(first.on_conflict_do_update(index_elements=["group_id", "sender"], set_={"asked_at": now}))
        return True

    patch.setattr(groups, "_take", take)


_OFF = {"lock": _no_locks, "state": _no_states, "series": _no_series, "asker": _no_upsert}


def _hesitate(patch: pytest.MonkeyPatch, meeting: _Meeting, name: str) -> None:
    """Look, meet the others, write."""
    quick = getattr(visits, name)

    def slow(session: Session, *args: Any, **kwargs: Any) -> Any:
        meeting()
        time.sleep(LAST.get(args[-1], 0.0))
        return quick(session, *args, **kwargs)

    patch.setattr(visits, name, slow)


@functools.cache
def _whatever_its_state(_expected: str, names: tuple[str, ...]) -> Prepared:
    return Prepared(update(_VISIT).where(_VISIT.c.id == bindparam("row")).values({name: bindparam(f"new_{name}") for name in names}))


def _mark_whatever_its_state(session: Session, waiting_id: int, state: str, to: str, **values: Any) -> bool:
    session.execute(update(_WAIT).where(_WAIT.c.id == waiting_id).values(state=to, **values))
    return True


def _highest_and_one(session: Session, center_id: str, letter: str, day: dt.date) -> int:
    there = (_VISIT.c.center_id == center_id, _VISIT.c.letter == letter, _VISIT.c.day == day)
    return (session.execute(select(func.max(_VISIT.c.number)).where(*there)).scalar() or 0) + 1


def drop_keys(store: Store, *names: str) -> None:
    """Take unique keys of the table of visits away, in this test's database only. The table has to be empty."""
    with store.engine.begin() as connection:
        if not store.is_sqlite:
            for name in names:
                connection.execute(text(f"ALTER TABLE visit DROP CONSTRAINT IF EXISTS {name}"))
                connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
            return
        made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'visit' AND sql IS NOT NULL ORDER BY type DESC")).all()
        connection.execute(text("DROP TABLE visit"))
        for name, sql in made:
            if name not in names:
                connection.execute(text("\n".join(line for line in sql.splitlines() if not any(f"CONSTRAINT {key} " in line for key in names))))
