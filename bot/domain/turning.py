"""Turns a notice row to where its person can be reached, or ends it because nobody may be written to any more."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, exists, or_, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import OPEN, WAITING
from bot.db.leaving import Consent, Notice
from bot.db.tables import Outbox
from bot.domain import audience, ledger, outbox, reach
from bot.messages import Outgoing

MOVED = "moved"

_TABLE, _NOTICE, _CONSENT = (upsert.table(kind) for kind in (Outbox, Notice, Consent))
_OTHER = _TABLE.alias("other")


def unwanted(session: Session, outbox_id: int, notice_id: int) -> str:
    """Why a row on its way may not be tried again: what was said about its notice or by its person meanwhile reached only rows that waited."""
    person_id = session.execute(select(_TABLE.c.person_id).where(_TABLE.c.id == outbox_id)).scalar()
    of = select(_NOTICE.c.state, _NOTICE.c.center_id, _NOTICE.c.frozen_at, _NOTICE.c.audience).where(_NOTICE.c.id == notice_id)
    state, center_id, frozen_at, target = session.execute(of).one()
    if person_id is None:
        return ledger.DELETED
    if state == "stopped":
        return ledger.STOPPED
    given = and_(_CONSENT.c.person_id == person_id, _CONSENT.c.center_id == center_id, _CONSENT.c.purpose == audience.NOTICES)
    standing, taken_back = exists().where(given, _CONSENT.c.withdrawn_at.is_(None)), exists().where(given, _CONSENT.c.withdrawn_at >= frozen_at)
    withdrawn = session.execute(select(and_(taken_back, ~standing))).scalar()
    return ledger.WITHDRAWN if withdrawn and audience.read(target).ground == "consent" else ""


def elsewhere(session: Session, message: Outgoing, reason: str, *, now: dt.datetime) -> None:
    """Nobody is at this address any more: rows of notices go to another account of the person, or are refused."""
    there = (_TABLE.c.bot == message.bot, _TABLE.c.address == message.address, _TABLE.c.notice_id.is_not(None))
    just_now = and_(_TABLE.c.id == message.id, _TABLE.c.state == "refused", _TABLE.c.settled_at == now)
    rows = select(_TABLE.c.id, _TABLE.c.notice_id, _TABLE.c.person_id).where(*there, or_(_TABLE.c.state.in_(WAITING), just_now))
    for outbox_id, notice_id, person_id in session.execute(rows).all():
        other = reach.another(session, person_id, message.bot, message.address) if person_id is not None else None
        if other is not None and not unwanted(session, outbox_id, notice_id) and not _there(session, notice_id, other):
            outbox.readdress(session, outbox_id, other.bot, other.address, reason, now=now)
        else:
            refused = {"state": "refused", "reason": outbox.cleaned(reason), "not_before": None, "settled_at": now}
            session.execute(update(_TABLE).where(_TABLE.c.id == outbox_id, _TABLE.c.state.in_(WAITING)).values(**refused))


def _there(session: Session, notice_id: int, other: reach.Reach) -> bool:
    same = (_TABLE.c.notice_id == notice_id, _TABLE.c.bot == other.bot, _TABLE.c.address == other.address)
    return session.execute(select(_TABLE.c.id).where(*same)).first() is not None


def settle_doubles(session: Session, bot: str, old: str, new: str, *, now: dt.datetime) -> None:
    """Two addresses turned out to be one: a notice that has a row at the new one already does not go there again."""
    twice = exists().where(_OTHER.c.bot == bot, _OTHER.c.address == new, _OTHER.c.notice_id == _TABLE.c.notice_id)
    here = (_TABLE.c.bot == bot, _TABLE.c.address == old, _TABLE.c.notice_id.is_not(None), _TABLE.c.state.in_(OPEN), twice)
    session.execute(update(_TABLE).where(*here).values(state="skipped", reason=MOVED, settled_at=now, not_before=None, worker=None, lease_until=None))
