"""What every console page shares: who is signed in, what they may do at this center, and how a page looks.

A page is `async def page(desk, request) -> Response`, put on its address with `get` or `post`:

    member, center = await desk.page(request, "queue.read")      # redirects to the sign-in, or shows why not
    form, member, center = await desk.form(request, "queue.work")  # the same for a POST, from our own page only
    return desk.html("console/queue.html", request, member, center, …)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import clock
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import digest, staff
from bot.domain.centers import Center
from bot.domain.roles import EVERYWHERE, Action, Member
from bot.domain.staff import Signed
from bot.messages import State
from bot.pages import forms, look
from bot.pages.environment import Frame, render
from bot.pages.forms import Form
from bot.pages.live import Hub
from bot.texts import t

HOME = "/ban-lam-viec"
SIGN_IN = f"{HOME}/vao"
COOKIE = "motcua_can_bo"
PRIVATE = {"Cache-Control": "no-store"}
TOKEN = "ma"  # noqa: S105 (the name of a field)


class Link(NamedTuple):
    """One entry of the navigation: `slug` stands in the address and names its sentence (console.nav_…).

    `daily`: what a clerk opens all day long; where there are many entries the others are folded away.
    """

    slug: str
    action: Action
    daily: bool = False


class Entry(NamedTuple):
    """The same for whoever looks. `current`: it is this page."""

    address: str
    words: str
    current: bool
    folded: bool


MOST_OPEN = 7
GIVEN = Link("cuoi-ngay", "digest.read")  # whoever may not read it finds there what they were given of it

# In this order, each as far as the role allows. A new page adds its line here and its sentence to console.yaml.
NAV: tuple[Link, ...] = (
    Link("quay", "queue.read", daily=True),
    Link("lich-hen", "queue.read", daily=True),
    Link("ho-so", "dossiers.read"),
    Link("ngay", "queue.read"),
    GIVEN,
    Link("gio", "center.read"),
    Link("thiet-lap", "center.read"),
    Link("hoi-dap", "questions.read", daily=True),
    Link("thong-bao", "notices.read", daily=True),
    Link("gop-y", "feedback.read"),
    Link("so-lieu", "figures.read"),
    Link("cau-chua-hieu", "queue.read"),
    Link("giup-ba-con", "assist"),
    Link("luyen-tap", "practice"),
    Link("luyen-tap", "practice.read"),
    Link("gui-di", "delivery.read"),
    Link("nguoi", "people.read"),
    Link("nhat-ky", "audit.read"),
)


class Posted(NamedTuple):
    form: Form
    member: Member
    center: Center


class Leave(Exception):
    """The page is not shown; this answer is given instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


@dataclass(frozen=True)
class Desk:
    """`key` signs what forms carry. `secure`: cookies only over https."""

    store: Store
    premises: Premises
    key: str
    hub: Hub
    secure: bool

    async def page(self, request: Request, action: Action) -> tuple[Member, Center]:
        """Who asks and which center the address names. Raises Leave without a session, or without the right to `action` there."""
        return self._allowed(request, await self.member(request), action)

    async def form(self, request: Request, action: Action) -> Posted:
        """What was posted, by whom, for which center. Raises Leave as `page` does, and for a form that another page made."""
        form, member = await self.posted(request)
        return Posted(form, *self._allowed(request, member, action))

    async def everywhere(self, request: Request, action: Action) -> Member:
        """Who asks for a page of all centers. Raises Leave without a session, or without the right to `action` at every one of them."""
        member = await self.member(request)
        if not member.may(action, EVERYWHERE):
            raise Leave(self._refused(request, member, None, t("console.other_center_title"), t("console.other_center")))
        return member

    async def posted(self, request: Request) -> tuple[Form, Member]:
        """A form of somebody signed in, whatever their role."""
        form = await forms.posted(request)
        member = await self.member(request)
        if not hmac.compare_digest(form.one(TOKEN).encode(), self.token(request).encode()):
            raise Leave(self._refused(request, member, None, t("console.old_form_title"), t("console.old_form")))
        return form, member

    async def member(self, request: Request) -> Member:
        """Who is signed in. Raises Leave to the sign-in page when nobody is."""
        signed = await self.signed(request)
        if signed is None:
            raise Leave(see_other(SIGN_IN))
        return signed

    async def signed(self, request: Request) -> Member | None:
        token, now = request.cookies.get(COOKIE, ""), clock.now()
        found, request.state.given = await self.store.read(_signed, token, now=now) if token else (None, frozenset())
        if found is not None and found.due:
            await self.store.write(staff.seen, token, now=now)
        return None if found is None else found.member

    def _allowed(self, request: Request, member: Member, action: Action) -> tuple[Member, Center]:
        asked = request.path_params.get("center", "")
        center = self.premises.directory.get(asked)
        if not member.at(asked):
            raise Leave(self._refused(request, member, None, t("console.other_center_title"), t("console.other_center")))
        if center is None:
            raise HTTPException(404)
        if not member.may(action, asked):
            role = ", ".join(t(f"console.role_{role}") for role in member.at(asked))
            raise Leave(self._refused(request, member, center, t("console.refused_title"), t("console.refused", role=role)))
        return member, center

    def _refused(self, request: Request, member: Member, center: Center | None, title: str, text: str) -> Response:
        state = State(tone="stop", icon="shield", title=title, text=(text,))
        return self.html("console/state.html", request, member, center, status=403, state=state)

    def html(
        self, template: str, request: Request, member: Member | None, center: Center | None, *, status: int = 200, **values: object
    ) -> HTMLResponse:
        """A page nobody keeps a copy of. Its template extends staff_base.html and knows `me`, `here`, `token` (console/forms.html) and `nav`.

        `center` is None on pages of no one center, `member` before the sign-in.
        """
        path = request.url.path if request.method in ("GET", "HEAD") else HOME
        query = f"?{request.url.query}" if path == request.url.path and request.url.query else ""
        frame = Frame(center or self.premises.center, look.read(request.cookies), path + query)
        shared: dict[str, object] = {"me": member, "here": center, "nav": self._nav(request, member, center), "token": self.token(request)}
        shared["several"] = member is not None and len(self.centers(member)) > 1
        return HTMLResponse(render(template, frame, **shared, **values), status, PRIVATE)

    def centers(self, member: Member) -> tuple[Center, ...]:
        """The centers where this member has a role."""
        return tuple(center for center in self.premises.directory.all if member.at(center.id))

    def first(self, member: Member, center: Center) -> str:
        """The first page they may open at a center; nothing when there is none."""
        return next((at(center, link.slug) for link in NAV if member.may(link.action, center.id)), "")

    def _nav(self, request: Request, member: Member | None, center: Center | None) -> list[Entry]:
        if member is None or center is None:
            return []
        links = {link.slug: link for link in NAV if member.may(link.action, center.id)}.values()
        entries = [self._entry(request, center, link, folded=len(links) > MOST_OPEN and not link.daily) for link in links]
        given = self._entry(request, center, GIVEN)._replace(words=t("console.nav_given"))
        shown = not member.may(GIVEN.action, center.id) and (given.current or center.id in getattr(request.state, "given", ()))
        return [*entries, given] if shown else entries

    @staticmethod
    def _entry(request: Request, center: Center, link: Link, *, folded: bool = False) -> Entry:
        address, path = at(center, link.slug), request.url.path
        return Entry(address, t(f"console.nav_{link.slug.replace('-', '_')}"), path == address or path.startswith(f"{address}/"), folded)

    def token(self, request: Request) -> str:
        """What forms of this session carry; nothing when there is no session."""
        session = request.cookies.get(COOKIE, "")
        return hmac.new(self.key.encode(), f"console:{session}".encode(), hashlib.sha256).hexdigest() if session else ""

    @staticmethod
    def actor(member: Member) -> str:
        """How the audit log and the events of a visit name this member."""
        return member.actor


def _signed(session: Session, token: str, *, now: dt.datetime) -> tuple[Signed | None, frozenset[str]]:
    """And the centers where work given to them waits."""
    found = staff.of_session(session, token, now=now)
    return found, digest.waiting(session, found.member.actor) if found is not None else frozenset()


Page = Callable[[Desk, Request], Awaitable[Response]]


def get(desk: Desk, path: str, page: Page) -> Route:
    """The page at HOME + `path`, such as "/{center}/quay"."""
    return Route(f"{HOME}{path}", partial(_answer, desk, page), methods=["GET"])


def post(desk: Desk, path: str, page: Page) -> Route:
    return Route(f"{HOME}{path}", partial(_answer, desk, page), methods=["POST"])


async def _answer(desk: Desk, page: Page, request: Request) -> Response:
    try:
        return await page(desk, request)
    except Leave as leave:
        return leave.response


def at(center: Center, slug: str) -> str:
    """The address of a page of this center."""
    return f"{HOME}/{center.id}/{slug}"


def see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, PRIVATE)
