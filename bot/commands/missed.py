"""What `motcua catalog misses` shows: questions nobody could answer, those that differ only in the order of words put together."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bot import clock, errors
from bot.db import schema
from bot.db.store import Store
from bot.db.tables import SearchMiss
from bot.domain import misses
from bot.texts import t
from procedures import search
from procedures.catalog import Catalog


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


def read(database: str, limit: int) -> list[Group]:
    """The groups in the configured database. Raises MotCuaError where there is none yet."""
    store = Store(database)
    try:
        if not schema.is_current(store.engine):
            raise errors.MotCuaError(t("upkeep.misses_no_database"))
        # Groups are made of rows: more rows than groups wanted, so that a rare spelling still finds its group.
        rows = asyncio.run(store.read(misses.most_frequent, 5 * limit))
    finally:
        store.close()
    return group(rows)[:limit]


def group(rows: Sequence[SearchMiss]) -> list[Group]:
    """Rows with the same words in any order are one, the most frequent group first."""
    together: dict[tuple[str, ...], list[SearchMiss]] = {}
    for row in rows:
        together.setdefault(tuple(sorted(set(row.folded.split()))), []).append(row)
    groups = [Group(tuple(row.text for row in same), sum(row.times for row in same), max(row.last_at for row in same)) for same in together.values()]
    return sorted(groups, key=lambda found: (found.times, found.last_at), reverse=True)


def ask_again(groups: Sequence[Group], catalog: Catalog, cache_dir: Path, *, today: dt.date) -> list[Group]:
    """The same groups, each with what the search finds for it now."""
    index = search.build(catalog, cache_dir)
    return [dataclasses.replace(one, found=_found(index, catalog, one.spellings[0], today)) for one in groups]


def _found(index: search.Index, catalog: Catalog, said: str, today: dt.date) -> tuple[str, str] | None:
    answer = index.find(said, today=today)
    entry = catalog.get(answer.hits[0].code, today) if answer.decision in ("answer", "refer") else None
    return (entry.code, entry.title) if entry else None


def said(groups: Sequence[Group]) -> Iterator[str]:
    if not groups:
        yield t("upkeep.misses_none")
    for one in groups:
        yield t("upkeep.misses_line", times=one.times, day=clock.date(clock.today(one.last_at)), said=one.spellings[0])
        if len(one.spellings) > 1:
            yield "    " + t("upkeep.misses_also", said="; ".join(one.spellings[1:6]))
        if one.found:
            yield "    " + t("upkeep.misses_now", code=one.found[0], title=one.found[1])
