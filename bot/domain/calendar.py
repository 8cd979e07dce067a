"""The national calendar: days off, and days worked instead. The package `holidays` under a table of our own (data/holidays.yaml)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot import late

FILE = Path(__file__).parent / "data" / "holidays.yaml"
TET, NATIONAL_DAY = "Tết", "Quốc khánh"
_NEW_YEAR = "Tết Dương lịch"
_INSTEAD = re.compile(r"thay cho ngày (\d{2})/(\d{2})/(\d{4})")


class Special(NamedTuple):
    """A day that is not like the week. `like`: worked with the hours of that day, which is free; else off. `guess`: not decided yet.

    `worked`: this day is free and made up for on that one.
    """

    name: str
    guess: bool = False
    like: dt.date | None = None
    worked: dt.date | None = None


def special(date: dt.date) -> Special | None:
    """What the national calendar says about this day."""
    return of_year(date.year).get(date)


@cache
def of_year(year: int) -> Mapping[dt.date, Special]:
    """All such days of one year. Threads may work it out twice; it comes out the same."""
    own = _own()
    guessed = year > own["decided_until"]
    found = {date: Special(name, guess=guessed and _is_decided_late(date, name)) for date, name in _packaged(year).items()}
    for date in own["not_free"]:
        found.pop(date, None)
    found |= {date: Special(name) for date, name in own["free"].items() if date.year == year}
    for free, worked in [*_swapped(year), *((swap["free"], swap["worked"]) for swap in own["swaps"])]:
        found[free] = Special("", worked=worked)
        found[worked] = Special("", like=free)
    return {date: special for date, special in sorted(found.items()) if date.year == year}


def _is_decided_late(date: dt.date, name: str) -> bool:
    """The Government decides each year how Tết lies, and which neighbour of 2 September is free."""
    return (name.find(TET) >= 0 and not name.startswith(_NEW_YEAR)) or (name == NATIONAL_DAY and date.day != 2)


def _swapped(year: int) -> list[tuple[dt.date, dt.date]]:
    """Swaps the package knows, also those that reach over New Year: free, worked."""
    pairs = [(date, _INSTEAD.search(name)) for one in (year, year + 1) for date, name in _packaged(one).items()]
    return [(date, dt.date(int(match[3]), int(match[2]), int(match[1]))) for date, match in pairs if match]


@cache
def _packaged(year: int) -> Mapping[dt.date, str]:
    """The package takes 50 to 120 ms to import, which no command should wait for that asks for no day."""
    found = late.load("holidays").country_holidays("VN", years=year, language="vi")
    return {date: found[date].split("; ")[0] for date in found if date.year == year}


@cache
def _own() -> Mapping[str, Any]:
    read: Mapping[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read
