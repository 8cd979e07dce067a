"""What came in, once each: the row is committed before the provider is told."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.tables import Inbox
from bot.messages import Incoming


def receive(session: Session, message: Incoming, *, now: dt.datetime) -> int | None:
    """Keep the message; its row id, or None when this update was received before."""
    body = message.model_dump_json()
    row = {"bot": message.bot, "update_id": message.update_id, "address": message.address, "state": "new", "error": ""}
    statement = upsert.insert(session, Inbox, **row, body=body, received_at=now)
    kept = statement.on_conflict_do_nothing(index_elements=["bot", "update_id"]).returning(upsert.table(Inbox).c.id)
    return session.execute(kept).scalar_one_or_none()


def oldest(session: Session, bot: str, address: str) -> tuple[int, Incoming] | None:
    """The next message of this conversation to work on."""
    rows = select(col(Inbox.id), col(Inbox.body)).where(col(Inbox.bot) == bot, col(Inbox.address) == address, col(Inbox.state) == "new")
    row = session.execute(rows.order_by(col(Inbox.id)).limit(1)).first()
    return None if row is None else (row[0], Incoming.model_validate_json(row[1]))


def finish(session: Session, inbox_id: int, *, now: dt.datetime, error: str = "") -> bool:
    """Mark a message as worked on; False when another worker was first."""
    table = upsert.table(Inbox)
    done = {"state": "failed" if error else "done", "error": error, "done_at": now}
    result = session.execute(update(table).where(table.c.id == inbox_id, table.c.state == "new").values(**done))
    return bool(getattr(result, "rowcount", 0))


def blot_out(session: Session, inbox_id: int, message: Incoming) -> None:
    """Keep that a message came, not what it said."""
    table = upsert.table(Inbox)
    body = message.model_copy(update={"text": "…"}).model_dump_json()
    session.execute(update(table).where(table.c.id == inbox_id).values(body=body))


def waiting(session: Session, limit: int = 500) -> list[tuple[str, str]]:
    """Conversations (bot, address) with messages nobody worked on yet, the longest waiting first."""
    rows = session.execute(select(col(Inbox.bot), col(Inbox.address)).where(col(Inbox.state) == "new").order_by(col(Inbox.id)).limit(limit))
    return list(dict.fromkeys((bot, address) for bot, address in rows))
