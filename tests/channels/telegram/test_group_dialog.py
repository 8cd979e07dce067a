"""A citizens' group over real HTTP: brought in, set up by its admin's buttons, asked, and on into the private chat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.channel import Telegram
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import delivery
from bot.settings import Settings
from handlers import ROUTES
from tests.channels.telegram.test_dialog import answer, button, settled
from tests.fake_telegram import BOT, USERNAME, Call, FakeTelegram
from tests.fakes import Talk

GROUP, HEAD, LAN = -100, 5, 6


@pytest.fixture
async def running(store: Store, tiny: Premises, settings: Settings, fake: FakeTelegram) -> AsyncIterator[Store]:
    """As in the service, once the bot knows its own name."""
    fake.admins.add(HEAD)
    Talk(store, tiny)  # the center has its rows
    dispatcher = Dispatcher(store, tiny, ROUTES)
    channel = Telegram(settings, store, dispatcher)
    worker = delivery.Worker(store, [channel.sender])
    dispatcher.answered = lambda bot, _address: worker.wake(bot)
    parts = [asyncio.create_task(part.run()) for part in (channel, dispatcher, worker)]
    assert await asyncio.to_thread(fake.wait_for, lambda: BOT in tiny.usernames)
    yield store
    for part in (channel, dispatcher, worker):
        part.stop()
    await asyncio.gather(*parts)
    await channel.sender.close()
    tiny.usernames.clear()


def links(call: Call) -> list[str]:
    return [cell["url"] for row in json.loads(call.data["reply_markup"])["inline_keyboard"] for cell in row if "url" in cell]


async def test_from_bringing_it_in_to_the_list_in_private(running: Store, fake: FakeTelegram) -> None:
    fake.joins_group(HEAD)
    asked = await answer(fake, 1, GROUP)
    assert "gõ /hoi kèm câu hỏi" in asked.data["text"]
    for label in ("Nhóm bà con", "Mọi lúc", "20 giây"):
        fake.presses_in_group(button(asked, label), user=HEAD)
        asked = await answer(fake, len(fake.sent(GROUP)) + 1, GROUP)
    assert "Đã đặt xong nhóm này" in asked.data["text"]
    before = len(fake.sent(GROUP))
    fake.says_in_group("chiều nay họp thôn nhé", user=LAN)
    fake.says_in_group("/hoi ba em mới mất", user=LAN)
    said = await answer(fake, before + 1, GROUP)
    assert "Nguồn: thủ tục 1.000656" in said.data["text"]
    assert "nhắn số" not in said.data["text"], "in a group nobody's numbers mean a line"
    assert links(said) == [f"https://t.me/{USERNAME}?start=p-1_000656"]
    assert json.loads(said.data["reply_parameters"])["message_id"] > 0
    fake.types("/start p-1_000656", user=LAN)
    private = await answer(fake, 1, LAN)
    assert "Có giấy báo tử của người mất không?" in private.data["text"]
    assert await settled(running) == {"sent"}
    assert len(fake.sent(GROUP)) == before + 1


async def test_a_member_who_does_not_run_the_group_sets_nothing(running: Store, fake: FakeTelegram) -> None:
    fake.joins_group(HEAD)
    asked = await answer(fake, 1, GROUP)
    fake.presses_in_group(button(asked, "Nhóm bà con"), user=LAN)
    said = await answer(fake, 2, GROUP)
    assert "Chỉ quản trị viên của nhóm" in said.data["text"]
