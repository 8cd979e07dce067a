"""What is done at a kiosk, each in one transaction: a code is looked up, a number is taken, whoever stood there is forgotten."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from bot import clock, errors
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.domain import checklists, counters, devices, hours, people, queue, visits
from bot.domain.centers import Center
from bot.domain.checklists import Kept
from bot.domain.counters import Group
from bot.domain.devices import Device
from bot.domain.line import Wait
from bot.domain.visits import Visit
from bot.pages.session import BOT
from handlers import telling, visiting

MOST_TRIES, WITHIN_SECONDS = 20, 60.0
HERE = ("arrived", "waiting")
_NO_MORE = frozenset(("held", "serving", "done", "cancelled", "no_show", "expired"))
_LINK = re.compile(rf"{telling.TICKET}([\w-]{{8,40}})")
_VISIT = upsert.table(Row)


class Tries:
    """How often codes were typed at each kiosk within the last minute, so that nobody walks through all of them."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._at: defaultdict[int, deque[float]] = defaultdict(deque)

    def allowed(self, device: Device) -> bool:
        """Count one more; False when there were too many."""
        now, tried = self._timer(), self._at[device.id]
        while tried and tried[0] <= now - WITHIN_SECONDS:
            tried.popleft()
        if len(tried) >= MOST_TRIES:
            return False
        tried.append(now)
        return True


@dataclass(frozen=True)
class Found:
    """What became of a code. `why` is a sentence's key when nobody was checked in; `again`: they were in line already."""

    visit: Visit | None = None
    why: str = ""
    again: bool = False


def check_in(session: Session, device: Device, typed: str, priority: str, *, now: dt.datetime) -> Found:
    """Somebody typed a code or scanned a ticket."""
    visit = _typed(session, device, typed, clock.today(now))
    if visit is None:
        return Found(why="wrong_link" if _LINK.search(typed) else "wrong_code")
    if visit.center_id != device.center_id:
        return Found(visit, "other_center")
    if visit.state in _NO_MORE:
        return Found(visit, visit.state)
    if visit.day != clock.today(now) and visit.state != "must_return":
        return Found(visit, "other_day" if visit.day > clock.today(now) else "over")
    try:
        here = visiting.check_in(session, visit, actor=device.actor, now=now, priority=priority)
    except errors.AlreadyBooked as error:
        return Found(visits.get(session, error.visit_id), again=True)
    except errors.TooLate:
        return Found(visit, "over")
    return Found(here, again=visit.state in (*HERE, "called"))


def _typed(session: Session, device: Device, typed: str, today: dt.date) -> Visit | None:
    """The visit whose ticket's link or code this is."""
    link = _LINK.search(typed)
    if link is not None:
        return visits.by_token(session, link[1])
    return visits.recognise(session, device.center_id, typed, today)


@dataclass(frozen=True)
class Wanted:
    """A number for this group (0: whoever takes what nobody else takes). `with_list`: for what was asked about in the chat."""

    group_id: int
    priority: str = ""
    with_list: bool = False


def walk_in(session: Session, premises: Premises, device: Device, address: str, wanted: Wanted, *, now: dt.datetime) -> Visit:
    """A number for whoever stands at the kiosk, and only one: asked twice, also at once, it is the same."""
    group = group_of(session, device.center_id, wanted.group_id)
    account = people.account_of(session, BOT, address, now=now)
    kept = newest_list(session, address) if wanted.with_list else None
    arrival = queue.Arrival(
        person_id=account.person_id,
        account_id=account.account_id,
        procedure=kept.code if kept else "",
        checklist_id=kept.id if kept else None,
        priority=wanted.priority,
        source=devices.KIOSK,
    )
    try:
        return queue.walk_in(session, group, arrival, actor=device.actor, now=now)
    except errors.AlreadyBooked as error:
        own = visits.get(session, error.visit_id)
        assert own is not None
        if own.state == "booked":  # booked a minute ago in the chat of this kiosk
            return visiting.check_in(session, own, actor=device.actor, now=now, priority=wanted.priority)
        return own


def group_of(session: Session, center_id: str, group_id: int) -> Group:
    """Raises LookupError for one that is not served here."""
    usable = groups(session, center_id)
    if not group_id:
        return counters.group_for(usable, "")
    found = next((group for group in usable if group.id == group_id), None)
    if found is None:
        raise LookupError(group_id)
    return found


def groups(session: Session, center_id: str) -> list[Group]:
    return [group for group in counters.groups(session, center_id) if group.active]


@dataclass(frozen=True)
class Offer:
    """A group to take a number for: how many wait there, and what that means; no `wait` where nobody serves yet."""

    group: Group
    people: int
    wait: Wait | None


def offers(session: Session, center_id: str, *, now: dt.datetime) -> list[Offer]:
    today = clock.today(now)
    waiting = queue.waiting(session, center_id, today)
    found = []
    for group in groups(session, center_id):
        count = sum(visit.group_id == group.id for visit in waiting)
        served = queue.staffed(session, center_id, group.id)
        found.append(Offer(group, count, queue.expected_wait(session, group, count, today) if served else None))
    return found


def takes_numbers(center: Center, *, now: dt.datetime) -> bool:
    """From midnight to the last closing hour of a day with hours: who comes before opening stands in line already."""
    spans = center.day(clock.today(now)).spans
    return bool(spans) and hours.minutes(now) < spans[-1].closes


@dataclass(frozen=True)
class Slip:
    """A number as it is shown and printed. `counters`: where it may be called to; the one it is called to, or was, alone."""

    visit: Visit
    group: Group
    counters: tuple[int, ...]
    ahead: int
    wait: Wait | None
    what: str


def slip(session: Session, premises: Premises, visit_id: int, *, now: dt.datetime) -> Slip | None:
    visit = visits.get(session, visit_id)
    group = next((group for group in counters.groups(session, visit.center_id) if group.id == visit.group_id), None) if visit is not None else None
    if visit is None or group is None:
        return None
    desks = [desk for desk in counters.counters(session, visit.center_id) if desk.active]
    numbers = [desk.number for desk in desks if desk.id == visit.counter_id] or [desk.number for desk in desks if group.id in desk.serves]
    first = len(queue.ahead(session, visit, now=now)) if visit.state in HERE else 0
    wait = queue.expected_wait(session, group, first, visit.day) if queue.staffed(session, visit.center_id, group.id) else None
    return Slip(visit, group, tuple(numbers), first, wait, telling.title(premises, visit) if visit.procedure else "")


def newest_list(session: Session, address: str) -> Kept | None:
    """The list the visitor was last given in the chat of the kiosk."""
    account = people.find(session, BOT, address)
    return next(iter(checklists.latest(session, account.person_id, 1)), None) if account is not None else None


def asked_about(session: Session, premises: Premises, device: Device, address: str, *, now: dt.datetime) -> tuple[str, Group] | None:
    """The title of what the newest list is for, and the group that handles it here."""
    kept = newest_list(session, address)
    entry = premises.catalog.get(kept.code, clock.today(now)) if kept is not None else None
    if entry is None:
        return None
    return entry.title, visiting.group_for(session, premises, device.center_id, entry.code, today=clock.today(now))


def leave(session: Session, device: Device, address: str, *, now: dt.datetime) -> None:
    """Back at the start: forget who stood here, and whoever went without anybody noticing."""
    if address:
        devices.forget(session, BOT, address)
    devices.forget_left(session, device, now=now)
