"""How long things are kept: what is not needed any more is deleted, not hidden."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, delete, exists, or_, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit, Wait
from bot.db.enums import LIVE, SETTLED
from bot.db.leaving import Consent
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import assist, feedback, groups, ledger, notes, threads

# The answer "all is deleted" outlives its person only until it was surely read.
FAREWELL = dt.timedelta(days=7)


def purge(session: Session, *, now: dt.datetime, keep: dt.timedelta) -> int:
    """Delete messages, lists and silent people older than `keep`, who it was that came, and notes about them; returns the
    number of rows changed.

    Who is still to come keeps the list and the account that is to be reminded; who agreed to notices is kept until they stop them, and
    a notice's rows stay for its sums, without whom they were for. The visits themselves stay: they are the figures.
    """
    before = now - keep
    inbox, outbox, account, person = (upsert.table(kind) for kind in (Inbox, Outbox, Account, Person))
    checklist, consent = upsert.table(Checklist), upsert.table(Consent)
    visit, wait = upsert.table(Visit), upsert.table(Wait)
    over = visit.c.day < clock.today(before)
    linked = or_(visit.c.person_id.is_not(None), visit.c.account_id.is_not(None), visit.c.checklist_id.is_not(None))
    coming, listed = (and_(visit.c.state.in_(LIVE), key) for key in (visit.c.person_id == person.c.id, visit.c.checklist_id == checklist.c.id))
    erased = notes.erase(session, over, or_(linked, visit.c.note != ""))
    settled = outbox.c.state.in_(SETTLED)
    nobody = ~exists().where(account.c.bot == outbox.c.bot, account.c.address == outbox.c.address)
    listening = and_(consent.c.person_id == person.c.id, consent.c.withdrawn_at.is_(None))
    ledger.blot(session, [outbox.c.created_at < before, outbox.c.address.not_like(f"{ledger.DELETED}:%"), settled])
    silent = ~exists().where(account.c.person_id == person.c.id, account.c.last_seen_at >= before)
    statements = (
        delete(outbox).where(outbox.c.created_at < before, outbox.c.notice_id.is_(None)),
        delete(outbox).where(outbox.c.created_at < now - FAREWELL, outbox.c.kind == "reply", settled, nobody),
        delete(inbox).where(inbox.c.received_at < before),
        update(visit).where(over, linked).values(person_id=None, account_id=None, checklist_id=None),
        delete(wait).where(wait.c.day < clock.today(before)),
        delete(checklist).where(checklist.c.updated_at < before, ~exists().where(listed)),
        delete(person).where(person.c.created_at < before, silent, ~exists().where(coming), ~exists().where(listening)),
    )
    erased += threads.purge(session, before) + groups.purge(session, now=now) + assist.forget_left(session, now=now)
    erased += feedback.purge(session, before)
    return erased + sum(int(getattr(session.execute(statement), "rowcount", 0)) for statement in statements)


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)
