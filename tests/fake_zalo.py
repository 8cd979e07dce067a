"""Zalo's servers over real HTTP on loopback, behaving as documented (CHANNELS.md): tokens that rotate and work once, envelopes with HTTP
200 whatever happened, a rate by the minute, the 48-hour window, uploads that end after seven days; and misbehaving on demand.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.loopback import Loopback

APP_ID, APP_SECRET, OA_SECRET, OA_ID = "4001", "app-secret", "oa-secret", "9001"
BOT = f"zalo_oa:{APP_ID}"
LONGEST_TEXT = 2_000
WEEK = 7 * 86_400


@dataclass
class FakeZalo:
    """`troubles`: error codes (or "502", "429", "slow") used up one a message. `closed`: people out of the window. `clock`: its time."""

    refresh_token: str = "first"
    rate: int | None = None
    troubles: deque[int | str] = field(default_factory=deque)
    closed: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    buttons: bool = True
    lives: int = 90_000
    clock: float = 0.0
    lose_refresh_answers: int = 0
    refresh_seconds: float = 0.0
    break_uploads: int = 0
    sent: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    refreshes: list[str] = field(default_factory=list)
    stolen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.asked = threading.Event()
        self.access_tokens: dict[str, float] = {}
        self._uploads: dict[str, float] = {}
        self._times: list[float] = []
        routes = [
            Route("/v4/oa/access_token", self._token, methods=["POST"]),
            Route("/v2.0/oa/upload/{kind}", self._upload, methods=["POST"]),
            Route("/v3.0/oa/user/detail", self._detail),
            Route("/v2.0/oa/getoa", self._detail),
            Route("/v3.0/oa/{what:path}", self._message, methods=["POST"]),
        ]
        self._server = Loopback(Starlette(routes=routes))

    def __enter__(self) -> FakeZalo:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    @property
    def url(self) -> str:
        return self._server.url

    def texts(self, person: str) -> list[str]:
        return [one["message"]["text"] for one in self.sent if one["recipient"].get("user_id") == person and "text" in one["message"]]

    def grant(self) -> tuple[str, str]:
        number = next(self._numbers)
        self.refresh_token = f"refresh-{number}"
        self.access_tokens[f"access-{number}"] = self.clock + self.lives
        return f"access-{number}", self.refresh_token

    async def _token(self, request: Request) -> Response:
        async with request.form() as form:
            asked, right = str(form["refresh_token"]), form["app_id"] == APP_ID and form["grant_type"] == "refresh_token"
        self.refreshes.append(asked)
        self.asked.set()
        await asyncio.sleep(self.refresh_seconds)
        if request.headers.get("secret_key") != APP_SECRET or not right:
            return JSONResponse({"error": -14004, "error_name": "Invalid secret key"})
        if asked != self.refresh_token:
            return JSONResponse({"error": -14014, "error_name": "Invalid refresh token"})
        access, refresh = self.grant()
        if self.lose_refresh_answers:
            self.lose_refresh_answers -= 1
            return HTMLResponse("<html>bad gateway</html>", 502)
        return JSONResponse({"access_token": access, "refresh_token": refresh, "expires_in": str(self.lives)})

    def _refused(self, request: Request) -> int:
        token = request.headers.get("access_token", "")
        if token not in self.access_tokens:
            return -216
        return -220 if self.access_tokens[token] <= self.clock else 0

    async def _upload(self, request: Request) -> Response:
        if code := self._refused(request):
            return _envelope(code)
        if self.break_uploads:
            self.break_uploads -= 1
            return HTMLResponse("<html>502</html>", 502)
        async with request.form() as form:
            content = await form["file"].read()  # type: ignore[union-attr]
        if request.path_params["kind"] == "image" and len(content) > 1_048_576:
            return _envelope(-201)
        name = f"up-{next(self._numbers)}"
        self._uploads[name] = self.clock + WEEK
        self.paths.append(f"upload/{request.path_params['kind']}")
        return _envelope(0, {"attachment_id" if request.path_params["kind"] == "image" else "token": name})

    async def _detail(self, request: Request) -> Response:
        return _envelope(self._refused(request), {"oa_id": OA_ID, "name": "Một Cửa thử", "package_name": "Dùng thử"})

    async def _message(self, request: Request) -> Response:
        body, now = await request.json(), time.monotonic()
        trouble = self.troubles.popleft() if self.troubles else 0
        if trouble == "502":
            return HTMLResponse("<html>502</html>", 502)
        if trouble == "no envelope":
            return JSONResponse({"message": "Internal error"}, 500)
        if trouble == "429":
            return JSONResponse({}, 429)
        if trouble == "slow":
            await asyncio.sleep(0.5)
            trouble = 0
        if code := self._refused(request) or int(trouble):
            return _envelope(code)
        if self.rate is not None and sum(now - at < 60 for at in self._times) >= self.rate:
            return _envelope(-32)
        if code := self._wrong(request.path_params["what"], body):
            return _envelope(code)
        self._times.append(now)
        self.sent.append(body)
        self.paths.append(request.path_params["what"])
        return _envelope(0, {"message_id": f"m{next(self._numbers)}"})

    def _wrong(self, what: str, body: dict[str, Any]) -> int:
        if what == "message/template":
            return 0 if body.get("template_id") and isinstance(body.get("template_data"), dict) else -201
        person, message = body["recipient"].get("user_id", ""), body["message"]
        if (what == "group/message") != ("group_id" in body["recipient"]) or (not person and what != "group/message"):
            return -201
        if person in self.gone:
            return -213
        if person in self.closed:
            return -230
        if len(message.get("text", "")) > LONGEST_TEXT or not (message.get("text") or message.get("attachment")):
            return -201
        payload = message.get("attachment", {}).get("payload", {})
        if payload.get("buttons") and not self.buttons:
            return -233
        names = [payload.get("token"), *(element.get("attachment_id") for element in payload.get("elements", []))]
        return -201 if any(self._uploads.get(name, 0) <= self.clock for name in names if name is not None) else 0


def _envelope(code: int, data: dict[str, Any] | None = None) -> Response:
    return JSONResponse({"data": data or {}, "error": code, "message": "Success" if code == 0 else f"error {code}"})


def event(name: str, person: str = "u1", *, at: float | None = None, **message: Any) -> dict[str, Any]:
    """What Zalo posts. `message` are the fields of its message."""
    who = {"follower": {"id": person}} if name in ("follow", "unfollow") else {"sender": {"id": person}, "recipient": {"id": OA_ID}}
    stamp = str(int((time.time() if at is None else at) * 1000))
    body = {"app_id": APP_ID, "oa_id": OA_ID, "event_name": name, "timestamp": stamp, **who}
    return {**body, "message": message} if message else body


def signed(body: dict[str, Any], secret: str = OA_SECRET) -> tuple[bytes, dict[str, str]]:
    """The raw body and the headers Zalo sends with it."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    digest = hashlib.sha256(APP_ID.encode() + raw + str(body.get("timestamp", "")).encode() + secret.encode()).hexdigest()
    return raw, {"X-ZEvent-Signature": f"mac={digest}", "Content-Type": "application/json"}
