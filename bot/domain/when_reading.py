"""Reads a day and a time of day from a few typed words: "sáng thứ 4", "25/11 lúc 8h30", "chiều mai". Pure."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from procedures.text import fold

_WEEKDAYS = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5, **{str(number): number - 2 for number in range(2, 8)}}
_NEAR = {"hom nay": 0, "bua nay": 0, "nay": 0, "ngay mai": 1, "mai": 1, "sang mai": 1, "ngay kia": 2, "ngay mot": 2, "mot": 2}
_SLASH = re.compile(r"(\d)\s*[/-]\s*(?=\d)")
_DATE = re.compile(r"\b(?:ngay )?([0-3]?\d)\s*(?:/|-|thang)\s*([01]?\d)(?:\s*(?:/|-|nam)\s*(20\d\d))?\b")
_WEEKDAY = re.compile(r"\b(?:thu|t)\s*(hai|ba|tu|nam|sau|bay|[2-7])\b( tuan (?:sau|toi))?")
_SUNDAY = re.compile(r"\b(?:chu nhat|cn)\b( tuan (?:sau|toi))?")
_HOUR = re.compile(r"\b([012]?\d)\s*(?:h|gio|g|:)\s*([0-5]\d|ruoi)?")
_MORNING, _AFTERNOON = re.compile(r"\bsang\b"), re.compile(r"\b(?:chieu|trua)\b")
NOON = 12 * 60


class When(NamedTuple):
    """`minute`: since local midnight. `part`: 1 morning, 2 afternoon, 0 not said."""

    date: dt.date | None
    minute: int | None
    part: int


def read(text: str, today: dt.date) -> When:
    """What could be read; all of it empty when nothing was. Days of the past are those of next year."""
    said = fold(text.replace(":", "h"))
    slashed = fold(_SLASH.sub(r"\1 thang ", text).replace(":", "h"))
    part = 1 if _MORNING.search(said) else 2 if _AFTERNOON.search(said) else 0
    return When(_date(slashed, today), _minute(said, part), part)


def _date(said: str, today: dt.date) -> dt.date | None:
    if match := _DATE.search(said):
        return _future(int(match[1]), int(match[2]), int(match[3]) if match[3] else None, today)
    if match := _WEEKDAY.search(said):
        return _weekday(_WEEKDAYS[match[1]], today, later=bool(match[2]))
    if match := _SUNDAY.search(said):
        return _weekday(6, today, later=bool(match[1]))
    near = next((days for words, days in sorted(_NEAR.items(), key=lambda item: -len(item[0])) if re.search(rf"\b{words}\b", said)), None)
    return None if near is None else today + dt.timedelta(days=near)


def _future(day: int, month: int, year: int | None, today: dt.date) -> dt.date | None:
    try:
        found = dt.date(year or today.year, month, day)
        return found if year or found >= today else dt.date(today.year + 1, month, day)
    except ValueError:
        return None


def _weekday(weekday: int, today: dt.date, *, later: bool) -> dt.date:
    """The next one, today included; of next week when that was said."""
    if later:
        monday = today + dt.timedelta(days=7 - today.weekday())
        return monday + dt.timedelta(days=weekday)
    return today + dt.timedelta(days=(weekday - today.weekday()) % 7)


def _minute(said: str, part: int) -> int | None:
    match = _HOUR.search(said)
    if match is None or int(match[1]) > 23:
        return None
    minute = int(match[1]) * 60 + (30 if match[2] == "ruoi" else int(match[2] or 0))
    return minute + NOON if minute < NOON and (part == 2 or minute < 6 * 60) else minute
