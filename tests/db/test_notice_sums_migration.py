"""Notices done before their sums were kept get them, from their rows; the others get none; one that was done too early goes on."""

from __future__ import annotations

import json

from sqlalchemy import insert, select, update
from sqlmodel import Session

from bot.db import schema, upsert
from bot.db.leaving import Notice
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import broadcast, centers
from tests.center_day import CENTER, CENTER_OF_FILE, at

NOW = at("8:00")
_NOTICE, _OUTBOX = upsert.table(Notice), upsert.table(Outbox)


def of_before(session: Session, state: str, *fates: tuple[str, str]) -> None:
    columns = {"center_id": CENTER, "state": state, "version": 1, "title": "Nghỉ lễ", "author": "staff:1", "created_at": NOW, "changed_at": NOW}
    empty = dict.fromkeys(("body", "reply", "submitted_by", "confirmed_by"), "") | {"audience": "{}", "urgent": False}
    number = session.execute(insert(_NOTICE).values(**columns, **empty).returning(_NOTICE.c.id)).scalar_one()
    for place, (bot, fate) in enumerate(fates):
        row = {"kind": "notice", "key": "", "body": "", "reason": "", "attempts": 1, "created_at": NOW, "state": fate, "bot": bot}
        session.execute(insert(_OUTBOX).values(**row, notice_id=number, address=str(place)))


def test_one_that_was_done_with_a_row_that_waits_goes_on(store: Store) -> None:
    schema.downgrade(store.engine, "0011")
    with Session(store.engine) as session, session.begin():
        centers.settle(session, (CENTER_OF_FILE,), now=NOW)
        of_before(session, "done", ("telegram:1", "sent"), ("telegram:1", "queued"))
    schema.upgrade(store.engine)
    with Session(store.engine) as session, session.begin():
        assert session.execute(select(_NOTICE.c.state, _NOTICE.c.sums, _NOTICE.c.ended_at)).all() == [("sending", "", None)]
        session.execute(update(_OUTBOX).values(state="sent"))
        broadcast.advance(session, now=NOW)
        assert session.execute(select(_NOTICE.c.state, _NOTICE.c.sums)).all() == [("done", '{"telegram:1": {"sent": 2}}')]


def test_only_a_done_notice_gets_the_sums_of_its_rows(store: Store) -> None:
    schema.downgrade(store.engine, "0011")
    with Session(store.engine) as session, session.begin():
        centers.settle(session, (CENTER_OF_FILE,), now=NOW)
        of_before(session, "done", ("telegram:1", "sent"), ("telegram:1", "sent"), ("zalo_oa:1", "unknown"))
        of_before(session, "sending", ("telegram:1", "sent"), ("telegram:1", "queued"))
        of_before(session, "draft")
    schema.upgrade(store.engine)
    with Session(store.engine) as session:
        kept = session.execute(select(_NOTICE.c.sums).order_by(_NOTICE.c.id)).scalars().all()
    assert [json.loads(sums) if sums else None for sums in kept] == [{"telegram:1": {"sent": 2}, "zalo_oa:1": {"unknown": 1}}, None, None]
