"""How long things are kept: what is not needed any more is deleted, not hidden."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, exists
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import SETTLED
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person


def purge(session: Session, *, now: dt.datetime, keep: dt.timedelta) -> int:
    """Delete messages, lists and silent people older than `keep`; returns the number of rows deleted."""
    before = now - keep
    inbox, outbox, account, person, checklist = (upsert.table(kind) for kind in (Inbox, Outbox, Account, Person, Checklist))
    settled = outbox.c.state.in_(SETTLED)
    silent = ~exists().where(account.c.person_id == person.c.id, account.c.last_seen_at >= before)
    statements = (
        delete(outbox).where(outbox.c.created_at < before, settled),
        delete(inbox).where(inbox.c.received_at < before, inbox.c.state != "new"),
        delete(checklist).where(checklist.c.updated_at < before),
        delete(person).where(person.c.created_at < before, silent),
    )
    return sum(int(getattr(session.execute(statement), "rowcount", 0)) for statement in statements)


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)
