"""Saying how it was on a page: by the link of a ticket, or by the code that hangs at the counter, for people who never used the bot."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.channels.webchat.house import House, see_other
from bot.channels.webchat.limits import WAIT
from bot.channels.webchat.ticket import UNLISTED
from bot.channels.webchat.ticket_view import KEPT
from bot.conversation.context import Premises
from bot.domain import counters, feedback, feedback_papers, visits
from bot.domain.centers import Center
from bot.domain.feedback import DOES_NOT_APPLY, FACTORS, LEVELS, Asked, Counter, Feedback, Giver
from bot.domain.feedback_papers import Candidate
from bot.domain.visits import Visit
from bot.pages import forms
from bot.pages.forms import Form
from handlers import feedback as talking
from handlers import feedback_duties, privacy, telling
from procedures import text

PAGE, COUNTER = "/danh-gia/", "/gop-y/"
WEB = "web"
MARK, COMMENT, PAPER, OTHER, PROCEDURE = "dau", "them", "giay", "giay-khac", "thu-tuc"  # fields of the form
FIELDS: Mapping[str, str] = dict(zip(FACTORS, ("den-noi", "giay-to", "can-bo", "ket-qua", "gop-y"), strict=True))
BETWEEN = ";"  # typed papers
LONGEST_OPEN = dt.timedelta(hours=12)


def routes(house: House) -> list[BaseRoute]:
    return [
        Route(f"{PAGE}{{token}}", partial(show, house), methods=["GET"]),
        Route(f"{PAGE}{{token}}", partial(send, house), methods=["POST"]),
        Route(f"{COUNTER}{{center}}", partial(show_counter, house), methods=["GET"]),
        Route(f"{COUNTER}{{center}}", partial(send_counter, house), methods=["POST"]),
    ]


@dataclass(frozen=True)
class Subject:
    """What a page is about: a visit, a row already given at the counter, or a counter. `row`: what was said so far; `procedures`: what
    somebody at a counter may have come for, code and title.
    """

    center: Center
    action: str
    visit: Visit | None = None
    row: Feedback | None = None
    candidates: Sequence[Candidate] = ()
    counter: int | None = None
    call: bool = False
    procedures: Mapping[str, str] = field(default_factory=dict)


class Given(NamedTuple):
    """A form as it was filled in."""

    levels: Mapping[str, int]
    comment: str
    papers: tuple[Asked, ...]
    picked: frozenset[str] = frozenset()
    other: str = ""
    procedure: str = ""

    @property
    def empty(self) -> bool:
        return not (self.levels or self.comment or self.papers)


# a page knows when it was drawn, and gives one row


def mark(key: str, *, now: dt.datetime) -> str:
    made = f"{int(now.timestamp())}.{secrets.token_urlsafe(12)}"
    return f"{made}.{_signed(key, made)}"


def _signed(key: str, made: str) -> str:
    return hmac.new(key.encode(), f"page of feedback:{made}".encode(), hashlib.sha256).hexdigest()[:32]


def opened(key: str, given: str, *, now: dt.datetime) -> dt.datetime | None:
    """When this page was drawn; None for a mark that is not ours or too old."""
    made, _, signature = given.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signed(key, made).encode()):
        return None
    at = dt.datetime.fromtimestamp(int(made.partition(".")[0]), dt.UTC)
    return min(at, now) if now - at < LONGEST_OPEN else None


# by the link of a ticket


async def show(house: House, request: Request) -> Response:
    return _page(house, request, await _found(house, request))


async def _found(house: House, request: Request) -> Subject:
    found = await house.store.read(_subject, house.premises, request.path_params["token"], now=clock.now())
    if found is None:
        raise HTTPException(404, "ticket_gone")
    return found


def _subject(session: Session, premises: Premises, token: str, *, now: dt.datetime) -> Subject | None:
    visit = visits.by_token(session, token)
    if visit is None:
        row = feedback.by_token(session, token)
        center = premises.directory.get(row.center_id) if row is not None else None
        if row is None or center is None or row.origin != "counter":
            return None
        candidates = feedback_papers.of_procedure(premises.catalog, row.procedure, clock.today(now))
        return Subject(center, f"{PAGE}{token}", row=row, candidates=candidates, counter=row.counter)
    if visit.day + KEPT < clock.today(now) or not feedback.rateable(visit):
        return None
    row = feedback.of_visit(session, visit.id)
    candidates = feedback_papers.of_visit(session, premises.catalog, visit)
    call = row is not None and row.done_at is not None and feedback_duties.can_call(session, row)
    return Subject(premises.directory.get(visit.center_id) or premises.center, f"{PAGE}{token}", visit, row, candidates, call=call)


async def send(house: House, request: Request) -> Response:
    """The unguessable link is the right to do it, so no form token is asked for."""
    form = await forms.posted(request)
    subject, now = await _found(house, request), clock.now()
    if form.one("viec") == "nhan-lai" and subject.row is not None:
        await house.store.write(feedback_duties.call, house.premises, subject.row, now=now)
        return see_other(f"{subject.action}?xong=nhan-lai")
    given = read(form, subject.candidates)
    trouble = _trouble(house, request, given)
    if trouble:
        return _page(house, request, subject, given=given, trouble=trouble)
    begun = opened(house.premises.key, form.one(MARK), now=now)
    given = given._replace(papers=tuple(_recognised(house.premises, subject, given.papers, now)))
    await house.store.write(_keep, house.premises, subject, given, _giver(house, request, now), now=now, begun_at=begun or now)
    return see_other(f"{subject.action}?xong=1")


def _recognised(premises: Premises, subject: Subject, papers: Sequence[Asked], now: dt.datetime) -> Sequence[Asked]:
    about = subject.visit or subject.row
    return feedback_papers.recognised(premises.catalog, about.procedure, clock.today(now), papers) if about is not None else papers


def _trouble(house: House, request: Request, given: Given) -> str:
    if given.empty:
        return "empty"
    if not house.limits.allows(request, house.visitor(request).address):
        return "busy"
    return "secret" if privacy.looks_secret(given.comment) else ""


def _giver(house: House, request: Request, now: dt.datetime) -> Giver:
    """Known by the conversation's cookie, else by network and browser: enough to see the same device many times a day."""
    host = request.client.host if request.client is not None else ""
    who = house.visitor(request).address or f"{host}|{request.headers.get('user-agent', '')}"
    return Giver(WEB, feedback.device(house.premises.key, f"web:{who}", clock.today(now)))


def _keep(session: Session, premises: Premises, subject: Subject, given: Given, giver: Giver, *, now: dt.datetime, begun_at: dt.datetime) -> Feedback:
    if subject.visit is not None:
        field = feedback_duties.field_of(premises, subject.visit)
        row = feedback.start(session, subject.visit, field, giver, now=now, begun_at=begun_at)
    else:
        assert subject.row is not None
        row = subject.row
    return _write(session, row, given, now=now)


def _write(session: Session, row: Feedback, given: Given, *, now: dt.datetime) -> Feedback:
    """Too late to change, it stays as it was; the page then says so."""
    if feedback.rate(session, row, given.levels, now=now):
        feedback.remark(session, row, given.comment, now=now)
        feedback.papers(session, row, given.papers, now=now)
    return feedback.finish(session, row, now=now)


# by the code at the counter


async def show_counter(house: House, request: Request) -> Response:
    asked = request.query_params.get("quay", "")
    return _page(house, request, await _counter(house, request, asked))


async def _counter(house: House, request: Request, asked: str) -> Subject:
    center = house.premises.directory.get(request.path_params["center"])
    if center is None:
        raise HTTPException(404)
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 3 else None
    return await house.store.read(_at_counter, house.premises, center, number, today=clock.today(clock.now()))


def _at_counter(session: Session, premises: Premises, center: Center, number: int | None, *, today: dt.date) -> Subject:
    known = {desk.number for desk in counters.counters(session, center.id)}
    codes = feedback_papers.procedures(session, premises.catalog, center.id, today)
    titles = {code: entry.title for code in codes if (entry := premises.catalog.get(code, today)) is not None}
    by_title = dict(sorted(titles.items(), key=lambda one: text.fold(one[1])))
    return Subject(center, f"{COUNTER}{center.id}", counter=number if number in known else None, procedures=by_title)


async def send_counter(house: House, request: Request) -> Response:
    """One page gives one row, however often it is sent."""
    form = await forms.posted(request)
    subject, now = await _counter(house, request, form.one("quay")), clock.now()
    given = read(form, ())._replace(procedure=chosen if (chosen := form.one(PROCEDURE)) in subject.procedures else "")
    begun = opened(house.premises.key, form.one(MARK), now=now)
    trouble = "old" if begun is None else _trouble(house, request, given)
    if trouble or begun is None:
        return _page(house, request, subject, given=given, trouble=trouble)
    token = hashlib.sha256(f"feedback:{form.one(MARK)}".encode()).hexdigest()[:32]
    entry = house.premises.catalog.get(given.procedure, clock.today(now)) if given.procedure else None
    where = Counter(subject.center.id, subject.counter, given.procedure, entry.field if entry is not None else "")
    await house.store.write(_keep_counter, where, token, given, _giver(house, request, now), now=now, begun_at=begun)
    return see_other(f"{PAGE}{token}?xong=1")


def _keep_counter(session: Session, where: Counter, token: str, given: Given, giver: Giver, *, now: dt.datetime, begun_at: dt.datetime) -> Feedback:
    return _write(session, feedback.at_counter(session, where, token, giver, now=now, begun_at=begun_at), given, now=now)


# both


def read(form: Form, candidates: Sequence[Candidate]) -> Given:
    """What was filled in; levels nobody offered are left out."""
    levels = {factor: int(said) for factor, name in FIELDS.items() if (said := form.one(name)) in map(str, (DOES_NOT_APPLY, *LEVELS))}
    picked, other = frozenset(form.all(PAPER)), form.one(OTHER)[: feedback.LONGEST_PAPER]
    papers = [paper.asked for paper in candidates if paper.mark in picked]
    return Given(levels, form.one(COMMENT), (*papers, *(Asked("", name) for name in other.split(BETWEEN) if name.strip())), picked, other)


def _said(subject: Subject) -> Given:
    """What stands in the row, for the form."""
    if subject.row is None:
        return Given({}, "", ())
    names, row = {paper.name: paper.mark for paper in subject.candidates}, subject.row
    picked = frozenset(names[paper.name] for paper in row.asked_for if paper.name in names)
    other = f"{BETWEEN} ".join(paper.name for paper in row.asked_for if paper.name not in names)
    return Given({factor: level for factor, level in row.levels.items() if level is not None}, row.comment, row.asked_for, picked, other)


_STATUS = {"empty": 422, "old": 409, "busy": 429, "secret": 422}


def _page(house: House, request: Request, subject: Subject, *, given: Given | None = None, trouble: str = "") -> Response:
    now, row = clock.now(), subject.row
    changeable = row is None or row.changeable(now)
    over = row is not None and row.done_at is not None and not trouble and (not changeable or "sua" not in request.query_params)
    response = house.html(
        "web/feedback.html", request, status=_STATUS.get(trouble, 200), center=subject.center,
        subject=subject, given=given or _said(subject), trouble=trouble, over=over, changeable=changeable,
        when=telling.when(subject.visit) if subject.visit is not None else "",
        thanks=talking.thanks(row) if row is not None and row.done_at is not None else (),
        called=request.query_params.get("xong") == "nhan-lai", mark=mark(house.premises.key, now=now),
        factors=tuple(FIELDS.items()), levels=(*LEVELS, DOES_NOT_APPLY), longest=feedback.LONGEST_PAPER,
    )  # fmt: skip
    response.headers.update(UNLISTED)
    if trouble == "busy":
        response.headers["Retry-After"] = WAIT
    return response
