"""A long list a page at a time: a place in it stands in the address as the key of a row, so what comes in meanwhile shifts no page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, tuple_
from sqlmodel import Session

Row = TypeVar("Row")
Mark = tuple[Any, ...]  # what the columns of an order hold at one row
AFTER, BEFORE = "sau", "truoc"  # in an address
LONGEST_NUMBER = 18  # digits

_EPOCH, _MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


class Order(NamedTuple):
    """Columns none of which is ever null, the last one different in every row; `kinds`: date, datetime or int. `falling`: the highest first."""

    columns: Sequence[ColumnElement[Any]]
    kinds: Sequence[type]
    falling: bool = False


class Turn(NamedTuple):
    """To the page after `mark`, or with `back` to the one just before it; without a mark to the first."""

    mark: Mark | None = None
    back: bool = False

    def words(self) -> dict[str, str]:
        """For an address."""
        return {BEFORE if self.back else AFTER: "_".join(map(_write, self.mark or ()))}


def _write(value: dt.date | int) -> str:
    if isinstance(value, dt.datetime):
        return f"{(value - _EPOCH) // _MICROSECOND}"
    return value.isoformat() if isinstance(value, dt.date) else f"{value}"


def turned(given: Mapping[str, str], order: Order) -> Turn:
    """What makes no sense counts as not given."""
    for name, back in ((AFTER, False), (BEFORE, True)):
        typed = given.get(name, "").split("_")
        if len(typed) == len(order.kinds):
            try:
                return Turn(tuple(_READ[kind](word) for kind, word in zip(order.kinds, typed, strict=True)), back)
            except (ValueError, OverflowError):
                return Turn()
    return Turn()


def _number(word: str) -> int:
    if not (word.isascii() and word.isdecimal()) or len(word) > LONGEST_NUMBER:
        raise ValueError(word)
    return int(word)


_READ: Mapping[type, Callable[[str], Any]] = {
    int: _number,
    dt.date: dt.date.fromisoformat,
    dt.datetime: lambda word: _EPOCH + _number(word) * _MICROSECOND,
}


class Listing(NamedTuple, Generic[Row]):
    """`wanted`: a statement without an order; `rows`: how it is read; `key`: the mark of a row; `size` rows a page, `most` are counted."""

    wanted: Select[Any]
    order: Order
    rows: Callable[[Session, Select[Any]], Sequence[Row]]
    key: Callable[[Row], Mark]
    size: int
    most: int


class Page(NamedTuple, Generic[Row]):
    """`found`: how many there are in all, one more than are counted where there are more; `first`: which of them stands here first.

    `after`, `before`: the pages beside it.
    """

    rows: Sequence[Row]
    found: int
    first: int = 1
    after: Turn | None = None
    before: Turn | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def page(session: Session, listing: Listing[Row], turn: Turn) -> Page[Row]:
    """Where a mark leads out of the list, its first page."""
    rows = _rows(session, listing, turn)
    if not rows and turn.mark is not None:
        return page(session, listing, Turn())
    shown = rows[-listing.size :] if turn.back else rows[: listing.size]
    whole = turn.mark is None and len(rows) <= listing.size
    found = min(len(rows), listing.most + 1) if whole else _count(session, listing)
    if not shown:
        return Page((), found)
    first, last = listing.key(shown[0]), listing.key(shown[-1])
    before = _count(session, listing, _beyond(listing.order, first, back=True)) if turn.mark is not None else 0
    more = turn.back or len(rows) > listing.size
    return Page(shown, found, before + 1, Turn(last) if more else None, Turn(first, back=True) if before else None)


def _rows(session: Session, listing: Listing[Row], turn: Turn) -> list[Row]:
    """One more than a page where there is one, in the order of the list."""
    order = listing.order
    beyond = [_beyond(order, turn.mark, back=turn.back)] if turn.mark is not None else []
    sides = [column.desc() if order.falling != turn.back else column.asc() for column in order.columns]
    rows = list(listing.rows(session, listing.wanted.where(*beyond).order_by(*sides).limit(listing.size + 1)))
    return rows[::-1] if turn.back else rows


def _beyond(order: Order, mark: Mark, *, back: bool) -> ColumnElement[bool]:
    """The first column once more by itself: its rows are found through an index."""
    head, whole = order.columns[0], tuple_(*order.columns)
    values = tuple_(*(literal(value, column.type) for value, column in zip(mark, order.columns, strict=True)))
    return and_(head <= mark[0], whole < values) if order.falling != back else and_(head >= mark[0], whole > values)


def _count(session: Session, listing: Listing[Row], *there: ColumnElement[bool]) -> int:
    """At most one more than are counted."""
    some = listing.wanted.with_only_columns(listing.order.columns[-1]).where(*there).limit(listing.most + 1).subquery()
    return int(session.execute(select(func.count()).select_from(some)).scalar_one())
