"""Messages that wait for a bot nobody here serves any more: which they are, and what becomes of them when somebody decides."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, or_, select, text, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import WAITING
from bot.db.leaving import Notice
from bot.db.tables import Account, Outbox
from bot.domain import audit, departures, outbox, reach, senders, turning

MOST = 500  # rows moved in one step
MOVED = "unserved"

_TABLE, _NOTICE, _ACCOUNT = upsert.table(Outbox), upsert.table(Notice), upsert.table(Account)
_OTHER = _TABLE.alias("other")
_OPEN = text("outbox.state IN ('queued', 'retry', 'sending')")


class Stranded(NamedTuple):
    bot: str
    waiting: int
    since: dt.datetime


def of(session: Session, center_id: str = "") -> list[Stranded]:
    """The bots with messages that will not leave. Of notices only those of the center, where one is named."""
    counted = select(_TABLE.c.bot, func.count(), func.min(_TABLE.c.created_at, type_=_TABLE.c.created_at.type))
    return [Stranded(*row) for row in session.execute(counted.where(_OPEN, *_waits(center_id)).group_by(_TABLE.c.bot).order_by(_TABLE.c.bot))]


def _waits(center_id: str, bot: str | None = None) -> list[ColumnElement[bool]]:
    there: list[ColumnElement[bool]] = [_TABLE.c.bot.in_(senders.retired()), _TABLE.c.state.in_(WAITING)]
    if bot is not None:
        there.append(_TABLE.c.bot == bot)
    if center_id:
        mine = exists().where(_NOTICE.c.id == _TABLE.c.notice_id, _NOTICE.c.center_id == center_id)
        there.append(or_(_TABLE.c.notice_id.is_(None), mine))
    return there


def drop(session: Session, bot: str, center_id: str = "", *, actor: str, now: dt.datetime) -> int:
    """None of them leaves; how many. Nothing is done to a bot that is served."""
    values: dict[str, Any] = {"state": "skipped", "reason": departures.DROPPED, "not_before": None, "settled_at": now}
    number = int(getattr(session.execute(update(_TABLE).where(*_waits(center_id, bot)).values(**values)), "rowcount", 0))
    _note(session, "drop_all", bot, center_id, number, actor=actor, now=now)
    return number


def move(session: Session, bot: str, center_id: str = "", *, actor: str, now: dt.datetime) -> int:
    """Send them to another account of the same person; how many. Answers to what was said there mean nothing elsewhere, and stay."""
    person = func.coalesce(_TABLE.c.person_id, _ACCOUNT.c.person_id)
    there = _TABLE.outerjoin(_ACCOUNT, (_ACCOUNT.c.bot == _TABLE.c.bot) & (_ACCOUNT.c.address == _TABLE.c.address))
    columns = (_TABLE.c.id, _TABLE.c.notice_id, _TABLE.c.address, person)
    waiting = select(*columns).select_from(there).where(*_waits(center_id, bot), _TABLE.c.kind != "reply", _elsewhere(person))
    number = 0
    for outbox_id, notice_id, address, person_id in session.execute(waiting.order_by(_TABLE.c.id).limit(MOST)).all():
        other = reach.another(session, person_id, bot, address)
        if other is not None and _may(session, outbox_id, notice_id, other):
            outbox.readdress(session, outbox_id, other.bot, other.address, MOVED, now=now)
            number += 1
    _note(session, "move", bot, center_id, number, actor=actor, now=now)
    return number


def _elsewhere(person: ColumnElement[int | None]) -> ColumnElement[bool]:
    return reach.best(person).is_not(None)


def _may(session: Session, outbox_id: int, notice_id: int | None, other: reach.Reach) -> bool:
    """A notice goes nowhere twice, and not to who said stop."""
    if notice_id is None:
        return True
    twice = exists().where(_OTHER.c.notice_id == notice_id, _OTHER.c.bot == other.bot, _OTHER.c.address == other.address)
    return not session.execute(select(twice)).scalar() and not turning.unwanted(session, outbox_id, notice_id)


def _note(session: Session, deed: str, bot: str, center_id: str, number: int, *, actor: str, now: dt.datetime) -> None:
    if number:
        said = {"channel": bot.partition(":")[0], "rows": number}
        audit.write(session, actor=actor, center_id=center_id, action=f"delivery.{deed}", subject=f"bot:{bot}", after=said, now=now)
