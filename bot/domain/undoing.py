"""Takes back a clerk's last step at the counter, as long as nothing else happened to that visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import exc, select, update
from sqlmodel import Session

from bot import errors
from bot.db import upsert
from bot.db.day import Counter
from bot.db.day import Visit as Row
from bot.db.enums import AT_COUNTER
from bot.domain import line, queue, visits
from bot.domain.visits import Event, Visit

UNDO = dt.timedelta(minutes=5)
_COUNTERS, _VISITS = upsert.table(Counter), upsert.table(Row)


class Undone(NamedTuple):
    """The visit as it stood before the step, and the step that is taken back."""

    visit: Visit
    step: Event


def undo(session: Session, actor: str, *, now: dt.datetime) -> Undone:
    """Take back this clerk's last step that still stands, if nothing happened to that visit since; asked again, the one before it.

    Raises TooLate when it cannot be taken back: `state` says why.
    """
    mine = select(visits.EVENTS.c.visit_id).where(visits.EVENTS.c.actor == actor, visits.EVENTS.c.at >= now - UNDO)
    touched = session.execute(mine.distinct()).scalars().all()
    last = _standing([event for event in visits.events(session, touched) if event.actor == actor and event.at >= now - UNDO])
    current = visits.get(session, last.visit_id, lock=True) if last is not None else None
    newest = _standing(visits.events(session, [current.id])) if current is not None else None
    if current is None or newest is None:
        raise errors.TooLate("nothing")
    if newest != last or newest.kind not in UNDONE:
        raise errors.TooLate(newest.kind)
    restored = visits.before(newest)
    try:
        with session.begin_nested():
            undone = queue.step(session, current, "undone", actor=actor, now=now, **restored)
    except exc.IntegrityError:
        raise errors.TooLate(_hindrance(session, current, restored)) from None
    if newest.kind == "called":
        _uncount(session, current.counter_id, undone, newest.at)
    return Undone(undone, newest)


def _hindrance(session: Session, current: Visit, restored: dict[str, Any]) -> str:
    """Which rule of the table stands against it: somebody at the counter, somebody on the seat, or another number of the same person."""
    then = {"state": current.state, "counter_id": current.counter_id, "group_id": current.group_id, "seat": current.seat} | restored
    if then["state"] in AT_COUNTER and then["counter_id"] is not None and queue.at_counter(session, then["counter_id"]) is not None:
        return "busy"
    same = (_VISITS.c.group_id == then["group_id"], _VISITS.c.starts_at == current.starts_at, _VISITS.c.seat == then["seat"])
    seated = then["seat"] is not None and session.execute(select(_VISITS.c.id).where(*same, _VISITS.c.id != current.id)).first() is not None
    return "seat" if seated else "number"


UNDONE = frozenset(("called", "serving", "missed", "parked", "transferred", "finished", "back", "came_back"))


def _standing(history: Sequence[Event]) -> Event | None:
    """The last step that was not taken back. Only last steps are taken back, so each "undone" belongs to the step before it."""
    taken_back: dict[int, int] = {}
    for event in reversed(history):
        if event.kind == "undone":
            taken_back[event.visit_id] = taken_back.get(event.visit_id, 0) + 1
        elif taken_back.get(event.visit_id):
            taken_back[event.visit_id] -= 1
        else:
            return event
    return None


def _uncount(session: Session, counter_id: int | None, visit: Visit, called_at: dt.datetime) -> None:
    """The counter's streak as it was before a call: whoever was called by mistake is still next."""
    streak = _COUNTERS.c.streak - 1 if line.goes_before(visit, called_at) else line.STREAK
    session.execute(update(_COUNTERS).where(_COUNTERS.c.id == counter_id).values(streak=streak))
