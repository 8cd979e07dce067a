"""Reads what staff proposed for the catalog, and notes what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import yaml

from bot import clock, errors
from bot.db import schema
from bot.db.store import Store
from bot.domain import audit, proposals
from bot.domain.proposals import Proposal
from bot.texts import t

T = TypeVar("T")


def read(database: str) -> Sequence[Proposal]:
    """Those nobody decided about. Raises MotCuaError where there is no database yet."""
    return _in(database, lambda store: store.read(proposals.waiting))


def settle(database: str, ids: Sequence[int], state: str) -> int:
    """How many were still waiting and now are `taken` or `dropped`."""
    return _in(database, lambda store: store.write(proposals.settle, ids, state, audit.CLI, now=clock.now()))


def _in(database: str, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    store = Store(database)
    try:
        if not schema.is_current(store.engine):
            raise errors.MotCuaError(t("upkeep.misses_no_database"))
        return asyncio.run(work(store))
    finally:
        store.close()


def said(found: Sequence[Proposal]) -> Iterator[str]:
    """One line each, then the lines as an entry's file wants them."""
    if not found:
        yield t("upkeep.proposals_none")
        return
    for one in found:
        yield t("upkeep.proposal", id=one.id, kind=t(f"upkeep.proposal_{one.kind}"), code=one.code, words=one.words)
    lines: Mapping[str, Any] = proposals.by_code(found)
    yield ""
    yield yaml.safe_dump(lines, allow_unicode=True, sort_keys=True, width=140).rstrip()
