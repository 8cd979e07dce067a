"""The Bot Platform: updates in by polling and webhook, text out, and its way of saying no with HTTP 200."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import Session, col

from bot import errors
from bot.channels.zalo_bot import inbound, pictures, webhook
from bot.channels.zalo_bot.channel import ZaloBot
from bot.channels.zalo_bot.client import Client
from bot.channels.zalo_bot.delivery import LONGEST_TEXT, ZaloBotSender
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import attachments
from bot.messages import Attached, Choice, Incoming, Outgoing, Reply, Say
from bot.settings import Settings
from handlers import ROUTES
from tests.fakes import NOON

TOKEN = "77:secret-token"
BOT = "zalo_bot:77"
SECRET = "eight-characters"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (200).to_bytes(4) + (100).to_bytes(4) + b"\x00" * 20


def update(event: str = "message.text.received", chat_type: str = "PRIVATE", **said: Any) -> dict[str, Any]:
    who = {"id": "u1", "display_name": "Lan", "is_bot": False}
    message = {"from": who, "chat": {"id": "c1", "chat_type": chat_type}, "message_id": "m1", "date": 1_790_000_000_000, **said}
    return {"ok": True, "result": {"event_name": event, "message": message}}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (update(text="khai sinh"), {"kind": "text", "text": "khai sinh", "address": "c1", "sender": ""}),
        (update(text="/start"), {"kind": "start"}),
        (update("message.image.received", photo="https://z/1.jpg", caption="đây"), {"kind": "photo", "text": "đây"}),
        (update("message.sticker.received"), {"kind": "sticker"}),
        (update("message.unsupported.received"), {"kind": "other"}),
        (update(chat_type="GROUP", text="@motcua khai sinh"), {"kind": "text", "text": "khai sinh", "sender": "u1", "addressed": True}),
    ],
)
def test_an_update_becomes_a_message(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    heard = inbound.message_of(raw, BOT, now=NOON)
    assert isinstance(heard, Incoming)
    assert {key: getattr(heard, key) for key in expected} == expected
    assert "Lan" not in heard.model_dump_json(), "no name is kept"


@pytest.mark.parametrize(
    "raw", [{}, {"result": []}, {"result": {"event_name": "message.text.received"}}, update("message.edited"), update(message_id="")]
)
def test_what_cannot_be_read_is_let_go(raw: dict[str, Any]) -> None:
    assert inbound.message_of(raw, BOT, now=NOON) is None


class Platform:
    """Answers by `says`, one after another; getUpdates hands every update out once."""

    def __init__(self, *updates: dict[str, Any], says: list[Any] | None = None) -> None:
        self.updates, self.says = deque(updates), deque(says or [])
        self.sent: list[dict[str, Any]] = []

    def client(self) -> Client:
        made = Client("https://zalo.example", TOKEN)
        made._http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return made

    def answer(self, request: httpx.Request) -> httpx.Response:
        method, body = request.url.path.rsplit("/", 1)[1], json.loads(request.content or b"{}")
        if method == "getUpdates":
            if self.updates:
                return httpx.Response(200, json=self.updates.popleft())
            return httpx.Response(200, json={"ok": False, "error_code": 408, "description": "Request timeout"})
        said = self.says.popleft() if self.says else None
        if said is not None:
            return said if isinstance(said, httpx.Response) else httpx.Response(200, json={"ok": False, **said})
        self.sent.append({"method": method, **body})
        return httpx.Response(200, json={"ok": True, "result": {"message_id": f"out{len(self.sent)}"}})


def letter(text: str, parts_sent: int = 0) -> Outgoing:
    reply = Reply(blocks=(Say(text=text),), choices=(Choice(number=1, label="Đặt lịch", payload="b:1"),))
    return Outgoing(id=1, bot=BOT, address="c1", kind="reply", reply=reply, parts_sent=parts_sent)


def out(platform: Platform, store: Any = None, public: str = "https://motcua.example") -> ZaloBotSender:
    """Words alone need no database."""
    return ZaloBotSender(BOT, platform.client(), store, public)


async def test_a_picture_goes_by_its_public_address_where_there_is_one(store: Store) -> None:
    number = await store.write(attachments.keep, PNG, "lịch.png", now=NOON)
    block = Attached(picture=True, name="lịch.png", attachment=number)
    message = Outgoing(id=1, bot=BOT, address="c1", kind="notice", reply=Reply(blocks=(block, Say(text="Nghỉ lễ."))))
    for public, methods in (("https://motcua.example", ["sendPhoto", "sendMessage"]), ("http://127.0.0.1:8080", ["sendMessage"])):
        platform = Platform()
        await out(platform, store, public).send(message)
        assert [one["method"] for one in platform.sent] == methods
        assert ("lịch.png" in platform.sent[-1]["text"]) is (len(methods) == 1), "what cannot be shown is named"
        if len(methods) == 2:
            app = FastAPI()
            app.include_router(pictures.router(store))
            async with AsyncClient(transport=ASGITransport(app), base_url=public) as client:
                there = await client.get(platform.sent[0]["photo"])
                assert (there.status_code, there.content, there.headers["content-type"]) == (200, PNG, "image/png")
                assert (await client.get(f"{pictures.PATH}/{'0' * 64}")).status_code == 404


async def test_a_file_is_never_public(store: Store) -> None:
    number = await store.write(attachments.keep, b"%PDF-1.7 x", "don.pdf", now=NOON)
    assert await pictures.address(store, Attached(picture=True, name="don.pdf", attachment=number), "https://motcua.example") == ""
    assert await pictures.address(store, Attached(picture=False, name="don.pdf", attachment=number), "https://motcua.example") == ""


async def test_a_menu_is_numbered_text() -> None:
    platform = Platform()
    sender = out(platform)
    assert await sender.send(letter("Chào bà con.")) == "out1"
    assert platform.sent == [{"method": "sendMessage", "chat_id": "c1", "text": "Chào bà con.\n\n1. Đặt lịch"}]
    await sender.close()


async def test_long_text_is_split_and_a_retry_goes_on_after_what_arrived() -> None:
    text = " ".join(f"Câu số {number} nói một điều." for number in range(200))
    platform = Platform()
    sender = out(platform)
    await sender.send(letter(text))
    whole = [one["text"] for one in platform.sent]
    assert all(len(part) <= LONGEST_TEXT for part in whole)
    platform.sent.clear()
    await sender.send(letter(text, parts_sent=2))
    assert [one["text"] for one in platform.sent] == whole[2:]
    await sender.close()


@pytest.mark.parametrize(
    ("said", "error", "whole"),
    [
        ({"error_code": 401, "description": "Unauthorized"}, errors.ChannelMisconfigured, False),
        ({"error_code": 429, "description": "Too many"}, errors.TryLater, True),
        ({"error_code": 400, "description": "Monthly message quota reached"}, errors.TryLater, True),
        ({"error_code": 403, "description": "Forbidden"}, errors.RecipientGone, False),
        ({"error_code": 400, "description": "chat not found"}, errors.RecipientGone, False),
        ({"error_code": 400, "description": "text is empty"}, errors.Refused, False),
        ({"error_code": 500, "description": "oops"}, errors.OutcomeUnknown, False),
        (httpx.Response(502, text="<html>"), errors.OutcomeUnknown, False),
    ],
)
async def test_every_no_has_its_next_action(said: Any, error: type[errors.ChannelError], whole: bool) -> None:
    sender = out(Platform(says=[said]))
    with pytest.raises(errors.ChannelError) as failed:
        await sender.send(letter("x"))
    assert type(failed.value) is error
    assert getattr(failed.value, "whole_sender", False) is whole
    assert "secret-token" not in str(failed.value)
    await sender.close()


def kept(session: Session) -> int:
    return int(session.execute(select(func.count(col(Inbox.id)))).scalar_one())


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data_dir=tmp_path, zalo_bot_token=SecretStr(TOKEN), base_url="https://motcua.example", **more)


async def test_polling_keeps_every_update_once_and_stops(store: Store, tiny: Premises, tmp_path: Path) -> None:
    channel = ZaloBot(settings(tmp_path), store, Dispatcher(store, tiny, ROUTES))
    channel._client = Platform(update(text="a", message_id="1"), update(text="b", message_id="2"), update(text="b", message_id="2")).client()
    running = asyncio.create_task(channel.run())
    for _ in range(200):
        if await store.read(kept) == 2:
            break
        await asyncio.sleep(0.01)
    channel.stop()
    await asyncio.wait_for(running, 5)
    assert await store.read(kept) == 2
    await channel.sender.close()


async def test_the_webhook_wants_its_secret(store: Store, tiny: Premises, tmp_path: Path) -> None:
    hooked = settings(tmp_path, zalo_bot_mode="webhook", zalo_bot_webhook_secret=SecretStr(SECRET))
    channel = ZaloBot(hooked, store, Dispatcher(store, tiny, ROUTES))
    app = FastAPI()
    assert channel.router is not None
    app.include_router(channel.router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        headers = {"X-Bot-Api-Secret-Token": SECRET}
        answers = [await client.post(webhook.PATH, json=update(text="a"), headers=given) for given in ({}, headers, headers)]
        garbage = await client.post(webhook.PATH, content=b"[" * 9000, headers=headers)
    assert [answer.status_code for answer in (*answers, garbage)] == [403, 200, 200, 200]
    assert await store.read(kept) == 1
    await channel.sender.close()


def test_a_webhook_without_a_good_secret_is_named(store: Store, tiny: Premises, tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsInvalid, match="MOTCUA_ZALO_BOT_WEBHOOK_SECRET"):
        ZaloBot(settings(tmp_path, zalo_bot_mode="webhook"), store, Dispatcher(store, tiny, ROUTES))
