"""What protects every page: security headers, a limit on what may be sent, and an answer when a page fails."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 256 * 1024
FILES, MOST_FILE_BYTES = "/tep", 5 * 2**20 + 64 * 1024  # addresses that end so take a file along with a form
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'"
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = "max-age=31536000"


class Shield:
    """Sets the headers no page has set itself, lets no NUL through; an error that nobody caught becomes the page `failed` makes of it."""

    def __init__(self, app: ASGIApp, failed: Callable[[Request], Response], *, https: bool) -> None:
        self._app, self._failed = app, failed
        self._headers = HEADERS | ({"Strict-Transport-Security": HTTPS_ONLY} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope, started = _without_nul(scope), False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception:
            if started:
                raise
            await self._failed(Request(scope, receive))(scope, receive, guarded)


def _without_nul(scope: Scope) -> Scope:
    """PostgreSQL takes none in a text. What stands instead is in no address of ours, so that it means nothing there."""
    path, query = scope["path"].replace("\0", "\ufffd"), scope["query_string"].replace(b"%00", b"%EF%BF%BD")
    return {**scope, "path": path, "query_string": query}


class BodyLimit:
    """Refuses bodies larger than any form or webhook of ours, before or while they are read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read, most = 0, MOST_FILE_BYTES if scope["path"].endswith(FILES) else MOST_BYTES

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most or _announced(scope) > most:
                raise HTTPException(413, "big")
            return message

        await self._app(scope, counted, send)


def _announced(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0
