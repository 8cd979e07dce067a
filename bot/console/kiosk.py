"""The kiosk in the hall: say that one is here, take a number, ask for papers. Nothing of a visitor outlives their minutes at it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.console import kiosk_deeds as deeds
from bot.console.desk import PRIVATE, Desk
from bot.console.kiosk_deeds import Tries, Wanted
from bot.conversation.context import Premises
from bot.db.enums import Priority
from bot.domain import checklists, devices
from bot.domain.centers import Center
from bot.domain.devices import Device
from bot.messages import State
from bot.pages import environment, forms, look, qr, shield
from bot.pages.environment import Frame
from bot.pages.look import AS_IT_IS, Look
from bot.pages.session import Sessions, Visitor
from bot.texts import t
from handlers import presenting, telling

PATH = "/ki-ot/{token}"
COOKIE = "motcua_kiot"
LONGEST = dt.timedelta(minutes=30)
CHAT = "/khung"
LARGE = "rat-lon"
# The page may frame the chat; nobody may frame the page.
POLICY = f"{shield.POLICY}; frame-src 'self'; frame-ancestors 'none'"
HEADERS = PRIVATE | {"Content-Security-Policy": POLICY, "X-Robots-Tag": "noindex, nofollow"}
PRIORITIES: tuple[str, ...] = tuple(word for word in get_args(Priority) if word)


@dataclass(frozen=True)
class Stand:
    """A kiosk with whoever stands at it. `address` is made anew for each; `visit_id`: the number they hold, or 0."""

    device: Device
    center: Center
    token: str
    address: str
    visit_id: int = 0
    theme: str = AS_IT_IS.theme

    @property
    def home(self) -> str:
        return PATH.replace("{token}", self.token)

    @property
    def visitor(self) -> Visitor:
        return Visitor(self.address)


@dataclass(frozen=True)
class Hall:
    """What the pages of all kiosks share."""

    desk: Desk
    sessions: Sessions
    cookies: URLSafeTimedSerializer
    tries: Tries

    @property
    def premises(self) -> Premises:
        return self.desk.premises


Page = Callable[[Hall, Stand, Request], Awaitable[Response]]


def routes(desk: Desk) -> list[BaseRoute]:
    hall = Hall(desk, Sessions(desk.key, LONGEST), URLSafeTimedSerializer(desk.key, salt="kiosk"), Tries())
    pages: tuple[tuple[str, str, Page], ...] = (
        ("GET", "", start),
        ("POST", "/xong", leave),
        ("GET", "/co-hen", code),
        ("POST", "/co-hen", check_in),
        ("GET", "/lay-so", choose),
        ("POST", "/lay-so", take),
        ("GET", "/phieu", ticket),
        ("GET", "/hoi", ask),
        ("GET", "/giay-to", papers),
    )
    return [Route(f"{PATH}{path}", partial(_answer, hall, page), methods=[method]) for method, path, page in pages]


async def _answer(hall: Hall, page: Page, request: Request) -> Response:
    """The page for whoever stands at this kiosk; a kind one where the link was switched off."""
    token = request.path_params["token"]
    device = await hall.desk.store.read(devices.find, token)
    center = hall.premises.directory.get(device.center_id) if device is not None else None
    if device is None or center is None:
        body = environment.render("hall/kiosk_off.html", Frame(hall.premises.center, Look(LARGE, look.read(request.cookies).theme)))
        return HTMLResponse(body, 404, HEADERS)
    return await page(hall, _stand(hall, request, device, center), request)


def _stand(hall: Hall, request: Request, device: Device, center: Center) -> Stand:
    """As the cookie says; somebody new when it says nothing, or belongs to another kiosk or hour."""
    token = request.path_params["token"]
    try:
        kiosk, address, visit_id = hall.cookies.loads(request.cookies.get(COOKIE, ""), max_age=int(LONGEST.total_seconds()))
    except (BadSignature, ValueError):
        kiosk, address, visit_id = 0, "", 0
    if kiosk != device.id:
        address, visit_id = f"{device.visitors}{secrets.token_hex(16)}", 0
    return Stand(device, center, token, address, visit_id, look.read(request.cookies).theme)


async def start(hall: Hall, stand: Stand, request: Request) -> Response:
    """The first page. Whoever stood here before is forgotten, whichever way the kiosk came back to it."""
    await hall.desk.store.write(deeds.leave, stand.device, stand.address if COOKIE in request.cookies else "", now=clock.now())
    now = clock.now()
    open_ = deeds.takes_numbers(stand.center, now=now)
    response = _html(hall, stand, "hall/kiosk.html", opening=stand.center.now_line(now), takes=open_)
    response.delete_cookie(COOKIE, path=stand.home, secure=hall.desk.secure, httponly=True, samesite="lax")
    return response


async def leave(_hall: Hall, stand: Stand, request: Request) -> Response:
    """Done, or nobody is there any more."""
    await forms.posted(request)
    return RedirectResponse(stand.home, 303, PRIVATE)


async def code(hall: Hall, stand: Stand, _request: Request) -> Response:
    return _keep(hall, stand, _html(hall, stand, "hall/kiosk_code.html", wrong=None, priorities=PRIORITIES))


async def check_in(hall: Hall, stand: Stand, request: Request) -> Response:
    form = await forms.posted(request)
    typed = form.one("so")[:300]
    if not typed:
        return _wrong(hall, stand, "empty")
    if not hall.tries.allowed(stand.device):
        return _wrong(hall, stand, "too_many", status=429)
    found = await hall.desk.store.write(deeds.check_in, stand.device, typed, _priority(form), now=clock.now())
    if found.visit is None or found.why:
        return _wrong(hall, stand, found.why, said=_about(hall, found))
    return _to_ticket(hall, replace(stand, visit_id=found.visit.id), again=found.again)


def _about(hall: Hall, found: deeds.Found) -> dict[str, str]:
    """What the sentences say about the visit that was found."""
    if found.visit is None:
        return {}
    center = hall.premises.directory.get(found.visit.center_id) or hall.premises.center
    return {"when": telling.when(found.visit), "ticket": found.visit.ticket or t("hall.kiosk_your_number"), "center": center.name}


def _wrong(hall: Hall, stand: Stand, why: str, *, status: int = 422, said: Mapping[str, str] | None = None) -> Response:
    """The field again, with what is the matter and what to do."""
    about = said or {}
    wrong = State(tone="now", icon="warn", title=t(f"hall.kiosk_{why}_title", **about), text=(t(f"hall.kiosk_{why}", **about),))
    return _keep(hall, stand, _html(hall, stand, "hall/kiosk_code.html", status=status, wrong=wrong, priorities=PRIORITIES))


def _priority(form: forms.Form) -> str:
    said = form.one("uu-tien")
    return said if said in PRIORITIES else ""


async def choose(hall: Hall, stand: Stand, request: Request) -> Response:
    """First what for, then whether somebody goes before others."""
    now = clock.now()
    if not deeds.takes_numbers(stand.center, now=now):
        closed = State(tone="note", icon="clock", title=t("hall.kiosk_closed_title"), text=(stand.center.now_line(now),))
        return _keep(hall, stand, _html(hall, stand, "hall/kiosk_said.html", state=closed, chat=False))
    asked = None
    if "viec" in request.query_params:
        asked = await hall.desk.store.read(deeds.asked_about, hall.premises, stand.device, stand.address, now=now)
    offers = await hall.desk.store.read(deeds.offers, stand.device.center_id, now=now)
    wanted = request.query_params.get("nhom", "")
    known = next((offer for offer in offers if str(offer.group.id) == wanted or (asked and offer.group == asked[1])), None)
    if known is None and wanted != "0" and len(offers) > 1:
        return _keep(hall, stand, _html(hall, stand, "hall/kiosk_groups.html", offers=offers, hour=clock.hour(now)))
    offer = known or (offers[0] if len(offers) == 1 else None)
    values: dict[str, Any] = {"offer": offer, "what": asked[0] if asked else "", "priorities": PRIORITIES}
    return _keep(hall, stand, _html(hall, stand, "hall/kiosk_take.html", **values))


async def take(hall: Hall, stand: Stand, request: Request) -> Response:
    """A number. The form is good for the one who stands here now: pressed twice, or sent again later, no second one is given."""
    form = await forms.posted(request)
    if hall.sessions.once(form.one("ma"), stand.visitor) is None:
        return RedirectResponse(stand.home, 303, PRIVATE)
    now = clock.now()
    if not deeds.takes_numbers(stand.center, now=now):
        return RedirectResponse(f"{stand.home}/lay-so", 303, PRIVATE)
    group = form.one("nhom")
    wanted = Wanted(int(group) if group.isdecimal() else 0, _priority(form), with_list=bool(form.one("viec")))
    try:
        visit = await hall.desk.store.write(deeds.walk_in, hall.premises, stand.device, stand.address, wanted, now=now)
    except LookupError:
        return RedirectResponse(f"{stand.home}/lay-so", 303, PRIVATE)
    return _to_ticket(hall, replace(stand, visit_id=visit.id))


def _to_ticket(hall: Hall, stand: Stand, *, again: bool = False) -> Response:
    return _keep(hall, stand, RedirectResponse(f"{stand.home}/phieu{'?lai=1' if again else ''}", 303, PRIVATE))


async def ticket(hall: Hall, stand: Stand, request: Request) -> Response:
    """The number, to be read, printed and scanned by a phone."""
    now = clock.now()
    slip = await hall.desk.store.read(deeds.slip, hall.premises, stand.visit_id, now=now) if stand.visit_id else None
    if slip is None:
        return RedirectResponse(stand.home, 303, PRIVATE)
    values: dict[str, Any] = {
        "slip": slip,
        "code": telling.spoken(slip.visit.code),
        "qr": qr.svg(telling.page(hall.premises, slip.visit), t("hall.slip_qr")),
        "hour": clock.hour(now),
        "date": clock.date(clock.today(now)),
        "again": "lai" in request.query_params,
    }
    return _html(hall, stand, "hall/kiosk_ticket.html", **values)


async def ask(hall: Hall, stand: Stand, _request: Request) -> Response:
    """The web chat in a frame, as an anonymous visitor of this kiosk."""
    chat = f"{CHAT}?phien={hall.sessions.framed(stand.address).token}"
    return _keep(hall, stand, _html(hall, stand, "hall/kiosk_chat.html", chat=chat))


async def papers(hall: Hall, stand: Stand, _request: Request) -> Response:
    """The list of the chat, for the kiosk's printer."""
    kept = await hall.desk.store.read(deeds.newest_list, stand.address)
    pinned = checklists.pinned(kept) if kept is not None else None
    if kept is None or pinned is None:
        none = State(tone="note", icon="doc", title=t("hall.kiosk_no_list_title"), text=(t("hall.kiosk_no_list"),))
        return _keep(hall, stand, _html(hall, stand, "hall/kiosk_said.html", state=none, chat=True))
    shown = presenting.with_ticks(pinned, checklists.ticked(kept), kept.id)
    return _keep(hall, stand, _html(hall, stand, "hall/kiosk_list.html", papers=shown, made=clock.date(clock.today(kept.updated_at))))


def _keep(hall: Hall, stand: Stand, response: Response) -> Response:
    """Remember who stands here: in a cookie of this kiosk's pages that ends with the browser."""
    value = hall.cookies.dumps([stand.device.id, stand.address, stand.visit_id])
    response.set_cookie(COOKIE, str(value), path=stand.home, secure=hall.desk.secure, httponly=True, samesite="lax")
    return response


def _html(hall: Hall, stand: Stand, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    frame = Frame(stand.center, Look(LARGE, stand.theme), stand.home)
    shared: dict[str, object] = {"home": stand.home, "once": hall.sessions.form(stand.visitor)}
    return HTMLResponse(environment.render(template, frame, **shared, **values), status, HEADERS)
