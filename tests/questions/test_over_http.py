"""The group dialog over real HTTP with a Bot API server: question, two answers at once, edit, restart, a citizen who blocked the bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import Session

from bot import clock
from bot.channels.telegram.channel import Telegram
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import upsert
from bot.db.staff import StaffAccount
from bot.db.store import Store
from bot.domain import centers, delivery, groups, staff, threads
from bot.domain.fetching import Fetcher
from bot.settings import Settings
from handlers import ROUTES, answering
from tests.fake_telegram import BOT, BOT_USER, TOKEN, Call, FakeTelegram
from tests.questions.test_files import JPEG

LAN, HANH, TU, GROUP = 1, 7, 8, -100


@pytest.fixture
def settings(fake: FakeTelegram, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, telegram_token=SecretStr(TOKEN), telegram_api=fake.url, telegram_rate=200, base_url="https://motcua.example")


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with FakeTelegram() as server:
        yield server


class Service:
    """Polling, answering, sending, fetching and the duties, as in the running service; stopped and started again on the same database."""

    def __init__(self, database_url: str, premises: Premises, settings: Settings, fake: FakeTelegram) -> None:
        self.url, self.premises, self.settings, self.fake = database_url, premises, settings, fake

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Store]:
        store = Store(self.url)
        dispatcher = Dispatcher(store, self.premises, ROUTES)
        channel = Telegram(self.settings, store, dispatcher)
        worker, fetcher = delivery.Worker(store, [channel.sender]), Fetcher(store, [channel.sender])
        dispatcher.answered = lambda bot, _address: worker.wake(bot)
        parts = (channel, dispatcher, worker, fetcher)
        tasks = [asyncio.create_task(part.run()) for part in parts]
        keeping = asyncio.create_task(self._duties(store))
        try:
            yield store
        finally:
            for part in parts:
                part.stop()
            await asyncio.gather(*tasks)
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping
            await channel.sender.close()
            store.close()

    async def _duties(self, store: Store) -> None:
        while True:
            for duty in answering.DUTIES:
                await store.write(duty, self.premises, now=clock.now())
            await asyncio.sleep(0.1)

    async def wait(self, done: Callable[[], bool]) -> None:
        assert await asyncio.to_thread(self.fake.wait_for, done, 60), [call.data for call in self.fake.calls][-6:]

    async def said(self, chat: int, words: str) -> Call:
        """The newest message or edit to a chat that holds these words, once it is there."""
        await self.wait(lambda: any(words in call.data.get("text", "") for call in self.fake.sent(chat)))
        return next(call for call in reversed(self.fake.sent(chat)) if words in call.data.get("text", ""))

    async def button(self, chat: int, words: str, label: str) -> str:
        call = await self.said(chat, words)
        rows = json.loads(call.data["reply_markup"])["inline_keyboard"]
        return str(next(button["callback_data"] for row in rows for button in row if label in button["text"]))

    async def card(self) -> int:
        """The id of the question's message in the group: the server counts what it sent from 1001 on."""
        await self.said(GROUP, "Câu hỏi 1")
        sent = [call for call in self.fake.calls if call.method in ("sendMessage", "sendPhoto")]
        return 1001 + next(number for number, call in enumerate(sent) if str(call.data["chat_id"]) == str(GROUP))

    async def asks(self, words: str) -> None:
        self.fake.types("gặp cán bộ", LAN)
        self.fake.presses(await self.button(LAN, "Gặp cán bộ", "Gửi câu hỏi"), LAN)
        await self.said(LAN, "Anh/chị gõ câu hỏi")
        self.fake.types(words, LAN)
        self.fake.presses(await self.button(LAN, words, "Gửi đi"), LAN)
        await self.said(LAN, "Đã chuyển cho cán bộ")


def set_up(session: Session, premises: Premises) -> None:
    now = clock.now()
    centers.settle(session, premises.directory.all, now=now)
    for user, name in ((HANH, "chị Hạnh"), (TU, "anh Tú")):
        number = staff.create(session, name, premises.center.id, "clerk", now=now)
        session.execute(upsert.insert(session, StaffAccount, bot=BOT, address=str(user), staff_id=number, created_at=now))
    group = groups.of(session, BOT, str(GROUP), "Tổ hỗ trợ", now=now)
    group.purpose, group.center_id = "staff", premises.center.id


@pytest.fixture
async def service(database_url: str, tiny: Premises, settings: Settings, fake: FakeTelegram) -> Service:
    store = Store(database_url)
    await store.write(set_up, tiny)
    store.close()
    return Service(database_url, tiny, settings, fake)


async def test_two_staff_answer_at_once_then_an_edit_a_restart_and_an_answer_back(service: Service, fake: FakeTelegram) -> None:
    names, said = {HANH: "chị Hạnh", TU: "anh Tú"}, {HANH: "Được, mang giấy báo tử.", TU: "Không được đâu."}
    async with service.running():
        await service.asks("Khai tử ở đây được không")
        card = await service.card()
        sent = {user: fake.says_in_group(said[user], user, GROUP, reply_to=card) for user in (HANH, TU)}
        held = (await service.said(GROUP, "chưa gửi đi")).data["text"]
        first = next(user for user in names if f"Câu hỏi 1 đã được {names[user]} trả lời" in held)
        second = TU if first == HANH else HANH
        await service.said(LAN, said[first])
        shown = await service.said(GROUP, f"Đã trả lời: {names[first]}, lúc")
        assert shown.method == "editMessageText"
        assert str(shown.data["message_id"]) == str(card)
    assert not any(said[second] in call.data["text"] for call in fake.sent(LAN))
    async with service.running():  # new objects, the same database
        fake.pushes({"edited_message": edited(sent[first], first, card, "Được, mang bản chính.")})
        corrected = await service.said(LAN, "Được, mang bản chính.")
        assert corrected.method == "editMessageText"
        fake.presses_in_group(await service.button(GROUP, "chưa gửi đi", "Vẫn gửi"), second, GROUP)
        await service.said(LAN, said[second])
    async with service.running():
        fake.presses(await service.button(LAN, said[second], "Xong rồi"), LAN)
        await service.said(LAN, "Câu trả lời giúp được anh/chị đến đâu?")
        closed = await service.said(GROUP, "Đã đóng lúc")
        assert "reply_markup" not in closed.data, "nothing can be pressed on a closed question"


def edited(message_id: int, user: int, card: int, text: str) -> dict[str, Any]:
    """As Telegram brings a changed message in a group that answers one of ours."""
    chat = {"id": GROUP, "type": "supergroup", "title": "Nhóm thử"}
    quoted = {"message_id": card, "date": 1, "chat": chat, "text": "…", "from": BOT_USER}
    sender = {"id": user, "is_bot": False, "first_name": "Hạnh"}
    return {"message_id": message_id, "date": 1, "edit_date": 2, "chat": chat, "from": sender, "text": text, "reply_to_message": quoted}


async def test_a_citizen_who_blocked_the_bot_the_group_is_told(service: Service, fake: FakeTelegram) -> None:
    async with service.running():
        await service.asks("Khai tử ở đây được không")
        card = await service.card()
        fake.trouble_for = lambda _method, data: "403" if str(data["chat_id"]) == str(LAN) else None
        fake.says_in_group("Được ạ.", HANH, GROUP, reply_to=card)
        told = await service.said(GROUP, "không gửi được câu trả lời")
        assert json.loads(told.data["reply_parameters"])["message_id"] == card


async def test_a_photo_goes_to_the_group_by_its_id_and_comes_into_the_database(service: Service, fake: FakeTelegram) -> None:
    fake.files["F1"] = JPEG
    async with service.running() as store:
        await service.asks("Giấy này nộp được không")
        await service.card()
        fake.types("", LAN, photo=[{"file_id": "F1", "file_unique_id": "u", "width": 16, "height": 16, "file_size": len(JPEG)}])
        fake.presses(await service.button(LAN, "Trong ảnh có số căn cước", "Không, gửi đi"), LAN)
        await service.wait(lambda: any(call.method == "sendPhoto" and call.data["photo"] == "F1" for call in fake.calls))
        for _ in range(100):
            if (message := (await store.read(threads.of, [1]))[-1]).attachment_id is not None:
                break
            await asyncio.sleep(0.1)
        assert message.attachment_id is not None
        assert await store.write(answering.remove_picture, service.premises, message, "staff:1", now=clock.now())
        await service.wait(lambda: sum(call.method == "deleteMessage" for call in fake.calls) >= 2)
        gone = {str(call.data["chat_id"]) for call in fake.calls if call.method == "deleteMessage"}
        assert gone == {str(LAN), str(GROUP)}, "in the citizen's chat and in the group"
