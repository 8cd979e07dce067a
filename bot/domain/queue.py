"""The queue of one day: numbers, calls, and what becomes of a called person. Every step is a conditional update and an event.

A call is a compare-and-set on the visit, and a unique key lets one person stand at a counter: two clerks cannot call the same one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exc, func, select, update
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Counter, Series
from bot.db.day import Visit as Row
from bot.db.enums import AT_COUNTER, LIVE, Outcome
from bot.domain import line, visits
from bot.domain.counters import Group
from bot.domain.visits import Missing, Visit

# Who is here longer than this before the booked time has arrived, but is not in line yet.
WELL_BEFORE = dt.timedelta(minutes=30)
HERE = ("arrived", "waiting")

_VISITS, _COUNTERS, _SERIES = (upsert.table(kind) for kind in (Row, Counter, Series))


@dataclass(frozen=True)
class OpenCounter:
    """A counter as its clerk works at it."""

    id: int
    center_id: str
    number: int
    serves: tuple[int, ...]
    streak: int


@dataclass(frozen=True)
class Arrival:
    """Somebody without a booking takes a number. A person known by a chat account holds one number a day."""

    person_id: int | None = None
    account_id: int | None = None
    procedure: str = ""
    checklist_id: int | None = None
    priority: str = ""
    source: str = "kiosk"
    follows: Visit | None = None


def next_number(session: Session, center_id: str, letter: str, day: dt.date) -> int:
    """The next number of the series, given in this transaction: without gap, and never twice."""
    first = upsert.insert(session, Series, center_id=center_id, letter=letter, day=day, last=1)
    raised = first.on_conflict_do_update(index_elements=["center_id", "letter", "day"], set_={"last": _SERIES.c.last + 1}).returning(_SERIES.c.last)
    return int(session.execute(raised).scalar_one())


def walk_in(session: Session, group: Group, arrival: Arrival, *, actor: str, now: dt.datetime) -> Visit:
    """A number for somebody who just came. Raises AlreadyBooked when they hold one, or a booking for today: check that in."""
    day = clock.today(now)
    own = _own(session, arrival.person_id, group.center_id, day)
    if own is not None and own.state != "held":
        raise errors.AlreadyBooked(own.id)
    columns: dict[str, Any] = {
        "center_id": group.center_id, "group_id": group.id, "day": day, "state": "waiting", "letter": group.letter,
        "priority": arrival.priority, "due_at": now, "arrived_at": now,
        "person_id": arrival.person_id, "account_id": arrival.account_id, "procedure": arrival.procedure, "checklist_id": arrival.checklist_id,
        "source": arrival.source, "returned": arrival.follows is not None, "follows_id": arrival.follows.id if arrival.follows else None,
    }  # fmt: skip
    with session.begin_nested():  # refused by a rule of the table, it leaves no gap in the series
        if own is not None:  # a time they were choosing: they are here now
            step(session, own, "expired", actor="machine", now=now, state="expired", seat=None, ended_at=now)
        number = next_number(session, group.center_id, group.letter, day)
        made = visits.add(session, "walk_in", actor=actor, now=now, **columns, number=number)
        if made is None:
            raise errors.TooLate("taken")
    return made


def _own(session: Session, person_id: int | None, center_id: str, day: dt.date) -> Visit | None:
    """The live visit the person has there on that day for themselves."""
    if person_id is None:
        return None
    mine = visits.of_person(session, person_id)
    return next((visit for visit in mine if (visit.center_id, visit.day, visit.party) == (center_id, day, 0)), None)


def check_in(session: Session, visit: Visit, group: Group, *, actor: str, now: dt.datetime, priority: str = "") -> Visit:
    """The person is here: who booked gets a number, who comes back goes before the others. Checked in twice it is the same ticket.

    Raises TooLate when the visit is over or belongs to another day.
    """
    current = _locked(session, visit)
    if current.state in (*HERE, *AT_COUNTER):
        return current
    if current.state == "must_return":
        return come_back(session, current, group, actor=actor, now=now)
    if current.state in ("missed", "parked"):
        return back(session, current, actor=actor, now=now)
    if current.state != "booked" or current.day != clock.today(now):
        raise errors.TooLate(current.state)
    early = current.starts_at is not None and now < current.starts_at - WELL_BEFORE
    return step(
        session, current, "arrived", actor=actor, now=now, state="arrived" if early else "waiting", letter=group.letter,
        number=next_number(session, current.center_id, group.letter, current.day), arrived_at=now, due_at=line.due(current, now),
        priority=priority or current.priority,
    )  # fmt: skip


def come_back(session: Session, visit: Visit, group: Group, *, actor: str, now: dt.datetime) -> Visit:
    """With the missing papers: the same number on the same day, a new one before the others on a later day, and only one at a time.

    Raises AlreadyBooked when they hold another number or a booking for today, TooLate when they came back before and were served.
    """
    if visit.day == clock.today(now):
        own = _own(session, visit.person_id, visit.center_id, visit.day) if visit.party == 0 else None
        if own is not None:
            raise errors.AlreadyBooked(own.id)
        return step(session, visit, "came_back", actor=actor, now=now, state="waiting", returned=True, due_at=now, counter_id=None, ended_at=None)
    following = select(_VISITS.c.id).where(_VISITS.c.follows_id == visit.id, _VISITS.c.state.in_((*LIVE, "done", "must_return")))
    newest = session.execute(following.order_by(_VISITS.c.id.desc()).limit(1)).scalar()
    if newest is not None:
        return check_in(session, _found(session, newest), group, actor=actor, now=now)
    arrival = Arrival(visit.person_id, visit.account_id, visit.procedure, visit.checklist_id, visit.priority, visit.source, follows=visit)
    return walk_in(session, group, arrival, actor=actor, now=now)


def waiting(session: Session, center_id: str, day: dt.date, groups: Sequence[int] = ()) -> list[Visit]:
    """Everybody in line, in no particular order."""
    there = select(*visits.COLUMNS).where(_VISITS.c.center_id == center_id, _VISITS.c.day == day, _VISITS.c.state.in_(HERE))
    return visits.found(session, there.where(_VISITS.c.group_id.in_(groups)) if groups else there)


def counter(session: Session, counter_id: int, *, lock: bool = False) -> OpenCounter:
    """The counter. Locked, so that two windows of one clerk work one after the other. Raises TooLate when it is gone."""
    columns = (_COUNTERS.c.id, _COUNTERS.c.center_id, _COUNTERS.c.number, _COUNTERS.c.serves, _COUNTERS.c.streak)
    statement = select(*columns).where(_COUNTERS.c.id == counter_id, _COUNTERS.c.active)
    row = session.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise errors.TooLate("counter")
    number, center_id, name, serves, streak = row
    return OpenCounter(number, center_id, name, tuple(json.loads(serves)), streak)


def at_counter(session: Session, counter_id: int) -> Visit | None:
    """Who is called to the counter or served there."""
    there = select(*visits.COLUMNS).where(_VISITS.c.counter_id == counter_id, _VISITS.c.state.in_(AT_COUNTER))
    return next(iter(visits.found(session, there)), None)


def call_next(session: Session, counter_id: int, *, actor: str, now: dt.datetime) -> Visit | None:
    """Call whoever is next for this counter; None when nobody waits. Raises TooLate while somebody is at the counter."""
    free = _free_desk(session, counter_id)
    for candidate in line.order(waiting(session, free.center_id, clock.today(now), free.serves), free.streak, now):
        called = _call(session, candidate, free, actor=actor, now=now)
        if called is not None:
            return called
    return None


def call(session: Session, visit: Visit, counter_id: int, *, actor: str, now: dt.datetime) -> Visit:
    """Call this person out of turn: it stands in the history. Raises TooLate when somebody was first."""
    free = _free_desk(session, counter_id)
    current = _locked(session, visit)
    callable_ = current.center_id == free.center_id and current.state in (*HERE, "missed", "parked")
    called = _call(session, current, free, actor=actor, now=now) if callable_ else None
    if called is None:
        raise errors.TooLate(current.state)
    return called


def _free_desk(session: Session, counter_id: int) -> OpenCounter:
    free = counter(session, counter_id, lock=True)
    if at_counter(session, counter_id) is not None:
        raise errors.TooLate("busy")
    return free


def _call(session: Session, visit: Visit, free: OpenCounter, *, actor: str, now: dt.datetime) -> Visit | None:
    streak = free.streak + 1 if line.goes_before(visit, now) else 0
    try:
        with session.begin_nested():
            new: dict[str, Any] = {"state": "called", "counter_id": free.id, "called_at": now, "calls": visit.calls + 1, "serving_at": None}
            called = visits.change(session, visit, "called", actor=actor, now=now, **new)
    except exc.IntegrityError:  # the unique key: somebody stands at this counter
        raise errors.TooLate("busy") from None
    if called is not None:
        session.execute(update(_COUNTERS).where(_COUNTERS.c.id == free.id).values(streak=streak))
    return called


def recall(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    """Call again: the board says it once more."""
    current = _locked(session, visit)
    return take(session, current, ("called",), "recalled", actor=actor, now=now, called_at=now, calls=current.calls + 1)


def serve(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    """The person stands at the counter."""
    return take(session, visit, ("called",), "serving", actor=actor, now=now, state="serving", serving_at=now)


def miss(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    """Called and not there. The number is kept: who comes back is called next."""
    return take(session, visit, ("called",), "missed", actor=actor, now=now, state="missed", counter_id=None)


def back(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    """A missed or parked person is here again."""
    return take(session, visit, ("missed", "parked"), "back", actor=actor, now=now, state="waiting", returned=True, due_at=now)


def park(session: Session, visit: Visit, *, actor: str, now: dt.datetime, note: str = "") -> Visit:
    """Put aside for a moment, the counter is free for somebody else."""
    return take(session, visit, AT_COUNTER, "parked", actor=actor, now=now, state="parked", counter_id=None, note=note)


def transfer(session: Session, visit: Visit, group: Group, *, actor: str, now: dt.datetime) -> Visit:
    """To a counter of another group, with the same number and before the others: nobody lines up twice for one visit."""
    sent: dict[str, Any] = {
        "state": "waiting", "counter_id": None, "group_id": group.id, "returned": True, "due_at": now, "serving_at": None,
        "seat": None,  # it was of the other group; in this one somebody may have the same
    }  # fmt: skip
    return take(session, visit, AT_COUNTER, "transferred", actor=actor, now=now, **sent)


def finish(
    session: Session, visit: Visit, outcome: Outcome, *, actor: str, now: dt.datetime, missing: Iterable[Missing] = (), note: str = ""
) -> Visit:
    """The visit is over; with papers missing it is `must_return`. Ended twice alike it stays as it is. Raises ValueError without a paper."""
    papers = tuple(missing)
    if (outcome == "papers_missing") != bool(papers):
        raise ValueError("papers are missing: which ones?")
    current = _locked(session, visit)
    state = "must_return" if outcome == "papers_missing" else "done"
    if (current.state, current.outcome) == (state, outcome):
        return current
    begun = current.serving_at or now  # nobody pressed "is here": the serving time is then 0 and left out of the figures
    ended: dict[str, Any] = {"state": state, "outcome": outcome, "missing": _listed(papers), "note": note, "serving_at": begun, "ended_at": now}
    if current.papers_missing:  # of the turn before: they were sent home with these
        ended["lacked"] = _listed(current.papers_lacked)
    return take(session, current, AT_COUNTER, "finished", actor=actor, now=now, **ended)


def _listed(papers: Iterable[Missing]) -> str:
    return json.dumps([paper._asdict() for paper in papers], ensure_ascii=False)


def about(session: Session, visit: Visit, procedure: str, *, actor: str, now: dt.datetime) -> Visit:
    """What the person came for, as the clerk learned it."""
    return take(session, visit, LIVE, "about", actor=actor, now=now, procedure=procedure)


def ahead(session: Session, visit: Visit, *, now: dt.datetime) -> list[Visit]:
    """Who is called before this visit at the counters of its group, the next one first."""
    there = waiting(session, visit.center_id, visit.day, (visit.group_id,))
    order = line.order(there, 0, now)
    place = next((index for index, other in enumerate(order) if other.id == visit.id), len(order))
    return order[:place]


def staffed(session: Session, center_id: str, group_id: int) -> int:
    """At how many counters somebody sits who serves this group."""
    rows = session.execute(
        select(_COUNTERS.c.serves).where(_COUNTERS.c.center_id == center_id, _COUNTERS.c.active, _COUNTERS.c.staff_id.is_not(None))
    )
    return sum(group_id in json.loads(serves) for (serves,) in rows)


def served_today(session: Session, group_id: int, day: dt.date) -> list[dt.timedelta]:
    """How long today's visits of the group took at the counter."""
    done = (_VISITS.c.group_id == group_id, _VISITS.c.day == day, _VISITS.c.ended_at.is_not(None), _VISITS.c.serving_at.is_not(None))
    rows = session.execute(select(_VISITS.c.serving_at, _VISITS.c.ended_at).where(*done, _VISITS.c.state.in_(("done", "must_return"))))
    return [ended - begun for begun, ended in rows if ended > begun]


def expected_wait(session: Session, group: Group, people: int, day: dt.date) -> line.Wait:
    """How long somebody with so many people ahead waits."""
    return line.wait(
        people, staffed(session, group.center_id, group.id), line.minutes_each(served_today(session, group.id, day), group.service_minutes)
    )


def open_count(session: Session, center_id: str, day: dt.date) -> dict[str, int]:
    """How many visits of the day are in each state."""
    counted = select(_VISITS.c.state, func.count()).where(_VISITS.c.center_id == center_id, _VISITS.c.day == day).group_by(_VISITS.c.state)
    return {str(state): int(number) for state, number in session.execute(counted)}


def take(session: Session, visit: Visit, states: Sequence[str], kind: str, *, actor: str, now: dt.datetime, **new: Any) -> Visit:
    """The step, if the visit stands in one of `states`; pressed twice it is taken once. Raises TooLate."""
    current = _locked(session, visit)
    if current.state not in states:
        raise errors.TooLate(current.state)
    return step(session, current, kind, actor=actor, now=now, **new)


def step(session: Session, visit: Visit, kind: str, *, actor: str, now: dt.datetime, **new: Any) -> Visit:
    changed = visits.change(session, visit, kind, actor=actor, now=now, **new)
    if changed is None:
        raise errors.TooLate(visit.state)
    return changed


def _locked(session: Session, visit: Visit) -> Visit:
    return _found(session, visit.id)


def _found(session: Session, visit_id: int) -> Visit:
    current = visits.get(session, visit_id, lock=True)
    if current is None:
        raise errors.TooLate("gone")
    return current
