"""At which levels a figure is summed up: coarse ones so that a page reads few rows, fine ones only where a filter needs them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from bot.db.figures import ALL

Grain = Literal["day", "month"]
GRAINS: tuple[Grain, ...] = ("day", "month")
OWN = "own"  # of one center; ALL: of all of them


class Place(NamedTuple):
    """What something counts for. Words that are not known are ""."""

    center: str
    day: dt.date
    procedure: str
    field: str
    channel: str


class Key(NamedTuple):
    """Of a row of rollups, as db.figures.KEY."""

    level: str
    grain: Grain
    center: str
    span: dt.date
    procedure: str
    field: str
    channel: str


Levels = Mapping[tuple[str, Grain], Sequence[str]]

# Of all centers, "a" is the sum of its few fields and "c" that of "fc". A center's day is read by procedure only through "pc".
COUNTS: Levels = {
    (OWN, "day"): ("a", "c", "f", "pc"),
    (OWN, "month"): ("a", "c", "f", "fc", "p", "pc"),
    (ALL, "day"): ("f", "fc", "p", "pc"),
    (ALL, "month"): ("f", "fc", "p", "pc"),
}
# Waiting and serving times have many items: of single days only by field and channel; by procedure such days are read from the visits.
TIMES: Levels = {(who, grain): (("fc",) if grain == "day" else ("a", "fc", "pc")) for who in (OWN, ALL) for grain in GRAINS}
PAPERS: Levels = {(who, grain): (("pc",) if grain == "day" else ("p", "pc")) for who in (OWN, ALL) for grain in GRAINS}
TableName = Literal["counts", "times", "papers"]
TABLES: Mapping[TableName, Levels] = {"counts": COUNTS, "times": TIMES, "papers": PAPERS}
OF_KIND: Mapping[str, TableName] = {"wait": "times", "serve": "times", "hour": "times", "missing": "papers", "over_said": "papers"}

ALL_LEVELS = ("a", "c", "f", "fc", "p", "pc")
FINER = {"a": "f", "f": "fc", "c": "fc", "fc": "pc", "p": "pc"}  # gives the same when its rows are added up


def written(levels: Levels, who: str, grain: Grain, wanted: str) -> str | None:
    """The coarsest level that is written and knows at least what `wanted` knows; None when there is none."""
    level: str | None = wanted
    while level is not None and level not in levels[who, grain]:
        level = FINER.get(level)
    return level


@lru_cache(maxsize=4096)
def keys(place: Place, table: TableName, only: str = "") -> tuple[Key, ...]:
    """All rows something at this place is added to; `only`: OWN or ALL."""
    return tuple(_keys(place, {whose: listed for whose, listed in TABLES[table].items() if only in ("", whose[0])}))


def _keys(place: Place, levels: Levels) -> Iterator[Key]:
    month = place.day.replace(day=1)
    for (who, grain), listed in levels.items():
        center, span = place.center if who == OWN else ALL, place.day if grain == "day" else month
        for level in listed:
            yield Key(
                level, grain, center, span,
                place.procedure if "p" in level else "",
                place.field if "p" in level or "f" in level else "",
                place.channel if "c" in level else "",
            )  # fmt: skip
