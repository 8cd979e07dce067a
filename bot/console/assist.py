"""For a helper in the hall with a tablet: a fresh chat for the citizen at their side, what was found on paper, and the next one."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import Desk, see_other
from bot.console.kiosk import CHAT, POLICY
from bot.conversation.context import Premises
from bot.domain import assist, checklists, people, roster
from bot.domain.assist import Count
from bot.domain.centers import Center
from bot.domain.roles import Member
from bot.domain.visits import Visit
from bot.messages import Papers
from bot.pages import qr
from bot.pages.session import Sessions
from bot.texts import t
from handlers import presenting, telling

SLUG = "giup-ba-con"
COOKIE = "motcua_giup"
LONGEST = dt.timedelta(hours=2)


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/giup-ba-con", show),
        desks.post(desk, "/{center}/giup-ba-con", change),
        desks.get(desk, "/{center}/giup-ba-con/in", paper),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """The chat of the citizen at their side; before that, one large button."""
    member, center = await desk.page(request, "assist")
    address = _address(desk, request, member)
    counts, names = await desk.store.read(_counts, center.id, now=clock.now())
    mine = next((count for count in counts if count.actor == member.actor), Count(member.actor, 0, 0))
    chat = f"{CHAT}?phien={Sessions(desk.key, LONGEST).framed(address).token}" if address else ""
    leads = member.may("people.read", center.id)
    response = desk.html(
        "console/assist.html",
        request,
        member,
        center,
        chat=chat,
        mine=mine,
        others=[(names.get(count.actor, count.actor), count) for count in counts] if leads else [],
        done="xong" in request.query_params,
    )
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _counts(session: Session, center_id: str, *, now: dt.datetime) -> tuple[list[Count], dict[str, str]]:
    counts = assist.counts(session, center_id, now=now)
    return counts, roster.names(session, (count.actor for count in counts))


def _cookies(desk: Desk) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(desk.key, salt="assist")


def _address(desk: Desk, request: Request, member: Member) -> str:
    """Of the citizen this helper has at their side; nothing when there is none, or the cookie is another helper's."""
    try:
        address = str(_cookies(desk).loads(request.cookies.get(COOKIE, ""), max_age=int(LONGEST.total_seconds())))
    except BadSignature:
        return ""
    return address if assist.helper_of(assist.BOT, address) == member.id else ""


async def change(desk: Desk, request: Request) -> Response:
    """Begin with somebody, or be done with them: whichever it is, whoever was there before is forgotten."""
    form, member, center = await desk.form(request, "assist")
    before = _address(desk, request, member)
    if before:
        await desk.store.write(assist.end, member.id, center.id, before, now=clock.now())
    home = desks.at(center, SLUG)
    if form.one("viec") != "bat-dau":
        response = see_other(f"{home}?xong=1")
        response.delete_cookie(COOKIE, path=home, secure=desk.secure, httponly=True, samesite="lax")
        return response
    response = see_other(home)
    value = str(_cookies(desk).dumps(assist.address(member.id)))
    response.set_cookie(COOKIE, value, path=home, secure=desk.secure, httponly=True, samesite="lax")
    return response


class Booked(NamedTuple):
    """A booking as it is printed."""

    visit: Visit
    when: str
    what: str
    center: Center
    code: str
    qr: str


class Sheet(NamedTuple):
    papers: Papers | None
    made: str
    booked: list[Booked]


async def paper(desk: Desk, request: Request) -> Response:
    """The newest list and the bookings, for the printer."""
    member, center = await desk.page(request, "assist")
    address = _address(desk, request, member)
    if not address:
        return see_other(desks.at(center, SLUG))
    sheet = await desk.store.read(_sheet, desk.premises, address)
    return desk.html("console/assist_paper.html", request, member, center, sheet=sheet)


def _sheet(session: Session, premises: Premises, address: str) -> Sheet:
    account = people.find(session, assist.BOT, address)
    kept = next(iter(checklists.latest(session, account.person_id, 1)), None) if account is not None else None
    pinned = checklists.pinned(kept) if kept is not None else None
    shown = presenting.with_ticks(pinned, checklists.ticked(kept), kept.id) if pinned is not None and kept is not None else None
    made = clock.date(clock.today(kept.updated_at)) if kept is not None else ""
    return Sheet(shown, made, [_booked(premises, visit) for visit in assist.visits_of(session, address)])


def _booked(premises: Premises, visit: Visit) -> Booked:
    center = premises.directory.get(visit.center_id) or premises.center
    picture = qr.svg(telling.page(premises, visit), t("assist.visit_qr"))
    return Booked(visit, telling.when(visit), telling.title(premises, visit), center, telling.spoken(visit.code), picture)
