"""At which levels a figure is summed up: coarse ones so that a page reads few rows, fine ones only where a filter needs them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

Grain = Literal["day", "month"]


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


Levels = Mapping[Grain, Sequence[str]]

# By procedure a day is read only through "pc". There are no rows for all centers together: what everybody adds to, everybody waits for.
COUNTS: Levels = {"day": ("a", "c", "f", "pc"), "month": ("a", "c", "f", "fc", "p", "pc")}
# Waiting and serving times have many items: of single days only by field and channel; by procedure such days are read from the visits.
TIMES: Levels = {"day": ("fc",), "month": ("a", "fc", "pc")}
PAPERS: Levels = {"day": ("pc",), "month": ("p", "pc")}
TableName = Literal["counts", "times", "papers"]
TABLES: Mapping[TableName, Levels] = {"counts": COUNTS, "times": TIMES, "papers": PAPERS}
OF_KIND: Mapping[str, TableName] = {"wait": "times", "serve": "times", "hour": "times", "missing": "papers", "over_said": "papers"}

ALL_LEVELS = ("a", "c", "f", "fc", "p", "pc")
FINER = {"a": "f", "f": "fc", "c": "fc", "fc": "pc", "p": "pc"}  # gives the same when its rows are added up


def written(levels: Levels, grain: Grain, wanted: str) -> str | None:
    """The coarsest level that is written and knows at least what `wanted` knows; None when there is none."""
    level: str | None = wanted
    while level is not None and level not in levels[grain]:
        level = FINER.get(level)
    return level


@lru_cache(maxsize=4096)
def keys(place: Place, table: TableName) -> tuple[Key, ...]:
    """All rows something at this place is added to."""
    return tuple(_keys(place, TABLES[table]))


def _keys(place: Place, levels: Levels) -> Iterator[Key]:
    month = place.day.replace(day=1)
    for grain, listed in levels.items():
        for level in listed:
            yield Key(
                level, grain, place.center, place.day if grain == "day" else month,
                place.procedure if "p" in level else "",
                place.field if "p" in level or "f" in level else "",
                place.channel if "c" in level else "",
            )  # fmt: skip
