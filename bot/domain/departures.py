"""What operators see of what leaves, and may do to one row. Neither who a message is for nor what it says is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import OPEN
from bot.db.leaving import Notice
from bot.db.tables import Outbox
from bot.domain import audit, broadcast, notices

Trouble = Literal["unknown", "refused", "retry"]
Deed = Literal["retry", "drop"]

MINUTE = dt.timedelta(minutes=1)
BACK = dt.timedelta(days=7)  # how far back reasons are counted
DROPPED, AGAIN = "dropped", "again"

_TABLE, _NOTICE = upsert.table(Outbox), upsert.table(Notice)
_TROUBLED = text("outbox.state IN ('refused', 'unknown', 'retry')")
_SENT = text("outbox.state = 'sent'")


class Line(NamedTuple):
    """One bot: what waits, since when the oldest does, and how many messages it sent in the last minute. `oldest`: of what may leave."""

    bot: str
    waiting: int
    under_way: int
    oldest: dt.datetime | None
    a_minute: int


def lines(session: Session, *, now: dt.datetime) -> list[Line]:
    """Every bot that has something to send or sent something just now. Rows of a notice that is paused wait for a person, not for us."""
    going = or_(_TABLE.c.notice_id.is_(None), _NOTICE.c.state == "sending")
    joined = _TABLE.outerjoin(_NOTICE, _NOTICE.c.id == _TABLE.c.notice_id)
    since = func.coalesce(_NOTICE.c.frozen_at, _TABLE.c.created_at, type_=_TABLE.c.created_at.type)
    sending = func.count().filter(_TABLE.c.state == "sending")
    waits = select(_TABLE.c.bot, func.count(), sending, func.min(since, type_=_TABLE.c.created_at.type)).select_from(joined)
    open_ = text("outbox.state IN ('queued', 'retry', 'sending')")
    found = {bot: (number - way, way, oldest) for bot, number, way, oldest in session.execute(waits.where(open_, going).group_by(_TABLE.c.bot))}
    rate = select(_TABLE.c.bot, func.count()).where(_SENT, _TABLE.c.settled_at > now - MINUTE).group_by(_TABLE.c.bot)
    rates = {str(bot): int(number) for bot, number in session.execute(rate)}
    return [Line(bot, *found.get(bot, (0, 0, None)), rates.get(bot, 0)) for bot in sorted({*found, *rates})]


class Why(NamedTuple):
    state: str
    reason: str
    number: int


def reasons(session: Session, *, now: dt.datetime, limit: int = 30) -> list[Why]:
    """Why messages were refused, are unknown or are tried again, the most frequent first."""
    columns = (_TABLE.c.state, _TABLE.c.reason)
    recent = or_(_TABLE.c.settled_at.is_(None), _TABLE.c.settled_at > now - BACK)
    counted = select(*columns, func.count()).where(_TROUBLED, recent).group_by(*columns).order_by(func.count().desc(), *columns)
    return [Why(*row) for row in session.execute(counted.limit(limit))]


class Row(NamedTuple):
    """A message that is not simply on its way. `notice`: the title of the notice it belongs to."""

    id: int
    bot: str
    kind: str
    state: str
    reason: str
    attempts: int
    created_at: dt.datetime
    settled_at: dt.datetime | None
    not_before: dt.datetime | None
    notice_id: int | None
    center_id: str | None
    notice: str | None

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What may be done to it. What a provider refused of a notice stays refused: there the person cannot be reached."""
        if self.state == "retry":
            return "retry", "drop"
        return () if self.notice_id is not None and self.state == "refused" else ("retry",)


def rows(session: Session, state: Trouble, center_id: str, limit: int = 100) -> list[Row]:
    """The newest of them. Rows of notices only of this center."""
    found = _rows().where(_TROUBLED, _TABLE.c.state == state, _of(center_id)).order_by(_TABLE.c.id.desc()).limit(limit)
    return [Row(*row) for row in session.execute(found)]


def get(session: Session, outbox_id: int, center_id: str = "") -> Row | None:
    """The row, if it is of this center or of none; without a center whichever it is."""
    where = [_TABLE.c.id == outbox_id, *([_of(center_id)] if center_id else [])]
    found = session.execute(_rows().where(*where).with_for_update(of=_TABLE)).first()
    return None if found is None else Row(*found)


def _of(center_id: str) -> ColumnElement[bool]:
    return or_(_TABLE.c.notice_id.is_(None), _NOTICE.c.center_id == center_id)


def _rows() -> Select[Any]:
    columns = (*(_TABLE.c[name] for name in Row._fields[:10]), _NOTICE.c.center_id, _NOTICE.c.title)
    return select(*columns).select_from(_TABLE.outerjoin(_NOTICE, _NOTICE.c.id == _TABLE.c.notice_id))


def oldest(session: Session) -> dt.datetime | None:
    """Since when the longest waiting row waits, notices that are held back too."""
    found: dt.datetime | None = session.execute(select(func.min(_TABLE.c.created_at)).where(_TABLE.c.state.in_(OPEN))).scalar()
    return found


def act(session: Session, row: Row, deed: Deed, *, actor: str, now: dt.datetime) -> bool:
    """Try it (again), or do not send it at all; with an audit row. False when it is not as it was read, or that cannot be done to it."""
    if deed not in row.deeds:
        return False
    if row.notice_id is not None and row.state == "unknown":
        return _decided(session, row, actor, now)
    values: dict[str, Any] = {"state": "retry", "reason": AGAIN, "not_before": now, "settled_at": None, "attempts": 0}
    if deed == "drop":
        values = {"state": "skipped", "reason": DROPPED, "not_before": None, "settled_at": now}
    same = and_(_TABLE.c.id == row.id, _TABLE.c.state == row.state)
    if not session.execute(update(_TABLE).where(same).values(**values).returning(_TABLE.c.id)).first():
        return False
    before, after = {"state": row.state, "reason": row.reason}, {"state": values["state"], "channel": row.bot.partition(":")[0]}
    center_id = row.center_id or ""
    audit.write(session, actor=actor, center_id=center_id, action=f"delivery.{deed}", subject=f"outbox:{row.id}", before=before, after=after, now=now)
    return True


def _decided(session: Session, row: Row, actor: str, now: dt.datetime) -> bool:
    """Rows of notices whose fate nobody knows are decided about as on the notice's own page."""
    assert row.notice_id is not None
    assert row.center_id is not None
    try:
        return broadcast.decide(session, row.center_id, row.notice_id, [row.id], again=True, actor=actor, now=now) > 0
    except notices.NotNow:
        return False
