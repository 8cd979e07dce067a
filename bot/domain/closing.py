"""The end of the day: every ticket gets its last state, nobody who came loses the right to be served."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Counter as Desk
from bot.db.day import Visit as Row
from bot.db.enums import LIVE, SEATLESS
from bot.domain import displaced, hours, line, visits
from bot.domain.visits import Visit
from bot.texts import t

_TABLE, _DESKS = upsert.table(Row), upsert.table(Desk)

# What a visit still open at the end becomes: state, outcome.
ENDS: dict[str, tuple[str, str]] = {
    "held": ("expired", ""),
    "booked": ("no_show", ""),
    "missed": ("no_show", ""),
    "arrived": ("must_return", "not_served"),
    "waiting": ("must_return", "not_served"),
    "parked": ("must_return", "not_served"),
    "called": ("must_return", "not_served"),
    "serving": ("done", "other"),
}
# Booked, and the center did not serve at that time: nobody stayed away.
NOT_SERVED_AT_ALL = ("cancelled", "")


def hanging(session: Session, center_id: str, day: dt.date) -> list[Visit]:
    """The visits of the day that have not ended."""
    return visits.of_day(session, center_id, day, LIVE)


def close(session: Session, center_id: str, day: dt.date, *, actor: str, now: dt.datetime) -> tuple[Visit, ...]:
    """End everything that is still open, and free the counters; returns the visits that were ended. Closed twice nothing happens.

    Who was here and not served is `must_return`: on the next day they are called before the others. Who booked a time that the center
    did not serve after all did not stay away: cancelled, and not `no_show`.
    """
    # Counters before visits, as a call takes them: the other way round the two would wait for each other.
    free: dict[str, Any] = {"staff_id": None, "staffed_at": None, "streak": 0}
    since_then = _DESKS.c.staffed_at >= hours.at(day, hours.MIDNIGHT)  # a forgotten day is closed while the next one is at work
    session.execute(update(_DESKS).where(_DESKS.c.center_id == center_id, or_(_DESKS.c.staffed_at.is_(None), ~since_then)).values(free))
    left = hanging(session, center_id, day)
    unserved = _unserved(session, center_id, [visit for visit in left if visit.state == "booked"], now)
    ended = (_end(session, visit, unserved, actor=actor, now=now) for visit in left)
    return tuple(visit for visit in ended if visit is not None)


def _unserved(session: Session, center_id: str, booked: Sequence[Visit], now: dt.datetime) -> frozenset[int]:
    """Those whose time lies outside the hours as they stand now, or is still to come."""
    outside = {one.visit.id for one in displaced.find(session, center_id, booked) if not one.inside}
    to_come = {visit.id for visit in booked if visit.starts_at and now <= max(visit.starts_at + line.GRACE, visit.late_until or visit.starts_at)}
    return frozenset(outside | to_come)


def _end(session: Session, visit: Visit, unserved: frozenset[int], *, actor: str, now: dt.datetime) -> Visit | None:
    current = visits.get(session, visit.id, lock=True)
    if current is None or current.state not in ENDS:
        return None
    state, outcome = NOT_SERVED_AT_ALL if current.state == "booked" and current.id in unserved else ENDS[current.state]
    seat = None if state in SEATLESS else current.seat
    return visits.change(session, current, "closed", actor=actor, now=now, state=state, outcome=outcome, seat=seat, counter_id=None, ended_at=now)


def stop_early(session: Session, center_id: str, day: dt.date, *, actor: str, now: dt.datetime) -> bool:
    """Today ends now although its hours go on: nobody can book or be offered what is left of it. False where nothing was left."""
    today = hours.of_days(session, center_id, day, day)[day]
    minute = hours.minutes(now)
    if day != clock.today(now) or not today.spans or today.spans[-1].closes <= minute:
        return False
    kept = tuple(hours.Span(span.opens, min(span.closes, minute)) for span in today.spans if span.opens < minute)
    hours.set_exception(session, center_id, day, kept, t("hours.closed_early"), actor=actor, now=now)
    return True


def forgotten_days(session: Session, before: dt.date) -> list[tuple[str, dt.date]]:
    """Days that are over and were never closed."""
    open_days = select(_TABLE.c.center_id, _TABLE.c.day).where(_TABLE.c.day < before, _TABLE.c.state.in_(LIVE)).distinct()
    return [(center_id, day) for center_id, day in session.execute(open_days.order_by(_TABLE.c.day))]


def sums(ended: tuple[Visit, ...]) -> dict[str, int]:
    """How many visits ended in each state."""
    return dict(Counter(visit.state for visit in ended))
