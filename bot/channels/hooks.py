"""What all webhooks do alike: turn away what is too large or not the provider's, hand one update over, and say whether it was kept."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import structlog
from fastapi import APIRouter, Request, Response

from bot import errors

log = structlog.get_logger()

LARGEST_BODY = 1_048_576

Take = Callable[[dict[str, Any]], Awaitable[None]]


class Hook(NamedTuple):
    """A route whose provider names a secret in a header. `channel` heads the lines of the log."""

    channel: str
    path: str
    header: str


def router(hook: Hook, take: Take, secret: str) -> APIRouter:
    """`take` commits one update. A wrong secret gets 403 and changes nothing; a database that takes nothing 503, so that it comes again."""
    made = APIRouter()

    @made.post(hook.path, include_in_schema=False)
    async def receive(request: Request) -> Response:
        if not same(request.headers.get(hook.header, ""), secret):
            return Response(status_code=403)
        if too_large(request):
            return Response(status_code=413)
        return await hand_over(take, read(await request.body()), hook.channel)

    return made


def same(given: str, wanted: str) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def too_large(request: Request) -> bool:
    """By what it announces; one that announces nothing is stopped while it is read (pages.shield)."""
    announced = request.headers.get("content-length", "")
    return announced.isdecimal() and int(announced) > LARGEST_BODY


def read(body: bytes) -> dict[str, Any]:
    """What is no JSON object says nothing."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


async def hand_over(take: Take, update: dict[str, Any], channel: str) -> Response:
    """The provider is told that it arrived only when it was kept."""
    try:
        await take(update)
    except errors.StoreUnavailable as error:
        log.error(f"{channel}.not_kept", error=str(error))
        return Response(status_code=503)
    return Response(status_code=200)
