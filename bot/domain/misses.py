"""Questions that found nothing: the work list for new phrases, without anything that points to a person."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot import clock
from bot.db import upsert
from bot.db.tables import SearchMiss, SearchMissDay
from bot.domain import hours, traces
from procedures import text
from procedures.catalog import Catalog
from procedures.search import Index

LONGEST = 200

_TABLE, _DAY = upsert.table(SearchMiss), upsert.table(SearchMissDay)


def without_traces(said: str) -> str:
    """What was said without what points to a person, at most 200 characters."""
    return " ".join(traces.blotted(traces.readable(said)).split())[:LONGEST]


def keep(session: Session, said: str, center_id: str, *, now: dt.datetime) -> None:
    """Count a question nobody could answer, and that it was asked that day of this center."""
    shown = without_traces(said)
    folded = text.fold(shown)
    if not folded:
        return
    row = upsert.insert(session, SearchMiss, folded=folded, text=shown, times=1, first_at=now, last_at=now)
    counted = row.on_conflict_do_update(index_elements=["folded"], set_={"times": _TABLE.c.times + 1, "last_at": now})
    number = session.execute(counted.returning(_TABLE.c.id)).scalar_one()
    that_day = upsert.insert(session, SearchMissDay, center_id=center_id, day=clock.today(now), miss_id=number, times=1)
    again = that_day.on_conflict_do_update(index_elements=["center_id", "day", "miss_id"], set_={"times": _DAY.c.times + 1})
    session.execute(again)


def most_frequent(session: Session, limit: int = 100) -> Sequence[SearchMiss]:
    order = (col(SearchMiss.times).desc(), col(SearchMiss.last_at).desc())
    return session.execute(select(SearchMiss).order_by(*order).limit(limit)).scalars().all()


class Counted(NamedTuple):
    """One of them in a period; `last_at`: when the last day of it there began."""

    text: str
    folded: str
    times: int
    last_at: dt.datetime


def of_period(session: Session, center_id: str, first: dt.date, last: dt.date, limit: int = 100) -> list[Counted]:
    """The most frequent of a center from one day to another, both of it."""
    times, newest = func.sum(_DAY.c.times), func.max(_DAY.c.day)
    there = (_DAY.c.center_id == center_id, _DAY.c.day.between(first, last))
    counted = select(_DAY.c.miss_id, times.label("times"), newest.label("newest")).where(*there).group_by(_DAY.c.miss_id)
    most = counted.order_by(times.desc(), newest.desc(), _DAY.c.miss_id).limit(limit).subquery()
    named = select(_TABLE.c.text, _TABLE.c.folded, most.c.times, most.c.newest).join(most, most.c.miss_id == _TABLE.c.id)
    rows = session.execute(named.order_by(most.c.times.desc(), most.c.newest.desc(), _TABLE.c.id))
    return [Counted(shown, folded, int(number), hours.at(day, 0)) for shown, folded, number, day in rows]


def number_of(session: Session, center_id: str, day: dt.date) -> int:
    """How often a question found nothing at a center on a day."""
    counted = select(func.coalesce(func.sum(_DAY.c.times), 0)).where(_DAY.c.center_id == center_id, _DAY.c.day == day)
    return int(session.execute(counted).scalar_one())


def undated(session: Session) -> int:
    """How many were counted, in all of this installation, before anybody noted day and center."""
    every, dated = (select(func.coalesce(func.sum(table.c.times), 0)).scalar_subquery() for table in (_TABLE, _DAY))
    return int(session.execute(select(every - dated)).scalar_one())


@dataclasses.dataclass(frozen=True)
class Group:
    """`spellings`: the most frequent first. `found`: code and name of what the search answers by now, if asked again."""

    spellings: tuple[str, ...]
    times: int
    last_at: dt.datetime
    found: tuple[str, str] | None = None

    def facts(self) -> dict[str, Any]:
        told = {"text": self.spellings[0], "times": self.times, "last": clock.today(self.last_at).isoformat(), "also": self.spellings[1:]}
        return told | ({"found": self.found[0]} if self.found else {})


def group(rows: Sequence[SearchMiss | Counted]) -> list[Group]:
    """Rows with the same words in any order are one, the most frequent group first."""
    together: dict[tuple[str, ...], list[SearchMiss | Counted]] = {}
    for row in rows:
        together.setdefault(tuple(sorted(set(row.folded.split()))), []).append(row)
    groups = [Group(tuple(row.text for row in same), sum(row.times for row in same), max(row.last_at for row in same)) for same in together.values()]
    return sorted(groups, key=lambda found: (found.times, found.last_at), reverse=True)


def ask_again(groups: Sequence[Group], catalog: Catalog, index: Index, *, today: dt.date) -> list[Group]:
    """The same groups, each with what the search finds for it now."""
    return [dataclasses.replace(one, found=_found(index, catalog, one.spellings[0], today)) for one in groups]


def _found(index: Index, catalog: Catalog, said: str, today: dt.date) -> tuple[str, str] | None:
    answer = index.find(said, today=today)
    entry = catalog.get(answer.hits[0].code, today) if answer.decision in ("answer", "refer") else None
    return (entry.code, entry.title) if entry else None
