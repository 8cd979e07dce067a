"""A whole conversation over real HTTP, by buttons and by numbers, with everything a person does wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.channel import Telegram
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import enums
from bot.db.store import Store
from bot.domain import delivery, outbox
from bot.settings import Settings
from handlers import ROUTES
from tests.fake_telegram import Call, FakeTelegram

PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]


@pytest.fixture
async def running(store: Store, tiny: Premises, settings: Settings) -> AsyncIterator[Store]:
    """Polling, answering and sending, all at once, as in the service."""
    dispatcher = Dispatcher(store, tiny, ROUTES)
    channel = Telegram(settings, store, dispatcher)
    worker = delivery.Worker(store, [channel.sender])
    dispatcher.answered = lambda bot, _address: worker.wake(bot)
    parts = [asyncio.create_task(part.run()) for part in (channel, dispatcher, worker)]
    yield store
    for part in (channel, dispatcher, worker):
        part.stop()
    await asyncio.gather(*parts)
    await channel.sender.close()


async def answer(fake: FakeTelegram, count: int, user: int = 1) -> Call:
    """The newest message to a person once there are `count` of them."""
    assert await asyncio.to_thread(fake.wait_for, lambda: len(fake.sent(user)) >= count), [call.data for call in fake.sent(user)]
    return fake.sent(user)[-1]


async def settled(store: Store) -> set[str]:
    """The fates of all rows once nothing is under way."""
    for _ in range(100):
        counts = await store.read(outbox.counts)
        if not set(counts) & set(enums.OPEN):
            break
        await asyncio.sleep(0.05)
    return set(counts)


def buttons(call: Call) -> dict[str, str]:
    rows = json.loads(call.data["reply_markup"])["inline_keyboard"]
    return {button["text"]: button.get("callback_data", "") for row in rows for button in row}


def button(call: Call, label: str) -> str:
    return next(data for text, data in buttons(call).items() if label in text)


async def test_from_the_first_word_to_a_ticked_list_by_buttons(running: Store, fake: FakeTelegram) -> None:
    fake.types("báo tử cho bố")
    asked = await answer(fake, 1)
    assert "Có giấy báo tử của người mất không?" in asked.data["text"]
    fake.presses(button(asked, "Có giấy báo tử"))
    asked = await answer(fake, 2)
    fake.presses(button(asked, "Trong 15 ngày"))
    listed = await answer(fake, 3)
    assert "Nguồn: thủ tục 1.000656" in listed.data["text"]
    fake.presses(button(listed, "☐ 2. Giấy báo tử"))
    ticked = await answer(fake, 4)
    assert ticked.method == "editMessageText", "a ticked box changes the list where it stands"
    assert "☑ 2. Giấy báo tử" in ticked.data["text"]
    assert any(text.startswith("☑ 2.") for text in buttons(ticked))


async def test_a_double_tap_on_a_box_leaves_it_ticked(running: Store, fake: FakeTelegram) -> None:
    fake.types("báo tử cho bố")
    await answer(fake, 1)
    for number, said in enumerate(("1", "1"), start=2):
        fake.types(said)
        listed = await answer(fake, number)
    tick = button(listed, "☐ 1.")
    for _ in range(3):
        fake.presses(tick)
    await answer(fake, 4)
    fake.types("menu")
    await answer(fake, 5)
    assert [call.method for call in fake.sent()].count("editMessageText") == 1, "the same again is not modified, and no error"
    assert await settled(running) == {"sent"}


async def test_a_photo_is_refused_and_the_button_s_clock_is_stopped(running: Store, fake: FakeTelegram) -> None:
    fake.types("", photo=PHOTO, caption="căn cước của tôi")
    refused = await answer(fake, 1)
    assert "đã không lưu ảnh này" in refused.data["text"]
    fake.presses("m")
    await answer(fake, 2)
    assert await asyncio.to_thread(fake.wait_for, lambda: any(call.method == "answerCallbackQuery" for call in fake.calls))


@pytest.mark.parametrize(
    "said", ["😀😀😀", "<b>&amp;</i> {x} %s", "x" * 4096, "\u202eabc\u202c", "ạ" * 4000, "' OR 1=1; --", "{{7*7}}", "/nosuchcommand"]
)
async def test_anything_typed_gets_a_kind_answer(running: Store, fake: FakeTelegram, said: str) -> None:
    fake.types(said)
    assert (await answer(fake, 1)).data["text"]
    assert await asyncio.to_thread(fake.wait_for, lambda: not fake.refused)


@pytest.mark.parametrize("data", ["", "zz:1", "a:1:2", "t:999999:x:1", "l:1", "p:9.999999", "a:999999999999999999999:q:o", "ạ" * 20])
async def test_an_old_or_forged_button_gets_a_kind_answer(running: Store, fake: FakeTelegram, data: str) -> None:
    fake.presses(data)
    said = (await answer(fake, 1)).data["text"]
    assert "cũ" in said or "không còn" in said


async def test_troubles_of_the_provider_delay_an_answer_but_lose_none(running: Store, fake: FakeTelegram) -> None:
    fake.troubles.extend(["500", "502", "reset_before", "429"])
    for user in range(1, 6):
        fake.types("menu", user=user)
    assert await asyncio.to_thread(fake.wait_for, lambda: all(fake.sent(user) for user in range(1, 6)), 25)
