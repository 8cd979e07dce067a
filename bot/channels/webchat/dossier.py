"""Where a dossier stands, by the code on the slip: for whoever holds it, without a name and without a session."""

from __future__ import annotations

import time
from functools import partial

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import clock
from bot.channels.webchat import limits
from bot.channels.webchat.house import House
from bot.channels.webchat.limits import Buckets, Rate
from bot.conversation.context import Premises
from bot.domain import dossier_codes
from bot.messages import State
from handlers import dossier_words, dossiers

PATH = "/ho-so"
UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}
# A family looks up three; thousands of phones stand behind one address; a machine that guesses wants millions.
LOOKUPS_OF_NETWORK = Rate(60, 0.5)


def routes(house: House) -> list[BaseRoute]:
    return [Route(PATH, partial(show, house, Buckets(LOOKUPS_OF_NETWORK, time.monotonic)), methods=["GET"])]


async def show(house: House, lookups: Buckets, request: Request) -> Response:
    """The form, and below it what `?ma=` asks for. Only the whole code finds anything."""
    typed = request.query_params.get("ma", "").strip()[: dossier_codes.LONGEST * 2]
    if typed and not lookups.take(*limits.network(request.client.host if request.client is not None else "")):
        response = house.html("web/dossier.html", request, status=429, typed=typed, states=(), busy=True)
        response.headers["Retry-After"] = limits.WAIT
    else:
        states = await house.store.read(_found, house.premises, typed) if typed else ()
        response = house.html("web/dossier.html", request, typed=typed, states=states, busy=False)
    response.headers.update(UNLISTED)
    return response


def _found(session: Session, premises: Premises, typed: str) -> tuple[State, ...]:
    found = dossiers.find(session, premises, typed)
    return tuple(dossier_words.status(premises, one, now=clock.now()) for one in found) or (dossier_words.unknown(),)
