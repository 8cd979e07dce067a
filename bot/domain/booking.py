"""A seat at a center: held for some minutes, confirmed, moved, given back. The database forbids a seat, a person's day and a hold twice.

The lock on the time comes before the look at its seats, so that the unique key never has to refuse; it stands for the day it must.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import bindparam, exc, func, select, text, true
from sqlmodel import Session

from bot import clock, errors
from bot.db import locks, upsert
from bot.db.day import Visit as Row
from bot.db.day import Wait
from bot.db.enums import LIVE
from bot.db.prepared import Prepared
from bot.domain import hours, slots, visits
from bot.domain.counters import Group
from bot.domain.visits import Visit

HOLD = dt.timedelta(minutes=5)
# How many others one person may book for on one day: a relative or two; volunteers and hamlet heads for half a hamlet.
OTHERS = {"relative": 3, "volunteer": 30, "hamlet": 30}
MOST_DAYS = 5  # live visits of one person on different days

BEFORE_CALL = ("held", "booked", "arrived", "waiting", "missed", "parked")

_TABLE, _WAIT = upsert.table(Row), upsert.table(Wait)
_AT = (_TABLE.c.group_id == bindparam("group"), _TABLE.c.starts_at == bindparam("starts_at"))
_NUMBERS = Prepared(select(_TABLE.c.seat).where(*_AT, _TABLE.c.seat.is_not(None)))
_LAPSED = Prepared(select(*visits.COLUMNS).where(*_AT, visits.among(("held",)), _TABLE.c.hold_until < bindparam("now")))
# Locked: what is confirmed or cancelled at this moment is waited for, and seen as it is then.
_MINE = Prepared(select(*visits.COLUMNS).where(_TABLE.c.person_id == bindparam("person"), visits.among(LIVE)).order_by(_TABLE.c.id).with_for_update())
_WAITED_FOR = select(_WAIT.c.id).where(_WAIT.c.group_id == bindparam("group"), _WAIT.c.day == bindparam("day"), _WAIT.c.state == text("'waiting'"))
_SEATED = select(func.count().label("taken"), func.max(_TABLE.c.seat).label("highest")).where(*_AT, _TABLE.c.seat.is_not(None)).subquery()
_SEATS = Prepared(select(_SEATED.c.taken, _SEATED.c.highest, _WAITED_FOR.exists()))
_HOURS_AND_SEATS = Prepared(hours.QUESTION.add_columns(_SEATED.c.taken, _SEATED.c.highest, _WAITED_FOR.exists()).join(_SEATED, true()))


@dataclass(frozen=True)
class Wish:
    """Who wants to come for what. `behalf`: "" for oneself, else a key of OTHERS. Without a person (booked by staff) nothing is counted."""

    person_id: int | None = None
    account_id: int | None = None
    behalf: str = ""
    procedure: str = ""
    checklist_id: int | None = None
    source: str = "chat"


def hold(session: Session, group: Group, starts_at: dt.datetime, wish: Wish, *, actor: str, now: dt.datetime) -> Visit:
    """Keep a seat for some minutes. The same wish again gives the same visit; another hold of the person is given back for it.

    Raises SlotClosed, SlotTaken, AlreadyBooked (on that day) or TooMany.
    """
    return _take(session, group, starts_at, wish, actor=actor, now=now, state="held", hold_until=now + HOLD)


def take(session: Session, group: Group, starts_at: dt.datetime, wish: Wish, *, actor: str, now: dt.datetime) -> Visit:
    """Book at once, where nothing is left to be asked: hold and confirm in one step. Raises as `hold`."""
    made = _take(session, group, starts_at, wish, actor=actor, now=now, state="booked", hold_until=None)
    return confirm(session, made, actor=actor, now=now) if made.state == "held" else made


def offer(session: Session, group: Group, starts_at: dt.datetime, wish: Wish, *, until: dt.datetime, now: dt.datetime) -> Visit:
    """Keep a seat for somebody on the waiting list, who alone may have it now. Raises as `hold`."""
    return _take(session, group, starts_at, wish, actor="machine", now=now, state="held", hold_until=until, offered=True)


def _take(
    session: Session,
    group: Group,
    starts_at: dt.datetime,
    wish: Wish,
    *,
    actor: str,
    now: dt.datetime,
    state: str,
    hold_until: dt.datetime | None,
    offered: bool = False,
) -> Visit:
    seen = _look(session, group, starts_at, wish.person_id, now=now)
    place = _place(seen.mine, group, starts_at, wish, now=now)
    if place.same is not None:
        return place.same
    columns: dict[str, Any] = {
        "center_id": group.center_id, "group_id": group.id, "day": clock.today(starts_at), "state": state, "starts_at": starts_at,
        "ends_at": _end(group, starts_at), "hold_until": hold_until, "person_id": wish.person_id, "account_id": wish.account_id,
        "party": place.party, "behalf": wish.behalf, "procedure": wish.procedure, "checklist_id": wish.checklist_id, "source": wish.source,
    }  # fmt: skip
    with session.begin_nested() if place.held else nullcontext():  # where no seat is left, the person keeps the one they hold
        for visit in place.held:
            release(session, visit, actor="machine", now=now)
        counted = _counted(session, group, starts_at) if place.held else seen.seats
        seat = _free_seat(session, group, starts_at, counted, now=now, offered=offered)
        made = visits.add(session, state, actor=actor, now=now, **columns, seat=seat)
        if made is None:
            raise errors.SlotTaken(starts_at.isoformat())
    return made


class _Seats(NamedTuple):
    """How many are taken, the highest of them, and whether people wait for one on this day."""

    taken: int
    highest: int | None
    waited_for: bool


class _Seen(NamedTuple):
    """The person's live visits, and the seats at the time."""

    mine: Sequence[Visit]
    seats: _Seats


def _look(session: Session, group: Group, starts_at: dt.datetime, person_id: int | None, *, now: dt.datetime) -> _Seen:
    """Lock, then look. Raises SlotClosed."""
    if not slots.in_reach(group, starts_at, now=now):
        raise errors.SlotClosed(starts_at.isoformat())
    _lock(session, group, starts_at, person_id)
    day = clock.today(starts_at)
    about = {"center": group.center_id, "first": day, "last": day, "group": group.id, "starts_at": starts_at, "day": day}
    opening = _HOURS_AND_SEATS.rows(session, **about)
    if not slots.fits(hours.answered(opening, day, day)[day], group, starts_at):
        raise errors.SlotClosed(starts_at.isoformat())
    mine = _MINE.rows(session, person=person_id) if person_id is not None else []
    return _Seen([Visit(*row) for row in mine], _Seats(*opening[0][-3:]))


def _lock(session: Session, group: Group, starts_at: dt.datetime, person_id: int | None) -> None:
    """Whoever wants a seat at this time, or anything for this person, waits for this first; who changes the hours does too."""
    person = None if person_id is None else ("person", person_id)
    locks.hold_beside(session, hours.lock(group.center_id), ("slot", group.id, starts_at.timestamp()), person)


def _counted(session: Session, group: Group, starts_at: dt.datetime) -> _Seats:
    [row] = _SEATS.rows(session, group=group.id, starts_at=starts_at, day=clock.today(starts_at))
    return _Seats(*row)


def _end(group: Group, starts_at: dt.datetime) -> dt.datetime:
    return starts_at + dt.timedelta(minutes=group.slot_minutes)


class _Place(NamedTuple):
    """The visit a wish already is, or the party number the new one gets and the holds of the person that are given back for it."""

    party: int = 0
    held: Sequence[Visit] = ()
    same: Visit | None = None


def _place(live: Sequence[Visit], group: Group, starts_at: dt.datetime, wish: Wish, *, now: dt.datetime) -> _Place:
    if wish.person_id is None or (not live and not wish.behalf):
        return _Place()
    held, mine = [visit for visit in live if visit.state == "held"], [visit for visit in live if visit.state != "held"]
    for visit in held:
        if visit.starts_at == starts_at and visit.group_id == group.id and visit.behalf == wish.behalf and alive(visit, now):
            return _Place(same=visit)
    there = [visit for visit in mine if visit.center_id == group.center_id and visit.day == clock.today(starts_at)]
    if not wish.behalf:
        own = next((visit for visit in there if visit.party == 0), None)
        if own is None:
            _not_too_many(mine)
            return _Place(held=held)
        if own.state == "booked" and own.starts_at == starts_at and own.group_id == group.id:
            return _Place(same=own)
        raise errors.AlreadyBooked(own.id)
    used = {visit.party for visit in there}
    party = next(number for number in range(1, len(used) + 2) if number not in used)
    if party > OTHERS.get(wish.behalf, 0):
        raise errors.TooMany(wish.behalf)
    return _Place(party, held)


def _not_too_many(mine: list[Visit]) -> None:
    if len({visit.day for visit in mine if visit.party == 0}) >= MOST_DAYS:
        raise errors.TooMany("days")


def _free_seat(session: Session, group: Group, starts_at: dt.datetime, seats: _Seats, *, now: dt.datetime, offered: bool = False) -> int:
    """The lowest free seat. People who wait for this day go first: only a seat `offered` to them is theirs."""
    if seats.waited_for and not offered:
        raise errors.SlotTaken(starts_at.isoformat())
    if seats.taken >= group.seats and _give_back_lapsed(session, group, starts_at, now=now):
        return _free_seat(session, group, starts_at, _counted(session, group, starts_at), now=now, offered=offered)
    if seats.taken >= group.seats:
        raise errors.SlotTaken(starts_at.isoformat())
    if seats.taken == (seats.highest or 0):
        return seats.taken + 1
    used = {number for (number,) in _NUMBERS.rows(session, group=group.id, starts_at=starts_at)}
    return next(number for number in range(1, len(used) + 2) if number not in used)


def _give_back_lapsed(session: Session, group: Group, starts_at: dt.datetime, *, now: dt.datetime) -> int:
    """Free the seats of holds that ran out and were not swept away yet."""
    lapsed = [Visit(*row) for row in _LAPSED.rows(session, group=group.id, starts_at=starts_at, now=now)]
    return sum(release(session, visit, actor="machine", now=now) for visit in lapsed)


def alive(visit: Visit, now: dt.datetime) -> bool:
    """Whether a hold still holds."""
    return visit.state == "held" and visit.hold_until is not None and visit.hold_until >= now


def release(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> bool:
    """Give back a hold; False when it was confirmed or given back before."""
    return visits.change(session, visit, "expired", actor=actor, now=now, state="expired", seat=None, ended_at=now) is not None


def confirm(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    """A hold becomes a booking; confirmed twice it is the same one. Raises TooLate when the hold ran out."""
    current = visits.get(session, visit.id, lock=True)
    if current is None:
        raise errors.TooLate("gone")
    if current.state == "booked":
        return current
    if not alive(current, now):
        raise errors.TooLate("expired" if current.state == "held" else current.state)
    booked = visits.change(session, current, "booked", actor=actor, now=now, state="booked", hold_until=None)
    if booked is None:
        raise errors.TooLate(current.state)
    return booked


def move(session: Session, visit: Visit, group: Group, starts_at: dt.datetime, *, actor: str, now: dt.datetime) -> Visit:
    """Another time, the same visit, code and link. Raises SlotClosed, SlotTaken, AlreadyBooked or TooLate; the old seat is then kept."""
    if group.center_id != visit.center_id:
        raise errors.SlotClosed(starts_at.isoformat())
    seen = _look(session, group, starts_at, visit.person_id, now=now)
    current = visits.get(session, visit.id, lock=True)
    if current is None or current.state != "booked":
        raise errors.TooLate(current.state if current else "gone")
    if current.starts_at == starts_at and current.group_id == group.id:
        return current
    day = clock.today(starts_at)
    _nothing_else_that_day(seen.mine, current, day)
    new = {
        "group_id": group.id, "day": day, "starts_at": starts_at, "ends_at": _end(group, starts_at), "late_until": None,
        "seat": _free_seat(session, group, starts_at, seen.seats, now=now),
    }  # fmt: skip
    return _moved(session, current, new, actor=actor, now=now)


def _moved(session: Session, visit: Visit, new: dict[str, Any], *, actor: str, now: dt.datetime) -> Visit:
    """The code is only unique for its day, so a move may need another one; it is drawn until it fits."""
    try:
        with session.begin_nested():
            moved = visits.change(session, visit, "moved", actor=actor, now=now, **new, code=visits.code_on(session, visit, new["day"]))
    except exc.IntegrityError:
        raise errors.SlotTaken(str(new["starts_at"])) from None
    if moved is None:
        raise errors.TooLate(visit.state)
    return moved


def _nothing_else_that_day(mine: Iterable[Visit], visit: Visit, day: dt.date) -> None:
    for other in mine:
        if (other.center_id, other.day, other.party) == (visit.center_id, day, visit.party) and other.id != visit.id:
            raise errors.AlreadyBooked(other.id)


def cancel(session: Session, visit: Visit, *, actor: str, now: dt.datetime, note: str = "") -> Visit:
    """Give up a visit; its seat is free at once. Cancelled twice it stays so. Raises TooLate once the person is called."""
    current = visits.get(session, visit.id, lock=True)
    if current is None:
        raise errors.TooLate("gone")
    if current.state == "cancelled":
        return current
    if current.state not in BEFORE_CALL:
        raise errors.TooLate(current.state)
    ended = visits.change(session, current, "cancelled", actor=actor, now=now, state="cancelled", seat=None, hold_until=None, ended_at=now, note=note)
    if ended is None:
        raise errors.TooLate(current.state)
    return ended


def cancel_all(session: Session, person_id: int, *, actor: str, now: dt.datetime) -> int:
    """Give up all that can still be given up, before a person is forgotten; returns how many visits."""
    live = [visit for visit in visits.of_person(session, person_id) if visit.state in BEFORE_CALL]
    return len([cancel(session, visit, actor=actor, now=now) for visit in live])


def late(session: Session, visit: Visit, minutes: int, *, actor: str, now: dt.datetime) -> Visit:
    """The person says they come later: the place is kept that long. Raises TooLate when they are here, or it is over."""
    current = visits.get(session, visit.id, lock=True)
    if current is None or current.state != "booked" or current.starts_at is None:
        raise errors.TooLate(current.state if current else "gone")
    until = current.starts_at + dt.timedelta(minutes=minutes)
    told = visits.change(session, current, "late", actor=actor, now=now, late_until=until)
    if told is None:
        raise errors.TooLate(current.state)
    return told


def expire(session: Session, *, now: dt.datetime, limit: int = 500) -> int:
    """Give back the seats of all holds that ran out; returns how many."""
    lapsed = select(*visits.COLUMNS).where(_TABLE.c.state == "held", _TABLE.c.hold_until < now).order_by(_TABLE.c.id).limit(limit)
    return sum(release(session, visit, actor="machine", now=now) for visit in visits.found(session, lapsed))
