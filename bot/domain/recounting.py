"""Figures that a migration left to be counted: month by month beside the running service, gone on with after a kill."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.results import Recount
from bot.db.store import Store
from bot.domain import periods, rebuilding

FIGURES = "figures"
_TABLE = upsert.table(Recount)
_MINE = _TABLE.c.name == FIGURES


class Left(NamedTuple):
    """What is still to be counted: all, or the months from this one on."""

    from_month: dt.date | None


def left(session: Session) -> Left | None:
    """None when everything was counted."""
    row = session.execute(select(_TABLE.c.from_month).where(_MINE)).first()
    return None if row is None else Left(row[0])


def unsure(session: Session, last: dt.date) -> bool:
    """Whether figures of days up to this one are still being counted anew."""
    begun = left(session)
    return begun is not None and (begun.from_month is None or last >= begun.from_month)


def settled(session: Session) -> None:
    """Everything was counted: nothing is left to do at the next start."""
    session.execute(delete(_TABLE).where(_MINE))


async def go_on(store: Store, begun: Left) -> int:
    """Count what is left; returns how many rows were not what was counted. Killed at any instant, the next start goes on with that month."""
    found = 0
    for month in await store.read(rebuilding.months):
        if begun.from_month is None or month >= begun.from_month:
            for center_id in await store.read(rebuilding.centers):
                found += len(await store.write(rebuilding.own, center_id, month))
            await store.write(_counted, month)
    await store.write(settled)
    return found


def _counted(session: Session, month: dt.date) -> None:
    session.execute(update(_TABLE).where(_MINE).values(from_month=periods.months_later(month, 1)))
