"""The inbox of questions: the oldest first, one with its thread, taken, handed on, answered, closed. Every deed is one form."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console import question_deeds
from bot.console.desk import PRIVATE, Desk, Posted, see_other
from bot.console.question_deeds import LONGEST, Unclear
from bot.conversation.context import Premises
from bot.domain import attachments, colleagues, once, proposals, questions, roster, threads
from bot.domain.centers import Center
from bot.domain.proposals import Proposal
from bot.domain.questions import Count, Knows, Question
from bot.domain.roles import Member
from bot.domain.threads import Message
from bot.pages import forms
from bot.texts import t
from handlers import cards
from procedures.models import Procedure

SLUG = "hoi-dap"
LIVE = "hoi-dap:"  # how the streams of these pages are named, before the center's id
SHOWN = 160
IMAGES = ("image/jpeg", "image/png")
NO_BUFFER = {"X-Accel-Buffering": "no"}
# What a page may say after a deed: the sentence questions_desk.said_….
DONE = frozenset({"taken", "passed", "answered", "edited", "closed", "removed", "proposed"})


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/hoi-dap", show),
        desks.get(desk, "/{center}/hoi-dap/song", stream),
        desks.get(desk, "/{center}/hoi-dap/{id:int}", one),
        desks.post(desk, "/{center}/hoi-dap/{id:int}", act),
        desks.post(desk, "/{center}/hoi-dap/{id:int}/tep", attach),
        desks.get(desk, "/{center}/hoi-dap/{id:int}/tep/{message:int}", file),
    ]


async def stream(desk: Desk, request: Request) -> Response:
    """Server-sent events `moi`: something changed in a question of this center since the moment `?tu=`."""
    _, center = await desk.page(request, "questions.read")
    key = f"{LIVE}{center.id}"
    if not desk.hub.has_room(key):
        return Response(status_code=503, headers=PRIVATE | {"Retry-After": "30"})
    seen = request.headers.get("last-event-id") or request.query_params.get("tu", "")
    events = desk.hub.stream(key, int(seen) if seen.isdecimal() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=PRIVATE | NO_BUFFER)


def newest(session: Session, keys: Sequence[str]) -> Mapping[str, int]:
    """What the streams of these pages ask for."""
    centers = {key: key.removeprefix(LIVE) for key in keys if key.startswith(LIVE)}
    found = questions.newest(session, list(centers.values())) if centers else {}
    return {key: found[center_id] for key, center_id in centers.items() if center_id in found}


# the list


@dataclass(frozen=True)
class Line:
    """One question in a few words."""

    question: Question
    words: str
    name: str
    owner: str
    age: str
    until: str
    overdue: bool
    pictures: bool


@dataclass(frozen=True)
class Shown:
    lines: tuple[Line, ...]
    count: Count
    oldest: str
    newest: int


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "questions.read")
    closed = request.query_params.get("xem") == "dong"
    shown = await desk.store.read(_list, desk.premises, center.id, clock.now(), closed=closed)
    return desk.html("console/questions.html", request, member, center, shown=shown, closed=closed, now=clock.now())


def _list(session: Session, premises: Premises, center_id: str, now: dt.datetime, *, closed: bool) -> Shown:
    found = questions.of_center(session, center_id, closed=closed)
    said: dict[int, list[Message]] = {}
    for message in threads.of(session, [question.id for question in found]):
        said.setdefault(message.question_id, []).append(message)
    names = roster.names(session, [f"staff:{question.owner_id}" for question in found])
    lines = tuple(_line(premises, question, said.get(question.id, []), names, now) for question in found)
    count = questions.count(session, center_id, now=now)
    oldest = age(now - count.oldest) if count.oldest is not None else ""
    return Shown(lines, count, oldest, questions.newest(session, [center_id]).get(center_id, 0))


def _line(premises: Premises, question: Question, said: Sequence[Message], names: Mapping[str, str], now: dt.datetime) -> Line:
    asked = [message for message in said if message.side == "citizen"]
    words = cards.cut(asked[-1].words, SHOWN) if asked else ""
    since = question.closed_at if question.state == "closed" and question.closed_at else question.asked_at
    owner = names.get(f"staff:{question.owner_id}", "")
    until = cards.when(question.due_at, now)
    return Line(question, words, _name(premises, question, now), owner, age(now - since), until, question.overdue(now), any(m.file for m in asked))


def _name(premises: Premises, question: Question, now: dt.datetime) -> str:
    entry = _entry(premises, question, now)
    return entry.title if entry is not None else questions.knows(question).name


def _entry(premises: Premises, question: Question, now: dt.datetime) -> Procedure | None:
    return premises.catalog.get(question.about, clock.today(now)) if question.about else None


def age(span: dt.timedelta) -> str:
    """5 phút, 2 giờ 10 phút, 3 ngày."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return t("questions_desk.minutes", minutes=minutes)
    if minutes < 24 * 60 and minutes % 60 == 0:
        return t("questions_desk.hours_even", hours=minutes // 60)
    if minutes < 24 * 60:
        return t("questions_desk.hours", hours=minutes // 60, minutes=minutes % 60)
    return t("questions_desk.days", days=minutes // (24 * 60))


# one question


class Turn(NamedTuple):
    """One message of the thread. `image`: shown as it is, else there is a file to open; `mine`: whoever looks may correct it."""

    message: Message
    who: str
    at: str
    image: bool
    mine: bool


@dataclass(frozen=True)
class View:
    question: Question
    turns: tuple[Turn, ...]
    name: str
    entry: Procedure | None
    knows: Knows
    owner: str
    standing: str
    age: str
    colleagues: tuple[Member, ...]
    proposals: tuple[Proposal, ...]
    newest: int


async def one(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "questions.read")
    return await _one(desk, request, member, center)


class Draft(NamedTuple):
    """What was typed, so that it is not lost, and what is wrong with it."""

    words: str = ""
    error: str = ""
    another: bool = False


async def _one(desk: Desk, request: Request, member: Member, center: Center, *, draft: Draft = Draft(), status: int = 200) -> Response:  # noqa: B008
    view = await desk.store.read(_view, desk.premises, center.id, request.path_params["id"], member, now=clock.now())
    if view is None:
        raise HTTPException(404)
    said = request.query_params.get("xong", "")
    done = t(f"questions_desk.said_{said}") if said in DONE and not draft.error else ""
    works = member.may("questions.work", center.id)
    shared = {"view": view, "works": works, "draft": draft, "done": done, "key": once.key(), "longest": LONGEST, "now": clock.now()}
    return desk.html("console/question.html", request, member, center, status=status, **shared)


def _view(session: Session, premises: Premises, center_id: str, question_id: int, member: Member, *, now: dt.datetime) -> View | None:
    question = questions.get(session, question_id)
    if question is None or question.center_id != center_id:
        return None
    said = threads.of(session, [question.id])
    names = roster.names(session, [message.author for message in said])
    return View(
        question=question,
        turns=tuple(_turn(message, names, member, now) for message in said),
        name=_name(premises, question, now),
        entry=_entry(premises, question, now),
        knows=questions.knows(question),
        owner=cards.owner(session, question),
        standing=cards.standing(session, question, now),
        age=age(now - question.asked_at),
        colleagues=tuple(one for one in colleagues.able(session, center_id) if one.id != question.owner_id),
        proposals=tuple(proposals.of_question(session, question.id)),
        newest=questions.newest(session, [center_id]).get(center_id, 0),
    )


def _turn(message: Message, names: Mapping[str, str], member: Member, now: dt.datetime) -> Turn:
    citizen = message.side == "citizen"
    who = t("questions_desk.citizen") if citizen else names.get(message.author, message.author)
    sent = message.sent_file
    image = message.attachment_id is not None and (sent is None or sent.picture)
    return Turn(message, who, cards.stamp(message.at, now), image, message.author == member.actor)


async def file(desk: Desk, request: Request) -> Response:
    """The picture as it is, anything else only as a download: nothing a citizen sent is opened as a page of ours."""
    _, center = await desk.page(request, "questions.read")
    found = await desk.store.read(_file, center.id, request.path_params["id"], request.path_params["message"])
    if found is None:
        raise HTTPException(404)
    mime, content = found.mime, found.content
    shown = "inline" if mime in IMAGES else "attachment"
    ending = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}.get(mime, "bin")
    headers = PRIVATE | {"Content-Disposition": f'{shown}; filename="cau-hoi-{request.path_params["id"]}.{ending}"'}
    return Response(content, media_type=mime if mime in (*IMAGES, "application/pdf") else "application/octet-stream", headers=headers)


def _file(session: Session, center_id: str, question_id: int, message_id: int) -> attachments.Content | None:
    message, question = threads.get(session, message_id), questions.get(session, question_id)
    if message is None or question is None or message.question_id != question.id or question.center_id != center_id:
        return None
    return attachments.load(session, message.attachment_id) if message.attachment_id is not None and not message.removed else None


# deeds


async def act(desk: Desk, request: Request) -> Response:
    posted = await desk.form(request, "questions.work")
    deed = question_deeds.DEEDS.get(posted.form.one("viec"))
    number = request.path_params["id"]
    here = f"{desks.at(posted.center, SLUG)}/{number}"
    if deed is None:
        return see_other(here)
    try:
        said = await desk.store.write(question_deeds.do, desk.premises, posted, number, deed, now=clock.now())
    except Unclear as error:
        draft = Draft(posted.form.one("tra-loi"), str(error), error.another)
        return await _one(desk, request, posted.member, posted.center, draft=draft, status=error.status)
    desk.hub.wake(f"{LIVE}{posted.center.id}")
    return see_other(f"{here}?xong={said}")


async def attach(desk: Desk, request: Request) -> Response:
    """An answer with a picture or a PDF: a form of its own, as everything else of the page is small."""
    member, center = await desk.page(request, "questions.work")
    if forms.foreign(request):
        raise HTTPException(403, "foreign")
    async with request.form(max_files=1, max_fields=8, max_part_size=4 * LONGEST) as given:
        fields = tuple((name, forms.clean(value)) for name, value in given.multi_items() if isinstance(value, str))
        sent = given.get("tep")
        content, name = (await sent.read(), sent.filename or "") if isinstance(sent, UploadFile) else (b"", "")
    posted, number = Posted(forms.Form(fields), member, center), request.path_params["id"]
    if not hmac.compare_digest(posted.form.one(desks.TOKEN).encode(), desk.token(request).encode()):
        raise HTTPException(403, "foreign")
    try:
        await desk.store.write(question_deeds.do, desk.premises, posted, number, question_deeds.attaching(content, name), now=clock.now())
    except Unclear as error:
        return await _one(desk, request, member, center, draft=Draft("", str(error)), status=error.status)
    desk.hub.wake(f"{LIVE}{center.id}")
    return see_other(f"{desks.at(center, SLUG)}/{number}?xong=answered")
