"""The page on which a day and a time are chosen: what its address asks for, made into what it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from sqlmodel import Session

from bot import clock
from bot.channels.webchat.inbound import BOT
from bot.conversation.context import Premises
from bot.domain import booking, checklists, counters, people, quiet, slots, visits, waitlist
from bot.domain.booking import Wish
from bot.domain.centers import Center
from bot.domain.checklists import Kept
from bot.domain.counters import Group
from bot.domain.slots import Day, Slot
from bot.domain.visits import Visit
from bot.domain.waitlist import Waiting
from bot.texts import t
from handlers import listing, presenting, telling
from procedures.models import Procedure

PATH = "/dat-lich"
SHOWN = dt.timedelta(days=13)  # days after today that are shown at first
NOON = 12
MOST_PIPS = 8  # more dots than that nobody counts
TIME = "%Y-%m-%dT%H:%M"  # local

Problem = Literal["taken", "closed", "already", "many", "old", "nothing"]


@dataclass(frozen=True)
class Asked:
    """What an address or a form names. Anything may be missing, and what makes no sense counts as missing."""

    list: str = ""
    code: str = ""
    center: str = ""
    letter: str = ""
    date: dt.date | None = None
    starts_at: dt.datetime | None = None
    behalf: str = ""
    move: str = ""
    far: bool = False

    def link(self, **other: object) -> str:
        """The page's address, with some of it changed."""
        now = replace(self, **{"starts_at": None, **other})  # type: ignore[arg-type]
        query = {
            "danh-sach": now.list,
            "thu-tuc": now.code,
            "trung-tam": now.center,
            "nhom": now.letter,
            "ngay": now.date.isoformat() if now.date else "",
            "gio": value(now.starts_at) if now.starts_at else "",
            "doi": now.move,
            "xa": "1" if now.far else "",
        }
        said = urlencode({name: text for name, text in query.items() if text})
        return f"{PATH}?{said}" if said else PATH


def asked(one: Callable[[str], str]) -> Asked:
    """From the fields of a form or of an address; a time beside the list (`gio-khac`) was pressed, the others only stand there."""
    starts_at = _moment(one("gio-khac") or one("gio"))
    behalf = one("ai")
    return Asked(
        list=one("danh-sach"),
        code=one("thu-tuc"),
        center=one("trung-tam"),
        letter=one("nhom"),
        date=clock.today(starts_at) if starts_at else date(one("ngay")),
        starts_at=starts_at,
        behalf=behalf if behalf in booking.OTHERS else "",
        move=one("doi"),
        far=bool(one("xa")),
    )


def date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, TIME).replace(tzinfo=clock.VIETNAM).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def value(moment: dt.datetime) -> str:
    """A time as forms and addresses carry it: 2026-11-25T08:30."""
    return clock.local(moment).strftime(TIME)


@dataclass(frozen=True)
class Plan:
    """What somebody comes for, and where to. `moving`: the booking that gets another time. `group` is None where nothing can be booked."""

    center: Center
    group: Group | None
    groups: tuple[Group, ...]
    code: str
    entry: Procedure | None
    row: Kept | None
    moving: Visit | None

    @property
    def here(self) -> bool:
        """Whether it is done at the center at all."""
        return self.entry is None or self.entry.handled_by == listing.HERE


def plan(session: Session, premises: Premises, wanted: Asked, *, now: dt.datetime) -> Plan:
    moving = visits.by_token(session, wanted.move) if wanted.move else None
    row = checklists.by_token(session, wanted.list) if wanted.list and moving is None else None
    code = moving.procedure if moving else row.code if row else wanted.code
    entry = premises.catalog.get(code, clock.today(now)) if code else None
    center = premises.directory.get(moving.center_id if moving else wanted.center) or premises.center
    groups = tuple(group for group in counters.groups(session, center.id) if group.active)
    named = next((group for group in groups if group.letter == wanted.letter and entry is None), None)
    if moving is not None:
        group = next((group for group in groups if group.id == moving.group_id), None)
    else:
        group = named or (counters.group_for(groups, entry.field if entry is not None else "") if groups else None)
    return Plan(center, group, groups, entry.code if entry is not None else "", entry, row, moving)


def wish(session: Session, made: Plan, wanted: Asked, address: str, *, now: dt.datetime) -> Wish:
    """The wish of whoever is at this address; the account is made with the first one. Somebody else's list stays theirs."""
    account = people.account_of(session, BOT, address, now=now)
    people.seen(session, account, now=now)
    own = made.row is not None and made.row.person_id == account.person_id
    list_id = made.row.id if own and made.row is not None else None
    return Wish(account.person_id, account.account_id, wanted.behalf, made.code, list_id, source="web")


@dataclass(frozen=True)
class Tile:
    """One day to choose. A day without a time left has no `link`."""

    name: str
    date: str
    said: str
    full: bool
    chosen: bool
    link: str


@dataclass(frozen=True)
class Time:
    """One time of the chosen day; `pips` shows each of few seats, free or not."""

    value: str
    hour: str
    said: str
    full: bool
    calm: bool
    chosen: bool
    pips: tuple[bool, ...]


@dataclass(frozen=True)
class Near:
    """A time to press straight away."""

    value: str
    said: str


@dataclass(frozen=True)
class Link:
    """Another page, or this one asked for something else; `here`: that is what it shows."""

    link: str
    said: str
    here: bool = False


@dataclass(frozen=True)
class Full:
    """A full day one can wait for. `mine`: the visitor's place, and `before` how many are in front of it."""

    date: dt.date
    said: str
    before: int
    mine: Waiting | None


@dataclass(frozen=True)
class Trouble:
    """Why it could not be done."""

    kind: Problem
    visit_id: int = 0


@dataclass(frozen=True)
class Board:
    """Everything the page shows."""

    wanted: Asked
    plan: Plan
    what: str
    tiles: tuple[Tile, ...]
    chosen: Day | None
    parts: tuple[tuple[str, tuple[Time, ...]], ...]
    full: Full | None
    mine: tuple[Link, ...]
    left: tuple[str, ...]
    near: tuple[Near, ...]
    centers: tuple[Link, ...]
    groups: tuple[Link, ...]
    trouble: Trouble | None
    already: Visit | None
    farther: bool

    @property
    def day(self) -> str:
        return clock.day(self.chosen.date) if self.chosen is not None else ""

    @property
    def picked(self) -> str:
        """The time that is chosen when the page opens."""
        return next((time.hour for _, times in self.parts for time in times if time.chosen), "")

    @property
    def any_calm(self) -> bool:
        return any(time.calm and not time.full for _, times in self.parts for time in times)


def board(
    session: Session, premises: Premises, past: quiet.Past, wanted: Asked, address: str, *, trouble: Trouble | None = None, now: dt.datetime
) -> Board:
    made = plan(session, premises, wanted, now=now)
    today = clock.today(now)
    days = slots.of_days(session, made.group, today, today + slots.AHEAD, now=now) if made.group is not None and made.here else []
    chosen = _chosen(days, wanted)
    far = wanted.far or (chosen is not None and chosen.date > today + SHOWN)
    shown = [day for day in days if far or day.date <= today + SHOWN]
    asking = replace(wanted, center=made.center.id if len(premises.directory.all) > 1 else "", far=far)
    calm = past.hours(session, made.center.id, made.center.week, today) if chosen is not None else frozenset()
    account = people.find(session, BOT, address) if address else None
    person = account.person_id if account is not None else None
    wrong = trouble is not None and trouble.kind in ("taken", "closed")
    return Board(
        wanted=asking,
        plan=made,
        what=_what(made),
        tiles=tuple(_tile(day, asking, today, chosen=day is chosen) for day in shown),
        chosen=chosen,
        parts=_parts(chosen, wanted, calm) if chosen is not None else (),
        full=_full(session, days, chosen, person, now=now) if made.moving is None else None,
        mine=tuple(_mine(visit) for visit in visits.of_person(session, person)) if person is not None and made.moving is None else (),
        left=_left(made),
        near=tuple(_near(slot) for slot in slots.nearest(days, wanted.starts_at)) if wrong and wanted.starts_at else (),
        centers=_centers(premises, made, asking),
        groups=_groups(made, asking),
        trouble=trouble,
        already=visits.get(session, trouble.visit_id) if trouble is not None and trouble.visit_id else None,
        farther=len(shown) < len(days),
    )


def _centers(premises: Premises, made: Plan, asking: Asked) -> tuple[Link, ...]:
    """Where the installation has several, one can be chosen."""
    found = premises.directory.all if made.moving is None else ()
    return tuple(Link(asking.link(center=one.id, letter=""), one.place, one.id == made.center.id) for one in found) if len(found) > 1 else ()


def _groups(made: Plan, asking: Asked) -> tuple[Link, ...]:
    """Without a procedure nobody knows which counters: the visitor says."""
    found = made.groups if made.moving is None and made.entry is None else ()
    return tuple(Link(asking.link(letter=one.letter), one.name, one == made.group) for one in found) if len(found) > 1 else ()


def _what(made: Plan) -> str:
    if made.entry is not None:
        return made.entry.title
    return t("booking_web.what_none")


def _chosen(days: Sequence[Day], wanted: Asked) -> Day | None:
    """The day that was asked for, else the first with a free seat, else the first full one."""
    found = (
        next((day for day in days if day.date == wanted.date), None),
        next((day for day in days if day.free), None),
        next((day for day in days if day.full), None),
    )
    return next((day for day in found if day is not None), None)


def _tile(day: Day, asking: Asked, today: dt.date, *, chosen: bool) -> Tile:
    near = {today: t("booking_web.today"), today + dt.timedelta(days=1): t("booking_web.tomorrow")}
    name = near.get(day.date, upper(clock.weekday(day.date)))
    said = _shut(day) if not day.slots else t("booking_web.day_full") if day.full else t("booking_web.day_free", count=day.free)
    link = asking.link(date=day.date) if day.slots else ""
    return Tile(name, f"{day.date.day}/{day.date.month}", said, day.full, chosen, link)


def _shut(day: Day) -> str:
    """Why; the name of the weekday stands above it already."""
    if day.hours.is_open:
        return t("booking_web.day_over")
    usual = day.hours.reason == t("hours.closed_weekday", weekday=clock.weekday(day.date))
    return t("booking_web.day_shut") if usual else day.hours.reason


def why_shut(day: Day) -> str:
    """A day without times, in a sentence."""
    return (
        t("booking_web.over", day=clock.day(day.date))
        if day.hours.is_open
        else t("booking_web.shut", day=clock.day(day.date), reason=day.hours.reason)
    )


def _parts(day: Day, wanted: Asked, calm: frozenset[quiet.Hour]) -> tuple[tuple[str, tuple[Time, ...]], ...]:
    free = [slot.starts_at for slot in day.slots if slot.free]
    chosen = wanted.starts_at if wanted.starts_at in free else next(iter(free), None)
    halves: tuple[list[Time], list[Time]] = ([], [])
    for slot in day.slots:
        local = clock.local(slot.starts_at)
        halves[local.hour >= NOON].append(_time(slot, chosen=slot.starts_at == chosen, calm=(local.weekday(), local.hour) in calm))
    names = (t("booking.morning"), t("booking.afternoon"))
    return tuple((name, tuple(half)) for name, half in zip(names, halves, strict=True) if half)


def _time(slot: Slot, *, chosen: bool, calm: bool) -> Time:
    pips = tuple(number < slot.free for number in range(slot.seats)) if slot.free and slot.seats <= MOST_PIPS else ()
    said = t("booking_web.slot_free", count=slot.free) if slot.free else t("booking_web.slot_full")
    return Time(value(slot.starts_at), clock.hour(slot.starts_at), said, not slot.free, calm, chosen, pips)


def _full(session: Session, days: Sequence[Day], chosen: Day | None, person: int | None, *, now: dt.datetime) -> Full | None:
    """The chosen day when it is full, else the first full one before it."""
    full = [day for day in days if day.full and (chosen is None or day.date <= chosen.date)]
    if not full:
        return None
    day = chosen if chosen is not None and chosen.full else full[0]
    lined_up = waitlist.of_person(session, person) if person is not None else []
    mine = next((waiting for waiting in lined_up if waiting.day == day.date and waiting.state == "waiting"), None)
    said = clock.day(day.date) if day.date != clock.today(now) else t("booking_web.today_is", date=f"{day.date.day}/{day.date.month}")
    return Full(day.date, said, waitlist.before(session, mine) if mine is not None else day.waiting, mine)


def _mine(visit: Visit) -> Link:
    said = f"{visit.ticket}, {clock.day(visit.day)}" if visit.ticket else telling.when(visit)
    if visit.state == "held" and visit.hold_until is not None:
        said = t("booking_web.mine_held", when=said, until=clock.hour(visit.hold_until))
    return Link(f"{telling.TICKET}{visit.token}", upper(said))


def _left(made: Plan) -> tuple[str, ...]:
    """The papers of the list that are not ticked."""
    kept = checklists.pinned(made.row) if made.row is not None else None
    if made.row is None or kept is None:
        return ()
    have = checklists.ticked(made.row)
    return tuple(paper.name for paper in kept.papers if paper.id not in have)


def near(starts_at: dt.datetime) -> Near:
    """That time, in words."""
    return Near(value(starts_at), t("visits.when", day=clock.day(clock.today(starts_at)), hour=clock.hour(starts_at)))


def _near(slot: Slot) -> Near:
    found = near(slot.starts_at)
    return Near(found.value, upper(t("booking_web.near", when=found.said, count=slot.free)))


def elsewhere(made: Plan) -> str:
    """Where to go for something that is not done at the center."""
    assert made.entry is not None
    if made.entry.handled_by == "elsewhere":
        return t("booking_web.elsewhere")
    return presenting.handled(made.entry, made.center)


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]
