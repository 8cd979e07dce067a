"""What happened to a dossier, in order. All of it together tells the row again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.results import DossierEvent
from bot.domain import traces
from bot.domain.visits import Missing

LONGEST_REASON = 300
# Who somebody is stays out of the history, so that it can be deleted; the moment of a change is its event's.
UNTOLD = frozenset(("id", "person_id", "account_id", "visit_id", "changed_at"))
EVENTS = upsert.table(DossierEvent)


@dataclass(frozen=True)
class Event:
    """One thing that happened; `changes`: column → (before, after) as JSON holds them."""

    id: int
    dossier_id: int
    at: dt.datetime
    actor: str
    kind: str
    changes: dict[str, list[Any]]
    reason: str = ""

    @property
    def papers(self) -> tuple[Missing, ...]:
        """What was asked for."""
        return tuple(Missing(**paper) for paper in json.loads(self.changes.get("missing", ["[]", "[]"])[1]))


def tell(
    session: Session, dossier_id: int, kind: str, changes: Mapping[str, tuple[Any, Any]], *, actor: str, now: dt.datetime, reason: str = ""
) -> None:
    """Write down one change, in the transaction that makes it. A reason is kept without traces of a person."""
    told: dict[str, Any] = {"changes": {name: pair for name, pair in changes.items() if name not in UNTOLD}}
    if reason:
        told["reason"] = traces.blotted(traces.readable(reason))[:LONGEST_REASON]
    detail = json.dumps(told, ensure_ascii=False, default=_plain)
    session.execute(EVENTS.insert().values(dossier_id=dossier_id, at=now, actor=actor, kind=kind, detail=detail))


def _plain(value: Any) -> str:
    return value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else str(value.isoformat())


def events(session: Session, dossier_id: int) -> list[Event]:
    """Oldest first."""
    columns = (EVENTS.c.id, EVENTS.c.dossier_id, EVENTS.c.at, EVENTS.c.actor, EVENTS.c.kind, EVENTS.c.detail)
    rows = session.execute(select(*columns).where(EVENTS.c.dossier_id == dossier_id).order_by(EVENTS.c.id))
    return [_event(row) for row in rows]


def _event(row: Row[Any]) -> Event:
    told = json.loads(row.detail)
    return Event(row.id, row.dossier_id, row.at, row.actor, row.kind, told["changes"], told.get("reason", ""))


def rebuilt(history: Iterable[Event]) -> dict[str, Any]:
    """The columns that were ever set, as JSON holds them."""
    told: dict[str, Any] = {}
    for event in history:
        told.update({name: after for name, (_, after) in event.changes.items()})
    return told
