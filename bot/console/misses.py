"""Questions nobody could answer: the work list for new phrases, without anything that points to a person."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import Desk
from bot.conversation.context import Premises
from bot.domain import misses
from bot.domain.misses import Group

SHOWN = 100


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/cau-chua-hieu", show)]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "queue.read")
    groups = await desk.store.read(_groups, desk.premises, today=clock.today(clock.now()))
    return desk.html("console/misses.html", request, member, center, groups=groups)


def _groups(session: Session, premises: Premises, *, today: dt.date) -> list[Group]:
    groups = misses.group(misses.most_frequent(session, 5 * SHOWN))[:SHOWN]
    return misses.ask_again(groups, premises.catalog, premises.index, today=today)
