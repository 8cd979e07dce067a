"""The end of the day: every ticket gets its last state, nobody who came loses the right to be served."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Counter as Desk
from bot.db.day import Visit as Row
from bot.db.enums import LIVE
from bot.domain import hours, visits
from bot.domain.visits import Visit

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


def hanging(session: Session, center_id: str, day: dt.date) -> list[Visit]:
    """The visits of the day that have not ended."""
    return visits.of_day(session, center_id, day, LIVE)


def close(session: Session, center_id: str, day: dt.date, *, actor: str, now: dt.datetime) -> tuple[Visit, ...]:
    """End everything that is still open, and free the counters; returns the visits that were ended. Closed twice nothing happens.

    Who was here and not served is `must_return`: on the next day they are called before the others.
    """
    # Counters before visits, as a call takes them: the other way round the two would wait for each other.
    free: dict[str, Any] = {"staff_id": None, "staffed_at": None, "streak": 0}
    since_then = _DESKS.c.staffed_at >= hours.at(day, hours.MIDNIGHT)  # a forgotten day is closed while the next one is at work
    session.execute(update(_DESKS).where(_DESKS.c.center_id == center_id, or_(_DESKS.c.staffed_at.is_(None), ~since_then)).values(free))
    return tuple(closed for visit in hanging(session, center_id, day) if (closed := _end(session, visit, actor=actor, now=now)) is not None)


def _end(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit | None:
    current = visits.get(session, visit.id, lock=True)
    if current is None or current.state not in ENDS:
        return None
    state, outcome = ENDS[current.state]
    seat = None if state == "expired" else current.seat
    return visits.change(session, current, "closed", actor=actor, now=now, state=state, outcome=outcome, seat=seat, counter_id=None, ended_at=now)


def forgotten_days(session: Session, before: dt.date) -> list[tuple[str, dt.date]]:
    """Days that are over and were never closed."""
    open_days = select(_TABLE.c.center_id, _TABLE.c.day).where(_TABLE.c.day < before, _TABLE.c.state.in_(LIVE)).distinct()
    return [(center_id, day) for center_id, day in session.execute(open_days.order_by(_TABLE.c.day))]


def sums(ended: tuple[Visit, ...]) -> dict[str, int]:
    """How many visits ended in each state."""
    return dict(Counter(visit.state for visit in ended))
