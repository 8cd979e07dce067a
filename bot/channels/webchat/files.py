"""Pictures and files that came with a message, for whom it came to."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.channels.webchat import log
from bot.channels.webchat.bubbles import FILES
from bot.channels.webchat.house import House
from bot.domain import attachments
from bot.domain.attachments import Content
from bot.messages import Attached

HIGHEST = 2**63
KEPT = {"Cache-Control": "private, max-age=86400"}


def routes(house: House) -> list[BaseRoute]:
    return [Route(f"{FILES}/{{row:int}}/{{attachment:int}}", partial(show, house), methods=["GET"])]


async def show(house: House, request: Request) -> Response:
    """A picture opens, anything else is taken along."""
    visitor, (row, attachment) = house.visitor(request), (request.path_params[name] for name in ("row", "attachment"))
    asked = visitor.address and max(row, attachment) < HIGHEST
    found = await house.store.read(_found, visitor.address, row, attachment) if asked else None
    if found is None:
        raise HTTPException(404)
    shown = "inline" if found.mime.startswith("image/") else "attachment"
    disposition = f"{shown}; filename*=UTF-8''{quote(found.name)}"
    return Response(found.content, media_type=found.mime, headers=KEPT | {"Content-Disposition": disposition})


def _found(session: Session, address: str, row: int, attachment: int) -> Content | None:
    reply = log.sent(session, address, row)
    blocks = reply.blocks if reply is not None else ()
    there = any(isinstance(block, Attached) and block.attachment == attachment for block in blocks)
    return attachments.load(session, attachment) if there else None
