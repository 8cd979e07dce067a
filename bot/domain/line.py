"""Who is called next, and how long it takes: pure functions, so that the rule can be read, tested and explained in the hall."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.domain.visits import Visit

# Who booked is in line from some minutes before the time; who comes later than this lines up like everybody else.
EARLY = dt.timedelta(minutes=5)
GRACE = dt.timedelta(minutes=10)
# After so many calls that went before people without a booking, one of those is next.
STREAK = 2
ROUND = 5  # minutes a range is rounded to
LEAST, MOST = 0.7, 1.3  # how far a wait may differ from the mean

RETURNED, PRIORITY, BOOKED, WALK_IN, EARLY_BOOKED = range(5)


class Wait(NamedTuple):
    """From about `low` to about `high` minutes."""

    low: int
    high: int


def lane(visit: Visit, now: dt.datetime) -> int:
    """Back with the papers or after a missed call; old, disabled, pregnant; booked and due; everybody else; booked for later."""
    if visit.returned:
        return RETURNED
    if visit.priority:
        return PRIORITY
    if visit.starts_at is None or visit.due_at != visit.starts_at:
        return WALK_IN
    return BOOKED if visit.starts_at <= now + EARLY else EARLY_BOOKED


def due(visit: Visit, arrived: dt.datetime) -> dt.datetime:
    """Since when somebody who arrives now counts as waiting: who is on time keeps the booked time."""
    if visit.starts_at is None:
        return arrived
    latest = max(visit.starts_at + GRACE, visit.late_until or visit.starts_at)
    return visit.starts_at if arrived <= latest else arrived


def order(waiting: Iterable[Visit], streak: int, now: dt.datetime) -> list[Visit]:
    """Everybody in the order of their calls, if nobody else came. `streak`: how many calls just went before people without a booking."""
    lanes: list[list[Visit]] = [[], [], [], [], []]
    for visit in sorted(waiting, key=lambda visit: (visit.due_at or visit.created_at, visit.id)):
        lanes[lane(visit, now)].append(visit)
    plain, preferred = lanes[WALK_IN], lanes[RETURNED] + lanes[PRIORITY] + lanes[BOOKED]
    called: list[Visit] = []
    while plain or preferred:
        if plain and (streak >= STREAK or not preferred):
            called.append(plain.pop(0))
            streak = 0
        else:
            called.append(preferred.pop(0))
            streak += 1
    return called + lanes[EARLY_BOOKED]


def goes_before(visit: Visit, now: dt.datetime) -> bool:
    """Whether a call to this one counts into the streak."""
    return lane(visit, now) < WALK_IN


def wait(ahead: int, desks: int, minutes: float) -> Wait:
    """How long `ahead` people take at `desks` counters with `minutes` each, as a range that widens with its length."""
    mean = ahead * minutes / max(1, desks)
    low = math.floor(mean * LEAST / ROUND) * ROUND
    return Wait(low, max(low + ROUND, math.ceil(mean * MOST / ROUND) * ROUND))


def minutes_each(served: Sequence[dt.timedelta], otherwise: int, least: int = 5) -> float:
    """The middle one of today's serving times; what the group usually takes while there are too few."""
    if len(served) < least:
        return otherwise
    ordered = sorted(served)
    return max(1.0, ordered[len(ordered) // 2].total_seconds() / 60)
