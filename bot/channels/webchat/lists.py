"""The page of one list: to read, tick, print, and pass on. Who has the link sees it; who made it may tick."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from functools import partial

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import clock, late
from bot.channels.webchat.house import PRIVATE, House
from bot.channels.webchat.inbound import BOT
from bot.channels.webchat.times import Asked
from bot.conversation import payloads as codec
from bot.conversation.context import Premises
from bot.domain import checklists, people
from bot.domain.centers import Center
from bot.messages import Papers
from bot.pages import qr
from bot.texts import t
from handlers import listing, payloads, presenting

# How many lines a sheet holds at each size of letters, measured in Chromium over 45 procedures; a longer list gets the smallest.
DENSITY = {"a5": ((21.5, ""), (30, "dense")), "a4": ((29, ""), (42, "dense"))}
DENSEST = "denser"
LINE = 62  # characters
FORMATS = tuple(DENSITY)
UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}
DRAWING = asyncio.Semaphore(2)


@dataclass(frozen=True)
class Sheet:
    """A list as its page shows it. `book`: where a time is chosen for it."""

    id: int
    token: str
    papers: Papers
    made: str
    mine: bool
    renew: str
    book: str


def routes(house: House) -> list[BaseRoute]:
    return [
        Route("/d/{token}.pdf", partial(download, house), methods=["GET"]),
        Route("/d/{token}", partial(show, house), methods=["GET"]),
    ]


async def show(house: House, request: Request) -> Response:
    visitor = house.visitor(request)
    sheet = await _found(house, request)
    link = f"{house.premises.address}{listing.PAGE}{sheet.token}"
    response = house.html(
        "web/list.html",
        request,
        sheet=sheet,
        kho=_format(request),
        formats=FORMATS,
        density=density(sheet.papers, _format(request)),
        qr=qr.svg(link, t("web.qr")),
        once={"token": house.sessions.form(visitor), "session": ""},
    )
    response.headers.update(UNLISTED)
    return response


async def download(house: House, request: Request) -> Response:
    sheet = await _found(house, request)
    link = f"{house.premises.address}{listing.PAGE}{sheet.token}"
    async with DRAWING:
        drawn = await asyncio.to_thread(_draw, sheet, house.premises.center, link, _format(request))
    name = f'inline; filename="giay-to-{sheet.papers.source.code}.pdf"'
    return Response(drawn, media_type="application/pdf", headers=PRIVATE | UNLISTED | {"Content-Disposition": name})


def _draw(sheet: Sheet, center: Center, link: str, paper_size: str) -> bytes:
    """fpdf costs a second to import, and most people never want a PDF: loaded for the first one."""
    pdf = late.load("bot.channels.webchat.pdf")
    made: bytes = pdf.make(pdf.Printed(sheet.papers, center, link, sheet.made), pdf.FORMATS[paper_size])
    return made


def density(papers: Papers, paper_size: str) -> str:
    """How small the letters of a printed list must be for it to stay on one sheet, as style.css calls it."""
    return next((name for most, name in DENSITY[paper_size] if lines(papers) <= most), DENSEST)


def lines(papers: Papers) -> float:
    """Roughly how many printed lines a list takes."""
    texts = [f"{paper.note} {paper.official}" for paper in papers.papers]
    texts += [f"{item.name} {item.note}" for item in papers.looked_up]
    texts += [papers.situation + papers.assumed, *papers.notes]
    facts = [fact for fact in papers.facts if fact.icon != presenting.RELATED]
    wide = sum(math.ceil(len(text) / LINE) for text in texts) + sum(math.ceil(len(fact.text) * 1.25 / LINE) for fact in facts)
    return wide + 1.6 * len(papers.papers)


def _format(request: Request) -> str:
    asked = request.query_params.get("kho", "a5")
    return asked if asked in FORMATS else "a5"


async def _found(house: House, request: Request) -> Sheet:
    address = house.visitor(request).address
    found = await house.store.read(_sheet, house.premises, request.path_params["token"], address)
    if found is None:
        raise HTTPException(404, "list_gone")
    return found


def _sheet(session: Session, premises: Premises, token: str, address: str) -> Sheet | None:
    row = checklists.by_token(session, token)
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None or row.id is None:
        return None
    account = people.find(session, BOT, address) if address else None
    today = clock.today(clock.now())
    entry = premises.catalog.get(row.code, today)
    changes = listing.changed(premises, row, entry, today) if entry is not None else (t("list.changed_gone"),)
    shown = presenting.with_ticks(kept, checklists.ticked(row), row.id).model_copy(update={"changed": changes})
    return Sheet(
        id=row.id,
        token=token,
        papers=shown,
        made=t("web.made", day=clock.date(clock.today(row.created_at))),
        mine=account is not None and account.person_id == row.person_id,
        renew=codec.encode(payloads.Renew(row.id)) if changes and entry is not None else "",
        book=Asked(list=token).link() if entry is not None and entry.handled_by == listing.HERE else "",
    )
