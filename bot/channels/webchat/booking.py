"""Booking a time on the web: choose, hold, move to another time, wait for a seat on a full day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import clock, errors
from bot.channels.webchat import limits, posted, times
from bot.channels.webchat.house import House, see_other
from bot.channels.webchat.inbound import BOT
from bot.channels.webchat.posted import Post
from bot.channels.webchat.times import Asked, Board, Problem, Trouble
from bot.conversation.context import Premises
from bot.domain import booking, people, slots, waitlist
from bot.domain.quiet import Past
from bot.domain.visits import Visit
from handlers import telling, visiting

UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}
_STATUS: dict[Problem, int] = {"old": 403, "nothing": 422}


def routes(house: House) -> list[BaseRoute]:
    past = Past()
    return [
        Route(times.PATH, partial(show, house, past), methods=["GET"]),
        Route(times.PATH, partial(choose, house, past), methods=["POST"]),
    ]


async def show(house: House, past: Past, request: Request) -> Response:
    wanted = times.asked(lambda name: request.query_params.get(name, ""))
    return await _page(house, past, request, wanted, house.visitor(request).address)


async def choose(house: House, past: Past, request: Request) -> Response:
    """A time to hold or to move to, or a full day to wait for."""
    post = await posted.read(house, request)
    wanted = times.asked(post.form.one)
    if not house.limits.allows(request, post.visitor.address):
        raise HTTPException(429, "busy", {"Retry-After": limits.WAIT})
    if post.once is None:
        return await _page(house, past, request, wanted, post.visitor.address, trouble=Trouble("old"))
    try:
        if post.form.one("bo-cho"):
            return await _leave(house, post, wanted)
        if day := post.form.one("cho"):
            return await _wait(house, post, replace(wanted, date=times.date(day), starts_at=None))
        if wanted.starts_at is None:
            return await _page(house, past, request, wanted, post.visitor.address, trouble=Trouble("nothing"))
        return await _take(house, post, wanted)
    except errors.VisitError as error:
        return await _page(house, past, request, wanted, post.visitor.address, trouble=_trouble(error))


def _trouble(error: errors.VisitError) -> Trouble:
    if isinstance(error, errors.AlreadyBooked):
        return Trouble("already", error.visit_id)
    kinds: dict[type[errors.VisitError], Problem] = {errors.SlotTaken: "taken", errors.TooMany: "many"}
    return Trouble(kinds.get(type(error), "closed"))


async def _page(house: House, past: Past, request: Request, wanted: Asked, address: str, *, trouble: Trouble | None = None) -> Response:
    now = clock.now()
    board = await house.store.read(times.board, house.premises, past, wanted, address, trouble=trouble, now=now)
    if wanted.move and (board.plan.moving is None or not board.plan.moving.starts_at):
        raise HTTPException(404, "ticket_gone")
    if board.plan.moving is not None and board.plan.moving.state != "booked":
        return see_other(f"{telling.TICKET}{board.plan.moving.token}")
    status = _STATUS.get(trouble.kind, 409) if trouble is not None else 200
    response = house.html("web/booking.html", request, status=status, center=board.plan.center, **_values(house, request, board))
    response.headers.update(UNLISTED)
    return response


def _values(house: House, request: Request, board: Board) -> dict[str, Any]:
    wanted, made = board.wanted, board.plan
    fields = {"danh-sach": wanted.list, "thu-tuc": wanted.code, "trung-tam": wanted.center, "nhom": wanted.letter, "doi": wanted.move}
    hour = clock.hour(wanted.starts_at) if wanted.starts_at else ""
    return {
        "board": board,
        "once": {"token": house.sessions.form(house.visitor(request)), "session": ""},
        "others": ("", *booking.OTHERS),
        "kept": [(name, text) for name, text in fields.items() if text],
        "hour": hour,
        "picked": times.near(wanted.starts_at) if wanted.starts_at else None,
        "elsewhere": "" if made.here else times.elsewhere(made),
        "why_shut": times.why_shut(board.chosen) if board.chosen is not None else "",
        "when": telling.when,
        "upper": times.upper,
    }


async def _take(house: House, post: Post, wanted: Asked) -> Response:
    """Hold the time, or move the booking to it. The visitor gets an address with the first hold."""
    now = clock.now()
    if wanted.move:
        moved = await house.store.write(_move, house.premises, wanted, now=now)
        if moved is None:
            raise HTTPException(404, "ticket_gone")
        return see_other(f"{telling.TICKET}{moved.token}?xong=doi")
    visitor = post.visitor
    if not visitor.address and post.once is not None:
        visitor = house.sessions.begin(post.once, framed=False)
    held = await house.store.write(_hold, house.premises, wanted, visitor.address, now=now)
    response = see_other(f"{telling.TICKET}{held.token}")
    house.remember(response, visitor)
    return response


def _hold(session: Session, premises: Premises, wanted: Asked, address: str, *, now: dt.datetime) -> Visit:
    plan = times.plan(session, premises, wanted, now=now)
    if plan.group is None or not plan.here or wanted.starts_at is None:
        raise errors.SlotClosed(wanted.center)
    wish = times.wish(session, plan, wanted, address, now=now)
    return booking.hold(session, plan.group, wanted.starts_at, wish, actor=visiting.CITIZEN, now=now)


def _move(session: Session, premises: Premises, wanted: Asked, *, now: dt.datetime) -> Visit | None:
    """Whoever has the ticket's link may move it. None when there is no such ticket."""
    plan = times.plan(session, premises, wanted, now=now)
    if plan.moving is None:
        return None
    if plan.group is None or wanted.starts_at is None:
        raise errors.SlotClosed(wanted.move)
    return visiting.move(session, plan.moving, plan.group, wanted.starts_at, actor=visiting.CITIZEN, now=now)


async def _wait(house: House, post: Post, wanted: Asked) -> Response:
    """A place in the line for a full day."""
    visitor = post.visitor
    if not visitor.address and post.once is not None:
        visitor = house.sessions.begin(post.once, framed=False)
    await house.store.write(_join, house.premises, wanted, visitor.address, now=clock.now())
    response = see_other(f"{wanted.link()}#cho-trong")
    house.remember(response, visitor)
    return response


def _join(session: Session, premises: Premises, wanted: Asked, address: str, *, now: dt.datetime) -> None:
    plan = times.plan(session, premises, wanted, now=now)
    today = clock.today(now)
    if plan.group is None or not plan.here or wanted.date is None or not today <= wanted.date <= today + slots.AHEAD:
        raise errors.SlotClosed(wanted.center)
    wish = times.wish(session, plan, wanted, address, now=now)
    waitlist.join(session, plan.group, wanted.date, wish, now=now)
    visiting.offer_free(session, now=now)


async def _leave(house: House, post: Post, wanted: Asked) -> Response:
    number = post.form.one("bo-cho")
    if number.isdecimal() and post.visitor.address:
        await house.store.write(_left, int(number), post.visitor.address, now=clock.now())
    return see_other(wanted.link())


def _left(session: Session, waiting: int, address: str, *, now: dt.datetime) -> None:
    account = people.find(session, BOT, address)
    if account is not None and waitlist.leave(session, waiting, account.person_id):
        visiting.offer_free(session, now=now)
