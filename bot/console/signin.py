"""In by a one-time link, out by a button. Opening the link shows a button, so that the preview of a chat does not use it up."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import COOKIE, HOME, SIGN_IN, Desk, see_other
from bot.domain import staff
from bot.messages import State
from bot.pages import forms
from bot.texts import t


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "", home),
        desks.get(desk, "/vao", ask),
        desks.get(desk, "/vao/{link}", confirm),
        desks.post(desk, "/vao/{link}", enter),
        desks.post(desk, "/ra", leave),
        desks.post(desk, "/ra-het", leave_everywhere),
    ]


async def home(desk: Desk, request: Request) -> Response:
    """To the first page of the only center, or the centers to choose from."""
    member = await desk.member(request)
    centers = desk.centers(member)
    if len(centers) == 1 and (first := desk.first(member, centers[0])):
        return see_other(first)
    choices = [(center, desk.first(member, center)) for center in centers]
    return desk.html("console/home.html", request, member, None, centers=[(center, first) for center, first in choices if first])


async def ask(desk: Desk, request: Request) -> Response:
    """How to get a link."""
    if await desk.signed(request) is not None:
        return see_other(HOME)
    left = "ra" in request.query_params
    title = t("console.left_title") if left else t("console.sign_in_title")
    state = State(tone="plain" if left else "note", icon="door", title=title, text=_how())
    return desk.html("console/state.html", request, None, None, state=state)


def _how() -> tuple[str, ...]:
    return t("console.how_chat"), t("console.how_lead"), t("console.how_first")


async def confirm(desk: Desk, request: Request) -> Response:
    return desk.html("console/enter.html", request, None, None)


async def enter(desk: Desk, request: Request) -> Response:
    """Use the link up. Whoever was signed in on this browser is out."""
    await forms.posted(request)
    now = clock.now()
    session = await desk.store.write(staff.sign_in, request.path_params["link"], now=now)
    if session is None:
        state = State(tone="now", icon="clock", title=t("console.used_title"), text=(t("console.used"), *_how()))
        return desk.html("console/state.html", request, None, None, status=410, state=state)
    if before := request.cookies.get(COOKIE):
        await desk.store.write(staff.sign_out, before, now=now)
    response = see_other(HOME)
    response.set_cookie(COOKIE, session, int(staff.LONGEST.total_seconds()), path=HOME, secure=desk.secure, httponly=True, samesite="lax")
    return response


async def leave(desk: Desk, request: Request) -> Response:
    await desk.posted(request)
    await desk.store.write(staff.sign_out, request.cookies[COOKIE], now=clock.now())
    return _left(desk)


async def leave_everywhere(desk: Desk, request: Request) -> Response:
    _, member = await desk.posted(request)
    await desk.store.write(staff.sign_out_everywhere, member.id, actor=member.actor, now=clock.now())
    return _left(desk)


def _left(desk: Desk) -> Response:
    response = see_other(f"{SIGN_IN}?ra=1")
    response.delete_cookie(COOKIE, path=HOME, secure=desk.secure, httponly=True, samesite="lax")
    return response
