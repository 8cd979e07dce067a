"""Night: nobody's phone rings then for something that can wait until the morning."""

from __future__ import annotations

import datetime as dt

from bot import clock

AWAKE, ASLEEP = dt.time(7, 0), dt.time(21, 0)


def is_at(now: dt.datetime) -> bool:
    return not AWAKE <= clock.local(now).time() < ASLEEP


def ends(now: dt.datetime) -> dt.datetime:
    """The next morning's hour, also when it is day."""
    local = clock.local(now)
    day = local.date() + dt.timedelta(days=local.time() >= AWAKE)
    return dt.datetime.combine(day, AWAKE, clock.VIETNAM).astimezone(dt.UTC)
