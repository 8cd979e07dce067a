"""Sending over real HTTP: every answer of the provider ends in the right fate."""

from __future__ import annotations

import asyncio
import time
from collections import deque

import pytest

from bot import errors
from bot.channels.telegram.delivery import TelegramSender
from bot.db.store import Store
from bot.domain import claims, delivery, outbox, people, senders
from bot.messages import Choice, Outgoing, OutgoingKind, Reply, Say
from bot.settings import Settings
from tests.fake_telegram import BOT, TOKEN, FakeTelegram, Trouble
from tests.fakes import NOON


def message(text: str = "Chào", address: str = "1", *, edits: str | None = None, kind: OutgoingKind = "reply") -> Outgoing:
    reply = Reply(blocks=(Say(text=text),), choices=(Choice(number=1, label="Có", payload="m"),))
    return Outgoing(id=1, bot=BOT, address=address, kind=kind, reply=reply, edits=edits)


@pytest.fixture
def sender(settings: Settings) -> TelegramSender:
    return TelegramSender(BOT, TOKEN, settings.telegram_api, 200)


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("429", errors.TryLater), ("400", errors.Refused), ("403", errors.RecipientGone), ("migrated", errors.RecipientMoved),
        ("500", errors.OutcomeUnknown), ("502", errors.OutcomeUnknown),
        ("reset_before", errors.OutcomeUnknown), ("reset_after", errors.OutcomeUnknown),
    ],
)  # fmt: skip
async def test_every_refusal_becomes_an_error_of_ours(sender: TelegramSender, fake: FakeTelegram, trouble: Trouble, error: type[Exception]) -> None:
    fake.troubles = deque([trouble])
    with pytest.raises(error):
        await sender.send(message())
    await asyncio.sleep(1.0 if trouble == "429" else 0.0)
    assert await sender.send(message()), "the next one goes through"
    await sender.close()


async def test_a_429_names_its_time_and_is_not_slept_in_the_sender(sender: TelegramSender, fake: FakeTelegram) -> None:
    fake.troubles, fake.retry_after = deque(["429"]), 37
    began = time.monotonic()
    with pytest.raises(errors.TryLater) as caught:
        await sender.send(message())
    assert (caught.value.retry_after, caught.value.whole_sender) == (37, True)
    assert time.monotonic() - began < 5
    await sender.close()


async def test_a_server_that_is_not_there_means_never_sent(settings: Settings) -> None:
    sender = TelegramSender(BOT, TOKEN, "http://127.0.0.1:9", 200)
    with pytest.raises(errors.TryLater):
        await sender.send(message())
    await sender.close()


async def test_a_wrong_token_is_for_an_operator(settings: Settings) -> None:
    sender = TelegramSender(BOT, "1:wrong", settings.telegram_api, 200)
    with pytest.raises(errors.ChannelMisconfigured):
        await sender.send(message())
    await sender.close()


async def test_an_edit_changes_the_message_and_a_lost_one_is_sent_anew(sender: TelegramSender, fake: FakeTelegram) -> None:
    first = await sender.send(message("một"))
    assert await sender.send(message("hai", edits=first)) == first
    assert await sender.send(message("hai", edits=first)) == first, "not modified is as good as done"
    assert await sender.send(message("ba", edits="999999")) != first
    assert [call.method for call in fake.sent()] == ["sendMessage", "editMessageText", "sendMessage"]
    await sender.close()


async def test_a_long_answer_comes_in_parts_with_the_keyboard_on_the_last(sender: TelegramSender, fake: FakeTelegram) -> None:
    await sender.send(message("Nộp lại giấy này ở quầy số hai. " * 400))
    sent = fake.sent()
    assert len(sent) > 1
    assert all(len(call.data["text"]) <= 4096 for call in sent)
    assert [bool(call.data.get("reply_markup")) for call in sent] == [False] * (len(sent) - 1) + [True]
    await sender.close()


async def test_sending_at_the_shipped_rate_never_meets_the_limit(settings: Settings, fake: FakeTelegram) -> None:
    """90 messages to as many chats, every fifth of them late on its way, against a server that counts every window of a second and
    then wants a wait of 15."""
    fake.limit, fake.retry_after, fake.slow_seconds = 30, 15, 0.2
    fake.trouble_for = lambda _method, data: "slow" if int(data["chat_id"]) % 5 == 0 else None
    sender = TelegramSender(BOT, TOKEN, settings.telegram_api, Settings.model_fields["telegram_rate"].default)
    waiting = asyncio.Semaphore(delivery.AT_ONCE)

    async def one(number: int) -> None:
        async with waiting:
            await sender.send(message(address=str(number)))

    await asyncio.gather(*(one(number) for number in range(1, 91)))
    assert fake.refused["429"] == 0
    assert fake.busiest_second() <= 30
    await sender.close()


async def deliver(store: Store, sender: TelegramSender, rows: int, troubles: list[Trouble], fake: FakeTelegram) -> None:
    fake.troubles = deque(troubles)
    for number in range(1, rows + 1):
        await store.write(outbox.put, BOT, str(number), message().reply, now=NOON)
    worker = delivery.Worker(store, [sender], now=lambda: NOON)
    await worker.flush(BOT)


async def test_a_429_pauses_the_whole_bot_in_the_database(store: Store, sender: TelegramSender, fake: FakeTelegram) -> None:
    fake.retry_after = 30
    await deliver(store, sender, 3, ["429"], fake)
    assert await store.read(senders.paused_until, BOT, now=NOON) is not None
    assert await store.write(claims.claim, BOT, "w", now=NOON) == []
    await sender.close()


async def test_a_blocked_bot_makes_the_account_inactive_and_skips_what_waits(store: Store, sender: TelegramSender, fake: FakeTelegram) -> None:
    await store.write(people.account_of, BOT, "1", now=NOON)
    await store.write(outbox.put, BOT, "1", message().reply, now=NOON)
    await deliver(store, sender, 1, ["403"], fake)
    account = await store.read(people.find, BOT, "1")
    assert account is not None
    assert not account.active
    assert await store.read(outbox.counts) == {"refused": 1, "skipped": 1}
    await sender.close()


async def test_a_moved_chat_gets_the_same_message_at_its_new_address(store: Store, sender: TelegramSender, fake: FakeTelegram) -> None:
    await deliver(store, sender, 1, ["migrated"], fake)
    worker = delivery.Worker(store, [sender], now=lambda: NOON)
    await worker.flush(BOT)
    assert [call.data["chat_id"] for call in fake.sent()] == ["-100777"]
    assert await store.read(outbox.counts) == {"sent": 1}
    await sender.close()
