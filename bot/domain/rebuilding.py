"""Counts the figures anew from the rows and compares: there must be no difference (`motcua figures rebuild`).

A month of a center at a time, in one transaction that nobody adds anything in.
What a transaction under way has changed and not committed is counted as it was before: the difference is added when it ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlmodel import Session

from bot import clock
from bot.db import locks, upsert
from bot.db.day import Center
from bot.db.figures import FIGURE, FIGURE_DETAIL, KEY
from bot.db.store import Store
from bot.db.sums import COUNTERS
from bot.domain import hours, levels, periods, rollup_rows, rollup_writes, rollups
from bot.domain.levels import Grain, Key
from bot.domain.rollup_rows import DOSSIERS, FEEDBACK, QUESTIONS, VISITS, Fields, Kind, Row
from bot.domain.rollup_writes import AMOUNTS, Amounts, Change, Counts, DetailKey

K = TypeVar("K", bound=tuple[Any, ...])
_CENTERS = upsert.table(Center)


class Difference(NamedTuple):
    """A row of the rollups that does not say what the rows behind it say: what stands in it, and what was counted."""

    table: str
    key: tuple[Any, ...]
    stands: Mapping[str, int]
    counted: Mapping[str, int]

    def __str__(self) -> str:
        names = [name for name in {**self.stands, **self.counted} if self.stands.get(name, 0) != self.counted.get(name, 0)]
        told = ", ".join(f"{name} {self.stands.get(name, 0)} instead of {self.counted.get(name, 0)}" for name in names)
        return f"{self.table} {'/'.join(map(str, self.key))}: {told}"


class Counted(NamedTuple):
    """Both tables, or part of them."""

    counts: Mapping[Key, Counts]
    details: Mapping[DetailKey, Amounts]


def centers(session: Session) -> list[str]:
    return list(session.execute(select(_CENTERS.c.id).order_by(_CENTERS.c.id)).scalars())


def months(session: Session) -> list[dt.date]:
    """Every month something may have been counted in, from the first to the last."""
    edges = [edge for column in _DAYS for edge in session.execute(select(func.min(column), func.max(column))).one() if edge is not None]
    days = [clock.today(edge) if isinstance(edge, dt.datetime) else edge for edge in edges]
    if not days:
        return []
    first, last = min(days).replace(day=1), max(days)
    return list(_months(first, last))


_DAYS: Sequence[Any] = (VISITS.c.day, FEEDBACK.c.created_at, DOSSIERS.c.received_at, DOSSIERS.c.ready_at, QUESTIONS.c.asked_at, FIGURE.c.span)


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first = periods.months_later(first, 1)


def own(session: Session, center_id: str, month: dt.date, *, check: bool = False) -> list[Difference]:
    """What was wrong in one center's figures of a month, and is right now; `check`: only look."""
    locks.hold(session, *rollups.LOCK)
    change, fields = Change(), Fields(session)
    for kind in rollups.KINDS:
        found = rollup_rows.all_of(_rows(session, kind, center_id, month), fields)
        change.take(one for one in found if one.place.day.replace(day=1) == month)  # a dossier may be ready in another one
    counted = Counted(change.counts(), change.details())
    return _settled(session, _standing(session, center_id, month), counted, check=check)


def _rows(session: Session, kind: Kind, center_id: str, month: dt.date) -> Iterator[Row]:
    """Those that may count in the month."""
    begin, end = (hours.at(day, 0) for day in (month, periods.months_later(month, 1)))

    def within(column: Any) -> ColumnElement[bool]:
        return and_(column >= begin, column < end)

    there: dict[Kind, ColumnElement[bool]] = {
        "visit": (VISITS.c.center_id == center_id) & (VISITS.c.day >= month) & (VISITS.c.day < periods.months_later(month, 1)),
        "feedback": (FEEDBACK.c.center_id == center_id) & within(FEEDBACK.c.created_at),
        "dossier": (DOSSIERS.c.center_id == center_id) & or_(within(DOSSIERS.c.received_at), within(DOSSIERS.c.ready_at)),
        "question": (QUESTIONS.c.center_id == center_id) & within(QUESTIONS.c.asked_at),
    }
    return rollup_rows.found_by(session, kind, rollup_rows.rows_of(kind).where(there[kind]))


async def everything(store: Store, *, check: bool = False) -> AsyncIterator[Difference]:
    """All centers, month by month; with `check` nothing is written."""
    for month in await store.read(months):
        for center_id in await store.read(centers):
            for difference in await store.write(own, center_id, month, check=check):
                yield difference


# what stands there


def _standing(session: Session, center_id: str, month: dt.date) -> Counted:
    counts: dict[Key, Counts] = {}
    details: dict[DetailKey, Amounts] = {}
    for grain, listed in _spans(month):
        for row in _read(session, _in(FIGURE, center_id, grain, listed), FIGURE.c):
            counts[Key._make(row[: len(KEY)])] = {name: value for name, value in zip(COUNTERS, row[len(KEY) :], strict=True) if value}
        for kind, *key, item, n, waits, minutes in _read(session, _in(FIGURE_DETAIL, center_id, grain, listed), FIGURE_DETAIL.c):
            details[kind, Key._make(key), item] = [n, waits, minutes]
    return Counted(counts, details)


def _spans(month: dt.date) -> Sequence[tuple[Grain, Sequence[dt.date]]]:
    days = (periods.months_later(month, 1) - month).days
    return ("day", [month + dt.timedelta(days=day) for day in range(days)]), ("month", [month])


def _in(table: Table, center_id: str, grain: Grain, listed: Sequence[dt.date]) -> list[ColumnElement[bool]]:
    kinds = [table.c.kind.in_(levels.OF_KIND)] if "kind" in table.c else []
    return [*kinds, table.c.level.in_(levels.ALL_LEVELS), table.c.grain == grain, table.c.center_id == center_id, table.c.span.in_(listed)]


def _read(session: Session, there: Sequence[ColumnElement[bool]], columns: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    return (tuple(row) for row in session.connection().execute(select(*columns).where(*there)))


# the difference


def _settled(session: Session, standing: Counted, counted: Counted, *, check: bool) -> list[Difference]:
    counts, found = _difference(FIGURE.name, standing.counts, counted.counts)
    before, after = (
        {key: dict(zip(AMOUNTS, row, strict=True)) for key, row in rows.items() if any(row)} for rows in (standing.details, counted.details)
    )
    details, more = _difference(FIGURE_DETAIL.name, before, after)
    if not check:
        rollup_writes.add_rows(session, counts, {key: [row.get(name, 0) for name in AMOUNTS] for key, row in details.items()})
    return found + more


def _difference(table: str, standing: Mapping[K, Counts], counted: Mapping[K, Counts]) -> tuple[dict[K, Counts], list[Difference]]:
    """What is to be added to each row, and each row that was wrong."""
    missing: dict[K, Counts] = {}
    found: list[Difference] = []
    for key in standing.keys() | counted.keys():
        stands, right = standing.get(key, _NONE), counted.get(key, _NONE)
        if stands != right:
            missing[key] = _apart(stands, right) if stands else right
            found.append(Difference(table, key, stands, right))
    return missing, found


def _apart(stands: Counts, right: Counts) -> Counts:
    return {name: value for name in stands.keys() | right.keys() if (value := right.get(name, 0) - stands.get(name, 0))}


_NONE: Counts = {}
