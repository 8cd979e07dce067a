"""A statement compiled once does what SQLAlchemy's own execution does, on both databases."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from sqlalchemy import bindparam, exc, select, update
from sqlmodel import Session

from bot import errors
from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.store import Store
from bot.db.tables import Account, Person
from tests.fakes import NOON

ACCOUNT = upsert.table(Account)
ADD_PERSON = Prepared(upsert.table(Person).insert().returning(upsert.table(Person).c.id))
ADD = Prepared(ACCOUNT.insert())
ADD_IF_NEW = Prepared(lambda dialect: upsert.into(dialect, Account).on_conflict_do_nothing(index_elements=["bot", "address"]))
FIND = Prepared(select(ACCOUNT.c.address, ACCOUNT.c.active, ACCOUNT.c.last_seen_at).where(ACCOUNT.c.bot == bindparam("b")).order_by(ACCOUNT.c.id))
REST = Prepared(
    update(ACCOUNT).where(ACCOUNT.c.address == bindparam("who")).values(active=False, inactive_reason="rests", last_seen_at=bindparam("at"))
)


def add(session: Session, address: str, statement: Prepared = ADD) -> int:
    [(person,)] = ADD_PERSON.rows(session, created_at=NOON)
    row = {"active": True, "inactive_reason": "", "created_at": NOON, "last_seen_at": NOON}
    return statement.run(session, bot="b", address=address, person_id=person, **row)


async def test_values_and_moments_come_back_as_they_went_in(store: Store) -> None:
    await store.write(add, "lan")
    assert await store.read(lambda session: FIND.rows(session, b="b")) == [("lan", True, NOON)]
    assert await store.read(lambda session: FIND.first(session, b="other")) is None


async def test_constants_of_the_statement_are_kept_and_changed_rows_are_counted(store: Store) -> None:
    await store.write(add, "lan")
    later = NOON + dt.timedelta(hours=1)
    assert await store.write(lambda session: REST.run(session, who="lan", at=later)) == 1
    assert await store.write(lambda session: REST.run(session, who="nobody", at=later)) == 0
    assert await store.read(lambda session: FIND.first(session, b="b")) == ("lan", False, later)


async def test_a_conflict_is_left_or_raised_as_sqlalchemy_raises_it(store: Store) -> None:
    await store.write(add, "lan")
    assert await store.write(add, "lan", ADD_IF_NEW) == 0
    with pytest.raises(exc.IntegrityError):
        await store.write(add, "lan")


async def test_a_table_that_is_not_there_is_the_stores_error(tmp_path: object) -> None:
    store = Store(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(errors.StoreUnavailable, match="no such table"):
        await store.write(add, "lan")
    store.close()


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        await store.write(lambda session: REST.run(session, who="lan", at=NOON.replace(tzinfo=None)))


async def test_what_is_done_inside_a_savepoint_is_undone_with_it(store: Store) -> None:
    def half(session: Session) -> None:
        add(session, "lan")
        with contextlib.suppress(ValueError), session.begin_nested():
            add(session, "minh")
            raise ValueError("on purpose")

    await store.write(half)
    assert [row[0] for row in await store.read(lambda session: FIND.rows(session, b="b"))] == ["lan"]
