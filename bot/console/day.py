"""The end of the day, and days without power: what is still open, lists and numbers on paper, and paper numbers entered afterwards."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console.bookings import Line, lines
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.db.enums import LIVE
from bot.domain import audit, closing, counters, diary, hours, queue, visits
from bot.domain import paper as papers
from bot.domain.centers import Center
from bot.domain.counters import Group
from bot.domain.hours import DayHours
from bot.domain.paper import Paper
from bot.domain.roles import Member
from bot.domain.visits import Missing, Visit
from bot.pages.forms import Form
from bot.texts import t
from handlers import visiting

SLUG = "ngay"
EARLIER = 14  # days
ROWS = 8  # paper numbers entered at once
MOST_PAPER, MOST_NUMBER = 200, 999
BACK = dt.timedelta(days=7)  # how long afterwards paper numbers are entered
_NUMBER = re.compile(r"([A-Za-z]?)\s*0*([0-9]{1,3})")
# What is chosen for a paper number → state and outcome of the visit.
ENDS: Mapping[str, tuple[str, str]] = {
    "nhan": ("done", "accepted"),
    "thieu": ("must_return", "papers_missing"),
    "xong": ("done", "done_now"),
    "noi-khac": ("done", "wrong_place"),
    "khac": ("done", "other"),
    "vang": ("no_show", ""),
    "cho": ("waiting", ""),
}
# The states in which a day can end, as its summary names them.
SUMS = ("done", "must_return", "not_served", "no_show", "cancelled", "expired")


class Open(NamedTuple):
    """How many stand in this state, and what they become when the day ends."""

    state: str
    number: int
    becomes: str


@dataclass(frozen=True)
class View:
    """`still`: the hours of today are not over. `forgotten`: earlier days nobody ended."""

    today: dt.date
    open: tuple[Open, ...]
    count: int
    still: str
    sums: Mapping[dt.date, Mapping[str, int]]
    forgotten: tuple[tuple[dt.date, int], ...]
    groups: tuple[Group, ...]


class Row(NamedTuple):
    """One line of the form for paper numbers, as it was typed."""

    number: str = ""
    arrived: str = ""
    ended: str = ""
    missing: str = ""
    code: str = ""
    error: str = ""

    @property
    def typed(self) -> bool:
        return bool(self.number or self.code)


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/ngay", show),
        desks.post(desk, "/{center}/ngay", change),
        desks.get(desk, "/{center}/ngay/danh-sach", day_list),
        desks.get(desk, "/{center}/ngay/so-giay", numbers),
    ]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "queue.read")
    return await _page(desk, request, member, center)


async def _page(
    desk: Desk,
    request: Request,
    member: Member,
    center: Center,
    *,
    status: int = 200,
    error: str = "",
    rows: Sequence[Row] = (),
    paper_day: str = "",
) -> Response:
    view = await desk.store.read(_view, center.id, clock.now())
    said, count = request.query_params.get("xong", ""), request.query_params.get("so", "")
    return desk.html(
        "console/day.html", request, member, center, status=status,
        view=view, leads=member.may("queue.lead", center.id), error=error, rows=rows or [Row()] * ROWS, ends=tuple(ENDS), sums=SUMS, day=clock.day,
        said=said if said in ("ket-thuc", "giay") else "", count=int(count) if count.isdecimal() and len(count) < 6 else 0,
        paper_day=paper_day or view.today.isoformat(), since=view.today - BACK, tomorrow=view.today + dt.timedelta(days=1),
    )  # fmt: skip


def _view(session: Session, center_id: str, now: dt.datetime) -> View:
    today = clock.today(now)
    hanging = closing.hanging(session, center_id, today)
    forgotten = [day for center, day in closing.forgotten_days(session, today) if center == center_id]
    return View(
        today,
        tuple(_open(hanging)),
        len(hanging),
        _still(hours.of_days(session, center_id, today, today)[today], now),
        diary.sums(session, center_id, today - dt.timedelta(days=EARLIER), today),
        tuple((day, len(closing.hanging(session, center_id, day))) for day in forgotten),
        tuple(group for group in counters.groups(session, center_id) if group.active),
    )


def _open(hanging: Sequence[Visit]) -> list[Open]:
    counted = Counter(visit.state for visit in hanging)
    return [Open(state, counted[state], "-".join(filter(None, closing.ENDS[state])).replace("-", "_")) for state in LIVE if counted[state]]


def _still(today: DayHours, now: dt.datetime) -> str:
    """Until when the center is open today; nothing once that is over."""
    return hours.hour(today.spans[-1].closes) if today.spans and now < hours.at(today.date, today.spans[-1].closes) else ""


async def change(desk: Desk, request: Request) -> Response:
    form, member, center = await desk.form(request, "queue.lead")
    match form.one("viec"):
        case "ket-thuc":
            return await _end(desk, request, form, member, center)
        case "giu-so":
            return await _reserve(desk, request, form, member, center)
        case "giay":
            return await _enter(desk, request, form, member, center)
    return await _page(desk, request, member, center, status=422, error=t("desk.old_form"))


async def _end(desk: Desk, request: Request, form: Form, member: Member, center: Center) -> Response:
    """End today or a day nobody ended. While the center is open somebody has to say that it closes."""
    now = clock.now()
    day, today = _day(form.one("ngay")), clock.today(now)
    if day is None or day > today:
        return await _page(desk, request, member, center, status=422, error=t("desk.old_form"))
    opening = await desk.store.read(hours.of_days, center.id, today, today)
    if day == today and _still(opening[today], now) and form.one("som") != "1":
        return await _page(desk, request, member, center, status=422, error=t("desk.end_early_first", closes=_still(opening[today], now)))
    count = await desk.store.write(_close, center.id, day, member, now)
    await desk.store.read(desk.premises.directory.refresh)  # a day that ends early has other hours
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}?xong=ket-thuc&so={count}")


def _close(session: Session, center_id: str, day: dt.date, member: Member, now: dt.datetime) -> int:
    before = Counter(visit.state for visit in closing.hanging(session, center_id, day))
    ended = visiting.close(session, center_id, day, actor=member.actor, now=now)
    after = closing.sums(ended)
    audit.write(
        session, actor=member.actor, center_id=center_id, action="day.end", subject=day.isoformat(), before=dict(before), after=after, now=now
    )
    return len(ended)


def _day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        return None


# On paper


async def day_list(desk: Desk, request: Request) -> Response:
    """The bookings of a day by time, with boxes to write in."""
    member, center = await desk.page(request, "queue.read")
    day = _day(request.query_params.get("ngay", "")) or clock.today(clock.now())
    found, groups = await desk.store.read(_day_list, desk.premises, center.id, day)
    letters = {group.id: group.letter for group in groups}
    return desk.html(
        "console/day_list.html", request, member, center,
        lines=found, letters=letters, numbers=(), date=day, day=clock.day, dated=clock.date, now=clock.now(),
    )  # fmt: skip


def _day_list(session: Session, premises: Premises, center_id: str, day: dt.date) -> tuple[tuple[Line, ...], list[Group]]:
    to_come = [visit for visit in diary.of_days(session, center_id, day, day) if visit.state in LIVE]
    return lines(session, premises, to_come), counters.groups(session, center_id)


async def _reserve(desk: Desk, request: Request, form: Form, member: Member, center: Center) -> Response:
    """Take a block of numbers out of the series, to be cut out and handed to people."""
    count, day = _number(form.one("bao-nhieu")), _day(form.one("ngay"))
    today = clock.today(clock.now())
    if not 1 <= count <= MOST_PAPER or day is None or not today <= day <= today + BACK:
        return await _page(desk, request, member, center, status=422, error=t("desk.paper_count", most=MOST_PAPER))
    try:
        group, first, last = await desk.store.write(_hold_back, center.id, form.one("nhom"), day, count, member=member, now=clock.now())
    except ValueError as error:
        return await _page(desk, request, member, center, status=422, error=str(error))
    return see_other(f"{desks.at(center, SLUG)}/so-giay?chu={group.letter}&tu={first}&den={last}&ngay={day.isoformat()}")


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 0


def _hold_back(
    session: Session, center_id: str, group_id: str, day: dt.date, count: int, *, member: Member, now: dt.datetime
) -> tuple[Group, int, int]:
    group = next((group for group in counters.groups(session, center_id) if str(group.id) == group_id), None)
    if group is None:
        raise ValueError(t("queue.which_group"))
    first, last = papers.reserve(session, center_id, group.letter, day, count)
    if last > MOST_NUMBER:
        raise ValueError(t("desk.paper_full", letter=group.letter))
    after = {"numbers": f"{group.letter}{first:03d}–{group.letter}{last:03d}"}
    audit.write(session, actor=member.actor, center_id=center_id, action="paper.reserve", subject=day.isoformat(), after=after, now=now)
    return group, first, last


async def numbers(desk: Desk, request: Request) -> Response:
    """The numbers that were reserved, to be cut out. Opened again it shows the same."""
    member, center = await desk.page(request, "queue.lead")
    asked = request.query_params
    first, last, day = _number(asked.get("tu", "")), _number(asked.get("den", "")), _day(asked.get("ngay", ""))
    letter = asked.get("chu", "")
    if letter not in counters.LETTERS or day is None or not 1 <= first <= last <= min(MOST_NUMBER, first + MOST_PAPER):
        return see_other(desks.at(center, SLUG))
    shown = [f"{letter}{number:03d}" for number in range(first, last + 1)]
    return desk.html(
        "console/day_list.html", request, member, center,
        lines=(), letters={}, numbers=shown, date=day, day=clock.day, dated=clock.date, now=clock.now(),
    )  # fmt: skip


class Wrong(ValueError):
    """Some rows cannot be entered: their sentences by position. Nothing was."""

    def __init__(self, said: Mapping[int, str]) -> None:
        super().__init__(", ".join(said.values()))
        self.said = said


async def _enter(desk: Desk, request: Request, form: Form, member: Member, center: Center) -> Response:
    """All rows or none; what was typed stays until it is right."""
    rows = [Row(*(form.one(f"{name}-{number}") for name in ("so", "den", "kq", "thieu", "ma"))) for number in range(ROWS)]
    day, today = _day(form.one("ngay")), clock.today(clock.now())
    typed = form.one("ngay")
    if day is None or not today - BACK <= day <= today:
        return await _page(desk, request, member, center, status=422, error=t("desk.paper_day"), rows=rows, paper_day=typed)
    if not any(row.typed for row in rows):
        return await _page(desk, request, member, center, status=422, error=t("desk.paper_none"), rows=rows, paper_day=typed)
    try:
        count = await desk.store.write(_enter_all, center.id, day, rows, member, now=clock.now())
    except Wrong as wrong:
        shown = [row._replace(error=wrong.said.get(number, "")) for number, row in enumerate(rows)]
        return await _page(desk, request, member, center, status=422, error=t("desk.paper_wrong"), rows=shown, paper_day=typed)
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}?xong=giay&so={count}#giay")


def _enter_all(session: Session, center_id: str, day: dt.date, rows: Sequence[Row], member: Member, *, now: dt.datetime) -> int:
    groups = counters.groups(session, center_id)
    wrong: dict[int, str] = {}
    entered = 0
    for position, row in enumerate(rows):
        if not row.typed:
            continue
        try:
            _enter_one(session, groups, day, row, member, now=now)
            entered += 1
        except errors.TooLate as error:
            key = "desk.paper_taken" if error.state == "taken" else "desk.paper_not_open"
            wrong[position] = t(key, number=row.number or row.code)
        except ValueError as error:
            wrong[position] = str(error)
    if wrong:
        raise Wrong(wrong)
    return entered


def _enter_one(session: Session, groups: Sequence[Group], day: dt.date, row: Row, member: Member, *, now: dt.datetime) -> None:
    visit = visits.by_code(session, groups[0].center_id, day, row.code) if row.code else None
    if row.code and visit is None:
        raise ValueError(t("desk.paper_code"))
    group, number = _ticket(session, groups, day, row, visit)
    if row.ended not in ENDS or (row.ended == "cho" and day != clock.today(now)):
        raise ValueError(t("desk.paper_outcome"))
    state, outcome = ENDS[row.ended]
    missing = [Missing("other", name.strip()[:120]) for name in re.split(r"[;\n]", row.missing) if name.strip()] if row.ended == "thieu" else []
    if row.ended == "thieu" and not missing:
        raise ValueError(t("queue.which_papers"))
    paper = Paper(day, number, _arrived(row, day, now), state, outcome, missing, visit)
    papers.enter(session, group, paper, actor=member.actor, now=now)


def _ticket(session: Session, groups: Sequence[Group], day: dt.date, row: Row, visit: Visit | None) -> tuple[Group, int]:
    """Group and number. Who had booked and got none on paper is given the next one of their group."""
    if visit is not None and not row.number:
        group = next((group for group in groups if group.id == visit.group_id), groups[0])
        return group, queue.next_number(session, group.center_id, group.letter, day)
    match = _NUMBER.fullmatch(row.number.strip())
    letters = {group.letter: group for group in groups}
    only = groups[0].letter if len(groups) == 1 else ""
    group_of = letters.get((match[1].upper() or only) if match else "")
    if match is None or group_of is None or not int(match[2]):
        raise ValueError(t("desk.paper_number"))
    return group_of, int(match[2])


def _arrived(row: Row, day: dt.date, now: dt.datetime) -> dt.datetime:
    """Raises ValueError with a sentence for what is no time of that day."""
    try:
        [(_, minutes)] = hours.parse(f"0:00-{row.arrived}")
    except ValueError:
        raise ValueError(t("desk.paper_arrived")) from None
    arrived = hours.at(day, minutes)
    if arrived > now:
        raise ValueError(t("desk.paper_arrived"))
    return arrived
