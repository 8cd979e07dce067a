"""Functions over a session: committed or not at all, one failure does not touch its neighbours."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, exc, func, select, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session, col

from bot import errors
from bot.db import schema, upsert
from bot.db.prepared import Prepared
from bot.db.store import Store
from bot.db.tables import Inbox, Person
from bot.domain import inbox
from bot.messages import Incoming
from tests.fakes import NOON

ADD_PERSON = Prepared(upsert.table(Person).insert())


def message(number: int) -> Incoming:
    return Incoming(bot="b", update_id=str(number), address="a", kind="text", text="x", sent_at=NOON)


def add_person(session: Session) -> None:
    session.add(Person(created_at=NOON))
    session.flush()


def add_quickly(session: Session) -> int:
    return ADD_PERSON.run(session, created_at=NOON)


def people(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(Person)).scalar_one())


def add_and_fail(session: Session) -> None:
    add_person(session)
    raise ValueError("on purpose")


async def test_a_failing_function_keeps_nothing_and_its_neighbours_keep_all(store: Store) -> None:
    results = await asyncio.gather(store.write(add_person), store.write(add_and_fail), store.write(add_person), return_exceptions=True)
    assert isinstance(results[1], ValueError)
    assert await store.read(people) == 2


async def test_a_function_that_runs_out_of_an_iterator_fails_alone(store: Store) -> None:
    def run_out(_session: Session) -> None:
        next(iter(()))

    results = await asyncio.gather(store.write(run_out), store.write(add_person), return_exceptions=True)
    assert isinstance(results[0], RuntimeError)
    assert results[1] is None
    with pytest.raises(RuntimeError):
        await store.read(run_out)


async def test_a_caller_that_left_early_does_not_keep_the_others_waiting(store: Store) -> None:
    leaving, staying = (asyncio.ensure_future(store.write(add_person)) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert leaving.cancelled()


async def test_hundreds_of_writes_at_once_are_all_there(store: Store) -> None:
    await asyncio.gather(*(store.write(inbox.receive, message(number), now=NOON) for number in range(300)))
    assert await store.read(lambda session: session.execute(select(func.count(col(Inbox.id)))).scalar_one()) == 300


async def test_the_same_update_is_kept_once_however_often_it_comes(store: Store) -> None:
    ids = await asyncio.gather(*(store.write(inbox.receive, message(7), now=NOON) for _ in range(20)))
    assert len([found for found in ids if found is not None]) == 1


async def test_a_unique_key_violation_reaches_its_own_caller_only(store: Store) -> None:
    def twice(session: Session) -> None:
        for _ in range(2):
            session.add(Inbox(bot="b", update_id="9", address="a", body="{}", received_at=NOON))
            session.flush()

    results = await asyncio.gather(store.write(add_person), store.write(twice), return_exceptions=True)
    assert isinstance(results[1], exc.IntegrityError)
    assert await store.read(people) == 1


async def test_a_failing_flush_that_is_passed_over_keeps_nothing_of_its_function(store: Store) -> None:
    def pass_over(session: Session) -> None:
        add_quickly(session)
        session.add(Inbox(bot="b", update_id="9", address="a", body="{}", received_at=NOON))
        session.flush()
        session.add(Inbox(bot="b", update_id="9", address="a", body="{}", received_at=NOON))
        with contextlib.suppress(exc.IntegrityError):
            session.flush()

    results = await asyncio.gather(store.write(add_person), store.write(pass_over), store.write(add_person), return_exceptions=True)
    assert isinstance(results[1], exc.PendingRollbackError)
    assert await store.read(people) == 2


async def test_objects_of_one_function_are_not_found_in_the_session_of_the_next(store: Store) -> None:
    def add(session: Session) -> Person:
        session.add(made := Person(created_at=NOON))
        return made

    def left(session: Session) -> int:
        return len(session.identity_map) + len(session.new)

    [made, found] = await asyncio.gather(store.write(add), store.write(left))
    assert made.id is not None
    assert found == 0


async def test_connections_that_were_cut_are_replaced_without_anybody_noticing(postgres_store: Store) -> None:
    store = postgres_store
    await asyncio.gather(*(store.write(add_person) for _ in range(30)), *(store.read(people) for _ in range(10)))
    for _ in range(2):
        cut(store)
        found = await asyncio.gather(*(store.write(add_quickly) for _ in range(20)), *(store.read(people) for _ in range(10)))
        assert all(isinstance(result, int) for result in found)
    cut(store)
    await asyncio.gather(*(store.write(add_person) for _ in range(20)))
    assert await store.read(people) == 90


async def test_a_connection_cut_during_the_commit_is_told_and_not_tried_again(postgres_store: Store) -> None:
    runs = []

    def count(session: Session) -> None:
        runs.append(1)
        add_person(session)

    event.listen(postgres_store.engine, "commit", lambda _connection: cut(postgres_store))
    with pytest.raises(errors.StoreUnavailable):
        await postgres_store.write(count)
    assert len(runs) == 1, "nobody knows whether it was kept"


@pytest.fixture
def postgres_store(store: Store) -> Store:
    if store.is_sqlite:
        pytest.skip("a file has no connections to be cut")
    return store


def cut(store: Store) -> None:
    """End all of the store's connections, as a restarted server does."""
    other = create_engine(store.url, poolclass=NullPool)
    with other.connect() as connection:
        ours = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(ours)).all()


async def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    await store.write(add_person)
    made = await store.read(lambda session: session.execute(select(col(Person.created_at))).scalar_one())
    assert made == NOON
    assert made.utcoffset() == NOON.utcoffset()


async def test_what_was_handed_in_before_closing_is_written(database_url: str) -> None:
    store = Store(database_url)
    waiting = [asyncio.ensure_future(store.write(add_person)) for _ in range(30)]
    await asyncio.sleep(0)
    store.close()
    await asyncio.gather(*waiting)
    again = Store(database_url)
    assert await again.read(people) == 30
    again.close()


async def test_a_full_disk_is_one_clear_error_and_the_store_works_again_afterwards(tmp_path: Path) -> None:
    """A page limit makes SQLite say exactly what a full disk makes it say."""
    store = Store(f"sqlite:///{tmp_path / 'full.db'}")
    schema.upgrade(store.engine)

    def limit(session: Session, pages: int) -> None:
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages}")

    used = await store.write(lambda session: int(session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()))
    await store.write(limit, used)

    async def fill() -> None:
        for number in range(500):
            await store.write(inbox.receive, message(number).model_copy(update={"text": "x" * 3000}), now=NOON)

    with pytest.raises(errors.StoreUnavailable, match="full"):
        await fill()
    await store.write(limit, used + 10_000)
    await store.write(add_person)
    assert await store.read(people) == 1
    store.close()


async def test_another_process_holding_the_file_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "shared.db"
    store = Store(f"sqlite:///{file}")
    schema.upgrade(store.engine)
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.ensure_future(store.write(add_person))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    await waiting
    store.close()
