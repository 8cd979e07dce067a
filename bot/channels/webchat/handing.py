"""A picture or file for staff, from somebody who waits for their answer: a small page of its own, so that nothing redraws the form."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import NamedTuple

from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import clock, errors
from bot.channels.webchat import inbound, limits
from bot.channels.webchat.house import House, home, latest, see_other
from bot.channels.webchat.inbound import BOT
from bot.conversation.context import Premises
from bot.domain import inbox, outbox, people, pictures, questions, threads
from bot.domain.questions import Question
from bot.domain.threads import Source
from bot.messages import Attached
from bot.pages import forms
from bot.pages.forms import Form
from bot.pages.session import Once, Visitor
from bot.texts import t
from handlers import question_files
from handlers.question_files import Handed, NotTaken

PATH = "/gui/tep"  # ends as addresses do that take a file along (pages.shield)
MOST_FIELDS, LONGEST_FIELD = 8, 16_384


def routes(house: House) -> list[BaseRoute]:
    return [Route(PATH, partial(show, house), methods=["GET"]), Route(PATH, partial(take, house), methods=["POST"])]


def address(visitor: Visitor) -> str:
    """Of the page, for this visitor."""
    return f"{PATH}?phien={visitor.token}" if visitor.framed else PATH


def waits(session: Session, address: str) -> bool:
    """Whether somebody here asked staff something that is not closed."""
    return _question(session, address) is not None


def _question(session: Session, address: str) -> Question | None:
    account = people.find(session, BOT, address)
    return questions.live(session, account.id) if account is not None and account.id is not None else None


async def show(house: House, request: Request) -> Response:
    visitor = house.visitor(request)
    if not visitor.address or not await house.store.read(waits, visitor.address):
        return see_other(home(visitor))
    return _page(house, request, visitor)


def _page(house: House, request: Request, visitor: Visitor, *, error: str = "", status: int = 200, typed: str = "") -> Response:
    once = {"token": house.sessions.form(visitor), "session": visitor.token}
    return house.html(
        "web/hand_in.html", request, framed=visitor.framed, status=status, once=once, error=error, typed=typed, action=PATH, back=latest(visitor)
    )


class Posted(NamedTuple):
    """`file`: its content and name. `once` is None when the form was drawn too long ago."""

    form: Form
    visitor: Visitor
    once: Once | None
    file: tuple[bytes, str]


async def _read(house: House, request: Request) -> Posted:
    if forms.foreign(request):
        raise HTTPException(403, "foreign")
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD) as given:
        form = Form(tuple((name, forms.clean(value)) for name, value in given.multi_items() if isinstance(value, str)))
        file = await _file(given)
    visitor = house.visitor(request, form.one("phien") if form.one("khung") else None)
    return Posted(form, visitor, house.sessions.once(form.one("ma"), visitor), file)


async def _file(given: FormData) -> tuple[bytes, str]:
    file = given.get("tep")
    return (await file.read(), file.filename or "") if isinstance(file, UploadFile) else (b"", "")


async def take(house: House, request: Request) -> Response:
    """Whoever sends it says that no identity paper is on it; without that word, or where it speaks of one, nothing is kept."""
    post = await _read(house, request)
    visitor, once, typed = post.visitor, post.once, inbound.typed(post.form)
    if once is None:
        return _page(house, request, visitor, error=t("web.old_choice"), status=403, typed=typed)
    if not visitor.address:
        return see_other(home(visitor))
    if not house.limits.allows_file(request, visitor.address):
        response = _page(house, request, visitor, error=t("web.busy"), status=429, typed=typed)
        response.headers["Retry-After"] = limits.WAIT
        return response
    if post.form.one("sach") != "1":
        return _page(house, request, visitor, error=t("web.hand_in_unsure"), status=422, typed=typed)
    content, name = post.file
    try:
        handed = Handed(await pictures.bare(content), name, typed, Source(BOT, visitor.address, f"tep-{once.nonce}"))
        await house.store.write(_hand_in, house.premises, handed, now=clock.now())
    except errors.AttachmentRefused as error:
        return _page(house, request, visitor, error=t(f"web.file_{error.reason}"), status=422, typed=typed)
    except NotTaken as error:
        return _page(house, request, visitor, error=str(error), status=422)
    house.dispatcher.answered(BOT, visitor.address)
    return see_other(latest(visitor))


def _hand_in(session: Session, premises: Premises, handed: Handed, *, now: dt.datetime) -> None:
    question = _question(session, handed.source.address)
    if question is None:
        raise NotTaken(t("questions.closed_before"))
    reply = question_files.hand_in(session, premises, question, handed, now=now)
    if reply is None:
        return
    picture = any(isinstance(block, Attached) and block.picture for block in reply.blocks)
    said = inbound.handed(handed.source, threads.tidy(handed.words), picture=picture, now=now)
    if (row := inbox.receive(session, said, now=now)) is not None:
        inbox.finish(session, row, now=now)
        outbox.put(session, BOT, handed.source.address, reply, inbox_id=row, now=now)
