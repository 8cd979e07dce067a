"""Questions that found nothing: the work list for new phrases, without anything that points to a person."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock
from bot.db import upsert
from bot.db.tables import SearchMiss
from bot.domain import traces
from procedures import text
from procedures.catalog import Catalog
from procedures.search import Index

LONGEST = 200


def without_traces(said: str) -> str:
    """What was said without what points to a person, at most 200 characters."""
    return " ".join(traces.blotted(traces.readable(said)).split())[:LONGEST]


def keep(session: Session, said: str, *, now: dt.datetime) -> None:
    """Count a question nobody could answer."""
    shown = without_traces(said)
    folded = text.fold(shown)
    if not folded:
        return
    table = upsert.table(SearchMiss)
    statement = upsert.insert(session, SearchMiss, folded=folded, text=shown, times=1, first_at=now, last_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["folded"], set_={"times": table.c.times + 1, "last_at": now}))


def most_frequent(session: Session, limit: int = 100) -> Sequence[SearchMiss]:
    order = (col(SearchMiss.times).desc(), col(SearchMiss.last_at).desc())
    return session.execute(select(SearchMiss).order_by(*order).limit(limit)).scalars().all()


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


def group(rows: Sequence[SearchMiss]) -> list[Group]:
    """Rows with the same words in any order are one, the most frequent group first."""
    together: dict[tuple[str, ...], list[SearchMiss]] = {}
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
