"""Quiet hours: when fewer people than usual came in the past weeks, for whoever can choose."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import bindparam, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit
from bot.db.prepared import Prepared
from bot.domain.hours import Week

BACK = dt.timedelta(days=28)
LEAST = 40  # arrivals on one weekday within BACK; fewer say nothing
CALM = 0.6  # of the weekday's mean for each open minute

Hour = tuple[int, int]  # weekday, hour of the day in Vietnam; Monday is 0

_VISIT = upsert.table(Visit)
_ARRIVED = Prepared(
    select(_VISIT.c.arrived_at).where(
        _VISIT.c.center_id == bindparam("center"),
        _VISIT.c.day >= bindparam("first", type_=_VISIT.c.day.type),
        _VISIT.c.day < bindparam("last", type_=_VISIT.c.day.type),
        _VISIT.c.arrived_at.is_not(None),
    )
)


def hours(counts: Mapping[Hour, int], opened: Mapping[Hour, int]) -> frozenset[Hour]:
    """The quiet ones. `counts`: who came in each hour; `opened`: for how many minutes of it the center is open."""
    came, minutes = Counter[int](), Counter[int]()
    for hour, open_for in opened.items():
        came[hour[0]] += counts.get(hour, 0)
        minutes[hour[0]] += open_for

    def calm(hour: Hour) -> bool:
        day = hour[0]
        return came[day] >= LEAST and counts.get(hour, 0) / opened[hour] <= CALM * came[day] / minutes[day]

    return frozenset(hour for hour, open_for in opened.items() if open_for and calm(hour))


def opened(week: Week) -> Mapping[Hour, int]:
    """For how many minutes of each hour of a usual week the center is open."""
    found = Counter[Hour]()
    for weekday, spans in enumerate(week.days):
        for span in spans:
            for hour in range(span.opens // 60, -(-span.closes // 60)):
                found[weekday, hour] += min(span.closes, hour * 60 + 60) - max(span.opens, hour * 60)
    return found


def counted(session: Session, center_id: str, today: dt.date) -> Mapping[Hour, int]:
    """Who came in each hour of the week, over the days before today."""
    rows = _ARRIVED.rows(session, center=center_id, first=today - BACK, last=today)
    return Counter((local.weekday(), local.hour) for (arrived,) in rows for local in (clock.local(arrived),))


class Past:
    """The quiet hours of each center, counted once a day in this process. Threads may count twice; it comes out the same."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[dt.date, Mapping[Hour, int]]] = {}

    def hours(self, session: Session, center_id: str, week: Week, today: dt.date) -> frozenset[Hour]:
        known = self._found.get(center_id)
        if known is None or known[0] != today:
            known = self._found[center_id] = today, counted(session, center_id, today)
        return hours(known[1], opened(week))
