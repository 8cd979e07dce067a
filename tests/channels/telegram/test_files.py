"""Pictures, files and long messages over real HTTP, and what stands in line when the provider says wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator

import pytest

from bot import errors
from bot.channels.telegram.delivery import TelegramSender
from bot.channels.telegram.render import LONGEST_CAPTION, wire
from bot.db.store import Store
from bot.domain import attachments, delivery, outbox
from bot.messages import Attached, Block, Choice, Outgoing, Reply, Say
from bot.settings import Settings
from tests.domain.leaving import notice, states
from tests.domain.test_attachments import PDF, png
from tests.fake_telegram import BOT, TOKEN
from tests.fakes import NOON
from tests.strict_telegram import StrictTelegram

CHOICE = (Choice(number=1, label="Có", payload="m"),)
PICTURE = Attached(picture=True, name="a.png", attachment=1)


@pytest.fixture
def fake() -> Iterator[StrictTelegram]:
    server = StrictTelegram()
    with server:
        yield server


@pytest.fixture
async def sender(settings: Settings, store: Store) -> AsyncIterator[TelegramSender]:
    made = TelegramSender(BOT, TOKEN, settings.telegram_api, 200, attachments.Shelf(store))
    yield made
    await made.close()


def message(*blocks: Block, address: str = "1", sent: int = 0) -> Outgoing:
    return Outgoing(id=1, bot=BOT, address=address, kind="notice", reply=Reply(blocks=blocks, choices=CHOICE), parts_sent=sent)


def test_words_that_fit_stand_under_the_picture_and_longer_ones_before_it() -> None:
    (under,) = wire(Reply(blocks=(Say(text="a" * 1000), PICTURE)))
    assert (len(under.text), under.file) == (1000, PICTURE)
    words, picture = wire(Reply(blocks=(Say(text="a" * (LONGEST_CAPTION + 1)), PICTURE), choices=CHOICE))
    assert (words.file, picture.file, picture.text) == (None, PICTURE, "")
    assert words.keyboard
    assert not picture.keyboard


async def test_a_picture_is_uploaded_once_and_named_by_its_id_from_then_on(sender: TelegramSender, fake: StrictTelegram, store: Store) -> None:
    number = await store.write(attachments.keep, png(), "lịch.png", now=NOON)
    shown = Attached(picture=True, name="lịch.png", attachment=number)
    await asyncio.gather(*(sender.send(message(Say(text="Lịch <nghỉ>"), shown, address=str(chat))) for chat in range(1, 9)))
    assert fake.uploads == {"photo": 1}
    assert {call.method for call in fake.calls} == {"sendPhoto"}
    assert {call.data["caption"].split("\n")[0] for call in fake.calls} == {"Lịch &lt;nghỉ&gt;"}
    assert all(call.data["reply_markup"] for call in fake.calls)
    fake.known.clear()
    await sender.send(message(shown, address="9"))
    assert fake.uploads == {"photo": 2}, "an id the provider does not know is no loss"


async def test_a_file_goes_as_a_document_and_an_id_of_the_same_bot_as_it_is(sender: TelegramSender, fake: StrictTelegram, store: Store) -> None:
    number = await store.write(attachments.keep, PDF, "mẫu.pdf", now=NOON)
    await sender.send(message(Attached(picture=False, name="mẫu.pdf", attachment=number)))
    fake.known.add("theirs")
    await sender.send(message(Attached(picture=True, name="ảnh", file_id="theirs"), address="2"))
    assert [call.method for call in fake.calls] == ["sendDocument", "sendPhoto"]
    with pytest.raises(errors.Refused):
        await sender.send(message(Attached(picture=True, name="ảnh", file_id="unknown"), address="3"))


async def test_after_a_failure_between_two_parts_only_the_rest_is_sent(sender: TelegramSender, fake: StrictTelegram, store: Store) -> None:
    long = Reply(blocks=(Say(text="Nộp lại giấy này ở quầy số hai. " * 200),))
    parts = len(wire(long))
    assert parts > 2
    await store.write(outbox.put, BOT, "1", long, now=NOON)
    fake.trouble_for = lambda _method, _data: "500" if len(fake.asked) == 1 else None
    worker = delivery.Worker(store, [sender], now=lambda: NOON)
    await worker.flush(BOT)
    assert len(fake.sent()) == 1
    later = delivery.Worker(store, [sender], now=lambda: NOON.replace(minute=30))
    await later.flush(BOT)
    assert [call.data["text"] for call in fake.sent()] == [part.text for part in wire(long)]
    assert await store.read(outbox.counts) == {"sent": 1}


async def test_a_429_gives_back_what_stands_in_line_without_a_try(settings: Settings, fake: StrictTelegram, store: Store) -> None:
    slow = TelegramSender(BOT, TOKEN, settings.telegram_api, 20)
    fake.retry_after, fake.troubles = 2, deque(["429"])
    going = await notice(store, *(str(chat) for chat in range(1, 9)), bot=BOT, urgent=True)
    worker = delivery.Worker(store, [slow])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1.2)
    rows = await store.read(outbox.log, BOT, "8")
    assert [(row.state in ("queued", "retry"), row.attempts) for row in rows] == [(True, 0)]
    for _ in range(100):
        if {state for state, _ in (await states(store, going)).values()} == {"sent"}:
            break
        await asyncio.sleep(0.05)
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert fake.received() == {str(chat): 1 for chat in range(1, 9)}
    told = fake.told_to_wait[0]
    assert [at for at in fake.asked if told + 0.2 < at < told + 2.0] == [], "nothing is handed over while the bot has to wait"
    await slow.close()
