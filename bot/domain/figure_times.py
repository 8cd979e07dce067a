"""How long people waited and were served, and when: read from the rollups, by minute and by hour of the week."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from sqlalchemy import BigInteger, cast, func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Center
from bot.db.figures import FIGURE_DETAIL
from bot.domain import levels, rollup_rows, scopes
from bot.domain.contributions import COUNTED
from bot.domain.indicators import LEAST
from bot.domain.rollup_rows import Fields
from bot.domain.scopes import Part, Scope

Kind = Literal["wait", "serve"]
_D = FIGURE_DETAIL.c


class Distribution(NamedTuple):
    """Whole minutes. `median`: the lower of the two in the middle; `p90`: nine in ten took no longer. None of nothing; `enough`: to be shown."""

    n: int
    median: int | None
    p90: int | None

    @property
    def enough(self) -> bool:
        return self.n >= LEAST


class Cell(NamedTuple):
    """One hour of the week. `visits` whose time had come in it, `n` of them with a waiting time one can trust, and its mean in minutes."""

    visits: int
    n: int
    minutes: int

    @property
    def mean(self) -> float | None:
        return self.minutes / self.n if self.n else None

    @property
    def enough(self) -> bool:
        return self.n >= LEAST


class _Item(NamedTuple):
    item: str
    n: int
    waits: int
    minutes: int


def distribution(session: Session, scope: Scope, kind: Kind) -> Distribution:
    """Of waiting ("wait") or serving ("serve"); times that cannot be trusted are left out (Sums.wait_bad, serve_bad)."""
    return _distribution(_items(session, scope, kind))


def _distribution(items: Iterable[_Item]) -> Distribution:
    minutes: Counter[int] = Counter()
    for one in items:
        minutes[int(one.item)] += one.n
    n = sum(minutes.values())
    if n <= 0:
        return Distribution(0, None, None)
    ends = list(accumulate(minutes[minute] for minute in sorted(minutes)))
    middle, nine_in_ten = (sorted(minutes)[bisect_right(ends, place)] for place in ((n - 1) // 2, (9 * n + 9) // 10 - 1))
    return Distribution(n, middle, nine_in_ten)


def heat(session: Session, scope: Scope) -> dict[tuple[int, int], Cell]:
    """By weekday (1 Monday to 7) and hour of the local day in which people began to wait; hours without anybody are left out."""
    found: dict[tuple[int, int], Cell] = {}
    for one in _items(session, scope, "hour"):
        weekday, hour = map(int, one.item.split("-"))
        before = found.get((weekday, hour), Cell(0, 0, 0))
        found[weekday, hour] = Cell(before.visits + one.n, before.n + one.waits, before.minutes + one.minutes)
    return {hour: cell for hour, cell in sorted(found.items()) if cell.visits}


def _items(session: Session, scope: Scope, kind: str) -> Iterator[_Item]:
    """From the rollups; single days of one procedure from the visits themselves, of which there are few."""
    of = scopes.centers(session, FIGURE_DETAIL, scope)
    for grain, listed in scopes.spans(scope.first, scope.last).by_grain():
        level = scopes.level(levels.TIMES, scope, grain)
        if level is None:
            yield from _of_visits(session, scope, listed, kind)
            continue
        there = (_D.kind == kind, *scopes.rows(FIGURE_DETAIL, scope, Part(level, grain, listed), of))
        yield from map(_Item._make, session.execute(_SUMMED.where(*there).group_by(_D.item)))


_SUMMED = select(_D.item, func.sum(_D.n), func.sum(_D.waits), cast(func.sum(_D.minutes), BigInteger))


def _of_visits(session: Session, scope: Scope, days: Sequence[dt.date], kind: str) -> Iterator[_Item]:
    c = rollup_rows.VISITS.c
    center = c.center_id.in_(select(upsert.table(Center).c.id)) if scope.center is None else c.center_id == scope.center
    there = [center, c.day.in_(days), c.state.in_(COUNTED), c.procedure == scope.procedure]
    if scope.channel:
        there.append(rollup_rows.came_by(scope.channel))
    rows = rollup_rows.found_by(session, "visit", rollup_rows.rows_of("visit").where(*there))
    for place, _, details in rollup_rows.all_of(rows, Fields(session)):
        if scope.field in ("", place.field):
            for (of, item), amount in details.items():
                if of == kind:
                    yield _Item(item, *amount)
