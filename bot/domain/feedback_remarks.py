"""Remarks as those see them who answer them: without who, when to the hour, or which visit; the one due first before the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.results import Feedback as Row
from bot.domain import feedback, threads
from bot.domain.feedback import COLUMNS, Feedback

_TABLE = upsert.table(Row)
_STANDING = _TABLE.c.reply_due.is_not(None)


class Remark(NamedTuple):
    """`day`: when it was begun. `reachable`: whether an answer finds its way to somebody; more is not known of them."""

    feedback: Feedback
    day: dt.date
    overdue: bool
    reachable: bool


class Count(NamedTuple):
    """`open`: not answered; `overdue` of them; `answered` and `late` of them, of all that are kept."""

    open: int = 0
    overdue: int = 0
    answered: int = 0
    late: int = 0


def of_center(session: Session, center_id: str, *, now: dt.datetime, answered: bool = False, limit: int = 100) -> Sequence[Remark]:
    """Those shown by now. One about a visit is shown from the next day on: shown at once it would tell whose it is."""
    here = select(*COLUMNS).where(_TABLE.c.center_id == center_id, _STANDING, _shown(now))
    if answered:
        rows = here.where(_TABLE.c.replied_at.is_not(None)).order_by(_TABLE.c.replied_at.desc())
    else:
        rows = here.where(_TABLE.c.replied_at.is_(None)).order_by(_TABLE.c.reply_due, _TABLE.c.token)  # by chance within a day
    return [_remark(Feedback(*row), now) for row in session.execute(rows.limit(limit))]


def _shown(now: dt.datetime) -> ColumnElement[bool]:
    midnight = dt.datetime.combine(clock.today(now), dt.time(), clock.VIETNAM).astimezone(dt.UTC)
    return or_(_TABLE.c.origin == "counter", _TABLE.c.begun_at < midnight)


def _remark(row: Feedback, now: dt.datetime) -> Remark:
    assert row.begun_at is not None
    assert row.reply_due is not None
    overdue = row.replied_at is None and row.reply_due < clock.today(now)
    return Remark(row, clock.today(row.begun_at), overdue, row.account_id is not None)


def count(session: Session, center_id: str, *, now: dt.datetime) -> Count:
    here = select(_TABLE.c.replied_at, _TABLE.c.reply_due).where(_TABLE.c.center_id == center_id, _STANDING, _shown(now))
    rows = [(replied, due) for replied, due in session.execute(here)]
    waiting = [due for replied, due in rows if replied is None]
    answered = [(clock.today(replied), due) for replied, due in rows if replied is not None]
    today = clock.today(now)
    return Count(len(waiting), sum(due < today for due in waiting), len(answered), sum(on > due for on, due in answered))


class Overdue(NamedTuple):
    """`oldest`: the day the oldest was begun; `fresh`: how many of them became overdue after a day."""

    number: int
    oldest: dt.date
    fresh: int


def overdue_of(session: Session, center_id: str, since: dt.date, *, now: dt.datetime) -> Overdue:
    """Those of one center that wait longer than the law allows, and are shown."""
    c = _TABLE.c
    late = (c.center_id == center_id, _STANDING, c.replied_at.is_(None), c.reply_due < clock.today(now), _shown(now))
    counted = select(func.count(), func.min(c.begun_at, type_=c.begun_at.type), func.count().filter(c.reply_due >= since))
    number, oldest, fresh = session.execute(counted.where(*late)).one()
    return Overdue(int(number), clock.today(oldest or now), int(fresh))


def reply(session: Session, center_id: str, feedback_id: int, words: str, *, now: dt.datetime) -> Feedback | None:
    """Mark it answered with these words, once; None when there is none such to be answered, or somebody was first."""
    mine = (_TABLE.c.id == feedback_id, _TABLE.c.center_id == center_id, _STANDING, _TABLE.c.replied_at.is_(None), _shown(now))
    answering = update(_TABLE).where(*mine).values(replied_at=now, reply=threads.as_written(words)).returning(_TABLE.c.id)
    done = session.execute(answering).scalar()
    return feedback.get(session, done) if done is not None else None


def overdue(session: Session, *, now: dt.datetime) -> dict[str, int]:
    """Center → how many remarks wait longer than the law allows."""
    late = (_STANDING, _TABLE.c.replied_at.is_(None), _TABLE.c.reply_due < clock.today(now))
    rows = session.execute(select(_TABLE.c.center_id, func.count()).where(*late).group_by(_TABLE.c.center_id))
    return {center_id: int(number) for center_id, number in rows}
