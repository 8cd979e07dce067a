"""The times one can book: spans of a center's hours, each with seats. Free ones are counted, never stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import and_, bindparam, func, not_, select
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
_LAPSED = and_(visits.among(("held",)), _VISIT.c.hold_until < bindparam("now"))
_TAKEN = Prepared(
    select(_VISIT.c.starts_at, func.count())
    .where(
        _VISIT.c.group_id == bindparam("group"),
        _VISIT.c.starts_at >= bindparam("first"),
        _VISIT.c.starts_at < bindparam("last"),
        _VISIT.c.seat.is_not(None),
        not_(_LAPSED),
    )
    .group_by(_VISIT.c.starts_at)
)
_WAITING = Prepared(
    select(_WAIT.c.day, func.count())
    .where(_WAIT.c.group_id == bindparam("group"), _WAIT.c.day >= bindparam("first"), _WAIT.c.day <= bindparam("last"), _WAIT.c.state == "waiting")
    .group_by(_WAIT.c.day)
)


@dataclass(frozen=True)
class Slot:
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


def spans(day: DayHours, minutes: int) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Start and end of every span of `minutes` that fits into the day's hours."""
    first, length = midnight(day.date), dt.timedelta(minutes=minutes)
    for opens, closes in day.spans:
        begins, last = first + opens * MINUTE, first + closes * MINUTE - length
        while begins <= last:
            ends = begins + length
            yield begins, ends
            begins = ends


def of_days(session: Session, group: Group, first: dt.date, last: dt.date, *, now: dt.datetime, for_waiting: bool = False) -> list[Day]:
    """The days from `first` to `last`, closed ones too, with what is still free for everybody, or for those who wait."""
    opening = hours.of_days(session, group.center_id, first, last)
    taken, waiting = _taken(session, group, first, last, now), _waiting(session, group, first, last)
    return [_day(day, group, taken, 0 if for_waiting else waiting.get(day.date, 0), now) for day in opening.values()]


def _taken(session: Session, group: Group, first: dt.date, last: dt.date, now: dt.datetime) -> Mapping[dt.datetime, int]:
    start, end = midnight(first), midnight(last + dt.timedelta(days=1))
    return dict(_TAKEN.rows(session, group=group.id, first=start, last=end, now=now))


def _waiting(session: Session, group: Group, first: dt.date, last: dt.date) -> Mapping[dt.date, int]:
    return dict(_WAITING.rows(session, group=group.id, first=first, last=last))


@lru_cache(maxsize=512)
def midnight(date: dt.date) -> dt.datetime:
    """When that day begins in Vietnam, where every day has 24 hours."""
    return dt.datetime.combine(date, dt.time(), clock.VIETNAM).astimezone(dt.UTC)


def _day(opening: DayHours, group: Group, taken: Mapping[dt.datetime, int], waiting: int, now: dt.datetime) -> Day:
    def slot(begins: dt.datetime, ends: dt.datetime) -> Slot:
        free = 0 if waiting else max(0, group.seats - taken.get(begins, 0))
        return Slot(begins, ends, group.seats, free)

    return Day(opening, tuple(slot(begins, ends) for begins, ends in spans(opening, group.slot_minutes) if begins >= now + SOONEST), waiting)


def nearest(days: Iterable[Day], wanted: dt.datetime, count: int = 3) -> list[Slot]:
    """The free times closest to the one that was wanted, the later one of two alike, in the order of the day."""
    free = [slot for day in days for slot in day.slots if slot.free]
    closest = sorted(free, key=lambda slot: (abs(slot.starts_at - wanted), slot.starts_at < wanted))[:count]
    return sorted(closest, key=lambda slot: slot.starts_at)


def at(session: Session, group: Group, starts_at: dt.datetime, *, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
    """The span that begins then, if the center serves at that time and it is neither too soon nor too far off."""
    date = clock.today(starts_at)
    if not group.active or starts_at < now + SOONEST or date > clock.today(now) + AHEAD:
        return None
    opening = hours.of_days(session, group.center_id, date, date)[date]
    length = dt.timedelta(minutes=group.slot_minutes)
    start = (starts_at - midnight(date)) / MINUTE
    fits = any(
        span.opens <= start and (start - span.opens) % group.slot_minutes == 0 and start + group.slot_minutes <= span.closes for span in opening.spans
    )
    return (starts_at, starts_at + length) if fits else None
