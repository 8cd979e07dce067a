"""The route Zalo posts events to: signed over the raw body, answered at once, each event taken once."""

from __future__ import annotations

import datetime as dt
import hashlib

import structlog
from fastapi import APIRouter, Request, Response

from bot import clock
from bot.channels import hooks
from bot.channels.hooks import Take
from bot.channels.zalo_oa import inbound

log = structlog.get_logger()

PATH = "/zalo/webhook"
LARGEST_BODY = hooks.LARGEST_BODY
# Zalo tries again for an hour and fifty minutes; what is older was recorded by somebody and is played again.
OLDEST = dt.timedelta(hours=3)
NEWEST = dt.timedelta(minutes=10)


def signature(app_id: str, raw: bytes, timestamp: str, secret: str) -> str:
    """SHA-256 (no HMAC) over the app's id, the body as it came, the body's own timestamp, and the secret."""
    return hashlib.sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def router(take: Take, app_id: str, secret: str) -> APIRouter:
    """`take` commits one event. A wrong signature gets 403 and changes nothing; a database that takes nothing 503, so that it comes again."""
    made = APIRouter()

    @made.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        if hooks.too_large(request):
            return Response(status_code=413)
        raw = await request.body()
        event = hooks.read(raw)
        wanted = signature(app_id, raw, str(event.get("timestamp", "")), secret)
        if len(raw) > LARGEST_BODY or not signed(request.headers.get("X-ZEvent-Signature", ""), wanted):
            return Response(status_code=403)
        at, now = inbound.sent_at(event), clock.now()
        if at is None or not now - OLDEST <= at <= now + NEWEST:
            log.warning("zalo.event_out_of_time", sent_at=str(at))
            return Response(status_code=200)
        return await hooks.hand_over(take, event, "zalo")

    return made


def signed(header: str, wanted: str) -> bool:
    """Whether the header holds this signature. `mac=` before it is as documented; without it is as seen."""
    return hooks.same(header.strip().removeprefix("mac=").lower(), wanted)
