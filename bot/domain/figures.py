"""The figures of a period, read from the rollups: sums for a scope, and the same by center, field, procedure, channel or in a row of periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Date, ScalarSelect, Select, cast, func, literal, select, union_all
from sqlmodel import Session

from bot.db.figures import FIGURE, OF_PROCEDURES
from bot.db.sums import COUNTERS, NOTHING, Sums
from bot.domain import levels, periods, scopes
from bot.domain.periods import Period
from bot.domain.scopes import Part, Scope, Spans

_SUMS = [cast(func.sum(FIGURE.c[name]), BigInteger) for name in COUNTERS]  # PostgreSQL sums up big numbers into decimals


class Span(NamedTuple):
    """One period of a row of them."""

    first: dt.date
    last: dt.date
    sums: Sums


def sums(session: Session, scope: Scope) -> Sums:
    """Everything that was counted in the scope."""
    return _by(session, scope).get((), NOTHING)


def by_center(session: Session, scope: Scope) -> dict[str, Sums]:
    """Of every center in the scope, whichever one it names; those where nothing was counted are left out."""
    return _keyed(_by(session, scope, "center_id"))


def by_field(session: Session, scope: Scope) -> dict[str, Sums]:
    """The field "" is what belongs to none."""
    return _keyed(_by(session, scope, "field"))


def by_procedure(session: Session, scope: Scope) -> dict[str, Sums]:
    """The procedure "" is what was about none."""
    return _keyed(_by(session, scope, "procedure"))


def procedures(session: Session, period: Period) -> set[str]:
    """Those something was counted for at any center in the months this period touches."""
    months = [period.first.replace(day=1)]
    while (month := periods.months_later(months[-1], 1)) <= period.last:
        months.append(month)
    return set(session.execute(_each_procedure(months)).scalars())


def _each_procedure(months: Sequence[dt.date]) -> Select[Any]:
    """From one to the next in each month in the index ix_figure_procedure: there are as many rows of each as there are centers."""

    def first(span: ColumnElement[dt.date], *more: ColumnElement[bool]) -> ScalarSelect[str]:
        return select(func.min(FIGURE.c.procedure)).where(OF_PROCEDURES, FIGURE.c.span == span, *more).scalar_subquery()

    listed = union_all(*(select(literal(month, Date).label("span")) for month in months)).subquery()
    seen = select(listed.c.span, first(listed.c.span).label("procedure")).cte("seen", recursive=True)
    following = first(seen.c.span, FIGURE.c.procedure > seen.c.procedure)
    seen = seen.union_all(select(seen.c.span, following).where(seen.c.procedure.is_not(None)))
    return select(seen.c.procedure).where(seen.c.procedure.is_not(None)).distinct()


def by_channel(session: Session, scope: Scope) -> dict[str, Sums]:
    """How it came: the source of a visit or dossier (chat, kiosk, desk, sheet …), the channel a rating or question came on, or "group"."""
    return _keyed(_by(session, scope, "channel"))


def trend(session: Session, scope: Scope, back: int) -> list[Span]:
    """The `back` periods before that of the scope, and it itself as the last; months, quarters and years by the calendar."""
    line = periods.row(periods.between(scope.first, scope.last), back)
    parts = [scopes.spans(period.first, period.last) for period in line]
    place = {(grain, span): index for index, part in enumerate(parts) for grain, listed in part.by_grain() for span in listed}
    among = Spans(tuple(day for part in parts for day in part.days), tuple(month for part in parts for month in part.months))
    found = [NOTHING] * len(line)
    for key, part in _by(session, scope, "grain", "span", among=among).items():
        found[place[key]] += part
    return [Span(period.first, period.last, total) for period, total in zip(line, found, strict=True)]


def _keyed(found: dict[tuple[Any, ...], Sums]) -> dict[str, Sums]:
    return {key: part for (key,), part in sorted(found.items())}


@lru_cache(maxsize=16)
def _summed(by: tuple[str, ...]) -> Select[Any]:
    """To be narrowed down: fifty sums take a millisecond to write down."""
    columns = [FIGURE.c[name] for name in by]
    return select(*columns, *_SUMS).group_by(*columns).having(func.count() > 0)


def _by(session: Session, scope: Scope, *by: str, among: Spans | None = None) -> dict[tuple[Any, ...], Sums]:
    """Sums by these columns of the key."""
    found: dict[tuple[Any, ...], Sums] = {}
    of = scopes.centers(session, FIGURE, scope, by)
    for grain, listed in (among or scopes.spans(scope.first, scope.last)).by_grain():
        level = scopes.level(levels.COUNTS, scope, grain, by)
        assert level is not None
        for row in session.execute(_summed(by).where(*scopes.rows(FIGURE, scope, Part(level, grain, listed), of))):
            key, part = tuple(row[: len(by)]), Sums._make(row[len(by) :])
            found[key] = found[key] + part if key in found else part
    return {key: part for key, part in found.items() if part != NOTHING}
