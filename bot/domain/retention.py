"""How long things are kept: what is not needed any more is deleted, not hidden."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, exists
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import SETTLED
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person

# The answer "all is deleted" outlives its person only until it was surely read.
FAREWELL = dt.timedelta(days=7)


def purge(session: Session, *, now: dt.datetime, keep: dt.timedelta) -> int:
    """Delete messages, lists and silent people older than `keep`; returns the number of rows deleted."""
    before = now - keep
    inbox, outbox, account, person, checklist = (upsert.table(kind) for kind in (Inbox, Outbox, Account, Person, Checklist))
    settled = outbox.c.state.in_(SETTLED)
    nobody = ~exists().where(account.c.bot == outbox.c.bot, account.c.address == outbox.c.address)
    silent = ~exists().where(account.c.person_id == person.c.id, account.c.last_seen_at >= before)
    statements = (
        delete(outbox).where(outbox.c.created_at < before),
        delete(outbox).where(outbox.c.created_at < now - FAREWELL, outbox.c.kind == "reply", settled, nobody),
        delete(inbox).where(inbox.c.received_at < before),
        delete(checklist).where(checklist.c.updated_at < before),
        delete(person).where(person.c.created_at < before, silent),
    )
    return sum(int(getattr(session.execute(statement), "rowcount", 0)) for statement in statements)


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)
