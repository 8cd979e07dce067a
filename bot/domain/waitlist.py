"""Waiting for a seat on a full day. What gets free belongs to the first in line for a limited time; nobody can snap it up meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

from sqlalchemy import func, select, update
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Visit as VisitRow
from bot.db.day import Wait as Row
from bot.db.enums import LIVE
from bot.domain import booking, counters, slots, visits
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.visits import Visit

OFFER = dt.timedelta(minutes=30)
# Nobody answers at night: an offer made then stands until the morning.
AWAKE, ASLEEP = dt.time(7, 0), dt.time(21, 0)

_TABLE, _VISITS = upsert.table(Row), upsert.table(VisitRow)


@dataclass(frozen=True)
class Waiting:
    """One row of the list."""

    id: int
    center_id: str
    group_id: int
    day: dt.date
    state: str
    person_id: int
    account_id: int | None
    procedure: str
    checklist_id: int | None
    visit_id: int | None
    created_at: dt.datetime


@dataclass(frozen=True)
class Offer:
    """A seat kept for somebody who waited, until `visit.hold_until`."""

    waiting: Waiting
    visit: Visit


NEAREST = 3  # days offered instead of one that cannot be

_COLUMNS = tuple(_TABLE.c[field.name] for field in fields(Waiting))


def join(session: Session, group: Group, day: dt.date, wish: Wish, *, now: dt.datetime) -> Waiting:
    """Get in line for that day; asked twice it is the same place. Raises AlreadyBooked when the person has a visit on that day."""
    assert wish.person_id is not None
    for visit in visits.of_person(session, wish.person_id):
        if (visit.center_id, visit.day, visit.party) == (group.center_id, day, 0) and visit.state != "held":
            raise errors.AlreadyBooked(visit.id)
    row = upsert.insert(
        session, Row, center_id=group.center_id, group_id=group.id, day=day, state="waiting", person_id=wish.person_id,
        account_id=wish.account_id, procedure=wish.procedure, checklist_id=wish.checklist_id, created_at=now,
    )  # fmt: skip
    session.execute(row.on_conflict_do_nothing())
    mine = select(*_COLUMNS).where(_TABLE.c.person_id == wish.person_id, _TABLE.c.center_id == group.center_id, _TABLE.c.day == day)
    return Waiting(*session.execute(mine.where(_TABLE.c.state.in_(("waiting", "offered")))).one())


def leave(session: Session, waiting_id: int, person_id: int) -> bool:
    """Give up the place; False when there was none any more."""
    mine = (_TABLE.c.id == waiting_id, _TABLE.c.person_id == person_id, _TABLE.c.state == "waiting")
    return bool(getattr(session.execute(update(_TABLE).where(*mine).values(state="left")), "rowcount", 0))


def of_person(session: Session, person_id: int) -> list[Waiting]:
    """The days this person waits for, the next one first."""
    mine = select(*_COLUMNS).where(_TABLE.c.person_id == person_id, _TABLE.c.state.in_(("waiting", "offered")))
    return [Waiting(*row) for row in session.execute(mine.order_by(_TABLE.c.day))]


def before(session: Session, waiting: Waiting) -> int:
    """How many people are in line before this one."""
    there = (_TABLE.c.group_id == waiting.group_id, _TABLE.c.day == waiting.day, _TABLE.c.state == "waiting", _TABLE.c.id < waiting.id)
    return int(session.execute(select(func.count()).select_from(_TABLE).where(*there)).scalar_one())


def offer(session: Session, *, now: dt.datetime) -> list[Offer]:
    """Offer whatever is free to those in line, the first one first. Called often; safe to call from several processes."""
    settle(session, now=now)
    days = select(_TABLE.c.center_id, _TABLE.c.group_id, _TABLE.c.day).where(_TABLE.c.state == "waiting").distinct()
    made: list[Offer] = []
    for center_id, group_id, day in session.execute(days).all():
        group = next((group for group in counters.groups(session, center_id) if group.id == group_id), None)
        if group is not None:
            made += _offer_day(session, group, day, now)
    return made


def _offer_day(session: Session, group: Group, day: dt.date, now: dt.datetime) -> Iterator[Offer]:
    lined_up = iter(_lined_up(session, group, day))
    for starts_at in free_times(session, group, day, now=now):
        for waiting in lined_up:
            if (made := _offer_one(session, group, starts_at, waiting, now)) is not None:
                yield made
                break
        else:
            return


def free_times(session: Session, group: Group, day: dt.date, *, now: dt.datetime) -> list[dt.datetime]:
    """The free seats of a day as if nobody waited: a time stands there once for each of them."""
    counted = slots.of_days(session, group, day, day, now=now, for_waiting=True)
    return [slot.starts_at for found in counted for slot in found.slots for _ in range(slot.free)]


def _lined_up(session: Session, group: Group, day: dt.date) -> list[Waiting]:
    """Those in line who are not choosing another time at this moment."""
    choosing = select(_VISITS.c.person_id).where(_VISITS.c.state == "held", _VISITS.c.person_id == _TABLE.c.person_id)
    there = select(*_COLUMNS).where(_TABLE.c.group_id == group.id, _TABLE.c.day == day, _TABLE.c.state == "waiting", ~choosing.exists())
    return [Waiting(*row) for row in session.execute(there.order_by(_TABLE.c.id))]


def _offer_one(session: Session, group: Group, starts_at: dt.datetime, waiting: Waiting, now: dt.datetime) -> Offer | None:
    wish = Wish(waiting.person_id, waiting.account_id, "", waiting.procedure, waiting.checklist_id, "waitlist")
    until = min(offered_until(now), starts_at - slots.SOONEST)
    if not _mark(session, waiting.id, "waiting", "offered", offered_until=until):  # another process was first
        return None
    try:
        visit = booking.offer(session, group, starts_at, wish, until=until, now=now)
    except (errors.AlreadyBooked, errors.TooMany):  # booked by another way meanwhile, or has as many as one may have
        _mark(session, waiting.id, "offered", "left", offered_until=None)
        return None
    except errors.VisitError:  # the seat went to somebody else: the place in line stays
        _mark(session, waiting.id, "offered", "waiting", offered_until=None)
        return None
    _mark(session, waiting.id, "offered", "offered", visit_id=visit.id)
    return Offer(waiting, visit)


def give_up(session: Session, *, now: dt.datetime) -> list[Waiting]:
    """End the waiting for days without any time left: closed meanwhile, or over. Returns who waited, to be told."""
    days = select(_TABLE.c.center_id, _TABLE.c.group_id, _TABLE.c.day).where(_TABLE.c.state == "waiting", _TABLE.c.day >= clock.today(now)).distinct()
    ended: list[Waiting] = []
    for center_id, group_id, day in session.execute(days.order_by(_TABLE.c.day)).all():
        group = next((group for group in counters.groups(session, center_id) if group.id == group_id), None)
        if group is not None and not any(one.slots for one in slots.of_days(session, group, day, day, now=now)):
            there = select(*_COLUMNS).where(_TABLE.c.group_id == group_id, _TABLE.c.day == day, _TABLE.c.state == "waiting")
            waiting = [Waiting(*row) for row in session.execute(there.order_by(_TABLE.c.id))]
            ended += [one for one in waiting if _mark(session, one.id, "waiting", "closed")]
    return ended


def give_back(session: Session, visit_ids: Collection[int]) -> None:
    """The center took the offered time away: the place in the line stays."""
    lost = (_TABLE.c.state == "offered", _TABLE.c.visit_id.in_(visit_ids))
    session.execute(update(_TABLE).where(*lost).values(state="waiting", visit_id=None, offered_until=None))


def nearest_days(session: Session, waiting: Waiting, *, now: dt.datetime) -> list[dt.date]:
    """The days with free seats closest to the one that was waited for, except those on which the person comes anyway."""
    group = next((group for group in counters.groups(session, waiting.center_id) if group.id == waiting.group_id), None)
    if group is None:
        return []
    today = clock.today(now)
    busy = {visit.day for visit in visits.of_person(session, waiting.person_id) if (visit.center_id, visit.party) == (waiting.center_id, 0)}
    found = slots.of_days(session, group, today, today + slots.AHEAD, now=now)
    free = [day.date for day in found if day.free and day.date not in busy]
    return sorted(sorted(free, key=lambda date: (abs(date - waiting.day), date < waiting.day))[:NEAREST])


def offered_until(now: dt.datetime) -> dt.datetime:
    """How long an offer made now stands."""
    local = clock.local(now)
    if AWAKE <= local.time() < ASLEEP:
        return now + OFFER
    morning = local.date() if local.time() < AWAKE else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(morning, AWAKE, clock.VIETNAM).astimezone(dt.UTC) + OFFER


def settle(session: Session, *, now: dt.datetime) -> None:
    """Note what became of the offers: taken, or lapsed; and close the lists of days that are over."""
    booked = select(_VISITS.c.id).where(_VISITS.c.id == _TABLE.c.visit_id, _VISITS.c.state.in_([state for state in LIVE if state != "held"]))
    held = select(_VISITS.c.id).where(_VISITS.c.id == _TABLE.c.visit_id, _VISITS.c.state == "held")
    offered = _TABLE.c.state == "offered"
    session.execute(update(_TABLE).where(offered, booked.exists()).values(state="taken"))
    session.execute(update(_TABLE).where(offered, ~booked.exists(), ~held.exists()).values(state="lapsed"))
    session.execute(update(_TABLE).where(_TABLE.c.state == "waiting", _TABLE.c.day < clock.today(now)).values(state="lapsed"))


def _mark(session: Session, waiting_id: int, state: str, to: str, **values: object) -> bool:
    expected = (_TABLE.c.id == waiting_id, _TABLE.c.state == state)
    return bool(getattr(session.execute(update(_TABLE).where(*expected).values(state=to, **values)), "rowcount", 0))
