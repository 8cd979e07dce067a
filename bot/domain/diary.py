"""A center's bookings as its staff look at them: by day, by code, what is still missing, and how earlier days ended."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import SEATLESS
from bot.domain import checklists, visits
from bot.domain.visits import Visit

_TABLE = upsert.table(Row)


def of_days(session: Session, center_id: str, first: dt.date, last: dt.date, group_id: int | None = None) -> list[Visit]:
    """The bookings from `first` to `last` that were not given up, by time."""
    there = [_TABLE.c.center_id == center_id, _TABLE.c.day.between(first, last), _TABLE.c.starts_at.is_not(None), _TABLE.c.state.not_in(SEATLESS)]
    if group_id is not None:
        there.append(_TABLE.c.group_id == group_id)
    return visits.found(session, select(*visits.COLUMNS).where(*there).order_by(_TABLE.c.starts_at, _TABLE.c.id))


def with_code(session: Session, center_id: str, code: str, since: dt.date) -> list[Visit]:
    """Visits with this code, today's and later ones first. A code is only the only one of its day."""
    digits = "".join(filter(str.isdigit, code))
    there = (_TABLE.c.center_id == center_id, _TABLE.c.code == digits, _TABLE.c.day >= since)
    return visits.found(session, select(*visits.COLUMNS).where(*there).order_by(_TABLE.c.day.desc()).limit(10))


def unticked(session: Session, visit: Visit) -> list[str] | None:
    """The papers of the visit's list that are not ticked; None where there is no list."""
    row = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return None
    had = checklists.ticked(row)
    return [paper.name for paper in kept.papers if paper.id not in had]


def sums(session: Session, center_id: str, first: dt.date, last: dt.date) -> dict[dt.date, dict[str, int]]:
    """How many visits of each day stand in which state; those who came and were not served as `not_served`. The newest day first."""
    counted = (
        select(_TABLE.c.day, _TABLE.c.state, _TABLE.c.outcome, func.count())
        .where(_TABLE.c.center_id == center_id, _TABLE.c.day.between(first, last))
        .group_by(_TABLE.c.day, _TABLE.c.state, _TABLE.c.outcome)
    )
    found: dict[dt.date, Counter[str]] = {}
    for day, state, outcome, number in session.execute(counted.order_by(_TABLE.c.day.desc())):
        found.setdefault(day, Counter())[outcome if outcome == "not_served" else state] += int(number)
    return {day: dict(states) for day, states in found.items()}


def seats(booked: Sequence[Visit]) -> Mapping[dt.datetime | None, int]:
    """Start → how many seats are taken."""
    return Counter(visit.starts_at for visit in booked)
