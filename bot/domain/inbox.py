"""What came in, once each: the row is committed before the provider is told."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.tables import Inbox
from bot.messages import Incoming

_TABLE = upsert.table(Inbox)
_KEEP = Prepared(lambda dialect: upsert.into(dialect, Inbox).on_conflict_do_nothing(index_elements=["bot", "update_id"]).returning(_TABLE.c.id))
_OLDEST = Prepared(
    select(_TABLE.c.id, _TABLE.c.body)
    .where(_TABLE.c.bot == bindparam("bot"), _TABLE.c.address == bindparam("address"), _TABLE.c.state == "new")
    .order_by(_TABLE.c.id)
    .limit(2)
)
_FINISH = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row"), _TABLE.c.state == "new")
    .values(state=bindparam("to"), error=bindparam("why"), done_at=bindparam("at"))
)


class Waiting(NamedTuple):
    """A message to work on. `more`: another one of the same conversation waits behind it."""

    id: int
    message: Incoming
    more: bool


def receive(session: Session, message: Incoming, *, now: dt.datetime) -> int | None:
    """Keep the message; its row id, or None when this update was received before."""
    row: dict[str, Any] = {"bot": message.bot, "update_id": message.update_id, "address": message.address, "state": "new", "error": ""}
    kept = _KEEP.first(session, **row, body=message.model_dump_json(), received_at=now)
    return None if kept is None else kept[0]


def oldest(session: Session, bot: str, address: str) -> Waiting | None:
    """The next message of this conversation to work on."""
    rows = _OLDEST.rows(session, bot=bot, address=address)
    return Waiting(rows[0][0], Incoming.model_validate_json(rows[0][1]), len(rows) > 1) if rows else None


def finish(session: Session, inbox_id: int, *, now: dt.datetime, error: str = "") -> bool:
    """Mark a message as worked on; False when another worker was first."""
    return _FINISH.run(session, row=inbox_id, to="failed" if error else "done", why=error, at=now) > 0


def keep_only(session: Session, inbox_id: int, message: Incoming, text: str) -> None:
    """Keep these words of a message instead of those that were said, and never where somebody was or what they photographed."""
    body = message.model_copy(update={"text": text, "place": None, "file": None}).model_dump_json()
    session.execute(update(_TABLE).where(_TABLE.c.id == inbox_id).values(body=body))


def waiting(session: Session, limit: int = 500) -> list[tuple[str, str]]:
    """Conversations (bot, address) with messages nobody worked on yet, the longest waiting first."""
    rows = session.execute(select(col(Inbox.bot), col(Inbox.address)).where(col(Inbox.state) == "new").order_by(col(Inbox.id)).limit(limit))
    return list(dict.fromkeys((bot, address) for bot, address in rows))
