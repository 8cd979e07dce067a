"""When a result is due: working days of a center, the cut-off hour, and a clock that stands still while papers are missing. Pure.

A working day is a weekday on which the center is open by its week and the national calendar, or a Saturday worked instead of a day off.
Half Saturdays, and holidays on which staff open all the same, serve people but shorten no promise; a day staff closed lengthens it.
"""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bot import clock
from bot.domain import calendar, hours
from bot.domain.hours import Exception_, Week
from procedures.models import Time

Works = Callable[[dt.date], bool]
SATURDAY = 5
HOURS_A_DAY = 8  # of a promise in hours
LONGEST_REST = 400  # days without a working one: more is no calendar


def works_at(week: Week, exceptions: Mapping[dt.date, Exception_]) -> Works:
    """Which days count at a center. A week without any weekday is one nobody entered yet: then the national calendar alone decides."""
    entered = any(week.on(day) for day in range(SATURDAY))

    def works(date: dt.date) -> bool:
        own = exceptions.get(date)
        if own is not None and not own.spans:
            return False
        special = calendar.special(date)
        if special is not None:
            return special.like is not None and (not entered or bool(week.on(special.like.weekday())))
        return date.weekday() < SATURDAY and (not entered or bool(week.on(date.weekday())))

    return works


def here(date: dt.date, works: Works) -> dt.date:
    """The day itself when it is worked, else the next one that is."""
    for days in range(LONGEST_REST):
        if works(found := date + dt.timedelta(days=days)):
            return found
    raise ValueError(f"no working day after {date}")


def counted_on(moment: dt.datetime, works: Works, cutoff: str | None = None) -> dt.date:
    """The working day on which papers count as handed in: after the cut-off ("15:00"), or on a day off, the next one. Exactly 15:00 is in time."""
    date = clock.today(moment)
    if cutoff and works(date) and moment > hours.at(date, _minutes(cutoff)):
        date += dt.timedelta(days=1)
    return here(date, works)


def _minutes(clock_time: str) -> int:
    hour, _, minute = clock_time.partition(":")
    return int(hour) * 60 + int(minute)


def after(date: dt.date, number: int, works: Works) -> dt.date:
    """The `number`th working day after this one; with 0 this one, or the next that is worked."""
    if not number:
        return here(date, works)
    for _ in range(number):
        date = here(date + dt.timedelta(days=1), works)
    return date


def between(first: dt.date, last: dt.date, works: Works) -> int:
    """How many working days lie after `first`, up to `last` with it; none when `last` is not later."""
    return sum(works(first + dt.timedelta(days=days)) for days in range(1, (last - first).days + 1))


class Promise(NamedTuple):
    """`counts_from`: the working day from which it is counted. `days` and `due` are None where no time is promised."""

    counts_from: dt.date
    days: int | None
    due: dt.date | None


def promise(received: dt.datetime, time: Time | None, works: Works) -> Promise:
    """What the catalog's time comes to. Several days ("3 to 5") promise the latest; days of the calendar end on a working day."""
    start = counted_on(received, works, time.cutoff if time is not None else None)
    amount = (time.up_to or time.amount or 0) if time is not None else 0
    match time.kind if time is not None else "unstated":
        case "same_day":
            return Promise(start, 0, start)
        case "working_days" if amount:
            return Promise(start, amount, after(start, amount, works))
        case "hours" if amount:
            days = -(-amount // HOURS_A_DAY)
            return Promise(start, days, after(start, days, works))
        case "days" if amount:
            return promised_by(start, here(start + dt.timedelta(days=amount), works), works)
        case "months" if amount:
            return promised_by(start, here(_months_after(start, amount), works), works)
    return Promise(start, None, None)


def promised_by(counts_from: dt.date, due: dt.date, works: Works) -> Promise:
    """A date that stands on a slip, as working days."""
    return Promise(counts_from, between(counts_from, due, works), due)


def _months_after(date: dt.date, number: int) -> dt.date:
    year, month = divmod(date.year * 12 + date.month - 1 + number, 12)
    return dt.date(year, month + 1, min(date.day, months.monthrange(year, month + 1)[1]))


def resumed(due: dt.date, paused_on: dt.date, counted: dt.date, works: Works) -> dt.date:
    """The promise after a pause: later by the working days that went by. What was late before the pause stays late."""
    if paused_on > due:
        return due
    return after(due, between(paused_on, counted, works), works)
