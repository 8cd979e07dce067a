"""Questions that found nothing: the work list for new phrases, without anything that points to a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.tables import SearchMiss
from bot.domain import traces
from procedures import text

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
