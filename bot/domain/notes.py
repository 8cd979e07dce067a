"""Free text about a visit is taken out of its row and its history alike when nobody may be recognised by it any more."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Visit as Row
from bot.domain import visits

_TABLE, _EVENTS = upsert.table(Row), visits.EVENTS


def erase(session: Session, *those: ColumnElement[bool]) -> int:
    """Empty the notes of the visits that fit; returns how many events were changed for it. Row and events still tell the same story."""
    of_them = _EVENTS.c.visit_id.in_(select(_TABLE.c.id).where(*those))
    rows = session.execute(select(_EVENTS.c.id, _EVENTS.c.changes).where(of_them, _EVENTS.c.changes.contains('"note"'))).all()
    for number, changes in rows:
        session.execute(update(_EVENTS).where(_EVENTS.c.id == number).values(changes=_without(changes)))
    session.execute(update(_TABLE).where(*those, _TABLE.c.note != "").values(note=""))
    return len(rows)


def _without(changes: str) -> str:
    told: dict[str, Any] = json.loads(changes)
    return json.dumps({name: both for name, both in told.items() if name != "note"}, ensure_ascii=False)
