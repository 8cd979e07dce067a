"""The counter: who is served and what they lack, who is next. Every deed is one form; the keys are a bonus."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console.desk import Desk, Posted, see_other
from bot.conversation.context import Premises
from bot.db.enums import Outcome
from bot.domain import checklists, counters, line, once, queue, traces, visits
from bot.domain.centers import Center
from bot.domain.counters import Desk as Counter
from bot.domain.counters import Group
from bot.domain.roles import Member
from bot.domain.visits import Missing, Visit
from bot.pages.forms import Form
from bot.texts import t
from handlers import presenting, telling, visiting
from procedures.models import Document

SLUG = "quay"
SHOWN = 8
PAPER_KEYS = "QWEDS"
WHYS = ("missing", "incorrect", "outdated")
# The number on the form and its key, what it means, and what it is called in the history. 4 is a transfer.
OUTCOMES: dict[str, Outcome | None] = {"1": "accepted", "2": "papers_missing", "3": "done_now", "4": None, "5": "wrong_place", "6": "other"}
KEYS_COOKIE = "phim"
TICKET = re.compile(r"[A-Z]\d{3,4}")


class Unclear(Exception):
    """The form does not say what is meant; the message is for the clerk."""


@dataclass(frozen=True)
class Paper:
    """A paper that may be missing; the first ones have a key."""

    id: str
    name: str
    key: str
    had: bool


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
        papers=_papers(session, premises, served) if served is not None else (),
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


def _papers(session: Session, premises: Premises, visit: Visit) -> tuple[Paper, ...]:
    """The papers of the person's own list; without one those the procedure can ask for at all."""
    row = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is not None and kept is not None:
        had = checklists.ticked(row)
        named = [(paper.id, paper.name, paper.id in had) for paper in kept.papers]
    else:
        entry = premises.catalog.get(visit.procedure, visit.day) if visit.procedure else None
        named = [(document.id, document.name, False) for document in entry.documents if _at_counter(document)] if entry is not None else []
    keys = [*PAPER_KEYS, *[""] * len(named)]
    return tuple(Paper(id, name, key, had) for (id, name, had), key in zip(named, keys, strict=False))  # noqa: A001


def _at_counter(document: Document) -> bool:
    """Whether somebody who stands at the counter can be asked for it."""
    return not document.when or any(presenting.COUNTER in dict(line).get(presenting.HOW, (presenting.COUNTER,)) for line in document.when)


async def act(desk: Desk, request: Request) -> Response:
    posted = await desk.form(request, "queue.work")
    deed = _DEEDS.get(posted.form.one("viec") or posted.form.one("xong"))
    if deed is None:
        return see_other(desks.at(posted.center, SLUG))
    try:
        said = await desk.store.write(_do, desk.premises, posted, deed, clock.now())
    except errors.TooLate as error:
        return await _page(desk, request, posted.member, posted.center, error=_why(error), status=409)
    except Unclear as error:
        return await _page(desk, request, posted.member, posted.center, error=str(error), status=422)
    desk.hub.wake(posted.center.id)
    return see_other(desks.at(posted.center, SLUG) + (f"?noi={said}" if said else ""))


def _why(error: errors.TooLate) -> str:
    return t(f"queue.late_{error.state}") if error.state in ("busy", "nothing", "counter", "taken", "seat", "number") else t("queue.late")


@dataclass(frozen=True)
class Act:
    """One deed of a clerk, with all it may need."""

    session: Session
    premises: Premises
    form: Form
    member: Member
    center: Center
    now: dt.datetime

    @property
    def actor(self) -> str:
        return self.member.actor

    @property
    def counter(self) -> Counter:
        """Where this clerk sits. Raises TooLate when nowhere any more."""
        found = next((one for one in counters.counters(self.session, self.center.id) if one.staff_id == self.member.id), None)
        if found is None:
            raise errors.TooLate("counter")
        return found

    @property
    def visit(self) -> Visit:
        """The visit the form is about, of this center. Raises TooLate."""
        number = self.form.one("so")
        found = visits.get(self.session, int(number)) if number.isdecimal() and len(number) < 19 else None
        if found is None or found.center_id != self.center.id:
            raise errors.TooLate("gone")
        return found

    def group(self, name: str) -> Group:
        """The counter group a field names. Raises Unclear."""
        found = next((group for group in counters.groups(self.session, self.center.id) if str(group.id) == self.form.one(name)), None)
        if found is None:
            raise Unclear(t("queue.which_group"))
        return found


def _do(session: Session, premises: Premises, posted: Posted, deed: Callable[[Act], str | None], now: dt.datetime) -> str | None:
    return deed(Act(session, premises, posted.form, posted.member, posted.center, now))


def _sit(act: Act) -> None:
    number = act.form.one("quay")
    instead = act.form.one("thay")
    seat = int(number) if number.isdecimal() else 0
    if seat not in [counter.id for counter in counters.counters(act.session, act.center.id)]:
        raise errors.TooLate("counter")
    if not counters.sit_down(act.session, seat, act.member.id, now=act.now, instead_of=int(instead) if instead.isdecimal() else None):
        raise errors.TooLate("taken")


def _stand(act: Act) -> None:
    if queue.at_counter(act.session, act.counter.id) is not None:
        raise errors.TooLate("busy")
    counters.stand_up(act.session, act.counter.id, act.member.id, now=act.now)


def _next(act: Act) -> str | None:
    return None if visiting.call_next(act.session, act.counter.id, actor=act.actor, now=act.now) else "het"


def _call(act: Act) -> None:
    visiting.call(act.session, act.visit, act.counter.id, actor=act.actor, now=act.now)


def _serve(act: Act) -> None:
    queue.serve(act.session, act.visit, actor=act.actor, now=act.now)


def _recall(act: Act) -> None:
    visiting.recall(act.session, act.visit, actor=act.actor, now=act.now)


def _miss(act: Act) -> None:
    queue.miss(act.session, act.visit, actor=act.actor, now=act.now)


def _park(act: Act) -> None:
    queue.park(act.session, act.visit, actor=act.actor, now=act.now)


def _back(act: Act) -> None:
    queue.back(act.session, act.visit, actor=act.actor, now=act.now)


def _undo(act: Act) -> None:
    visiting.undo(act.session, act.actor, now=act.now)


def _about(act: Act) -> None:
    """What the person came for: a code, or words that mean one procedure."""
    said = act.form.one("thu-tuc")
    today = clock.today(act.now)
    entry = act.premises.catalog.get(said, today)
    if entry is None:
        found = act.premises.index.find(said, today=today)
        entry = act.premises.catalog.get(found.hits[0].code, today) if found.hits and found.decision != "unknown" else None
    if entry is None:
        raise Unclear(t("queue.which_procedure"))
    queue.about(act.session, act.visit, entry.code, actor=act.actor, now=act.now)


def _finish(act: Act) -> None:
    """The visit ends as marked, or goes on at another counter. Raises Unclear when nothing is marked."""
    chosen = act.form.one("kq")
    if chosen not in OUTCOMES:
        raise Unclear(t("queue.which_outcome"))
    outcome = OUTCOMES[chosen]
    if outcome is None:
        visiting.transfer(act.session, act.visit, act.group("chuyen"), actor=act.actor, now=act.now)
        return
    missing = _missing(act) if outcome == "papers_missing" else ()
    if outcome == "papers_missing" and not missing:
        raise Unclear(t("queue.which_papers"))
    visiting.finish(act.session, act.visit, outcome, actor=act.actor, now=act.now, missing=missing, note=act.form.one("ghi-chu")[:200])


def _missing(act: Act) -> Sequence[Missing]:
    marked = set(act.form.all("thieu"))

    def why(paper: str) -> str:
        given = act.form.one(f"ly-do-{paper}")
        return given if given in WHYS else WHYS[0]

    papers = [Missing(paper.id, paper.name, why(paper.id)) for paper in _papers(act.session, act.premises, act.visit) if paper.id in marked]
    other = traces.blotted(act.form.one("thieu-khac")[:120])
    return (*papers, Missing("other", other)) if other else papers


def _finish_and_call(act: Act) -> str | None:
    _finish(act)
    return _next(act)


def _check_in(act: Act) -> str | None:
    """Somebody shows a code at the counter."""
    visit = visits.recognise(act.session, act.center.id, act.form.one("ma-hen"), clock.today(act.now))
    if visit is None or (visit.day != clock.today(act.now) and visit.state != "must_return"):
        raise Unclear(t("queue.which_code"))
    here = visiting.check_in(act.session, visit, actor=act.actor, now=act.now, priority=_priority(act.form))
    return f"den&so={here.ticket}&ma-so={here.code}"


def _walk_in(act: Act) -> str | None:
    """A number for somebody who cannot use the kiosk; the page says which, so that they can be told. Sent twice, it is the same number."""
    arrival = queue.Arrival(priority=_priority(act.form), source="staff")
    group = act.group("nhom")
    made = once.visit(
        act.session,
        act.actor,
        act.form.one(once.FIELD),
        lambda: queue.walk_in(act.session, group, arrival, actor=act.actor, now=act.now),
        now=act.now,
    )
    return f"lay-so&so={made.ticket}&ma-so={made.code}"


PRIORITIES = ("elderly", "disabled", "pregnant", "merit", "child")


def _priority(form: Form) -> str:
    given = form.one("uu-tien")
    return given if given in PRIORITIES else ""


_DEEDS: dict[str, Callable[[Act], str | None]] = {
    "ngoi": _sit, "roi": _stand, "goi": _next, "goi-so": _call, "den": _serve, "goi-lai": _recall, "vang": _miss, "tam-de": _park,
    "tro-lai": _back, "hoan-tac": _undo, "viec": _about, "nghi": _finish, "tiep": _finish_and_call, "nhan-ma": _check_in, "lay-so": _walk_in,
}  # fmt: skip
