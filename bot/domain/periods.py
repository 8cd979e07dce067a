"""Periods people name: a day, a week from Monday, a month, a quarter, a year; the one before; and what somebody typed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal, NamedTuple

from procedures.text import fold

Name = Literal["day", "week", "month", "quarter", "year", "days"]
MONTHS: dict[Name, int] = {"month": 1, "quarter": 3, "year": 12}
DAYS: dict[Name, int] = {"day": 1, "week": 7}
EARLIEST, LATEST = 2000, 2100


class Period(NamedTuple):
    """From `first` to `last`, both of it. `name`: which kind; "days" for what is none of them."""

    name: Name
    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def of(name: Name, date: dt.date) -> Period:
    """The period of that kind this day lies in."""
    if name == "week":
        first = date - dt.timedelta(days=date.weekday())
        return Period(name, first, first + dt.timedelta(days=6))
    if name in MONTHS:
        length = MONTHS[name]
        first = dt.date(date.year, (date.month - 1) // length * length + 1, 1)
        return Period(name, first, months_later(first, length) - dt.timedelta(days=1))
    return Period("day", date, date)


def between(first: dt.date, last: dt.date) -> Period:
    """The period of these days, by its name where it has one. ValueError when it ends before it begins."""
    if last < first:
        raise ValueError(f"{first} to {last}")
    named: tuple[Name, ...] = ("day", "week", "month", "quarter", "year")
    return next((period for name in named if (period := of(name, first))[1:] == (first, last)), Period("days", first, last))


def before(period: Period, steps: int = 1) -> Period:
    """The one `steps` earlier, of the same length; months, quarters and years by the calendar."""
    if period.name in MONTHS:
        return of(period.name, months_later(period.first, -steps * MONTHS[period.name]))
    back = dt.timedelta(days=period.days * steps)
    return Period(period.name, period.first - back, period.last - back)


def months_later(first: dt.date, months: int) -> dt.date:
    """The first of a month so many months later (or, negative, earlier)."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def row(period: Period, back: int) -> list[Period]:
    """The `back` periods before and this one, oldest first."""
    return [before(period, steps) for steps in range(back, -1, -1)]


# what somebody typed

_NAMES: dict[str, Name] = {"ngay": "day", "tuan": "week", "thang": "month", "quy": "quarter", "nam": "year"}
_WORDS: dict[str, tuple[Name, int]] = {
    "hom nay": ("day", 0), "hom qua": ("day", 1), "hom kia": ("day", 2), "nam ngoai": ("year", 1), "nam kia": ("year", 2),
}  # fmt: skip
_RELATIVE = re.compile(r"(ngay|tuan|thang|quy|nam) (nay|truoc|roi|vua roi|vua qua|qua)")
_MONTH = re.compile(r"(?:thang )?(\d{1,2})(?: (?:nam )?(\d{4}))?")
_QUARTER = re.compile(r"(?:quy|q) ?([1-4]|i{1,3}|iv)(?: (?:nam )?(\d{4}))?")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_DATE = re.compile(r"(?:ngay )?(\d{1,2}) (\d{1,2})(?: (\d{4}))?")


def read(typed: str, today: dt.date) -> Period | None:
    """ "tuần này", "tháng trước", "tháng 10", "quý 3", "quý III/2026", "năm ngoái", "2026-11", "2026-11-20", "20/11", "10/2026", "2025".

    Without a year the newest that has begun. None for what is no period.
    """
    said = fold(typed).strip()
    if said in _WORDS:
        name, steps = _WORDS[said]
        return before(of(name, today), steps)
    relative = _RELATIVE.fullmatch(said)
    if relative:
        return before(of(_NAMES[relative[1]], today), 0 if relative[2] == "nay" else 1)
    try:
        return _iso(said) or _dated(said, today)
    except ValueError:
        return None


def _iso(said: str) -> Period | None:
    """2026, 2026-11, 2026-11-20"""
    found = re.fullmatch(r"(?:nam )?(\d{4})(?: (\d{1,2})(?: (\d{1,2}))?)?", said)
    if found is None or not EARLIEST <= int(found[1]) < LATEST:
        return None
    name: Name = "day" if found[3] else "month" if found[2] else "year"
    return of(name, dt.date(int(found[1]), int(found[2] or 1), int(found[3] or 1)))


def _dated(said: str, today: dt.date) -> Period | None:
    quarter = _QUARTER.fullmatch(said)
    if quarter:
        number = _ROMAN.get(quarter[1]) or int(quarter[1])
        return _begun("quarter", number * 3 - 2, 1, quarter[2], today)
    month = _MONTH.fullmatch(said)
    if month and (month[2] or said.startswith("thang")):
        return _begun("month", int(month[1]), 1, month[2], today)
    date = _DATE.fullmatch(said)
    return _begun("day", int(date[2]), int(date[1]), date[3], today) if date else None


def _begun(name: Name, month: int, day: int, year: str | None, today: dt.date) -> Period | None:
    """Of that year, else the newest that has begun."""
    if not EARLIEST <= int(year or today.year) < LATEST:
        return None
    this = of(name, dt.date(int(year or today.year), month, day))
    return this if year or this.first <= today else of(name, dt.date(today.year - 1, month, day))
