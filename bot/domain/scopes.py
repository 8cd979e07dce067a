"""Which rows of the rollups a question about figures is answered from: center, period and filters, the same for every figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Center
from bot.db.engines import of_postgresql
from bot.db.figures import FIGURE
from bot.domain import levels, periods
from bot.domain.levels import Grain, Levels

_CENTERS = upsert.table(Center)


@dataclass(frozen=True)
class Scope:
    """Of which center (None: all of this installation), from which day to which (both of it), and only of what: "" is everything."""

    center: str | None
    first: dt.date
    last: dt.date
    field: str = ""
    procedure: str = ""
    channel: str = ""

    def at(self, first: dt.date, last: dt.date) -> Scope:
        """The same in another period."""
        return replace(self, first=first, last=last)


class Spans(NamedTuple):
    """Whole months (by their first day) and the days at the ends, together the period and nothing twice."""

    days: tuple[dt.date, ...]
    months: tuple[dt.date, ...]

    def by_grain(self) -> Iterator[tuple[Grain, tuple[dt.date, ...]]]:
        """Those that are there."""
        grains: tuple[tuple[Grain, tuple[dt.date, ...]], ...] = (("day", self.days), ("month", self.months))
        return ((grain, listed) for grain, listed in grains if listed)


def spans(first: dt.date, last: dt.date) -> Spans:
    """Months that lie inside as months, the rest as days. Nothing for a period that ends before it begins."""
    days: list[dt.date] = []
    months: list[dt.date] = []
    date = first
    while date <= last:
        after = periods.months_later(date.replace(day=1), 1)
        if date.day == 1 and after <= last + dt.timedelta(days=1):
            months.append(date)
            date = after
        else:
            days.append(date)
            date += dt.timedelta(days=1)
    return Spans(tuple(days), tuple(months))


def level(table: Levels, scope: Scope, grain: Grain, by: Collection[str] = ()) -> str | None:
    """The coarsest level that is written for this grain and knows what is asked; `by`: columns that are told apart."""
    procedure, field, channel = (getattr(scope, name) != "" or name in by for name in ("procedure", "field", "channel"))
    wanted = ("p" if procedure else "f" if field else "") + ("c" if channel else "") or "a"
    return levels.written(table, grain, wanted)


class Part(NamedTuple):
    """One statement's share of a question: days or months, at one level."""

    level: str
    grain: Grain
    listed: Sequence[dt.date]


def centers(session: Session, table: Table, scope: Scope, by: Collection[str] = ()) -> Sequence[str] | None:
    """Whose rows are read: all of this installation where they are told apart, or the scope names none. None: all, and there is an index
    of `table` in which one need not name them (db.figures.ACROSS).
    """
    if scope.center is not None and "center_id" not in by:
        return [scope.center]
    if table is FIGURE and of_postgresql(session):
        return None
    return session.execute(select(_CENTERS.c.id)).scalars().all()


def rows(table: Table, scope: Scope, part: Part, of: Sequence[str] | None) -> list[ColumnElement[bool]]:
    """The rows of this part in the scope, `of` these centers. The key is named from its beginning, so that rows are found and not looked for;
    a subquery of centers would make PostgreSQL join them one by one.
    """
    c = table.c
    named = [c.center_id.in_(of)] if of is not None else []
    found = [c.level == part.level, c.grain == part.grain, *named, c.span.in_(part.listed)]
    if "p" not in part.level:
        found.append(c.procedure == "")
    return found + [c[name] == given for name in ("procedure", "field", "channel") if (given := getattr(scope, name)) != ""]
