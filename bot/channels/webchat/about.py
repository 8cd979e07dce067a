"""Pages around the conversation: how they look, what is kept, where to meet a person, and putting the chat into another site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot import clock, errors
from bot.channels.webchat.house import PUBLIC, House, local_path, see_other
from bot.conversation import payloads as codec
from bot.messages import State
from bot.pages import look, statics
from bot.texts import t
from handlers import center, payloads, person, privacy

LOOK_AGE = 365 * 24 * 3600
ROBOTS = "User-agent: *\nDisallow: /song\nDisallow: /moi\nDisallow: /khung\n"
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)


def routes(house: House) -> list[BaseRoute]:
    return [
        Route("/xem", partial(switch, house), methods=["GET"]),
        Route("/rieng-tu", partial(private, house), methods=["GET"]),
        Route("/gap-can-bo", partial(meet, house), methods=["GET"]),
        Route("/nhung", partial(embed, house), methods=["GET"]),
        Route("/nhung.js", partial(snippet, house), methods=["GET"]),
        Route("/robots.txt", robots, methods=["GET"]),
    ]


def origins(configured: Sequence[str]) -> tuple[str, ...]:
    """The sites that may frame the chat. Raises SettingsInvalid for what would not be one origin in a header."""
    for origin in configured:
        if not _ORIGIN.fullmatch(origin) or not urlsplit(origin).hostname:
            raise errors.SettingsInvalid(f"MOTCUA_EMBED_ORIGINS: {origin!r} is not an origin such as https://anphu.gov.vn")
    return tuple(configured)


async def switch(house: House, request: Request) -> Response:
    """Remember the chosen size of text or colours, and go back to where the link stood."""
    response = see_other(local_path(request.query_params.get("ve", "/")))
    for cookie, values in ((look.SIZE_COOKIE, look.SIZES), (look.THEME_COOKIE, look.THEMES)):
        chosen = request.query_params.get(cookie, "")
        if chosen in values:
            response.set_cookie(cookie, chosen, LOOK_AGE, path="/", secure=house.secure, httponly=True, samesite="lax")
    return response


async def private(house: House, request: Request) -> Response:
    """What is stored, and the ways into the conversation's own flow to see and delete it."""
    visitor = house.visitor(request)
    return house.html(
        "web/private.html",
        request,
        lines=(*privacy.lines(house.premises.keep_days), t("web.privacy_cookie")),
        known=bool(visitor.address),
        see=codec.encode(payloads.SeeMine()),
        forget=codec.encode(payloads.Forget(sure=False)),
        once={"token": house.sessions.form(visitor), "session": ""},
    )


async def meet(house: House, request: Request) -> Response:
    state = State(icon="person", title=t("chat.person_title"), text=person.where(house.premises.center, clock.now()))
    return house.html("web/meet.html", request, state=state, way=center.way(house.premises.center))


async def embed(house: House, request: Request) -> Response:
    return house.html("web/embed.html", request, address=house.premises.address, origins=house.embed_origins)


async def snippet(house: House, request: Request) -> Response:
    """The script other sites load; it stands outside the hashed files because its address must never change."""
    file = statics.files()["nhung.js"]
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(file.body, media_type=file.type, headers=headers)


async def robots(_request: Request) -> Response:
    return PlainTextResponse(ROBOTS, headers=PUBLIC)
