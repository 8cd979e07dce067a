"""Rows that leave: written with their cause, counted, read back in order."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import claims, outbox
from bot.domain.claims import Wanted
from bot.messages import Choice, Reply, Say
from tests.fakes import NOON

REPLY = Reply(blocks=(Say(text="Chào “{x}” \0 😀"),), choices=(Choice(number=1, label="Có", payload="a"),), key="list:1")


async def test_a_message_comes_out_as_it_was_put_in(store: Store) -> None:
    put = await store.write(outbox.put, "b", "lan", REPLY, now=NOON, kind="reminder")
    (claimed,) = await store.write(claims.claim, "b", "w", now=NOON)
    assert (claimed.id, claimed.bot, claimed.address, claimed.kind, claimed.reply, claimed.attempts) == (put, "b", "lan", "reminder", REPLY, 1)


async def test_a_message_whose_cause_fails_never_leaves(store: Store) -> None:
    def fail(session: Session) -> None:
        outbox.put(session, "b", "lan", REPLY, now=NOON)
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await store.write(fail)
    assert await store.read(outbox.counts) == {}


async def test_claims_are_for_one_bot_one_address_and_a_limit(store: Store) -> None:
    for bot, address in (("b", "lan"), ("b", "mai"), ("c", "lan")):
        await store.write(outbox.put, bot, address, REPLY, now=NOON)
    assert [m.address for m in await store.write(claims.claim, "b", "w", now=NOON, wanted=Wanted(address="mai"))] == ["mai"]
    assert [m.address for m in await store.write(claims.claim, "b", "w", now=NOON, wanted=Wanted(1))] == ["lan"]
    assert await store.write(claims.claim, "b", "w", now=NOON) == []
    assert await store.read(outbox.counts, "c") == {"queued": 1}
    assert await store.read(outbox.counts) == {"queued": 1, "sending": 2}


async def test_attempts_are_counted_over_claims(store: Store) -> None:
    for attempt in (1, 2, 3):
        if attempt == 1:
            await store.write(outbox.put, "b", "lan", REPLY, now=NOON)
        (claimed,) = await store.write(claims.claim, "b", "w", now=NOON)
        assert claimed.attempts == attempt
        await store.write(outbox.settle, claimed.id, "w", "retry", now=NOON, not_before=NOON)


async def test_a_row_waits_for_its_time(store: Store) -> None:
    await store.write(outbox.put, "b", "lan", REPLY, now=NOON)
    (claimed,) = await store.write(claims.claim, "b", "w", now=NOON)
    soon = NOON + dt.timedelta(seconds=5)
    await store.write(outbox.settle, claimed.id, "w", "retry", now=NOON, not_before=soon)
    assert await store.write(claims.claim, "b", "w", now=soon - dt.timedelta(milliseconds=1)) == []
    assert len(await store.write(claims.claim, "b", "w", now=soon)) == 1


async def test_the_log_is_the_newest_rows_oldest_first(store: Store) -> None:
    ids = [await store.write(outbox.put, "b", "lan", REPLY, now=NOON) for _ in range(5)]
    await store.write(outbox.put, "b", "mai", REPLY, now=NOON)
    assert [row.id for row in await store.read(outbox.log, "b", "lan", limit=3)] == ids[2:]
    assert [row.id for row in await store.read(outbox.log, "b", "lan", after=ids[3])] == ids[4:]


async def test_the_number_of_a_deleted_row_never_comes_back(store: Store) -> None:
    first = await store.write(outbox.put, "b", "lan", REPLY, now=NOON)
    await store.write(lambda session: session.execute(delete(Outbox)) and None)
    assert await store.write(outbox.put, "b", "lan", REPLY, now=NOON) > first
