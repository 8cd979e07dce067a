"""How long things are kept: what is not needed any more is deleted, not hidden."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit, Wait
from bot.db.enums import LIVE, SETTLED
from bot.db.leaving import Consent
from bot.db.questions import Question
from bot.db.results import Dossier
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import assist, dossiers, feedback, groups, ledger, notes, rollups, threads

# The answer "all is deleted" outlives its person only until it was surely read.
FAREWELL = dt.timedelta(days=7)


def purge(session: Session, *, now: dt.datetime, keep: dt.timedelta) -> int:
    """Delete messages, lists and silent people older than `keep`, who it was that came, and notes about them; returns the
    number of rows changed.

    Who is still to come keeps the list and the account that is to be reminded; who waits for a result or agreed to notices is kept until
    then, and a notice's rows stay for its sums, without whom they were for. Visits and dossiers themselves stay: they are the figures.
    """
    before = now - keep
    inbox, outbox, account, person = (upsert.table(kind) for kind in (Inbox, Outbox, Account, Person))
    checklist, consent = upsert.table(Checklist), upsert.table(Consent)
    visit, wait, dossier = upsert.table(Visit), upsert.table(Wait), upsert.table(Dossier)
    over = visit.c.day < clock.today(before)
    linked = or_(visit.c.person_id.is_not(None), visit.c.account_id.is_not(None), visit.c.checklist_id.is_not(None))
    coming, listed = (and_(visit.c.state.in_(LIVE), key) for key in (visit.c.person_id == person.c.id, visit.c.checklist_id == checklist.c.id))
    erased = notes.erase(session, over, or_(linked, visit.c.note != ""))
    settled = outbox.c.state.in_(SETTLED)
    nobody = ~exists().where(account.c.bot == outbox.c.bot, account.c.address == outbox.c.address)
    listening = and_(consent.c.person_id == person.c.id, consent.c.withdrawn_at.is_(None))
    ledger.blot(session, [outbox.c.created_at < before, outbox.c.address.not_like(f"{ledger.DELETED}:%"), settled])
    ended = (dossier.c.changed_at < before, dossier.c.state.not_in(dossiers.LIVE))
    followed = or_(dossier.c.person_id.is_not(None), dossier.c.account_id.is_not(None))
    awaiting = and_(dossier.c.person_id == person.c.id, dossier.c.state.in_(dossiers.LIVE))
    silent = ~exists().where(account.c.person_id == person.c.id, account.c.last_seen_at >= before)
    statements = (
        delete(outbox).where(outbox.c.created_at < before, outbox.c.notice_id.is_(None)),
        delete(outbox).where(outbox.c.created_at < now - FAREWELL, outbox.c.kind == "reply", settled, nobody),
        delete(inbox).where(inbox.c.received_at < before),
        update(visit).where(over, linked).values(person_id=None, account_id=None, checklist_id=None),
        update(dossier).where(*ended, followed).values(person_id=None, account_id=None),
        delete(wait).where(wait.c.day < clock.today(before)),
        delete(checklist).where(checklist.c.updated_at < before, ~exists().where(listed)),
        delete(person).where(person.c.created_at < before, silent, *(~exists().where(tie) for tie in (coming, listening, awaiting))),
    )
    erased += threads.purge(session, before) + groups.purge(session, now=now) + assist.forget_left(session, now=now)
    erased += feedback.purge(session, before)
    _touch_questions(session, person.c.created_at < before, silent)
    return erased + sum(int(getattr(session.execute(statement), "rowcount", 0)) for statement in statements)


def _touch_questions(session: Session, *leaving: ColumnElement[bool]) -> None:
    """What these people asked goes with them, and is not counted any more."""
    question, person = upsert.table(Question), upsert.table(Person)
    theirs = select(question.c.id).join(person, person.c.id == question.c.person_id).where(*leaving)
    rollups.touch(session, "question", *session.execute(theirs).scalars())


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)
