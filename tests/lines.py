"""The same person on every channel: types and reads over real HTTP, with the provider's own fake at the other end."""

from __future__ import annotations

import asyncio
import html
import itertools
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx
import uvicorn
from sqlalchemy import select
from sqlmodel import Session, col
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import late, web
from bot.app import App
from bot.channels.zalo_bot import webhook as zalo_bot_webhook
from bot.channels.zalo_oa import inbound, webhook
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.enums import OPEN
from bot.db.store import Store
from bot.db.tables import Inbox, Outbox
from bot.domain import centers, delivery, outbox
from bot.messages import Reply
from bot.settings import Settings
from handlers import ROUTES
from tests.channels.webchat.visitor import Visitor
from tests.fake_telegram import TOKEN, Call, FakeTelegram
from tests.fake_zalo import APP_ID, APP_SECRET, OA_SECRET, FakeZalo, event, signed
from tests.fakes import NOON, Talk
from tests.loopback import Loopback

SECRET, PHOTO = "eight-characters", "https://zalo.example/1.jpg"
CHANNELS = ("terminal", "telegram", "zalo_oa", "zalo_bot", "webchat")
_ZALO_KINDS = {"photo": "user_send_image", "sticker": "user_send_sticker", "voice": "user_send_audio"}
_BOT_KINDS = {"photo": "message.image.received", "sticker": "message.sticker.received", "voice": "message.unsupported.received"}
_TELEGRAM: dict[str, dict[str, Any]] = {
    "photo": {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
    "sticker": {
        "sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
    },
    "voice": {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
}


class Line(Protocol):
    """One channel, as a citizen has it. `kind`: a photo, sticker or voice message instead of words."""

    store: Store

    async def read(self, text: str = "", *, person: str = "lan", kind: str = "text", payload: str = "") -> str: ...


class Service:
    """The web application, the dispatcher, one channel and its delivery, all in this loop."""

    def __init__(self, name: str, store: Store, premises: Premises, settings: Settings) -> None:
        self.store = store
        dispatcher = Dispatcher(store, premises, ROUTES, now=lambda: NOON)
        self.channel = late.load(f"bot.channels.{name}").connect(settings, store, dispatcher)
        worker = delivery.Worker(store, [self.channel.sender], now=lambda: NOON)
        dispatcher.answered = lambda bot, _address: worker.wake(bot)
        self.app = App(settings, store, premises, dispatcher, worker, {name: self.channel})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[httpx.AsyncClient]:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(web.build(self.app), log_level="critical", lifespan="off"))
        server.capture_signals = _no_signals  # type: ignore[method-assign]
        parts = [asyncio.create_task(self.app.run()), asyncio.create_task(server.serve(sockets=[listening]))]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30) as client:
            yield client
        server.should_exit = True
        self.app.stop()
        await asyncio.gather(*parts)
        listening.close()

    async def settled(self) -> None:
        """Every message that was received is answered, and every answer delivered."""
        for _ in range(3000):
            if not await self.store.read(_open):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("never answered")


def _no_signals() -> Any:
    return late.load("contextlib").nullcontext()


def _open(session: Session) -> bool:
    new = select(col(Inbox.id)).where(col(Inbox.state) == "new")
    leaving = select(col(Outbox.id)).where(col(Outbox.state).in_(OPEN))
    return session.execute(new.limit(1)).first() is not None or session.execute(leaving.limit(1)).first() is not None


class _Remote(ABC):
    """What the lines have in common: say it, wait, read what the provider was given since."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.service, self.client, self.store = service, client, service.store
        self.numbers = itertools.count(1)
        self._seen: dict[str, int] = {}

    async def read(self, text: str = "", *, person: str = "lan", kind: str = "text", payload: str = "") -> str:
        await self.say(text, person, kind, payload)
        await self.service.settled()
        shown = self.shown(person)
        new, self._seen[person] = shown[self._seen.get(person, 0) :], len(shown)
        return "\n\n".join(new)

    @abstractmethod
    async def say(self, text: str, person: str, kind: str, payload: str) -> None: ...

    @abstractmethod
    def shown(self, person: str) -> list[str]: ...


class ZaloAccountLine(_Remote):
    fake: FakeZalo

    async def say(self, text: str, person: str, kind: str, payload: str) -> None:
        said = f"{inbound.PRESSED}{payload}" if payload else text
        await self.post(event(_ZALO_KINDS.get(kind, "user_send_text"), person, text=said, msg_id=f"m{next(self.numbers)}"))

    async def post(self, body: dict[str, Any]) -> None:
        raw, headers = signed(body)
        assert (await self.client.post(webhook.PATH, content=raw, headers=headers)).status_code == 200

    def shown(self, person: str) -> list[str]:
        return self.fake.texts(person)


class ZaloBotLine(_Remote):
    sent: list[dict[str, Any]]

    async def say(self, text: str, person: str, kind: str, payload: str) -> None:
        assert not payload, "the Bot Platform has no buttons"
        await self.post(update(_BOT_KINDS.get(kind, "message.text.received"), person, text=text, message_id=f"m{next(self.numbers)}"))

    async def post(self, body: dict[str, Any]) -> None:
        headers = {"X-Bot-Api-Secret-Token": SECRET}
        assert (await self.client.post(zalo_bot_webhook.PATH, json=body, headers=headers)).status_code == 200

    def shown(self, person: str) -> list[str]:
        return [one["text"] for one in self.sent if one["chat_id"] == person]


def update(name: str, person: str, **said: Any) -> dict[str, Any]:
    """What the Bot Platform posts."""
    who = {"id": person, "display_name": "Lan", "is_bot": False}
    message = {"from": who, "chat": {"id": person, "chat_type": "PRIVATE"}, "date": 1_790_000_000_000, **said}
    return {"ok": True, "result": {"event_name": name, "message": message}}


class TelegramLine(_Remote):
    fake: FakeTelegram

    async def say(self, text: str, person: str, kind: str, payload: str) -> None:
        if payload:
            number = self.fake.presses(payload, user=_number(person))
        else:
            number = self.fake.types(text if kind == "text" else "", user=_number(person), **_TELEGRAM.get(kind, {}))
        assert await asyncio.to_thread(self.fake.wait_for, lambda: self.fake.confirmed >= number), "committed before it is confirmed"

    def shown(self, person: str) -> list[str]:
        return [_as_read(call) for call in self.fake.sent(_number(person))]


def _number(person: str) -> int:
    return int.from_bytes(person.encode()[:4])


def _as_read(call: Call) -> str:
    """Words without their markup, and the buttons as lines where the words do not hold them already."""
    words = html.unescape(re.sub(r"</?b>", "", str(call.data.get("text") or call.data.get("caption") or "")))
    markup = late.load("json").loads(call.data.get("reply_markup") or "{}")
    there = [button for row in markup.get("inline_keyboard", ()) for button in row if button["text"][:1].isdigit()]
    buttons = [f"{button['text']}: {button['url']}" if "url" in button else button["text"] for button in there]
    return "\n\n".join([words, "\n".join(line for line in buttons if line not in words)])


class WebLine:
    """A browser without JavaScript each. What the page must show is the newest replies; their plain text is handed on."""

    def __init__(self, service: Service, client: httpx.AsyncClient) -> None:
        self.store, self.client = service.store, client
        self._visitors: dict[str, Visitor] = {}
        self._seen: dict[str, int] = {}

    async def read(self, text: str = "", *, person: str = "lan", kind: str = "text", payload: str = "") -> str:
        assert kind == "text"
        assert not payload, "a page offers its own lines only"
        visitor = self._visitors.get(person)
        if visitor is None:
            visitor = self._visitors[person] = Visitor(httpx.AsyncClient(base_url=self.client.base_url, timeout=30))
            await visitor.open()
        await visitor.say(text)
        address = await self.store.read(_newest_address)
        rows = await self.store.read(outbox.log, "web", address, after=self._seen.get(person, 0))
        self._seen[person] = max(row.id or 0 for row in rows)
        replies = [Reply.model_validate_json(row.body) for row in rows]
        for reply in replies:
            assert all(" ".join(choice.label.split()) in visitor.page.text for choice in reply.choices), visitor.page.text
            assert reply.ask in visitor.page.text
        return "\n\n".join(map(plain.text, replies))

    async def close(self) -> None:
        for visitor in self._visitors.values():
            await visitor.client.aclose()


def _newest_address(session: Session) -> str:
    return str(session.execute(select(col(Outbox.address)).order_by(col(Outbox.id).desc()).limit(1)).scalar_one())


@asynccontextmanager
async def opened(name: str, store: Store, premises: Premises, folder: Path) -> AsyncIterator[Line]:
    """The line of a channel, with everything behind it running."""
    if name == "terminal":
        yield Talk(store, premises)
        return
    await store.write(centers.settle, premises.directory.all, now=NOON)
    async with _OPENED[name](store, premises, {"data_dir": folder, "secret_key": "for tests", "base_url": premises.address}) as line:
        yield line


@asynccontextmanager
async def _zalo_oa(store: Store, premises: Premises, base: dict[str, Any]) -> AsyncIterator[Line]:
    with FakeZalo() as fake:
        secrets = {"zalo_app_id": APP_ID, "zalo_app_secret": APP_SECRET, "zalo_oa_secret": OA_SECRET, "zalo_refresh_token": fake.refresh_token}
        service = Service(
            "zalo_oa", store, premises, Settings.model_validate({**base, **secrets, "zalo_api": fake.url, "zalo_oauth": fake.url, "zalo_rate": 5000})
        )
        async with service.running() as client:
            line = ZaloAccountLine(service, client)
            line.fake = fake
            yield line


@asynccontextmanager
async def _zalo_bot(store: Store, premises: Premises, base: dict[str, Any]) -> AsyncIterator[Line]:
    sent: list[dict[str, Any]] = []

    async def answer(request: Request) -> Response:
        body = await request.json()
        if request.path_params["method"] == "sendMessage":
            assert len(body["text"]) <= 2000
            sent.append(body)
        return JSONResponse({"ok": True, "result": {"message_id": f"s{len(sent)}"}})

    with Loopback(Starlette(routes=[Route("/bot{token}/{method}", answer, methods=["POST"])])) as server:
        bot = {"zalo_bot_token": "77:token", "zalo_bot_mode": "webhook", "zalo_bot_webhook_secret": SECRET, "zalo_bot_api": server.url}
        service = Service("zalo_bot", store, premises, Settings.model_validate({**base, **bot}))
        async with service.running() as client:
            line = ZaloBotLine(service, client)
            line.sent = sent
            yield line


@asynccontextmanager
async def _telegram(store: Store, premises: Premises, base: dict[str, Any]) -> AsyncIterator[Line]:
    with FakeTelegram() as fake:
        bot = {"telegram_token": TOKEN, "telegram_api": fake.url, "telegram_rate": 500}
        service = Service("telegram", store, premises, Settings.model_validate({**base, **bot}))
        async with service.running() as client:
            line = TelegramLine(service, client)
            line.fake = fake
            yield line


@asynccontextmanager
async def _webchat(store: Store, premises: Premises, base: dict[str, Any]) -> AsyncIterator[Line]:
    service = Service("webchat", store, premises, Settings.model_validate(base))
    async with service.running() as client:
        line = WebLine(service, client)
        yield line
        await line.close()


_OPENED: dict[str, Callable[[Store, Premises, dict[str, Any]], Any]] = {
    "zalo_oa": _zalo_oa, "zalo_bot": _zalo_bot, "telegram": _telegram, "webchat": _webchat,
}  # fmt: skip
