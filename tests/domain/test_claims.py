"""Two lanes: chats are never held up by a notice, notices take turns, and a look costs the same however much waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.db import upsert
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import claims, outbox, senders
from bot.domain.claims import Texts, Wanted
from bot.messages import Outgoing
from tests.domain.leaving import BOT, NIGHT, notice, said, set_state
from tests.fakes import NOON

_TABLE = upsert.table(Outbox)


async def claim(store: Store, wanted: Wanted = claims.ALL, *, now: dt.datetime = NOON, texts: Texts | None = None) -> list[Outgoing]:
    return await store.write(claims.claim, BOT, "w", now=now, wanted=wanted, texts=texts)


async def chat(store: Store, address: str) -> int:
    return await store.write(outbox.put, BOT, address, said(f"chào {address}"), now=NOON)


async def test_chats_go_first_and_a_notice_gets_the_room_that_is_left(store: Store) -> None:
    await notice(store, *(f"p{number}" for number in range(10)))
    for number in range(3):
        await chat(store, f"c{number}")
    assert [row.address for row in await claim(store, Wanted(5, 12))] == ["c0", "c1", "c2", "p0", "p1"]
    assert [row.address for row in await claim(store, Wanted(5, 0))] == [], "no room for notices"


async def test_a_notice_row_has_its_text_from_the_notice_and_is_read_once(store: Store) -> None:
    await notice(store, "lan", "mai", text="Mở thêm thứ Bảy")
    texts = Texts()
    rows = await claim(store, texts=texts)
    assert [row.reply for row in rows] == [said("Mở thêm thứ Bảy")] * 2
    assert rows[0].reply is rows[1].reply
    assert list(texts.replies) == [rows[0].notice_id]


async def test_a_chat_is_not_held_up_by_a_notice_to_the_same_address_but_the_notice_waits_for_the_chat(store: Store) -> None:
    await notice(store, "lan", text="một")
    (first,) = await claim(store)
    assert first.notice_id is not None
    await chat(store, "lan")
    assert [row.notice_id for row in await claim(store)] == [None], "though a notice is on its way there"
    await notice(store, "lan", text="hai")
    assert await claim(store) == [], "a chat is open there"
    await store.write(outbox.sent, first.id + 1, "w", "m1", now=NOON)
    assert await claim(store) == [], "another notice is on its way there"
    await store.write(outbox.sent, first.id, "w", "m2", now=NOON)
    assert len(await claim(store)) == 1


async def test_two_notices_never_go_to_one_address_in_one_claim(store: Store) -> None:
    for words in ("một", "hai"):
        await notice(store, "lan", text=words)
    assert len(await claim(store)) == 1


@pytest.mark.parametrize("room", [1, 2, 7])
async def test_several_notices_take_turns_however_little_room_there_is(store: Store, room: int) -> None:
    going = [await notice(store, *(f"{words}{number}" for number in range(40)), text=words) for words in ("a", "b", "c")]
    texts, met = Texts(), Counter[int | None]()
    while sum(met.values()) < 42:
        met.update(row.notice_id for row in await claim(store, Wanted(room, room), texts=texts))
    assert set(met) == set(going)
    assert max(met.values()) - min(met.values()) <= room


async def test_without_turns_the_first_notice_takes_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    monkeypatch.setattr(Texts, "in_turn", lambda _self, going: list(going))
    first, _second = [await notice(store, *(f"{words}{number}" for number in range(40)), text=words) for words in ("a", "b")]
    taken = [row.notice_id for _ in range(20) for row in await claim(store, Wanted(1, 1))]
    assert taken == [first] * 20


@pytest.mark.parametrize("state", ["draft", "submitted", "scheduled", "paused", "stopped", "done"])
async def test_only_a_notice_that_is_being_sent_leaves(store: Store, state: str) -> None:
    held = await notice(store, "lan")
    await set_state(store, held, state)
    assert await claim(store) == []
    await set_state(store, held, "sending")
    assert len(await claim(store)) == 1


async def test_at_night_only_chats_and_urgent_notices_leave(store: Store) -> None:
    await notice(store, "lan", text="thường")
    urgent = await notice(store, "mai", text="bão", urgent=True)
    await chat(store, "tư")
    assert {row.notice_id for row in await claim(store, now=NIGHT)} == {urgent, None}
    morning = dt.datetime(2026, 11, 24, 0, 0, tzinfo=dt.UTC)
    assert await claim(store, now=morning - dt.timedelta(seconds=1)) == []
    assert [row.address for row in await claim(store, now=morning)] == ["lan"]


async def test_nothing_is_claimed_while_the_bot_is_told_to_wait(store: Store) -> None:
    await notice(store, "lan")
    await chat(store, "mai")
    await store.write(senders.pause, BOT, NOON + dt.timedelta(seconds=30), "429")
    assert await claim(store) == []
    assert len(await claim(store, now=NOON + dt.timedelta(seconds=30))) == 2


async def test_for_one_address_both_lanes_are_looked_through(store: Store) -> None:
    await notice(store, "lan", "mai")
    await chat(store, "mai")
    first = await claim(store, Wanted(address="mai"))
    assert [(row.address, row.notice_id) for row in first] == [("mai", None)]
    await store.write(outbox.sent, first[0].id, "w", "m", now=NOON)
    assert [row.address for row in await claim(store, Wanted(address="mai"))] == ["mai"]
    assert await claim(store, Wanted(address="tư")) == []


LANES = ("_CHATS", "_CHATS_AGAIN", "_NOTICES", "_NOTICES_AGAIN")
INDEXES = {
    "_CHATS": "ix_outbox_state_bot",
    "_CHATS_AGAIN": "ix_outbox_state_bot",
    "_NOTICES": "ix_outbox_notice",
    "_NOTICES_AGAIN": "ix_outbox_notice",
}


async def test_a_hundred_thousand_waiting_rows_are_not_looked_through(store: Store) -> None:
    held = await notice(store)
    await store.write(_fill, held, 100_000, sqlite=store.is_sqlite)
    await chat(store, "lan")
    rows = await claim(store, Wanted(3, 3))
    assert [row.address for row in rows] == ["lan", "p1", "p2"]
    for analyzed in (False, True):
        if analyzed:
            with store.engine.connect() as connection:
                connection.execute(text("ANALYZE"))
                connection.commit()
        for lane in LANES:
            if store.is_sqlite:
                plan = await store.read(_plan, lane, held)
                assert INDEXES[lane] in plan, plan
                assert not {"SCAN", "B-TREE"} & set(plan.split()), plan
            else:
                assert await store.read(_looked_at, lane, held) < 50, lane


def _fill(session: Session, notice_id: int, number: int, *, sqlite: bool) -> None:
    series = (
        "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < :n) SELECT i FROM g"
        if sqlite
        else "SELECT generate_series(1, :n) AS i"
    )
    columns = "bot, address, notice_id, person_id, kind, key, body, state, reason, attempts, created_at"
    values = f"'{BOT}', 'p' || i, :notice, i, 'notice', '', '', 'queued', '', 0, '2026-11-23 05:00:00.000000'"
    session.execute(text(f"INSERT INTO outbox ({columns}) SELECT {values} FROM ({series}) AS numbers"), {"n": number, "notice": notice_id})


def _explained(session: Session, lane: str, notice_id: int, how: str) -> list[Any]:
    """What the database says of the statement of a lane, as the driver gets it."""
    prepared = getattr(claims, lane)
    prepared.rows(session, of=BOT, at=NOON, most=3, **({"notice": notice_id} if "NOTICES" in lane else {}))
    form = prepared._forms[session.get_bind().dialect.name]
    values = {"of": BOT, "at": NOON, "most": 3, "notice": notice_id} | form._constants
    values = {name: dict(form._into)[name](value) if name in dict(form._into) else value for name, value in values.items()}
    driver = session.connection().connection.dbapi_connection
    parameters = values if form._order is None else form._order(values)
    return [row[-1] for row in driver.execute(f"{how} {form.sql}", parameters).fetchall()]  # type: ignore[union-attr]


def _plan(session: Session, lane: str, notice_id: int) -> str:
    """SQLite's plan, in capitals but for the names of indexes."""
    words = " ".join(map(str, _explained(session, lane, notice_id, "EXPLAIN QUERY PLAN")))
    return " ".join(word if word.startswith("ix_") else word.upper() for word in words.split())


def _looked_at(session: Session, lane: str, notice_id: int) -> int:
    """How many rows PostgreSQL really went through, in all steps together."""

    def rows(step: dict[str, Any]) -> int:
        met = step["Actual Rows"] + step.get("Rows Removed by Filter", 0) + step.get("Rows Removed by Index Recheck", 0)
        return int(met * step["Actual Loops"]) + sum(map(rows, step.get("Plans", ())))

    ((told,),) = _explained(session, lane, notice_id, "EXPLAIN (ANALYZE, FORMAT JSON)")
    return rows(told["Plan"])
