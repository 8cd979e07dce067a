"""The route Zalo posts events to: signed over the raw body, answered at once, each event taken once."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response

from bot import clock, errors
from bot.channels.zalo_oa import inbound

log = structlog.get_logger()

PATH = "/zalo/webhook"
LARGEST_BODY = 1_048_576
# Zalo tries again for an hour and fifty minutes; what is older was recorded by somebody and is played again.
OLDEST = dt.timedelta(hours=3)
NEWEST = dt.timedelta(minutes=10)


def signature(app_id: str, raw: bytes, timestamp: str, secret: str) -> str:
    """SHA-256 (no HMAC) over the app's id, the body as it came, the body's own timestamp, and the secret."""
    return hashlib.sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()


def router(take: Callable[[dict[str, Any]], Awaitable[None]], app_id: str, secret: str) -> APIRouter:
    """`take` commits one event. A wrong signature gets 403 and changes nothing; a database that takes nothing 503, so that it comes again."""
    made = APIRouter()

    @made.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
            return Response(status_code=413)
        raw = await request.body()
        event = _object(raw)
        wanted = signature(app_id, raw, str(event.get("timestamp", "")), secret)
        if len(raw) > LARGEST_BODY or not signed(request.headers.get("X-ZEvent-Signature", ""), wanted):
            return Response(status_code=403)
        at, now = inbound.sent_at(event), clock.now()
        if at is None or not now - OLDEST <= at <= now + NEWEST:
            log.warning("zalo.event_out_of_time", sent_at=str(at))
            return Response(status_code=200)
        try:
            await take(event)
        except errors.StoreUnavailable as error:
            log.error("zalo.not_kept", error=str(error))
            return Response(status_code=503)
        return Response(status_code=200)

    return made


def signed(header: str, wanted: str) -> bool:
    """Whether the header holds this signature. `mac=` before it is as documented; without it is as seen."""
    given = header.strip().removeprefix("mac=").lower()
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _object(body: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
