"""Reminders of a booked time: once each by a row of their own, sent through the outbox, dropped and counted when they would come too late."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Reminder as Row
from bot.db.day import Visit as VisitRow
from bot.domain import visits
from bot.domain.visits import Visit

Kind = Literal["evening", "hour", "soon"]
State = Literal["queued", "late", "skipped"]

EVENING = dt.time(19, 0)
HOUR = dt.timedelta(hours=1)
# How long after its moment a reminder is still of use.
USEFUL: dict[Kind, dt.timedelta] = {"evening": dt.timedelta(hours=3), "hour": dt.timedelta(minutes=40), "soon": dt.timedelta(minutes=15)}
LOOKED_AT = dt.timedelta(hours=36)

_TABLE, _VISITS = upsert.table(Row), upsert.table(VisitRow)


@dataclass(frozen=True)
class Due:
    """A reminder whose moment has come. `fate`: queued while it is of use, late after that, skipped when booked after its moment."""

    visit: Visit
    kind: Kind
    moment: dt.datetime
    fate: State

    @property
    def not_after(self) -> dt.datetime:
        return self.moment + USEFUL[self.kind]


def moments(starts_at: dt.datetime) -> dict[Kind, dt.datetime]:
    """When a visit at that time is reminded of."""
    evening = dt.datetime.combine(clock.today(starts_at) - dt.timedelta(days=1), EVENING, clock.VIETNAM)
    return {"evening": evening.astimezone(dt.UTC), "hour": starts_at - HOUR}


def due(session: Session, *, now: dt.datetime) -> list[Due]:
    """Everything whose moment has come and that has no row yet; also what slept past the visit itself, so that it is counted."""
    near = (_VISITS.c.state == "booked", _VISITS.c.starts_at > now - LOOKED_AT, _VISITS.c.starts_at <= now + LOOKED_AT)
    booked = visits.found(session, select(*visits.COLUMNS).where(*near).order_by(_VISITS.c.starts_at))
    settled = _settled(session, select(_VISITS.c.id).where(*near))
    return [
        Due(visit, kind, moment, _fate(visit, kind, moment, now))
        for visit in booked
        if visit.starts_at is not None
        for kind, moment in moments(visit.starts_at).items()
        if moment <= now and (visit.id, kind, visit.starts_at) not in settled
    ]


def _settled(session: Session, visit_ids: Select[tuple[int]]) -> set[tuple[int, str, dt.datetime]]:
    rows = session.execute(select(_TABLE.c.visit_id, _TABLE.c.kind, _TABLE.c.starts_at).where(_TABLE.c.visit_id.in_(visit_ids)))
    return {(visit_id, kind, starts_at) for visit_id, kind, starts_at in rows}


def _fate(visit: Visit, kind: Kind, moment: dt.datetime, now: dt.datetime) -> State:
    if visit.created_at > moment:
        return "skipped"
    return "queued" if now <= moment + USEFUL[kind] else "late"


def settle(session: Session, visit: Visit, kind: Kind, state: State, *, now: dt.datetime, reason: str = "", about: dt.datetime | None = None) -> bool:
    """Write the fate; False when another process was first, and then nothing may be sent. `about`: the time it reminds of."""
    starts_at = about or visit.starts_at
    assert starts_at is not None
    row = upsert.insert(session, Row, visit_id=visit.id, kind=kind, starts_at=starts_at, state=state, reason=reason, at=now)
    return session.execute(row.on_conflict_do_nothing().returning(_TABLE.c.visit_id)).first() is not None


def queued(session: Session, visit: Visit, kind: Kind, outbox_id: int, *, about: dt.datetime | None = None) -> None:
    """Note which message it became."""
    same = (_TABLE.c.visit_id == visit.id, _TABLE.c.kind == kind, _TABLE.c.starts_at == (about or visit.starts_at))
    session.execute(_TABLE.update().where(*same).values(outbox_id=outbox_id))


def counts(session: Session, *, since: dt.datetime) -> dict[str, int]:
    """How many reminders had which fate, late ones included."""
    return dict(Counter(session.execute(select(_TABLE.c.state).where(_TABLE.c.at >= since)).scalars()))
