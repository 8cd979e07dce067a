"""News for open pages of a center: anything that happens to a visit there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from bot.console import desk as desks
from bot.console.desk import PRIVATE, Desk
from bot.db import upsert
from bot.db.day import VisitEvent

NO_BUFFER = {"X-Accel-Buffering": "no"}
_EVENT = upsert.table(VisitEvent)


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/song", stream)]


async def stream(desk: Desk, request: Request) -> Response:
    """Server-sent events `moi` with the id of the newest event; `?tu=` is the one the page has seen. Without room pages ask now and then."""
    _, center = await desk.page(request, "queue.read")
    if not desk.hub.has_room(center.id):
        return Response(status_code=503, headers=PRIVATE | {"Retry-After": "30"})
    seen = request.headers.get("last-event-id") or request.query_params.get("tu", "")
    events = desk.hub.stream(center.id, int(seen) if seen.isdecimal() else 0)
    return StreamingResponse(events, media_type="text/event-stream", headers=PRIVATE | NO_BUFFER)


def newest(session: Session, keys: Sequence[str]) -> Mapping[str, int]:
    """The id of the last event at the center of each key: its id, for pages of another kind behind their name and a colon."""
    centers = {key: key.rpartition(":")[2] for key in keys}
    at_center = _EVENT.c.center_id.in_(set(centers.values()))
    rows = session.execute(select(_EVENT.c.center_id, func.max(_EVENT.c.id)).where(at_center).group_by(_EVENT.c.center_id))
    highest = {center_id: int(number) for center_id, number in rows}
    return {key: highest[center_id] for key, center_id in centers.items() if center_id in highest}
