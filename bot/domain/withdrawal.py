"""Takes back what was to be said about a step that was undone: what still waits is not sent, what has left is known."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import WAITING
from bot.db.tables import Account, Outbox

GONE = ("sending", "sent", "unknown")  # whoever holds it may have handed it over already

_TABLE = upsert.table(Outbox)


def withdraw(session: Session, account: Account, key: str, written_at: dt.datetime, reason: str, *, now: dt.datetime) -> bool:
    """Skip what waits of the messages written then under this key; whether one has left, so that the person has to be told."""
    same = (_TABLE.c.bot == account.bot, _TABLE.c.address == account.address, _TABLE.c.key == key, _TABLE.c.created_at == written_at)
    skipped = update(_TABLE).where(*same, _TABLE.c.state.in_(WAITING))
    session.execute(skipped.values(state="skipped", reason=reason, settled_at=now))
    return session.execute(select(_TABLE.c.id).where(*same, _TABLE.c.state.in_(GONE)).limit(1)).first() is not None
