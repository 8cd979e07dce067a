"""The route Telegram posts updates to."""

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
PATH = "/telegram/webhook"
# What we want to be sent; also asked for when polling.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]


def router(take: Callable[[dict[str, Any]], Awaitable[None]], secret: str) -> APIRouter:
    """`take` commits one update. A wrong secret gets 403 and changes nothing; a full disk 503, so that the update comes again."""
    made = APIRouter()

    @made.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            return Response(status_code=403)
        if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
            return Response(status_code=413)
        try:
            await take(_object(await request.body()))
        except errors.StoreUnavailable as error:
            log.error("telegram.not_kept", error=str(error))
            return Response(status_code=503)
        return Response(status_code=200)

    return made


def _object(body: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
