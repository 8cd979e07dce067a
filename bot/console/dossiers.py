"""Received papers in the console: what is late first, what is due, and everything a clerk does to one. Each deed is one form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, errors
from bot.console import desk as desks
from bot.console import dossier_files
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.domain import dossier_codes, dossier_history, dossier_lists, dossiers, once, paper_names, roster, visits, working_days
from bot.domain.centers import Center
from bot.domain.dossier_history import Event
from bot.domain.dossier_lists import PARTS, Part
from bot.domain.dossiers import Dossier, ReceiptTaken
from bot.domain.paging import Page, Turn
from bot.domain.roles import Member
from bot.domain.visits import Missing, Visit
from bot.domain.working_days import Works
from bot.messages import State
from bot.pages.forms import Form
from bot.texts import t
from handlers import dossier_deeds, dossier_words
from procedures.models import Procedure

SLUG = "ho-so"
LINES, AT_ONCE = 6, 2  # papers one request for supplements can name, and those one sees at once
NEXT_TRY = 2  # working days from today: the new date a letter begins with
LONGEST_REASON = 160
LONGEST_PAPER = 160
BACK = dt.timedelta(days=400)
DONE = frozenset(("nhan", "thieu", "du", "xong", "chua-xong", "tra", "rut", "thu"))


@dataclass(frozen=True)
class Line:
    """A dossier as it stands in a list. `left`: working days, below 0 those it is late."""

    dossier: Dossier
    what: str
    left: int | None


@dataclass(frozen=True)
class View:
    """`fresh`: visits of today whose papers were taken in and that have no dossier yet, with what they were about."""

    part: Part
    counts: Mapping[Part, int]
    lines: tuple[Line, ...]
    page: Page[Dossier]
    fresh: tuple[tuple[Visit, str], ...]
    today: dt.date


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", receive),
        desks.get(desk, f"/{{center}}/{SLUG}/{{id:int}}", one),
        desks.post(desk, f"/{{center}}/{SLUG}/{{id:int}}", act),
        *dossier_files.routes(desk),
    ]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "dossiers.read")
    code = request.query_params.get("tim", "").strip()[: dossier_codes.LONGEST]
    found = await desk.store.read(_search, desk.premises, center.id, code, clock.now()) if code else ()
    if len(found) == 1:
        return see_other(f"{desks.at(center, SLUG)}/{found[0].dossier.id}")
    return await _list(desk, request, member, center, code=code, found=found)


async def _list(
    desk: Desk, request: Request, member: Member, center: Center, *, status: int = 200, error: str = "",
    form: Form = Form(), code: str = "", found: Sequence[Line] = (),  # noqa: B008
) -> Response:  # fmt: skip
    asked = request.query_params.get("muc", "")
    part: Part = next((one for one in PARTS if one == asked), "all")
    turn = dossier_lists.turned(request.query_params, part)
    view = await desk.store.read(_look, desk.premises, center.id, part, turn, now=clock.now())
    return desk.html(
        "console/dossiers.html", request, member, center, status=status,
        view=view, parts=PARTS, works=member.may("dossiers.work", center.id), error=error, form=form, code=code, found=found,
        once=(once.FIELD, once.key()), date=clock.date, day=clock.day, most=dossier_lists.MOST_COUNTED,
    )  # fmt: skip


def _look(session: Session, premises: Premises, center_id: str, part: Part, turn: Turn, *, now: dt.datetime) -> View:
    today = clock.today(now)
    works = dossiers.works(session, center_id, today - BACK)
    days = dossier_lists.days(today, works)
    page = dossier_lists.of_part(session, center_id, part, days, turn)
    fresh = tuple(
        (visit, dossier_words.about(premises, visit.procedure, today)) for visit in dossier_deeds.accepted_today(session, center_id, now=now)
    )
    return View(part, dossier_lists.counts(session, center_id, days), _lines(premises, page.rows, today, works), page, fresh, today)


def _lines(premises: Premises, found: Sequence[Dossier], today: dt.date, works: Works) -> tuple[Line, ...]:
    return tuple(Line(one, dossier_words.title(premises, one), dossier_lists.left(one, today, works)) for one in found)


def _search(session: Session, premises: Premises, center_id: str, code: str, now: dt.datetime) -> tuple[Line, ...]:
    today = clock.today(now)
    return _lines(premises, dossier_lists.search(session, center_id, code), today, dossiers.works(session, center_id, today - BACK))


async def receive(desk: Desk, request: Request) -> Response:
    """From a visit of today, or by hand. Sent twice it is the same dossier."""
    form, member, center = await desk.form(request, "dossiers.work")
    try:
        number = await desk.store.write(_receive, desk.premises, center.id, form, member, now=clock.now())
    except ReceiptTaken as taken:
        return await _list(desk, request, member, center, status=409, error=t("dossiers_desk.taken", receipt=taken.dossier.receipt), form=form)
    except (ValueError, LookupError) as error:
        return await _list(desk, request, member, center, status=422, error=str(error), form=form)
    except errors.TooLate:
        return await _list(desk, request, member, center, status=409, error=t("desk.old_form"), form=form)
    return see_other(f"{desks.at(center, SLUG)}/{number}?xong=nhan")


class _Typed(NamedTuple):
    """A receipt as the form gives it. `code` "" where one of our own is to be made, `due` None where it is to be counted."""

    center_id: str
    code: str
    due: dt.date | None
    actor: str


def _receive(session: Session, premises: Premises, center_id: str, form: Form, member: Member, *, now: dt.datetime) -> int:
    typed = _Typed(center_id, form.one("ma-ho-so"), _due(form.one("hen")), member.actor)
    if typed.code and not dossier_codes.clean(typed.code):
        raise ValueError(t("dossiers_desk.no_code"))

    def make() -> int:
        try:
            if form.one("luot"):
                return _of_visit(session, premises, typed, form.one("luot"), now=now)
            return _by_hand(session, premises, typed, form.one("thu-tuc"), now=now)
        except ValueError as error:
            raise ValueError(t("dossiers_desk.no_due")) if str(error) == "due" else error from None

    return once.number(session, member.actor, form.one(once.FIELD), make, now=now)


def _of_visit(session: Session, premises: Premises, typed: _Typed, visit_id: str, *, now: dt.datetime) -> int:
    visit = visits.get(session, int(visit_id), lock=True) if visit_id.isdecimal() and len(visit_id) < 19 else None
    if visit is None or visit.center_id != typed.center_id:
        raise ValueError(t("desk.old_form"))
    return dossier_deeds.of_visit(session, premises, visit, code=typed.code, due=typed.due, actor=typed.actor, now=now).id


def _by_hand(session: Session, premises: Premises, typed: _Typed, procedure: str, *, now: dt.datetime) -> int:
    today = clock.today(now)
    works = dossiers.works(session, typed.center_id, today)
    made = dossier_deeds.slip(premises, works, _procedure(premises, procedure, today), now, code=typed.code)
    return dossier_deeds.receive(session, typed.center_id, dossier_deeds.with_due(made, typed.due, works), now, actor=typed.actor, now=now).id


def _procedure(premises: Premises, said: str, today: dt.date) -> str:
    """The code of what was typed. Raises LookupError with a sentence when it means no one procedure."""
    if premises.catalog.get(said, today) is not None:
        return said
    found = premises.index.find(said, today=today) if said else None
    if found is None or not found.hits or found.decision == "unknown":
        raise LookupError(t("queue.which_procedure"))
    return found.hits[0].code


def _due(typed: str) -> dt.date | None:
    """Raises ValueError with a sentence for what is no date."""
    if not typed:
        return None
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise ValueError(t("dossiers_desk.no_due")) from None


# One dossier


@dataclass(frozen=True)
class Look:
    """One dossier. `papers`: what its procedure asks for. `told`: whether its holder can be written to. `suggested`: a new date to begin with."""

    line: Line
    papers: tuple[str, ...]
    history: tuple[tuple[Event, str], ...]
    suggested: dt.date

    @property
    def dossier(self) -> Dossier:
        return self.line.dossier

    @property
    def told(self) -> bool:
        return self.dossier.account_id is not None


async def one(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "dossiers.read")
    return await _one(desk, request, member, center)


async def _one(
    desk: Desk, request: Request, member: Member, center: Center, *, status: int = 200, error: str = "",
    form: Form = Form(), letter: State | None = None,  # noqa: B008
) -> Response:  # fmt: skip
    look = await desk.store.read(_read, desk.premises, center.id, request.path_params["id"], now=clock.now())
    if look is None:
        raise HTTPException(404)
    said = request.query_params.get("xong", "")
    template = "console/dossier_letter.html" if letter is not None else "console/dossier.html"
    return desk.html(
        template, request, member, center, status=status,
        look=look, works=member.may("dossiers.work", center.id), error=error, form=form, letter=letter, whys=dossiers.WHYS,
        lines=LINES, at_once=AT_ONCE,
        said=said if said in DONE else "", date=clock.date, in_words=dossier_words.said, today=clock.today(clock.now()),
    )  # fmt: skip


def _read(session: Session, premises: Premises, center_id: str, dossier_id: int, *, now: dt.datetime) -> Look | None:
    dossier = dossiers.get(session, center_id, dossier_id) if dossier_id < 2**62 else None
    if dossier is None:
        return None
    today = clock.today(now)
    works = dossiers.works(session, center_id, min(today - BACK, dossier.counts_from))
    history = dossier_history.events(session, dossier.id)
    names = roster.names(session, {event.actor for event in history})
    entry = premises.catalog.get(dossier.procedure, today) if dossier.procedure else None
    papers = tuple(paper.name for paper in entry.documents) if isinstance(entry, Procedure) else ()
    who = tuple((event, names.get(event.actor, t("dossiers_desk.by_machine"))) for event in reversed(history))
    suggested = working_days.after(max(today, dossier.due or today), NEXT_TRY, works)
    return Look(_lines(premises, [dossier], today, works)[0], papers, who, suggested)


async def act(desk: Desk, request: Request) -> Response:
    """One deed; who follows the dossier is told. The letter is read first and sent when the clerk agrees."""
    form, member, center = await desk.form(request, "dossiers.work")
    number, deed = request.path_params["id"], form.one("viec")
    try:
        if deed == "soan":
            letter = await desk.store.read(_draft, desk.premises, (center.id, number), form, now=clock.now())
            return await _one(desk, request, member, center, form=form, letter=letter)
        await desk.store.write(_do, desk.premises, (center.id, number), form, member.actor, now=clock.now())
    except ValueError as error:
        return await _one(desk, request, member, center, status=422, error=str(error), form=form)
    except errors.TooLate as error:
        return await _one(desk, request, member, center, status=409, error=_why(error), form=form)
    return see_other(f"{desks.at(center, SLUG)}/{number}?xong={deed}")


def _why(error: errors.TooLate) -> str:
    known = error.state in (*dossiers.LIVE, "returned", "withdrawn")
    return t("dossiers_desk.too_late", state=t(f"dossiers.state_{error.state}")) if known else t("desk.old_form")


def _found(session: Session, center_id: str, number: int) -> Dossier:
    dossier = dossiers.get(session, center_id, number) if number < 2**62 else None
    if dossier is None:
        raise HTTPException(404)
    return dossier


def _do(session: Session, premises: Premises, where: tuple[str, int], form: Form, actor: str, *, now: dt.datetime) -> None:
    dossier = _found(session, *where)
    deeds: Mapping[str, Callable[[], object]] = {
        "thieu": lambda: dossier_deeds.pause(session, dossier, _papers(form, premises, dossier, now), actor=actor, now=now),
        "du": lambda: dossier_deeds.resume(session, dossier, actor=actor, now=now),
        "xong": lambda: dossier_deeds.ready(session, premises, dossier, actor=actor, now=now),
        "chua-xong": lambda: dossier_deeds.reopen(session, dossier, actor=actor, now=now),
        "tra": lambda: dossier_deeds.hand_over(session, dossier, actor=actor, now=now),
        "rut": lambda: dossier_deeds.withdraw(session, dossier, _reason(form), actor=actor, now=now),
        "thu": lambda: _send(session, premises, dossier, form, actor, now=now),
    }
    if form.one("viec") not in deeds:
        raise ValueError(t("desk.old_form"))
    deeds[form.one("viec")]()


def _papers(form: Form, premises: Premises, dossier: Dossier, now: dt.datetime) -> list[Missing]:
    """Those of the procedure by their id. Raises ValueError with a sentence when none was named."""
    found = []
    for line in range(LINES):
        name, why = form.one(f"giay-{line}")[:LONGEST_PAPER], form.one(f"vi-{line}")
        if name:
            paper = paper_names.document(premises.catalog, dossier.procedure, name, clock.today(now))
            known = (paper.id, paper.name) if paper is not None else ("", name)
            found.append(Missing(*known, why if why in dossiers.WHYS else "missing"))
    if not found:
        raise ValueError(t("dossiers_desk.no_papers"))
    return found


def _reason(form: Form) -> str:
    said = " ".join(form.one("ly-do").split())[:LONGEST_REASON].strip()
    if not said:
        raise ValueError(t("dossiers_desk.no_reason"))
    return f"{said[:1].upper()}{said[1:]}{'' if said[-1] in '.!?' else '.'}"


def _draft(session: Session, premises: Premises, where: tuple[str, int], form: Form, *, now: dt.datetime) -> State:
    """The letter with this reason and date, not sent. Raises ValueError with a sentence."""
    dossier, due = _found(session, *where), _new_date(form)
    _check(session, dossier, due, now)
    return dossier_words.letter(premises, dossier, _reason(form), due)


def _send(session: Session, premises: Premises, dossier: Dossier, form: Form, actor: str, *, now: dt.datetime) -> None:
    due = _new_date(form)
    _check(session, dossier, due, now)
    dossier_deeds.apologise(session, premises, dossier, _reason(form), due, actor=actor, now=now)


def _new_date(form: Form) -> dt.date:
    due = _due(form.one("hen"))
    if due is None:
        raise ValueError(t("dossiers_desk.no_due"))
    return due


def _check(session: Session, dossier: Dossier, due: dt.date, now: dt.datetime) -> None:
    if dossier.state != "open":
        raise errors.TooLate(dossier.state)
    if not dossiers.may_promise(session, dossier, due, now=now):
        raise ValueError(t("dossiers_desk.not_that_day", day=clock.date(due)))
