"""`motcua channels check`: what is wrong is named with what to do; tokens are never shown."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import clock
from bot.channels.telegram import webhook as telegram_webhook
from bot.channels.zalo_bot import webhook as zalo_bot_webhook
from bot.channels.zalo_oa import webhook as zalo_webhook
from bot.commands import channels
from bot.commands.channels import Found
from bot.db import schema
from bot.db.questions import ChatGroup
from bot.db.store import Store
from bot.domain import inbox, provider_tokens
from bot.messages import Incoming
from bot.settings import Settings
from tests.commands.shell import Shell
from tests.fake_zalo import APP_ID, APP_SECRET, BOT, OA_SECRET, FakeZalo
from tests.loopback import Loopback

TOKEN, ZALO_BOT_TOKEN = "424242:TEST-token-of-the-fake", "77:another-secret-token"
ADDRESS = "https://motcua.example"
# What is wrong where the address is not https: what the providers were told does not fit any more either.
PLAIN = [("telegram", "webhook"), ("telegram", "address"), ("zalo_oa", "address"), ("zalo_bot", "webhook"), ("zalo_bot", "address")]


class BotApi:
    """getMe, getWebhookInfo and getChatMember of both bot platforms; `says` overrides a method's answer."""

    def __init__(self) -> None:
        self.says: dict[str, Any] = {}
        self.hooks = {"424242": f"{ADDRESS}{telegram_webhook.PATH}", "77": f"{ADDRESS}{zalo_bot_webhook.PATH}"}
        self.app = Starlette(routes=[Route("/bot{token}/{method}", self.answer, methods=["POST"])])

    async def answer(self, request: Request) -> Response:
        token, method = request.path_params["token"], request.path_params["method"]
        if token not in (TOKEN, ZALO_BOT_TOKEN):
            return JSONResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401 if token[:2] == "42" else 200)
        number = token.partition(":")[0]
        usual = {
            "getMe": {"id": int(number), "username": "motcua_bot", "account_name": "Một Cửa", "can_read_all_group_messages": False},
            "getWebhookInfo": {"url": self.hooks[number], "pending_update_count": 0},
            "getChatMember": {"status": "member"},
        }
        return JSONResponse({"ok": True, "result": self.says.get(method, usual[method])})


@pytest.fixture
def api() -> Iterator[BotApi]:
    made = BotApi()
    with Loopback(made.app) as server:
        made.url = server.url  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with FakeZalo() as server:
        yield server


@pytest.fixture
def chosen(api: Any, zalo: FakeZalo, tmp_path: Path) -> Settings:
    """Everything is configured, and as it should be."""
    made = Settings.model_validate(
        {
            "data_dir": tmp_path, "base_url": ADDRESS, "telegram_token": TOKEN, "telegram_api": api.url, "telegram_mode": "webhook",
            "telegram_webhook_secret": "s", "zalo_bot_token": ZALO_BOT_TOKEN, "zalo_bot_api": api.url, "zalo_bot_mode": "webhook",
            "zalo_bot_webhook_secret": "eight-characters", "zalo_app_id": APP_ID, "zalo_app_secret": APP_SECRET, "zalo_oa_secret": OA_SECRET,
            "zalo_refresh_token": "first", "zalo_api": zalo.url, "zalo_oauth": zalo.url,
        }
    )  # fmt: skip
    store = Store(made.database)
    schema.upgrade(store.engine)
    with Session(store.engine) as session, session.begin():
        provider_tokens.settle(session, BOT, "first")
        access, refresh = zalo.grant()
        provider_tokens.keep(session, BOT, "first", provider_tokens.Given(access, refresh, dt.timedelta(hours=25)), now=clock.now())
        session.add(
            ChatGroup(bot="telegram:424242", address="-100", title="Tổ công nghệ", purpose="staff", created_at=clock.now(), changed_at=clock.now())
        )
        heard = Incoming(bot=BOT, update_id="1", address="u1", kind="text", text="x", sent_at=clock.now())
        inbox.receive(session, heard, now=clock.now())
    store.close()
    return made


async def found(chosen: Settings, *, missing: str = "") -> list[Found]:
    """All lines, with our own routes behind the public address but for the one that is `missing`."""

    async def take(_body: dict[str, Any]) -> None:
        raise AssertionError("an unsigned body is never taken")

    ours = FastAPI()
    routes = {
        "telegram": telegram_webhook.router(take, "s"), "zalo_oa": zalo_webhook.router(take, APP_ID, OA_SECRET),
        "zalo_bot": zalo_bot_webhook.router(take, "eight-characters"),
    }  # fmt: skip
    for name, router in routes.items():
        if name != missing:
            ours.include_router(router)
    async with httpx.AsyncClient(mounts={ADDRESS: httpx.ASGITransport(ours)}, timeout=5) as http:
        return [one async for one in channels._all(chosen, http)]


async def wrong(chosen: Settings, **options: Any) -> list[tuple[str, str]]:
    lines = [one for one in await found(chosen, **options) if not one.well]
    assert all(one.do for one in lines), "what is wrong comes with what to do"
    return [(one.channel, one.check) for one in lines]


async def test_when_all_is_well_every_line_says_so(chosen: Settings) -> None:
    lines = await found(chosen)
    assert [one for one in lines if not one.well] == []
    assert {one.channel for one in lines} == {"telegram", "zalo_oa", "zalo_bot"}
    said = "\n".join(one.line() for one in lines)
    assert "@motcua_bot" in said
    assert "Một Cửa thử, Dùng thử" in said
    secrets = (TOKEN, ZALO_BOT_TOKEN, APP_SECRET, OA_SECRET, "access-1", "refresh-1", "eight-characters")
    assert not any(secret in said for secret in secrets)


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"telegram_token": SecretStr("424242:wrong-token-here")}, [("telegram", "credentials")]),
        ({"zalo_bot_token": SecretStr("77:wrong")}, [("zalo_bot", "credentials")]),
        ({"zalo_oa_secret": SecretStr("")}, [("zalo_oa", "settings")]),
        ({"telegram_api": "http://127.0.0.1:9"}, [("telegram", "credentials")]),
        ({"zalo_api": "http://127.0.0.1:9"}, [("zalo_oa", "credentials")]),
        ({"telegram_mode": "polling"}, [("telegram", "webhook")]),
        ({"base_url": "http://motcua.example"}, PLAIN),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_one_line_with_what_to_do(chosen: Settings, change: dict[str, Any], lines: list[tuple[str, str]]) -> None:
    assert await wrong(chosen.model_copy(update=change)) == lines


@pytest.mark.parametrize(
    ("method", "answer", "line"),
    [
        ("getWebhookInfo", {"url": "https://elsewhere.example/x"}, "webhook"),
        (
            "getWebhookInfo",
            {"url": f"{ADDRESS}{telegram_webhook.PATH}", "last_error_date": int(time.time()), "last_error_message": "timeout"},
            "webhook",
        ),
        ("getChatMember", {"status": "restricted", "can_send_messages": False}, "group"),
        ("getChatMember", {"status": "left"}, "group"),
    ],
)
async def test_what_the_provider_knows_is_compared(chosen: Settings, api: BotApi, method: str, answer: dict[str, Any], line: str) -> None:
    api.says[method] = answer
    assert ("telegram", line) in await wrong(chosen)


@pytest.mark.parametrize("name", ["telegram", "zalo_oa", "zalo_bot"])
async def test_a_route_that_is_not_ours_is_noticed(chosen: Settings, name: str) -> None:
    assert await wrong(chosen, missing=name) == [(name, "address")]


async def test_the_token_alarm_is_shown_with_the_operators_steps(chosen: Settings) -> None:
    store = Store(chosen.database)
    with Session(store.engine) as session, session.begin():
        provider_tokens.begin(session, BOT, "w", now=clock.now())
        provider_tokens.fail(session, BOT, "w", "no new token: -14014 Invalid refresh token", refused=True, now=clock.now())
    store.close()
    [line] = [one for one in await found(chosen) if one.check == "token"]
    assert not line.well
    assert "Invalid refresh token" in line.says
    assert "MOTCUA_ZALO_REFRESH_TOKEN" in line.do


def test_the_command_ends_with_1_when_anything_is_wrong_and_shows_no_token(shell: Shell, api: Any) -> None:
    nothing = shell.run("channels", "check")
    assert (nothing.code, nothing.out.startswith("no channel is configured")) == (0, True)
    environment = {"MOTCUA_TELEGRAM_TOKEN": TOKEN, "MOTCUA_TELEGRAM_API": api.url}
    done = shell.run("channels", "check", "--json", **environment)
    assert done.code == 1
    assert [(line["check"], line["well"]) for line in done.lines] == [("credentials", True), ("permissions", True), ("webhook", False)]
    api.hooks["424242"] = ""
    assert shell.run("channels", "check", **environment).code == 0
    wrong = shell.run("channels", "check", **{**environment, "MOTCUA_TELEGRAM_TOKEN": "424242:wrong-token-here"})
    assert wrong.code == 1
    assert "wrong-token-here" not in wrong.out + wrong.err
    assert "@BotFather" in wrong.out
