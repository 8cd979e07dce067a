"""Bookings that the hours of their center do not fit any more, and the nearest free times they could be moved to."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import LIVE
from bot.domain import counters, hours, slots, visits
from bot.domain.counters import Group
from bot.domain.hours import DayHours
from bot.domain.slots import Slot
from bot.domain.visits import Visit

# Nobody is moved to a time that begins before they can have read of it.
NOTICE = dt.timedelta(hours=3)
# How far from a time that cannot be others are looked for, and how many are named.
BEFORE, AFTER, NEAR = dt.timedelta(days=2), dt.timedelta(days=7), 3

_TABLE = upsert.table(Row)


@dataclass(frozen=True)
class Displaced:
    """`inside`: the center still serves at that time, only the times one can book begin differently: it may stay as it is."""

    visit: Visit
    inside: bool


@dataclass(frozen=True)
class Proposal:
    """`to`: the nearest free time, which no other proposal of the same plan takes; None when there is none at all."""

    visit: Visit
    inside: bool
    group: Group
    to: dt.datetime | None


def outside(booked: Iterable[Visit], opening: Mapping[dt.date, DayHours], minutes: Mapping[int, int]) -> list[Displaced]:
    """Those of `booked` that do not fit. `opening`: the hours of their days; `minutes`: group id → how long its bookable times are."""
    found = []
    for visit in booked:
        assert visit.starts_at is not None
        assert visit.ends_at is not None
        day = opening[visit.day]
        closes = hours.minutes(visit.ends_at) or hours.MIDNIGHT
        inside = day.holds(hours.minutes(visit.starts_at), closes)
        if not inside or visit.starts_at not in _starts(day, minutes.get(visit.group_id)):
            found.append(Displaced(visit, inside))
    return found


def _starts(day: DayHours, minutes: int | None) -> set[dt.datetime]:
    return {begins for begins, _ in slots.spans(day, minutes)} if minutes else set()


def booked(session: Session, center_id: str, *, now: dt.datetime) -> list[Visit]:
    """Everybody who is still to come, the next one first."""
    return _coming(session, center_id, "booked", now)


def held(session: Session, center_id: str, *, now: dt.datetime) -> list[Visit]:
    """Seats kept for somebody who is choosing, or to whom one was offered."""
    return _coming(session, center_id, "held", now)


def _coming(session: Session, center_id: str, state: str, now: dt.datetime) -> list[Visit]:
    there = (_TABLE.c.center_id == center_id, _TABLE.c.state == state, _TABLE.c.starts_at >= now)
    return visits.found(session, select(*visits.COLUMNS).where(*there).order_by(_TABLE.c.starts_at, _TABLE.c.id))


def find(session: Session, center_id: str, among: Sequence[Visit]) -> list[Displaced]:
    """Those of `among` that do not fit the hours and groups as they stand in this transaction."""
    if not among:
        return []
    days = [visit.day for visit in among]
    minutes = {group.id: group.slot_minutes for group in counters.groups(session, center_id)}
    return outside(among, hours.of_days(session, center_id, min(days), max(days)), minutes)


def worse(before: Iterable[Displaced], after: Iterable[Displaced]) -> list[Displaced]:
    """What needs a decision after a change: all that lies outside the hours, and what stopped fitting only now."""
    known = {displaced.visit.id for displaced in before}
    return [displaced for displaced in after if not displaced.inside or displaced.visit.id not in known]


def plan(session: Session, center_id: str, displaced: Sequence[Displaced], *, now: dt.datetime) -> list[Proposal]:
    """The nearest free time for each, the one who comes first choosing first. Hours are those of this transaction."""
    groups = {group.id: group for group in counters.groups(session, center_id)}
    today = clock.today(now)
    free: dict[int, list[Slot]] = {}
    for number in {one.visit.group_id for one in displaced}:
        days = slots.of_days(session, groups[number], today, today + slots.AHEAD, now=now)
        free[number] = [slot for day in days for slot in day.slots if slot.free and slot.starts_at >= now + NOTICE]
    busy = _busy(session, [one.visit for one in displaced])
    taken: Counter[tuple[int, dt.datetime]] = Counter()
    made = []
    for one in displaced:
        to = _nearest(one.visit, free[one.visit.group_id], taken, busy)
        if to is not None:
            taken[one.visit.group_id, to] += 1
            busy.add(_key(one.visit, clock.today(to)))
        made.append(Proposal(one.visit, one.inside, groups[one.visit.group_id], to))
    return made


Busy = tuple[int | None, int, dt.date]


def _key(visit: Visit, day: dt.date) -> Busy:
    return visit.person_id, visit.party, day


def _busy(session: Session, moving: Sequence[Visit]) -> set[Busy]:
    """The days on which these people come already: one live visit a person and day."""
    people = {visit.person_id for visit in moving if visit.person_id is not None}
    if not people:
        return set()
    theirs = select(*visits.COLUMNS).where(_TABLE.c.person_id.in_(people), _TABLE.c.state.in_(LIVE), _TABLE.c.center_id == moving[0].center_id)
    return {_key(visit, visit.day) for visit in visits.found(session, theirs)}


def _nearest(visit: Visit, free: Iterable[Slot], taken: Counter[tuple[int, dt.datetime]], busy: set[Busy]) -> dt.datetime | None:
    """The closest time with a seat left, the later one of two alike."""
    wanted = visit.starts_at
    assert wanted is not None

    def possible(slot: Slot) -> bool:
        day = clock.today(slot.starts_at)
        alone = day == visit.day or visit.person_id is None or _key(visit, day) not in busy
        return alone and slot.starts_at != wanted and slot.free > taken[visit.group_id, slot.starts_at]

    times = [slot.starts_at for slot in free if possible(slot)]
    return min(times, key=lambda time: (abs(time - wanted), time < wanted), default=None)


def near(session: Session, visit: Visit, *, now: dt.datetime) -> list[Slot]:
    """A few free times close to one that cannot be, to be named to its holder."""
    group = next((group for group in counters.groups(session, visit.center_id) if group.id == visit.group_id), None)
    if visit.starts_at is None or group is None:
        return []
    first = max(clock.today(now), visit.day - BEFORE)
    week = slots.of_days(session, group, first, max(first, visit.day) + AFTER, now=now)
    return [slot for slot in slots.nearest(week, visit.starts_at, NEAR + 1) if slot.starts_at != visit.starts_at][:NEAR]


def seal(proposals: Iterable[Proposal]) -> str:
    """A short mark of exactly this plan: what was decided on one page is not done to another plan."""
    told = "\n".join(f"{one.visit.id} {one.visit.starts_at} {one.inside} {one.to}" for one in proposals)
    return hashlib.sha256(told.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Crowded:
    """A time with more bookings than its group has seats."""

    starts_at: dt.datetime
    booked: int
    seats: int


def crowded(session: Session, group: Group, *, now: dt.datetime) -> list[Crowded]:
    """The coming times of a group that hold more bookings than `group.seats`."""
    counted = Counter(visit.starts_at for visit in booked(session, group.center_id, now=now) if visit.group_id == group.id)
    return [Crowded(starts_at, number, group.seats) for starts_at, number in counted.items() if starts_at and number > group.seats]
