"""The ticket's page: no login, whoever has its link sees it and may act. Kept up to date while it is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot import clock, errors
from bot.channels.webchat import calendar_file, ticket_view
from bot.channels.webchat.house import PRIVATE, House, see_other
from bot.channels.webchat.ticket_view import Ticket
from bot.channels.webchat.times import Asked
from bot.domain import booking, visits
from bot.domain.visits import Visit
from bot.pages import forms, qr
from bot.pages.forms import Form
from bot.texts import t
from handlers import telling, visiting

UNLISTED = {"X-Robots-Tag": "noindex, nofollow"}
NO_BUFFER = {"X-Accel-Buffering": "no"}
KEY = "ticket:"  # how the hub knows these pages from conversations
DONE = ("dat", "doi", "tre")  # what a page may say was just done

Deed = Callable[[Session, Visit, Form, dt.datetime], object]


def routes(house: House) -> list[BaseRoute]:
    here = f"{telling.TICKET}{{token}}"
    return [
        Route(f"{here}.ics", partial(calendar, house), methods=["GET"]),
        Route(here, partial(show, house), methods=["GET"]),
        Route(here, partial(act, house), methods=["POST"]),
        Route(f"{here}/huy", partial(sure, house), methods=["GET"]),
        Route(f"{here}/moi", partial(fragment, house), methods=["GET"]),
        Route(f"{here}/song", partial(stream, house), methods=["GET"]),
    ]


async def show(house: House, request: Request) -> Response:
    done = request.query_params.get("xong", "")
    return _page(house, request, await _found(house, request), done=done if done in DONE else "")


async def act(house: House, request: Request) -> Response:
    """Confirm, give back, cancel, be late. The unguessable link is the right to do it, so no form token is asked for."""
    form = await forms.posted(request)
    deed = _DEEDS.get(form.one("viec"))
    if deed is None:
        raise HTTPException(404, "ticket_gone")
    token = request.path_params["token"]
    try:
        known = await house.store.write(_do, token, deed, form, now=clock.now())
    except errors.TooLate as error:
        return _page(house, request, await _found(house, request), status=409, late=error.state)
    if not known:
        raise HTTPException(404, "ticket_gone")
    done = {"xac-nhan": "?xong=dat", "tre": "?xong=tre"}.get(form.one("viec"), "")
    return see_other(f"{telling.TICKET}{token}{done}")


def _do(session: Session, token: str, deed: Deed, form: Form, *, now: dt.datetime) -> bool:
    visit = visits.by_token(session, token)
    if visit is None or visit.day + ticket_view.KEPT < clock.today(now):
        return False
    deed(session, visit, form, now)
    return True


def _confirm(session: Session, visit: Visit, _form: Form, now: dt.datetime) -> object:
    return booking.confirm(session, visit, actor=visiting.CITIZEN, now=now)


def _cancel(session: Session, visit: Visit, _form: Form, now: dt.datetime) -> object:
    return visiting.cancel(session, visit, actor=visiting.CITIZEN, now=now)


def _be_late(session: Session, visit: Visit, form: Form, now: dt.datetime) -> object:
    """Raises TooLate for minutes nobody offered, or on another day."""
    said = form.one("phut")
    if said not in map(str, ticket_view.LATE) or visit.day != clock.today(now):
        raise errors.TooLate(visit.state)
    return booking.late(session, visit, int(said), actor=visiting.CITIZEN, now=now)


_DEEDS: Mapping[str, Deed] = {"xac-nhan": _confirm, "huy": _cancel, "tre": _be_late}


async def sure(house: House, request: Request) -> Response:
    """Asks once before a visit is given up."""
    ticket = await _found(house, request)
    if not ticket.may_cancel:
        return see_other(f"{telling.TICKET}{ticket.visit.token}")
    response = house.html("web/ticket_cancel.html", request, center=ticket.center, ticket=ticket, when=telling.when(ticket.visit))
    response.headers.update(UNLISTED)
    return response


async def fragment(house: House, request: Request) -> Response:
    """What can change, for the script."""
    ticket = await _found(house, request)
    return house.html("web/ticket_main.html", request, center=ticket.center, **_values(ticket))


async def stream(house: House, request: Request) -> Response:
    """Server-sent events with the newest event of the center, as long as something can happen to this ticket."""
    ticket = await _found(house, request)
    key = f"{KEY}{ticket.visit.id}:{ticket.visit.center_id}"
    if not ticket.live:
        return Response(status_code=204, headers=PRIVATE)
    if not house.hub.has_room(key):
        return Response(status_code=503, headers=PRIVATE | {"Retry-After": "30"})
    seen = request.headers.get("last-event-id") or request.query_params.get("tu", "")
    events = house.hub.stream(key, int(seen) if seen.isdecimal() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=PRIVATE | NO_BUFFER)


def newest(session: Session, keys: Sequence[str]) -> Mapping[str, int]:
    """The newest event at the center of each of these tickets."""
    centers = {key: key.removeprefix(KEY).partition(":")[2] for key in keys}
    found = visits.newest_event(session, sorted(set(centers.values())))
    return {key: found[center] for key, center in centers.items()}


async def calendar(house: House, request: Request) -> Response:
    """The booking for the phone's calendar; a ticket without a time has none."""
    now = clock.now()
    ticket = await _found(house, request)
    if ticket.visit.starts_at is None or ticket_view.state(ticket.facts) in ("held", "expired"):
        raise HTTPException(404, "ticket_gone")
    changes = await house.store.read(_changes, ticket.visit.id)
    body = calendar_file.make(_entry(ticket, telling.page(house.premises, ticket.visit), changes), now=now)
    headers = PRIVATE | UNLISTED | {"Content-Disposition": 'attachment; filename="lich-hen.ics"'}
    return Response(body, media_type="text/calendar", headers=headers)


def _entry(ticket: Ticket, link: str, changes: int) -> calendar_file.Entry:
    visit, center = ticket.visit, ticket.center
    assert visit.starts_at is not None
    assert visit.ends_at is not None
    papers = [t("ticket.left", count=len(ticket.left.names), papers="; ".join(ticket.left.names))] if ticket.left.names else []
    return calendar_file.Entry(
        visit_id=visit.id,
        sequence=changes - 1,
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        title=t("ticket.calendar_title", what=ticket.what),
        text=[t("visits.reminder_code", code=telling.spoken(visit.code)), *papers, link],
        place=f"{center.name}, {center.address}",
        position=(center.map.lat, center.map.lon) if center.map else None,
        link=link,
        cancelled=visit.state in ("cancelled", "no_show"),
    )


def _changes(session: Session, visit_id: int) -> int:
    return len(visits.events(session, [visit_id]))


async def _found(house: House, request: Request) -> Ticket:
    found = await house.store.read(ticket_view.read, house.premises, request.path_params["token"], now=clock.now())
    if found is None:
        raise HTTPException(404, "ticket_gone")
    return found


def _page(house: House, request: Request, ticket: Ticket, *, status: int = 200, done: str = "", late: str = "") -> Response:
    link = telling.page(house.premises, ticket.visit)
    code = qr.svg(link, t("ticket.qr"))
    response = house.html("web/ticket.html", request, status=status, center=ticket.center, qr=code, done=done, late=late, **_values(ticket))
    response.headers.update(UNLISTED)
    return response


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "code": telling.spoken(ticket.visit.code),
        "when": telling.when(ticket.visit),
        "again": Asked(list=ticket.left.link.removeprefix("/d/"), code=ticket.visit.procedure, date=ticket.visit.day).link(),
        "move": Asked(move=ticket.visit.token, date=ticket.visit.day).link(),
        "map": ticket_view.map_link(ticket),
        "missing": ticket_view.papers(ticket.visit),
        "lates": ticket_view.LATE,
    }
