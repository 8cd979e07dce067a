"""What makes a rating doubtful: noted beside it, never a reason to leave it out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.results import Feedback as Row
from bot.domain import contributions, rollup_rows, rollups

QUICK = dt.timedelta(seconds=8)  # nobody reads five questions in less
AT_LEAST = 3  # answers, before their sameness or speed says anything
SAME_DEVICE = 3  # on one day; a family may share a phone
FACTORS = ("access", "procedures", "staff", "results", "handling")

_TABLE = upsert.table(Row)
_NOTE = Prepared(update(_TABLE).where(_TABLE.c.id == bindparam("row")).values(flags=bindparam("flags")).returning(*rollup_rows.columns("feedback")))


def note(session: Session, feedback_id: int) -> None:
    """Work the hints out anew and keep them."""
    row = session.execute(select(_TABLE).where(_TABLE.c.id == feedback_id)).mappings().one()
    flags = json.dumps(sorted(of(row, _others(session, row))))
    if flags != row["flags"]:
        rollups.touch(session, "feedback", feedback_id)
        rollups.became(session, "feedback", contributions.Feedback._make(_NOTE.rows(session, row=feedback_id, flags=flags)[0]))


def of(row: Mapping[Any, Any], others: int) -> set[str]:
    """quick: answered within seconds; straight: the same level for all five; device: one device again and again on a day. Pure.

    `others`: how many rows the same device gave that day besides.
    """
    levels = [row[factor] for factor in FACTORS if row[factor]]
    found = set()
    if row["begun_at"] and row["done_at"] and row["done_at"] - row["begun_at"] < QUICK and len(levels) >= AT_LEAST:
        found.add("quick")
    if len(levels) == len(FACTORS) and len(set(levels)) == 1:
        found.add("straight")
    if others >= SAME_DEVICE:
        found.add("device")
    return found


def _others(session: Session, row: Mapping[Any, Any]) -> int:
    """The hash is another one each day, so equal ones are of the same day."""
    if not row["device"]:
        return 0
    near = _TABLE.c.done_at.between(row["created_at"] - dt.timedelta(days=2), row["created_at"] + dt.timedelta(days=2))
    same = (_TABLE.c.center_id == row["center_id"], near, _TABLE.c.device == row["device"], _TABLE.c.id != row["id"])
    return int(session.execute(select(func.count()).where(*same)).scalar_one())
