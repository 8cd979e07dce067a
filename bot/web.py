"""The web application: the routes of all channels and of the console, static files, the health check, and a kind page for whatever goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import Iterator, Mapping
from functools import partial

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bot import clock, errors
from bot.app import App
from bot.conversation.context import Premises
from bot.messages import State
from bot.pages import look, shield, statics
from bot.pages.environment import Frame, render
from bot.texts import t

log = structlog.get_logger()

DRAIN_SECONDS = 8
_BY_STATUS = {404: "missing", 405: "method", 413: "big", 415: "media"}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def build(app: App) -> FastAPI:
    """The application over a wired service."""
    web = FastAPI(title="Một Cửa", docs_url=None, redoc_url=None, openapi_url=None)
    web.add_middleware(shield.BodyLimit)
    web.add_middleware(GZipMiddleware, minimum_size=1000)
    web.add_middleware(shield.Shield, failed=partial(_failed, app.premises), https=app.settings.secure_cookies)
    web.add_exception_handler(HTTPException, partial(_refused, app.premises))
    web.add_exception_handler(errors.StoreUnavailable, partial(_unavailable, app.premises))
    web.add_route("/suc-khoe", partial(health, app), methods=["GET"])
    web.add_route(f"{statics.PREFIX}{{version}}/{{name}}", static, methods=["GET"])
    web.add_route("/favicon.ico", partial(static, name="favicon.svg"), methods=["GET"])
    routers = [channel.router for channel in app.channels.values()] + ([app.console.router] if app.console else [])
    for router in routers:
        if router is not None:
            web.include_router(router)
    return web


async def static(request: Request, name: str = "") -> Response:
    """A file of an older version gets today's content, but is not kept for good."""
    file = statics.files().get(name or request.path_params["name"])
    if file is None:
        raise HTTPException(404)
    kept = request.path_params.get("version") == file.version
    return Response(file.body, media_type=file.type, headers=_KEPT if kept else {"Cache-Control": "no-cache"})


async def health(app: App, _request: Request) -> Response:
    """For a monitor: 200 while the database can be read, else StoreUnavailable's 503."""

    def alive(session: Session) -> None:
        session.execute(text("SELECT 1"))

    await app.store.read(alive)
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


async def _refused(premises: Premises, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = error.detail if isinstance(error.detail, str) and error.detail.isidentifier() else ""
    name = known or _BY_STATUS.get(error.status_code, "missing")
    state = State(tone="note", icon="search", title=t(f"web.{name}_title"), text=(t(f"web.{name}"),))
    return _page(premises, request, state, error.status_code, error.headers)


async def _unavailable(premises: Premises, request: Request, error: Exception) -> Response:
    """The disk is full or the database is gone: nothing typed is lost, the same form can be sent again."""
    log.error("web.store_unavailable", path=request.url.path, error=str(error))
    state = State(tone="stop", icon="warn", title=t("web.store_title"), text=(t("web.store"),))
    return _page(premises, request, state, 503, {"Retry-After": "120"})


def _failed(premises: Premises, request: Request) -> Response:
    """Called by the shield inside its except block, so the traceback is logged."""
    code = f"E-{secrets.token_hex(2).upper()}"
    log.exception("web.failed", path=request.url.path, code=code)
    lines = (t("errors.ours"), t("errors.code", code=code, hour=clock.hour(clock.now())))
    return _page(premises, request, State(tone="stop", icon="warn", title=t("errors.title"), text=lines), 500)


def _page(premises: Premises, request: Request, state: State, status: int, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    again = _again(request) if status >= 500 else None
    body = render("error.html", Frame(premises.center, look.read(request.cookies)), state=state, again=again)
    return HTMLResponse(body, status, {"Cache-Control": "no-store", **(headers or {})})


def _again(request: Request) -> dict[str, object] | None:
    """The form that could not be taken, ready to be sent again."""
    fields: tuple[tuple[str, str], ...] | None = getattr(request.state, "fields", None)
    if fields is None:
        return None
    typed = next((value for name, value in fields if name == "tin"), "")
    return {"action": request.url.path, "fields": [(name, value) for name, value in fields if name != "tin"], "typed": typed}


async def serve(app: App, listening: socket.socket) -> None:
    """Serve and run the service in this loop until Ctrl-C or SIGTERM; what was begun is finished."""
    config = uvicorn.Config(
        build(app), log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=DRAIN_SECONDS
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.should_exit = True
        app.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    parts = [asyncio.create_task(server.serve(sockets=[listening])), asyncio.create_task(app.run())]
    try:
        await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*parts)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        app.store.close()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a taken port is known before anything starts. Raises SettingsInvalid."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except (OSError, OverflowError) as error:
        made.close()
        raise errors.SettingsInvalid(f"MOTCUA_HOST {host}, MOTCUA_PORT {port}: cannot listen there: {error}") from None
    return made


class _Server(uvicorn.Server):
    """Leaves signals to `serve`, which stops the service along with the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
