"""The conversation: shown, written to, and kept up to date."""

from __future__ import annotations

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.channels.webchat import bubbles, deeds, handing, inbound, limits, log, posted
from bot.channels.webchat.house import AT_THE_END, FRAMED_PATH, PRIVATE, House, home, latest, see_other
from bot.channels.webchat.log import Answered, Log
from bot.channels.webchat.posted import Post
from bot.messages import State
from bot.pages.session import Visitor
from bot.texts import t
from handlers import welcome

OLDER = "cu"
NO_BUFFER = {"X-Accel-Buffering": "no"}


def routes(house: House) -> list[BaseRoute]:
    return [
        Route("/", partial(page, house), methods=["GET"]),
        Route(FRAMED_PATH, partial(framed, house), methods=["GET"]),
        Route("/gui", partial(send, house), methods=["POST"]),
        Route("/chon", partial(choose, house), methods=["POST"]),
        Route("/danh-dau", partial(tick, house), methods=["POST"]),
        Route("/bat-dau", partial(begin, house), methods=["POST"]),
        Route("/moi", partial(fragment, house), methods=["GET"]),
        Route("/song", partial(stream, house), methods=["GET"]),
    ]


async def page(house: House, request: Request) -> Response:
    return await _opened(house, request)


async def framed(house: House, request: Request) -> Response:
    """The chat inside a commune's page; opened by itself it is the ordinary chat."""
    if request.headers.get("sec-fetch-dest") == "document":
        return see_other("/")
    return await _opened(house, request)


async def _opened(house: House, request: Request) -> Response:
    """Who comes back is led to the newest message, also without a script."""
    visitor = house.visitor(request)
    if visitor.address and not {AT_THE_END, OLDER} & request.query_params.keys():
        newest = await house.store.read(log.newest, [visitor.address])
        if newest:
            return see_other(latest(visitor))
    return await _page(house, request, visitor)


async def fragment(house: House, request: Request) -> Response:
    """The log alone, for the script; nothing when `sau` is still the newest message."""
    visitor = house.visitor(request)
    seen = request.query_params.get("sau", "")
    if seen.isdigit() and visitor.address:
        newest = await house.store.read(log.newest, [visitor.address])
        if newest.get(visitor.address, 0) <= int(seen):
            return Response(status_code=204, headers=PRIVATE)
    return await _fragment(house, request, visitor)


async def stream(house: House, request: Request) -> Response:
    """Server-sent events. Without a conversation there is nothing to wait for; when all places are taken the page asks now and then."""
    visitor = house.visitor(request)
    if not visitor.address:
        return Response(status_code=204, headers=PRIVATE)
    if not house.hub.has_room(visitor.address):
        return Response(status_code=503, headers=PRIVATE | {"Retry-After": "30"})
    seen = request.headers.get("last-event-id") or request.query_params.get("tu", "")
    events = house.hub.stream(visitor.address, int(seen) if seen.isdigit() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=PRIVATE | NO_BUFFER)


async def send(house: House, request: Request) -> Response:
    """A typed message."""
    post = await posted.read(house, request)
    if post.once is None:
        return await _not_sent(house, request, post, "web.old_title", "web.old")
    said = inbound.typed(post.form)
    if not said:
        return await _not_sent(house, request, post, "web.empty", status=422)
    if not house.limits.allows(request, post.visitor.address):
        return await _too_many(house, request, post)
    return await _sent(house, request, post, await deeds.say(house, post.visitor, post.once, said))


async def choose(house: House, request: Request) -> Response:
    """A line of a menu, found again by its message and number: nothing that was not offered can be sent."""
    post = await posted.read(house, request)
    if post.once is None:
        return await _not_sent(house, request, post, "web.old_title", "web.old_choice")
    if not house.limits.allows(request, post.visitor.address):
        return await _too_many(house, request, post)
    visitor = await deeds.choose(house, post.visitor, post.once, post.form.one("tin-so"), post.form.one("chon"))
    if visitor is None:
        return await _not_sent(house, request, post, "web.gone_title", "web.gone", status=409)
    return await _sent(house, request, post, visitor)


async def tick(house: House, request: Request) -> Response:
    """The boxes of a list as they shall be."""
    post = await posted.read(house, request)
    if post.once is None:
        return await _not_sent(house, request, post, "web.old_title", "web.old_choice")
    if not house.limits.allows(request, post.visitor.address):
        return await _too_many(house, request, post)
    await deeds.tick(house, post.visitor, post.once, post.form.one("danh-sach"), post.form.all("co"))
    if post.script:
        return Response(status_code=204, headers=PRIVATE)
    place, back = post.form.one("neo"), post.form.one("trang")
    if back.replace("-", "").replace("_", "").isalnum():
        return see_other(f"/d/{back}")
    end, _, newest = latest(post.visitor).partition("#")
    return see_other(f"{end}#{place if place.isalnum() else newest}")


async def begin(house: House, request: Request) -> Response:
    """Something a page of ours begins in the conversation."""
    post = await posted.read(house, request)
    if post.once is None:
        return await _not_sent(house, request, post, "web.old_title", "web.old_choice")
    if not house.limits.allows(request, post.visitor.address):
        return await _too_many(house, request, post)
    visitor = await deeds.begin(house, post.visitor, post.once, post.form.one("viec"))
    if visitor is None:
        return await _not_sent(house, request, post, "web.gone_title", "web.gone", status=409)
    return await _sent(house, request, post, visitor)


async def _sent(house: House, request: Request, post: Post, visitor: Visitor) -> Response:
    response = await _fragment(house, request, visitor) if post.script else see_other(latest(visitor))
    house.remember(response, visitor)
    return response


async def _too_many(house: House, request: Request, post: Post) -> Response:
    response = await _not_sent(house, request, post, "web.busy_title", "web.busy", status=429)
    response.headers["Retry-After"] = limits.WAIT
    return response


async def _not_sent(house: House, request: Request, post: Post, *said: str, status: int = 403) -> Response:
    """The conversation again with what is `said` (keys of a title and a text) above the field, and what was typed still in it."""
    if post.script:
        return await _fragment(house, request, post.visitor, status)
    title, *lines = (t(key) for key in said)
    notice = State(tone="now", icon="warn", title=title, text=tuple(lines))
    return await _page(house, request, post.visitor, status=status, notice=notice, typed=inbound.typed(post.form))


async def _page(house: House, request: Request, visitor: Visitor, *, status: int = 200, notice: State | None = None, typed: str = "") -> Response:
    values = await _talk(house, request, visitor)
    return house.html("web/chat.html", request, framed=visitor.framed, status=status, notice=notice, typed=typed, **values)


async def _fragment(house: House, request: Request, visitor: Visitor, status: int = 200) -> Response:
    return house.html("web/log.html", request, framed=visitor.framed, status=status, **await _talk(house, request, visitor))


async def _talk(house: House, request: Request, visitor: Visitor) -> dict[str, Any]:
    """What the log's template wants to know. `below`: the menu of a chat in which nothing was said yet stands under the field to type
    in, so that the bar never lies over it."""
    now = clock.now()
    limit = log.MOST if OLDER in request.query_params else log.RECENT
    read = await house.store.read(log.read, house.premises, visitor.address, limit) if visitor.address else Log()
    waits = bool(visitor.address) and await house.store.read(handing.waits, visitor.address)
    shown = read if read.entries else Log((Answered(0, 0, now, welcome.greeting(house.premises), current=True),))
    made = bubbles.of(shown, house.premises, now=now)
    below = [] if read.entries else [bubble for bubble in made if bubble.menu is not None]
    here = home(visitor)
    return {
        "once": {"token": house.sessions.form(visitor), "session": visitor.token},
        "talk": {
            "bubbles": [bubble for bubble in made if bubble not in below],
            "below": below,
            "newest": read.newest,
            "more": read.more,
            "older": f"{here}{'&' if '?' in here else '?'}{OLDER}=1",
            "waiting": read.waiting,
            "latest": latest(visitor),
            "hand_in": handing.address(visitor) if waits else "",
            "known": bool(visitor.address),
        },
    }
