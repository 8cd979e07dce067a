"""Notices and their rows, people with accounts: what tests of the delivery start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.store import Store
from bot.db.tables import Account, Outbox, Person
from bot.domain import centers
from bot.messages import Reply, Say
from tests.fakes import NOON

BOT = "telegram:1"
NIGHT = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)  # 22:00 in Vietnam
_TABLE = upsert.table(Outbox)


def said(text: str) -> Reply:
    return Reply(blocks=(Say(text=text),))


def _person(session: Session, accounts: tuple[str, ...], bot: str) -> int:
    person = Person(created_at=NOON)
    session.add(person)
    session.flush()
    assert person.id is not None
    for place, address in enumerate(accounts):
        seen = NOON - dt.timedelta(days=place)
        session.add(Account(person_id=person.id, bot=bot, address=address, created_at=NOON, last_seen_at=seen))
    return person.id


async def person(store: Store, *accounts: str, bot: str = BOT) -> int:
    """Somebody with these accounts, the first used last."""
    return await store.write(_person, accounts, bot)


def _notice(session: Session, text: str, values: dict[str, Any]) -> int:
    center = centers.read(None)[0]
    centers.settle(session, [center], now=NOON)
    common: dict[str, Any] = {"center_id": center.id, "state": "sending", "title": text, "body": "", "author": "staff:1", "frozen_at": NOON}
    notice = Notice(**{**common, "reply": said(text).model_dump_json(), "created_at": NOON, "changed_at": NOON} | values)
    session.add(notice)
    session.flush()
    assert notice.id is not None
    return notice.id


def _rows(session: Session, notice_id: int, addresses: Sequence[tuple[str, int | None]], bot: str) -> None:
    row = {"bot": bot, "notice_id": notice_id, "kind": "notice", "key": "", "body": "", "state": "queued", "reason": "", "attempts": 0}
    session.execute(insert(_TABLE), [{**row, "address": address, "person_id": owner, "created_at": NOON} for address, owner in addresses])


async def notice(store: Store, *addresses: str, text: str = "Nghỉ lễ", owner: int | None = None, bot: str = BOT, **values: Any) -> int:
    """A notice that is being sent to these addresses; without an owner each is somebody else's."""
    made = await store.write(_notice, text, values)
    listed = [(address, owner if owner is not None else 900_000 + place) for place, address in enumerate(addresses)]
    if listed:
        await store.write(_rows, made, listed, bot)
    return made


async def set_state(store: Store, notice_id: int, state: str) -> None:
    table = upsert.table(Notice)
    await store.write(lambda session: session.execute(update(table).where(table.c.id == notice_id).values(state=state)) and None)


async def states(store: Store, notice_id: int) -> dict[str, tuple[str, str]]:
    """State and reason by address."""
    rows = select(_TABLE.c.address, _TABLE.c.state, _TABLE.c.reason).where(_TABLE.c.notice_id == notice_id).order_by(_TABLE.c.id)
    return {address: (state, reason) for address, state, reason in await store.read(lambda session: session.execute(rows).all())}
