"""Appointments: the week as a table, the bookings of one time, and what staff do to one: move, cancel, check in, book over the phone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.domain import booking, counters, diary, hours, once, slots, visits
from bot.domain.booking import Wish
from bot.domain.centers import Center
from bot.domain.counters import Group
from bot.domain.hours import DayHours
from bot.domain.roles import Member
from bot.domain.slots import Slot
from bot.domain.visits import Visit
from bot.pages.forms import Form
from bot.texts import t
from handlers import displacing, telling, visiting

SLUG = "lich-hen"
WEEK = dt.timedelta(days=7)
FOUND_BACK = dt.timedelta(days=30)  # how old a visit may be to be found by its code
LONGEST_REASON = 160
DONE = frozenset(("dat", "doi", "huy", "den"))


@dataclass(frozen=True)
class Line:
    """A booking in words, never with a name. `left`: papers not ticked yet, None where there is no list."""

    visit: Visit
    when: str
    what: str
    state: str
    behalf: str
    left: tuple[str, ...] | None

    @property
    def code(self) -> str:
        return telling.spoken(self.visit.code)


@dataclass(frozen=True)
class Cell:
    """One time of one day. `open`: it can be booked by the hours as they are."""

    at: str
    day: str
    hour: str
    taken: int
    seats: int
    open: bool
    past: bool


@dataclass(frozen=True)
class Column:
    date: dt.date
    hours: DayHours
    booked: int


@dataclass(frozen=True)
class Calendar:
    """A week of one group. `rows`: hour → a cell or nothing for each column. `chosen`: the time that was pressed, with its bookings."""

    groups: tuple[Group, ...]
    group: Group
    monday: dt.date
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    chosen: Cell | None
    lines: tuple[Line, ...]


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/lich-hen", show),
        desks.post(desk, "/{center}/lich-hen", book),
        desks.get(desk, "/{center}/lich-hen/{id:int}", one),
        desks.post(desk, "/{center}/lich-hen/{id:int}", change),
    ]


def lines(session: Session, premises: Premises, found: Sequence[Visit]) -> tuple[Line, ...]:
    """Visits as staff read them."""
    return tuple(_line(session, premises, visit) for visit in found)


def _line(session: Session, premises: Premises, visit: Visit) -> Line:
    left = diary.unticked(session, visit)
    behalf = t(f"queue.behalf_{visit.behalf}") if visit.behalf else ""
    state = t(f"booking.state_{visit.state}")
    return Line(visit, telling.when(visit), telling.title(premises, visit), state, behalf, None if left is None else tuple(left))


def sentence(typed: str) -> str:
    """What was typed as a sentence that others can follow."""
    said = " ".join(typed.split())[:LONGEST_REASON].strip()
    return f"{said[:1].upper()}{said[1:]}{'' if said[-1] in '.!?' else '.'}" if said else ""


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "queue.read")
    code = request.query_params.get("ma", "").strip()
    if code:
        return await _search(desk, request, member, center, code)
    return await _calendar(desk, request, member, center)


async def _search(desk: Desk, request: Request, member: Member, center: Center, code: str) -> Response:
    """Straight to the booking; several days may have the same code."""
    found = await desk.store.read(_find, desk.premises, center.id, code, clock.today(clock.now()) - FOUND_BACK)
    if len(found) == 1:
        return see_other(f"{desks.at(center, SLUG)}/{found[0].visit.id}")
    return await _calendar(desk, request, member, center, code=code, found=found)


def _find(session: Session, premises: Premises, center_id: str, code: str, since: dt.date) -> tuple[Line, ...]:
    return lines(session, premises, diary.with_code(session, center_id, code, since))


async def _calendar(
    desk: Desk,
    request: Request,
    member: Member,
    center: Center,
    *,
    status: int = 200,
    error: str = "",
    form: Form = Form(),  # noqa: B008
    code: str = "",
    found: Sequence[Line] = (),
) -> Response:
    asked = request.query_params
    at, group = form.one("luc") or asked.get("luc", ""), form.one("nhom") or asked.get("nhom", "")
    week = await desk.store.read(_week, desk.premises, center.id, group, week=asked.get("tuan", ""), at=at, now=clock.now())
    return desk.html(
        "console/bookings.html", request, member, center, status=status,
        week=week, leads=member.may("queue.lead", center.id), error=error, what=form.one("thu-tuc"), code=code, found=found,
        once=(once.FIELD, once.key()),
        before=week.monday - WEEK, after=week.monday + WEEK, today=clock.today(clock.now()), day=clock.day, date=clock.date,
    )  # fmt: skip


def _week(session: Session, premises: Premises, center_id: str, group_id: str, *, week: str, at: str, now: dt.datetime) -> Calendar:
    groups = tuple(counters.groups(session, center_id))
    if not groups:
        raise HTTPException(404)
    group = next((one for one in groups if str(one.id) == group_id), None) or next((one for one in groups if one.active), groups[0])
    moment = _moment(at)
    shown = clock.today(moment) if moment else _date(week) or clock.today(now)
    monday = shown - dt.timedelta(days=shown.weekday())
    opening = hours.of_days(session, center_id, monday, monday + dt.timedelta(days=6))
    booked = diary.of_days(session, center_id, monday, monday + dt.timedelta(days=6), group.id)
    columns = tuple(_columns(opening, booked))
    rows = _rows(columns, group, booked, now)
    chosen = next((cell for _, cells in rows for cell in cells if cell and cell.at == at), None)
    there = [visit for visit in booked if moment and visit.starts_at == moment]
    return Calendar(groups, group, monday, columns, rows, chosen, lines(session, premises, there))


def _columns(opening: dict[dt.date, DayHours], booked: Sequence[Visit]) -> list[Column]:
    """Working days, and a Saturday or Sunday on which something is."""
    counted = {date: sum(visit.day == date for visit in booked) for date in opening}
    return [Column(date, day, counted[date]) for date, day in opening.items() if date.weekday() < 5 or day.spans or counted[date]]


def _rows(columns: Sequence[Column], group: Group, booked: Sequence[Visit], now: dt.datetime) -> tuple[tuple[str, tuple[Cell | None, ...]], ...]:
    taken = diary.seats(booked)
    bookable = {begins for column in columns for begins, _ in slots.spans(column.hours, group.slot_minutes)}
    times = {begins for begins in {*bookable, *taken} if begins is not None}
    found = {(clock.today(begins), clock.hour(begins)): begins for begins in times}

    def cell(column: Column, hour: str) -> Cell | None:
        begins = found.get((column.date, hour))
        if begins is None:
            return None
        return Cell(_at(begins), clock.day(column.date), hour, taken.get(begins, 0), group.seats, begins in bookable, begins < now)

    hours_ = sorted({hour for _, hour in found})
    return tuple((hour, tuple(cell(column, hour) for column in columns)) for hour in hours_)


def _at(moment: dt.datetime) -> str:
    """2026-11-25T08:30, local."""
    return f"{clock.local(moment):%Y-%m-%dT%H:%M}"


def _moment(at: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(at, "%Y-%m-%dT%H:%M").replace(tzinfo=clock.VIETNAM).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _date(typed: str) -> dt.date | None:
    try:
        date = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return date if 2000 <= date.year <= 2200 else None


async def book(desk: Desk, request: Request) -> Response:
    """For somebody on the phone: no name, only what for; the code is read out to them. Sent twice, it is the same booking."""
    form, member, center = await desk.form(request, "queue.lead")
    try:
        made = await desk.store.write(_book, desk.premises, center.id, form, member, now=clock.now())
    except (ValueError, LookupError) as error:
        return await _calendar(desk, request, member, center, status=422, error=str(error), form=form)
    except errors.VisitError as error:
        return await _calendar(desk, request, member, center, status=409, error=_why(error), form=form)
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}/{made.id}?xong=dat")


def _book(session: Session, premises: Premises, center_id: str, form: Form, member: Member, *, now: dt.datetime) -> Visit:
    found = counters.groups(session, center_id)
    group = next((one for one in found if str(one.id) == form.one("nhom")), None)
    starts_at = _moment(form.one("luc"))
    if group is None or starts_at is None:
        raise ValueError(t("desk.old_form"))
    today = clock.today(now)
    code = _procedure(premises, form.one("thu-tuc"), today)
    if code and (right := visiting.group_for(session, premises, center_id, code, today=today)).id != group.id:
        raise ValueError(t("desk.other_group", letter=right.letter, name=right.name))
    wish = Wish(procedure=code, source="staff")
    return once.visit(
        session, member.actor, form.one(once.FIELD), lambda: booking.take(session, group, starts_at, wish, actor=member.actor, now=now), now=now
    )


def _procedure(premises: Premises, said: str, today: dt.date) -> str:
    """The code of what was typed, nothing when nothing was. Raises LookupError with a sentence when it means no one procedure."""
    if not said:
        return ""
    if premises.catalog.get(said, today) is not None:
        return said
    found = premises.index.find(said, today=today)
    if not found.hits or found.decision == "unknown":
        raise LookupError(t("queue.which_procedure"))
    return found.hits[0].code


def _why(error: errors.VisitError) -> str:
    match error:
        case errors.SlotTaken():
            return t("desk.taken")
        case errors.SlotClosed():
            return t("desk.closed")
        case errors.AlreadyBooked():
            return t("desk.already")
    return t("queue.late")


@dataclass(frozen=True)
class View:
    """One booking. `days`: where it could be moved to; `slots`: the times of the day that was picked."""

    line: Line
    group: Group
    reach: displacing.Reach
    days: tuple[slots.Day, ...]
    picked: dt.date | None
    slots: tuple[Slot, ...]
    may: frozenset[str]


async def one(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "queue.read")
    return await _one(desk, request, member, center)


async def _one(
    desk: Desk,
    request: Request,
    member: Member,
    center: Center,
    *,
    status: int = 200,
    error: str = "",
    form: Form = Form(),  # noqa: B008
) -> Response:
    picked = _date(form.one("ngay") or request.query_params.get("ngay", ""))
    view = await desk.store.read(_look, desk.premises, center.id, request.path_params["id"], picked, now=clock.now())
    if view is None:
        raise HTTPException(404)
    said = request.query_params.get("xong", "")
    return desk.html(
        "console/booking.html", request, member, center, status=status,
        view=view, leads=member.may("queue.lead", center.id), error=error, said=said if said in DONE else "", form=form,
        link=telling.page(desk.premises, view.line.visit), day=clock.day, week=view.line.visit.day, at=_at, date=clock.date,
    )  # fmt: skip


def _look(session: Session, premises: Premises, center_id: str, visit_id: int, picked: dt.date | None, *, now: dt.datetime) -> View | None:
    visit = visits.get(session, visit_id) if visit_id < 2**62 else None
    if visit is None or visit.center_id != center_id:
        return None
    group = visiting.group_of(session, visit)
    today = clock.today(now)
    may = _possible(visit, today)
    days = slots.of_days(session, group, today, today + slots.AHEAD, now=now) if "doi" in may else []
    found = next((day for day in days if day.date == picked), None)
    free = tuple(slot for slot in found.slots if slot.free and slot.starts_at != visit.starts_at) if found else ()
    some = tuple(day for day in days if day.free)
    return View(_line(session, premises, visit), group, displacing.reach(session, premises, visit), some, found.date if found else None, free, may)


def _possible(visit: Visit, today: dt.date) -> frozenset[str]:
    """What can still be done to a visit."""
    deeds = {
        "doi": visit.state == "booked",
        "huy": visit.state in booking.BEFORE_CALL and visit.state != "held",
        "den": (visit.state == "booked" and visit.day == today) or visit.state == "must_return",
    }
    return frozenset(name for name, possible in deeds.items() if possible)


async def change(desk: Desk, request: Request) -> Response:
    """One deed on one booking; the person is told."""
    form, member, center = await desk.form(request, "queue.lead")
    number, deed = request.path_params["id"], form.one("viec")
    try:
        await desk.store.write(_change, center.id, number, form, member, now=clock.now())
    except ValueError as error:
        return await _one(desk, request, member, center, status=422, error=str(error), form=form)
    except errors.VisitError as error:
        return await _one(desk, request, member, center, status=409, error=_why(error), form=form)
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}/{number}?xong={deed}")


def _change(session: Session, center_id: str, number: int, form: Form, member: Member, *, now: dt.datetime) -> None:
    visit = visits.get(session, number, lock=True) if number < 2**62 else None
    if visit is None or visit.center_id != center_id:
        raise HTTPException(404)
    note = sentence(form.one("ly-do"))
    match form.one("viec"):
        case "doi":
            starts_at = _moment(form.one("luc"))
            if starts_at is None:
                raise ValueError(t("desk.which_time"))
            visiting.move(session, visit, visiting.group_of(session, visit), starts_at, actor=member.actor, now=now, note=note)
        case "huy":
            if not note:
                raise ValueError(t("desk.no_why"))
            visiting.cancel(session, visit, actor=member.actor, now=now, note=note)
        case "den":
            visiting.check_in(session, visit, actor=member.actor, now=now)
        case _:
            raise ValueError(t("desk.old_form"))
