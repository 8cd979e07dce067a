"""What every page of the web chat shares, and the ways a page leaves it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.webchat.limits import Limits
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain.centers import Center
from bot.pages import look, shield
from bot.pages.environment import Frame, render
from bot.pages.live import Hub
from bot.pages.session import COOKIE, Sessions, Visitor

PRIVATE = {"Cache-Control": "no-store"}
PUBLIC = {"Cache-Control": "public, max-age=300"}
FRAMED_PATH = "/khung"
SELF = "'self'"  # the kiosk
AT_THE_END = "cuoi"  # the page was led to the newest message
_LOCAL = re.compile(r"/(?![/\\])[\w\-./?=&%]*")


@dataclass(frozen=True)
class House:
    """`secure`: cookies only over https. `embed_origins`: the sites that may frame the chat."""

    store: Store
    dispatcher: Dispatcher
    premises: Premises
    sessions: Sessions
    hub: Hub
    secure: bool
    embed_origins: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)

    def visitor(self, request: Request, token: str | None = None) -> Visitor:
        """Who asks. A token stands in the address of framed pages, or in the form that was posted (`token`)."""
        given = request.query_params.get("phien", "") if token is None else token
        framed = request.url.path == FRAMED_PATH or "phien" in request.query_params or token is not None
        return self.sessions.read(request.cookies, given, framed=framed)

    def html(
        self, template: str, request: Request, *, framed: bool = False, status: int = 200, center: Center | None = None, **values: object
    ) -> HTMLResponse:
        """A page nobody keeps a copy of. `center`: the one it is about, where it is not the first of the installation."""
        path = request.url.path if request.method in ("GET", "HEAD") else "/"
        asked = request.url.query if request.url.query != f"{AT_THE_END}=1" else ""
        query = f"?{asked}" if path == request.url.path and asked else ""
        frame = Frame(center or self.premises.center, look.read(request.cookies), path + query, framed)
        headers = PRIVATE | ({"Content-Security-Policy": policy(self.embed_origins)} if framed else {})
        return HTMLResponse(render(template, frame, **values), status, headers)

    def remember(self, response: Response, visitor: Visitor) -> None:
        """Set the session's cookie anew; a framed visitor carries a token instead."""
        if visitor.address and not visitor.framed:
            age = int(self.sessions.keep.total_seconds())
            response.set_cookie(COOKIE, self.sessions.cookie(visitor), age, path="/", secure=self.secure, httponly=True, samesite="lax")


def policy(ancestors: tuple[str, ...]) -> str:
    """The content security policy of a page that `ancestors` may frame, and a page of our own."""
    return f"{shield.POLICY}; frame-ancestors {' '.join((SELF, *ancestors))}"


def see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, PRIVATE)


def local_path(path: str, otherwise: str = "/") -> str:
    """The path if it stays on this site."""
    return path if _LOCAL.fullmatch(path) else otherwise


def home(visitor: Visitor) -> str:
    """Where this visitor's conversation is."""
    return f"{FRAMED_PATH}?phien={visitor.token}" if visitor.framed else "/"


def latest(visitor: Visitor) -> str:
    """Its newest message. The fragment alone would not do: a browser that comes back to the plain address knows none."""
    here = home(visitor)
    return f"{here}{'&' if '?' in here else '?'}{AT_THE_END}=1#moi"
