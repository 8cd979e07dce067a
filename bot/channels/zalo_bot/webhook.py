"""The route the Bot Platform posts updates to."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response

from bot import errors

log = structlog.get_logger()

LARGEST_BODY = 1_048_576
PATH = "/zalo-bot/webhook"


def router(take: Callable[[dict[str, Any]], Awaitable[None]], secret: str) -> APIRouter:
    """`take` commits one update. A wrong secret gets 403 and changes nothing; a database that takes nothing 503, so that it comes again."""
    made = APIRouter()

    @made.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        given = request.headers.get("X-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            return Response(status_code=403)
        if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
            return Response(status_code=413)
        try:
            await take(_object(await request.body()))
        except errors.StoreUnavailable as error:
            log.error("zalo_bot.not_kept", error=str(error))
            return Response(status_code=503)
        return Response(status_code=200)

    return made


def _object(body: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
