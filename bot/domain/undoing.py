"""Takes back a clerk's last step at the counter, as long as nothing else happened to that visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exc, select, update
from sqlmodel import Session

from bot import errors
from bot.db import upsert
from bot.db.day import Counter
from bot.domain import line, queue, visits
from bot.domain.visits import Visit

UNDO = dt.timedelta(minutes=5)
_COUNTERS = upsert.table(Counter)


def undo(session: Session, actor: str, *, now: dt.datetime) -> Visit:
    """Take back this clerk's last step that still stands, if nothing happened to that visit since; asked again, the one before it.

    Raises TooLate when it cannot be taken back.
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
    try:
        with session.begin_nested():
            undone = queue.step(session, current, "undone", actor=actor, now=now, **visits.before(newest))
    except exc.IntegrityError:
        raise errors.TooLate("busy") from None
    if newest.kind == "called":
        _uncount(session, current.counter_id, undone, newest.at)
    return undone


UNDONE = frozenset(("called", "serving", "missed", "parked", "transferred", "finished", "back", "came_back"))


def _standing(history: Sequence[visits.Event]) -> visits.Event | None:
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
