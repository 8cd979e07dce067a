"""What `motcua catalog misses` shows: questions nobody could answer."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot import clock, errors
from bot.db import schema
from bot.db.store import Store
from bot.domain import misses
from bot.domain.misses import Group
from bot.texts import t
from procedures import search
from procedures.catalog import Catalog


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
    return misses.group(rows)[:limit]


def ask_again(groups: Sequence[Group], catalog: Catalog, cache_dir: Path, *, today: dt.date) -> list[Group]:
    """The same groups, each with what the search finds for it now."""
    return misses.ask_again(groups, catalog, search.build(catalog, cache_dir), today=today)


def said(groups: Sequence[Group]) -> Iterator[str]:
    if not groups:
        yield t("upkeep.misses_none")
    for one in groups:
        yield t("upkeep.misses_line", times=one.times, day=clock.date(clock.today(one.last_at)), said=one.spellings[0])
        if len(one.spellings) > 1:
            yield "    " + t("upkeep.misses_also", said="; ".join(one.spellings[1:6]))
        if one.found:
            yield "    " + t("upkeep.misses_now", code=one.found[0], title=one.found[1])
