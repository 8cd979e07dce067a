"""The times one can book: spans of a center's hours, each with seats. Free ones are counted, never stored."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit, Wait
from bot.db.prepared import Prepared
from bot.domain import hours, visits
from bot.domain.counters import Group
from bot.domain.hours import DayHours

# How many days ahead one can book, and how soon before the time.
AHEAD = dt.timedelta(days=30)
SOONEST = dt.timedelta(minutes=10)
MINUTE = dt.timedelta(minutes=1)

_VISIT, _WAIT = upsert.table(Visit), upsert.table(Wait)
_AMONG = (_VISIT.c.group_id == bindparam("group"), _VISIT.c.starts_at >= bindparam("first"), _VISIT.c.starts_at < bindparam("last"))
# Counted in the key of the seats alone; with the state in the question every row would have to be fetched.
_TAKEN = Prepared(select(_VISIT.c.starts_at, func.count()).where(*_AMONG, _VISIT.c.seat.is_not(None)).group_by(_VISIT.c.starts_at))
_LAPSED = Prepared(select(_VISIT.c.starts_at).where(visits.among(("held",)), *_AMONG, _VISIT.c.hold_until < bindparam("now")))
_WAITING = Prepared(
    select(_WAIT.c.day, func.count())
    .where(_WAIT.c.group_id == bindparam("group"), _WAIT.c.day >= bindparam("first"), _WAIT.c.day <= bindparam("last"), _WAIT.c.state == "waiting")
    .group_by(_WAIT.c.day)
)


class Slot(NamedTuple):
    """A bookable span and how many of its seats are free. Other people wait for what gets free on a full day: then nothing is."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    seats: int
    free: int


@dataclass(frozen=True)
class Day:
    """`waiting`: how many people wait for a free seat."""

    hours: DayHours
    slots: tuple[Slot, ...]
    waiting: int = 0

    @property
    def date(self) -> dt.date:
        return self.hours.date

    @property
    def free(self) -> int:
        return sum(slot.free for slot in self.slots)

    @property
    def full(self) -> bool:
        return bool(self.slots) and not self.free


@lru_cache(maxsize=2048)
def spans(day: DayHours, minutes: int) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    """Start and end of every span of `minutes` that fits into the day's hours."""
    first, length = midnight(day.date), dt.timedelta(minutes=minutes)
    starts = (first + start * MINUTE for opens, closes in day.spans for start in range(opens, closes - minutes + 1, minutes))
    return tuple((begins, begins + length) for begins in starts)


def of_days(session: Session, group: Group, first: dt.date, last: dt.date, *, now: dt.datetime, for_waiting: bool = False) -> list[Day]:
    """The days from `first` to `last`, closed ones too, with what is still free for everybody, or for those who wait."""
    span = {"group": group.id, "first": midnight(first), "last": midnight(last + dt.timedelta(days=1))}
    taken = Counter(dict(_TAKEN.rows(session, **span)))
    taken.subtract(starts_at for (starts_at,) in _LAPSED.rows(session, **span, now=now))
    in_line = dict(_WAITING.rows(session, group=group.id, first=first, last=last))
    days = hours.of_days(session, group.center_id, first, last).values()
    return [_day(day, group, taken, 0 if for_waiting else in_line.get(day.date, 0), now) for day in days]


@lru_cache(maxsize=512)
def midnight(date: dt.date) -> dt.datetime:
    """When that day begins in Vietnam, where every day has 24 hours."""
    return dt.datetime.combine(date, dt.time(), clock.VIETNAM).astimezone(dt.UTC)


def _day(opening: DayHours, group: Group, taken: Mapping[dt.datetime, int], waiting: int, now: dt.datetime) -> Day:
    seats, soonest = group.seats, now + SOONEST
    found = [
        Slot(begins, ends, seats, 0 if waiting else max(0, seats - taken.get(begins, 0)))
        for begins, ends in spans(opening, group.slot_minutes)
        if begins >= soonest
    ]
    return Day(opening, tuple(found), waiting)


def nearest(days: Iterable[Day], wanted: dt.datetime, count: int = 3) -> list[Slot]:
    """The free times closest to the one that was wanted, the later one of two alike, in the order of the day."""
    free = [slot for day in days for slot in day.slots if slot.free]
    closest = sorted(free, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at < wanted))[:count]
    return sorted(closest, key=lambda slot: slot.starts_at)


def in_reach(group: Group, starts_at: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether the time is neither too soon nor too far off, whatever the hours are."""
    return group.active and starts_at >= now + SOONEST and clock.today(starts_at) <= clock.today(now) + AHEAD


def fits(opening: DayHours, group: Group, starts_at: dt.datetime) -> bool:
    """Whether one of the times of that day begins then."""
    length = group.slot_minutes
    start = (starts_at - midnight(opening.date)) / MINUTE
    return any(span.opens <= start and (start - span.opens) % length == 0 and start + length <= span.closes for span in opening.spans)
