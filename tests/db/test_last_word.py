"""What is said last goes to PostgreSQL with the COMMIT, in one trip; its errors are the commit's, and nothing of a failed transaction stays."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import generators
from sqlalchemy import Connection, event, exc, func, select, text
from sqlmodel import Session, col

from bot import errors
from bot.db import engines, last_word
from bot.db.last_word import LastWord
from bot.db.store import Store
from bot.db.tables import Person
from tests.db.test_store import cut
from tests.fakes import NOON

ADD = LastWord(text("INSERT INTO person (id, created_at) VALUES (CAST(:id AS integer), CAST(:at AS timestamptz))"))
WRONG = LastWord(text("INSERT INTO person (id, created_at) VALUES (CAST(:id AS integer), CAST(:at AS timestamptz) + nonsense)"))
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def add(session: Session, number: int, word: LastWord = ADD) -> None:
    word.say(session, id=number, at=NOON)


def people(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(Person)).scalar_one())


def seen(session: Session, number: int) -> int:
    add(session, number)
    return people(session)


@ON_POSTGRESQL
async def test_it_is_said_with_the_commit_and_not_before(store: Store) -> None:
    assert [await store.write(seen, number) for number in (1, 2, 3)] == [0, 1, 2]
    assert await store.read(people) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_there_is_no_trip_it_is_said_at_once(store: Store) -> None:
    at_once = LastWord(text("INSERT INTO person (id, created_at) VALUES (CAST(:id AS integer), :at)"))

    def say(session: Session) -> int:
        at_once.say(session, id=1, at="2026-11-22 05:00:00.000000")
        return people(session)

    assert await store.write(say) == 1


@ON_POSTGRESQL
def test_the_word_and_the_commit_are_one_trip(store: Store, tmp_path: Path) -> None:
    """A trip ends where the server is asked to answer: a simple Query, or a Sync."""
    asked = []
    with store.engine.connect() as connection:
        libpq: Any = engines.driver(connection).pgconn
        for number in (1, 2, 3):
            transaction = connection.begin()
            with Session(connection, join_transaction_mode="rollback_only") as session:
                people(session)
                add(session, number)
            with (tmp_path / "wire").open("w") as wire:
                libpq.trace(wire.fileno())
                transaction.commit()
                libpq.untrace()
            lines = [line.split("\t") for line in (tmp_path / "wire").read_text().splitlines()]
            asked.append([line[3] for line in lines if line[1] == "F"])
    assert [sum(name in ("Query", "Sync") for name in names) for names in asked] == [1, 1, 1]
    assert ["Parse" in names[:1] for names in asked] == [True, False, False], "prepared once a connection"


@ON_POSTGRESQL
async def test_when_it_fails_nothing_is_kept_and_the_connection_goes_on(store: Store) -> None:
    def fail(session: Session, word: LastWord) -> None:
        session.add(Person(id=9, created_at=NOON))
        session.flush()
        add(session, 1, word)

    await store.write(add, 1)
    for word in (ADD, WRONG, ADD, WRONG):
        with pytest.raises(exc.DBAPIError) as told:
            await store.write(fail, word)
        assert type(told.value) is (exc.IntegrityError if word is ADD else exc.ProgrammingError)
        assert told.value.orig is not None
    assert await store.read(people) == 1
    for number in range(2, 20):
        await store.write(add, number)
    assert await store.read(people) == 19


@ON_POSTGRESQL
def test_what_was_left_to_say_goes_with_its_transaction(store: Store) -> None:
    with store.engine.connect() as connection:
        with Session(connection) as session, session.begin():
            people(session)
            add(session, 1)
            session.rollback()
        with Session(connection) as session, session.begin():
            session.execute(text("SELECT 1"))
        assert last_word.PENDING not in connection.info
    with Session(store.engine) as session:
        assert people(session) == 0


@ON_POSTGRESQL
async def test_a_deadlock_in_it_is_tried_again(store: Store) -> None:
    """As the database says it: 40P01."""
    await store.write(add, 1)
    deadlock = LastWord(text("INSERT INTO person (id, created_at) SELECT CAST(:id AS integer), CAST(:at AS timestamptz) FROM refuse()"))
    refuse = "CREATE FUNCTION refuse() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE '40P01'; END $$"
    await store.write(lambda session: session.execute(text(refuse)))
    runs: list[int] = []

    def say(session: Session) -> None:
        runs.append(1)
        add(session, 2, deadlock if len(runs) < 3 else ADD)

    await store.write(say)
    assert (len(runs), await store.read(people)) == (3, 2)


@ON_POSTGRESQL
async def test_a_connection_that_breaks_under_it_is_told_and_not_tried_again(store: Store) -> None:
    runs: list[int] = []

    def say(session: Session) -> None:
        runs.append(1)
        add(session, 1)

    def break_first(_connection: Connection) -> None:
        if len(runs) == 1:
            cut(store)

    await store.write(add, 7)
    event.listen(store.engine, "commit", break_first)
    with pytest.raises(errors.StoreUnavailable):
        await store.write(say)
    assert len(runs) == 1, "nobody knows whether it was kept"
    runs.append(2)
    await store.write(add, 2)
    assert await store.read(people) == 2


@ON_POSTGRESQL
async def test_a_connection_left_in_the_middle_of_an_answer_is_not_used_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.write(add, 1)

    def out_of_memory(_libpq: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(generators, "fetch_many", out_of_memory)
        with pytest.raises(MemoryError):
            await store.write(add, 2)
    for number in range(11, 30):
        await store.write(seen, number)
    kept = await store.read(lambda session: set(session.execute(select(col(Person.id))).scalars()))
    assert kept - {2} == {1, *range(11, 30)}, "of the one that was cut off nobody knows whether it was kept"


def busy(session: Session) -> None:
    """So often that psycopg has something prepared itself."""
    for _ in range(8):
        people(session)


def undone(session: Session, number: int) -> None:
    busy(session)
    with contextlib.suppress(ValueError), session.begin_nested():
        people(session)
        raise ValueError("on purpose")
    add(session, number)


def failed(session: Session, number: int) -> None:
    busy(session)
    raise ValueError("on purpose")


@ON_POSTGRESQL
@pytest.mark.parametrize("work", [undone, failed])
def test_after_a_rollback_of_a_savepoint_too_it_is_prepared_again(store: Store, work: Callable[[Session, int], None]) -> None:
    """psycopg has the server forget all that was prepared."""
    with store.engine.connect() as connection:
        for number, todo in enumerate((add, work, add, work, add, work)):
            with contextlib.suppress(ValueError), connection.begin(), Session(connection, join_transaction_mode="rollback_only") as session:
                todo(session, number)
        with Session(connection) as session:
            assert people(session) == (6 if work is undone else 3)


@ON_POSTGRESQL
async def test_what_was_forgotten_for_another_reason_is_tried_again(store: Store) -> None:
    runs: list[int] = []

    def drop(session: Session, number: int) -> None:
        runs.append(number)
        busy(session)
        if number not in runs[:-1]:
            session.execute(text("CREATE TEMPORARY TABLE passing (id integer)"))
            session.execute(text("DROP TABLE passing"))
        add(session, number)

    for number in range(20):
        await store.write(add, 2 * number)
    for number in range(20):
        await store.write(drop, 2 * number + 1)
    assert await store.read(people) == 40
    assert len(runs) > 20
