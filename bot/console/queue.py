"""The counter: who is served and what they lack, who is next. Every deed is one form; the keys are a bonus."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console import queue_deeds, queue_papers
from bot.console.desk import Desk, see_other
from bot.console.queue_papers import WHYS, Paper
from bot.conversation.context import Premises
from bot.domain import counters, line, once, queue, visits
from bot.domain.centers import Center
from bot.domain.counters import Desk as Counter
from bot.domain.counters import Group
from bot.domain.roles import Member
from bot.domain.visits import Visit
from bot.texts import t
from handlers import telling

SLUG = "quay"
SHOWN = 8
KEYS_COOKIE = "phim"
TICKET = re.compile(r"[A-Z]\d{3,4}")


@dataclass(frozen=True)
class Waiting:
    """One line of the queue."""

    visit: Visit
    what: str
    note: str
    minutes: int
    away: bool = False


@dataclass(frozen=True)
class View:
    """Everything the page shows. `event`: number of the newest event it knows."""

    counter: Counter | None
    counters: tuple[Counter, ...]
    names: dict[int, str]
    groups: tuple[Group, ...]
    served: Visit | None
    what: str
    note: str
    papers: tuple[Paper, ...]
    line: tuple[Waiting, ...]
    count: int
    longest: int
    event: int
    now: dt.datetime

    @property
    def next(self) -> Visit | None:
        return next((waiting.visit for waiting in self.line if not waiting.away), None)


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/quay", show), desks.post(desk, "/{center}/quay", act)]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "queue.read")
    if (keys := request.query_params.get(KEYS_COOKIE)) in ("tat", "bat"):
        response: Response = see_other(desks.at(center, SLUG))
        response.set_cookie(KEYS_COOKIE, keys, 31_536_000, path=desks.HOME, httponly=True, samesite="lax", secure=desk.secure)
        return response
    return await _page(desk, request, member, center)


async def _page(desk: Desk, request: Request, member: Member, center: Center, *, error: str = "", status: int = 200) -> Response:
    everybody = "tat-ca" in request.query_params
    view = await desk.store.read(_view, desk.premises, center.id, member, clock.now(), everybody=everybody)
    template = "console/queue.html" if view.counter is not None else "console/sit.html"
    keys = request.cookies.get(KEYS_COOKIE, "bat") != "tat"
    works = member.may("queue.work", center.id)
    shared = {
        "view": view,
        "works": works,
        "keys": keys,
        "everybody": everybody,
        "whys": WHYS,
        "said": "" if error else _said(request),
        "once": (once.FIELD, once.key()),
    }
    return desk.html(template, request, member, center, status=status, error=error, **shared)


def _said(request: Request) -> str:
    """What the last deed did, as its redirect tells it: with the number where somebody was given one, and the code to come back with."""
    said, ticket, code = (request.query_params.get(name, "") for name in ("noi", "so", "ma-so"))
    if said == "het":
        return t("queue.said_het")
    if said not in ("den", "lay-so") or not TICKET.fullmatch(ticket) or not (code.isdecimal() and len(code) == visits.CODE_DIGITS):
        return ""
    return t(f"queue.said_{said.replace('-', '_')}", ticket=ticket, code=telling.spoken(code))


def _view(session: Session, premises: Premises, center_id: str, member: Member, now: dt.datetime, *, everybody: bool) -> View:
    day = clock.today(now)
    found = tuple(counter for counter in counters.counters(session, center_id) if counter.active)
    mine = next((counter for counter in found if counter.staff_id == member.id), None)
    served = queue.at_counter(session, mine.id) if mine is not None else None
    serves = mine.serves if mine is not None else ()
    waiting = line.order(queue.waiting(session, center_id, day, serves), queue.counter(session, mine.id).streak if mine else 0, now)
    away = [visit for visit in visits.of_day(session, center_id, day, ("missed", "parked")) if not serves or visit.group_id in serves]
    lines = [*(_waiting(premises, visit, now) for visit in waiting), *(_waiting(premises, visit, now, away=True) for visit in away)]
    return View(
        counter=mine,
        counters=found,
        names=counters.sitting(session, center_id),
        groups=tuple(group for group in counters.groups(session, center_id) if group.active),
        served=served,
        what=telling.title(premises, served) if served is not None else "",
        note=_served_note(served, now) if served is not None else "",
        papers=queue_papers.papers(session, premises, served) if served is not None else (),
        line=tuple(lines if everybody else lines[:SHOWN]),
        count=len(waiting),
        longest=max((one.minutes for one in lines if not one.away), default=0),
        event=visits.newest_event(session, [center_id])[center_id],
        now=now,
    )


def _waiting(premises: Premises, visit: Visit, now: dt.datetime, *, away: bool = False) -> Waiting:
    since = visit.arrived_at or visit.created_at
    return Waiting(visit, telling.title(premises, visit), _note(visit), _minutes(now - since), away)


def _note(visit: Visit) -> str:
    """Why somebody stands where they stand, in a few words."""
    parts = []
    if visit.state == "missed" and visit.called_at is not None:
        parts.append(t("queue.note_missed", hour=clock.hour(visit.called_at)))
    if visit.state == "parked":
        parts.append(t("queue.note_parked"))
    if visit.returned and visit.state == "waiting":
        parts.append(t("queue.note_returned"))
    if visit.priority:
        parts.append(t("queue.note_priority", who=t(f"queue.priority_{visit.priority}")))
    if visit.starts_at is not None:
        parts.append(t("queue.note_booked", hour=clock.hour(visit.starts_at)))
    return ", ".join(parts)


def _served_note(visit: Visit, now: dt.datetime) -> str:
    parts = [_note(visit)] if _note(visit) else []
    if visit.arrived_at is not None and visit.called_at is not None:
        parts.append(t("queue.waited", minutes=_minutes(visit.called_at - visit.arrived_at)))
    if visit.serving_at is not None:
        parts.append(t("queue.serving", minutes=_minutes(now - visit.serving_at)))
    elif visit.called_at is not None:
        parts.append(t("queue.called", hour=clock.hour(visit.called_at)))
    if visit.behalf:
        parts.append(t(f"queue.behalf_{visit.behalf}"))
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def _minutes(span: dt.timedelta) -> int:
    return max(0, int(span.total_seconds() // 60))


async def act(desk: Desk, request: Request) -> Response:
    posted = await desk.form(request, "queue.work")
    deed = queue_deeds.DEEDS.get(posted.form.one("viec") or posted.form.one("xong"))
    if deed is None:
        return see_other(desks.at(posted.center, SLUG))
    try:
        said = await desk.store.write(queue_deeds.do, desk.premises, posted, deed, clock.now())
    except errors.TooLate as error:
        return await _page(desk, request, posted.member, posted.center, error=_why(error), status=409)
    except queue_deeds.Unclear as error:
        return await _page(desk, request, posted.member, posted.center, error=str(error), status=422)
    desk.hub.wake(posted.center.id)
    return see_other(desks.at(posted.center, SLUG) + (f"?noi={said}" if said else ""))


def _why(error: errors.TooLate) -> str:
    return t(f"queue.late_{error.state}") if error.state in ("busy", "nothing", "counter", "taken", "seat", "number") else t("queue.late")
