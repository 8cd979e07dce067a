"""The audit log is one chain: whatever was changed, taken out or put in between is found."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import exc, func, select, text
from sqlmodel import Session, col

from bot.db import locks
from bot.db.staff import Audit
from bot.db.store import Store
from bot.domain import audit
from tests.fakes import NOON


def note(session: Session, number: int = 0, center: str = "an-phu") -> int:
    moment = NOON + dt.timedelta(seconds=number)
    return audit.write(
        session, actor="staff:1", center_id=center, action="hours.set", subject="tuần", before={"b": 1, "a": "ấ"}, after={"n": number}, now=moment
    )


def count(session: Session) -> int:
    return int(session.execute(select(func.count(col(Audit.id)))).scalar_one())


def change(statement: str) -> Callable[[Session], object]:
    return lambda session: session.execute(text(statement))


async def test_rows_that_were_only_added_verify(store: Store) -> None:
    assert await store.read(audit.verify) is None
    for number in range(5):
        await store.write(note, number)
    assert await store.read(audit.verify) is None


async def test_the_same_values_are_always_written_the_same_way(store: Store) -> None:
    await store.write(note)
    row = await store.read(lambda session: session.execute(select(Audit)).scalar_one())
    assert (row.before, row.after) == ('{"a":"ấ","b":1}', '{"n":0}')
    assert (row.previous, len(row.digest)) == ("", 64)


@pytest.mark.parametrize("column", ["at", "actor", "center_id", "action", "subject", "before", "after", "digest", "previous"])
async def test_a_changed_row_is_found(store: Store, column: str) -> None:
    ids = [await store.write(note, number) for number in range(4)]
    value = "2020-01-01 00:00:00" if column == "at" else "x"
    await store.write(change(f"UPDATE audit SET {column} = '{value}' WHERE id = {ids[2]}"))
    assert await store.read(audit.verify) == ids[2]


async def test_a_row_taken_out_is_found_at_the_next_one(store: Store) -> None:
    ids = [await store.write(note, number) for number in range(4)]
    await store.write(change(f"DELETE FROM audit WHERE id = {ids[1]}"))
    assert await store.read(audit.verify) == ids[2]


async def test_the_first_row_taken_out_is_found(store: Store) -> None:
    ids = [await store.write(note, number) for number in range(3)]
    await store.write(change(f"DELETE FROM audit WHERE id = {ids[0]}"))
    assert await store.read(audit.verify) == ids[1]


async def test_rows_taken_off_the_end_are_found_by_a_digest_noted_elsewhere(store: Store) -> None:
    ids = [await store.write(note, number) for number in range(3)]
    noted = await store.read(audit.newest)
    await store.write(note, 4)
    assert await store.read(audit.verify, noted[:12]) is None
    await store.write(change(f"DELETE FROM audit WHERE id >= {ids[2]}"))
    assert await store.read(audit.verify) is None, "the chain alone cannot know what came after its end"
    assert await store.read(audit.verify, noted[:12]) == 0


async def test_a_second_row_after_the_same_one_is_refused_by_the_database(store: Store) -> None:
    await store.write(note)
    columns = "at, actor, center_id, action, subject, before, after, previous, digest"
    fork = f"INSERT INTO audit ({columns}) VALUES ('2026-11-23', '', '', '', '', '', '', '', 'z')"
    with pytest.raises(exc.IntegrityError):
        await store.write(change(fork))


async def test_what_is_undone_leaves_no_row(store: Store) -> None:
    def fails(session: Session) -> None:
        note(session)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await store.write(fails)
    assert await store.read(count) == 0


async def test_two_processes_writing_at_once_keep_one_chain(store: Store, database_url: str) -> None:
    other = Store(database_url)
    await asyncio.gather(*(one.write(note, number) for number in range(40) for one in (store, other)))
    other.close()
    assert await store.read(count) == 80
    assert await store.read(audit.verify) is None


def without_unique_key(session: Session) -> None:
    """The table as it would be without its guard."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE audit DROP CONSTRAINT uq_audit_previous"))
        return
    made = str(session.execute(text("SELECT sql FROM sqlite_master WHERE name = 'audit'")).scalar_one())
    session.execute(text("DROP TABLE audit"))
    session.execute(text(re.sub(r",\s*CONSTRAINT uq_audit_previous UNIQUE \(previous\)", "", made)))


async def test_control_without_lock_and_unique_key_the_chain_forks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look for the end of the chain before either has written: what lock and key are there to prevent."""
    await store.write(without_unique_key)
    monkeypatch.setattr(locks, "hold", lambda *_: None)
    end = await store.read(audit.newest)
    monkeypatch.setattr(audit, "newest", lambda _session: end)
    await asyncio.gather(store.write(note, 1), store.write(note, 2))
    monkeypatch.undo()
    assert await store.read(count) == 2, "nothing refused the second"
    assert await store.read(audit.verify) is not None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_control_without_the_lock_two_transactions_see_the_same_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL alone lets two transactions read at once; the unique key then refuses one of them."""
    await store.write(note)
    met = threading.Barrier(2, timeout=10)
    newest = audit.newest

    def slow(session: Session) -> str:
        found = newest(session)
        met.wait()
        return found

    monkeypatch.setattr(audit, "newest", slow)
    monkeypatch.setattr(locks, "hold", lambda *_: None)
    results = await asyncio.gather(store.write(note, 1), store.write(note, 2), return_exceptions=True)
    assert sum(isinstance(result, exc.IntegrityError) for result in results) == 1
