"""Updates in: what each means, that none is confirmed before it is committed, and that garbage changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import col

from bot import errors
from bot.channels.telegram import inbound, webhook
from bot.channels.telegram.channel import Telegram
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import people
from bot.settings import Settings
from handlers import ROUTES
from tests.fake_telegram import BOT, FakeTelegram
from tests.fakes import NOON

SECRET = "s3cret"
USER = {"id": 5, "is_bot": False, "first_name": "Lan"}
CHAT = {"id": 5, "type": "private"}
BASE = {"message_id": 1, "date": 1_790_000_000, "chat": CHAT, "from": USER}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
FILE = {"file_id": "f", "file_unique_id": "u"}
LOCATION = {"latitude": 10.776_889, "longitude": 106.700_897}


def update(**body: Any) -> dict[str, Any]:
    return {"update_id": 7, **body}


@pytest.mark.parametrize(
    ("raw", "kind", "text", "payload"),
    [
        (update(message={**BASE, "text": "khai sinh"}), "text", "khai sinh", ""),
        (update(message={**BASE, "text": "/start abc"}), "start", "/start abc", ""),
        (update(edited_message={**BASE, "text": "khai tử"}), "text", "khai tử", ""),
        (update(message={**BASE, "photo": PHOTO, "caption": "cccd"}), "photo", "cccd", ""),
        (update(message={**BASE, "document": {**FILE, "mime_type": "image/png"}}), "photo", "", ""),
        (update(message={**BASE, "document": {**FILE, "mime_type": "application/pdf"}}), "file", "", ""),
        (update(message={**BASE, "voice": {**FILE, "duration": 3}}), "voice", "", ""),
        (update(message={**BASE, "location": {"latitude": 1.0, "longitude": 2.0}}), "location", "", ""),
        (update(message={**BASE, "contact": {"phone_number": "1", "first_name": "x"}}), "contact", "", ""),
        (update(message={**BASE, "dice": {"emoji": "🎲", "value": 1}}), "sticker", "", ""),
        (update(message={**BASE, "poll": None, "game": None}), "other", "", ""),
        (update(callback_query={"id": "c", "from": USER, "chat_instance": "1", "data": "a:1:q:o"}), "choice", "", "a:1:q:o"),
    ],
)
def test_what_an_update_means(raw: dict[str, Any], kind: str, text: str, payload: str) -> None:
    read = inbound.read(raw)
    assert read is not None
    meaning = inbound.message_of(read, BOT, now=NOON)
    assert not isinstance(meaning, inbound.Membership | inbound.Moved)
    assert meaning is not None
    assert (meaning.kind, meaning.text, meaning.payload, meaning.address, meaning.update_id) == (kind, text, payload, "5", "7")


@pytest.mark.parametrize(
    "body",
    [
        {"location": {"latitude": 10.776_889, "longitude": 106.700_897, "horizontal_accuracy": 5}},
        {"location": LOCATION, "venue": {"location": LOCATION, "title": "Nhà", "address": "Số 1"}},
    ],
)
def test_a_place_is_read_to_a_hundred_metres(body: dict[str, Any]) -> None:
    read = inbound.read(update(message={**BASE, **body}))
    assert read is not None
    meaning = inbound.message_of(read, BOT, now=NOON)
    assert not isinstance(meaning, inbound.Membership | inbound.Moved)
    assert meaning is not None
    assert (meaning.kind, meaning.place) == ("location", (10.777, 106.701))


@pytest.mark.parametrize("chat", [{"id": -5, "type": "group"}, {"id": -100, "type": "supergroup"}, {"id": -1, "type": "channel"}])
def test_groups_are_left_alone(chat: dict[str, Any]) -> None:
    read = inbound.read(update(message={**BASE, "chat": chat, "text": "khai sinh"}))
    assert read is not None
    assert inbound.message_of(read, BOT, now=NOON) is None


@pytest.fixture
async def client(store: Store, tiny: Premises, settings: Settings) -> AsyncIterator[AsyncClient]:
    hooked = settings.model_copy(update={"telegram_mode": "webhook", "telegram_webhook_secret": SecretStr(SECRET)})
    channel = Telegram(hooked, store, Dispatcher(store, tiny, ROUTES, now=lambda: NOON))
    web = FastAPI()
    assert channel.router is not None
    web.include_router(channel.router)
    async with AsyncClient(transport=ASGITransport(web), base_url="http://test", headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}) as opened:
        yield opened
    await channel.sender.close()


async def kept(store: Store) -> int:
    return await store.read(lambda session: session.execute(select(func.count(col(Inbox.id)))).scalar_one())


async def test_the_webhook_keeps_an_update_once(store: Store, client: AsyncClient) -> None:
    for _ in range(3):
        assert (await client.post(webhook.PATH, json=update(message={**BASE, "text": "khai sinh"}))).status_code == 200
    assert await kept(store) == 1


@pytest.mark.parametrize("secret", [b"", b"wrong", "ß".encode(), b"s3cretx"])
async def test_a_wrong_secret_gets_403_and_changes_nothing(store: Store, client: AsyncClient, secret: bytes) -> None:
    headers = {b"X-Telegram-Bot-Api-Secret-Token": secret}
    assert (await client.post(webhook.PATH, json=update(message={**BASE, "text": "x"}), headers=headers)).status_code == 403
    assert await kept(store) == 0


async def test_an_oversized_body_is_turned_away(store: Store, client: AsyncClient) -> None:
    assert (await client.post(webhook.PATH, content=b"x" * (webhook.LARGEST_BODY + 1))).status_code == 413
    assert await kept(store) == 0


async def test_blocking_the_bot_makes_the_account_inactive(store: Store, client: AsyncClient) -> None:
    await store.write(people.account_of, BOT, "5", now=NOON)
    member = {"user": {"id": 424242, "is_bot": True, "first_name": "b"}, "status": "kicked", "until_date": 0}
    changed = {"chat": CHAT, "from": USER, "date": 1, "old_chat_member": {**member, "status": "member"}, "new_chat_member": member}
    assert (await client.post(webhook.PATH, json=update(my_chat_member=changed))).status_code == 200
    account = await store.read(people.find, BOT, "5")
    assert account is not None
    assert not account.active


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner)
)
NAMES = st.sampled_from(["update_id", "message", "callback_query", "my_chat_member", "edited_message", "text", "chat", "from", "date"])


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.dictionaries(NAMES, JSON, max_size=5))
async def test_no_body_makes_the_webhook_fail(client: AsyncClient, body: bytes | dict[str, Any]) -> None:
    answer = await (client.post(webhook.PATH, content=body) if isinstance(body, bytes) else client.post(webhook.PATH, json=body))
    assert answer.status_code == 200


async def test_polling_confirms_an_update_only_after_it_is_committed(store: Store, tiny: Premises, settings: Settings, fake: FakeTelegram) -> None:
    early: list[int] = []

    def on_confirm(number: int) -> None:
        with store.engine.connect() as connection:
            found = connection.execute(select(col(Inbox.id)).where(col(Inbox.update_id) == str(number))).first()
        if found is None:
            early.append(number)

    fake.on_confirm = on_confirm
    channel = Telegram(settings, store, Dispatcher(store, tiny, ROUTES, now=lambda: NOON))
    running = asyncio.create_task(channel.run())
    for number in range(60):
        fake.types("khai tử", user=number + 1)
        await asyncio.sleep(0.005)
    assert await asyncio.to_thread(fake.wait_for, lambda: fake.confirmed >= 60)
    channel.stop()
    await running
    await channel.sender.close()
    assert early == []
    assert await kept(store) == 60


async def test_one_update_that_cannot_be_read_does_not_hold_up_the_others(
    store: Store, tiny: Premises, settings: Settings, fake: FakeTelegram
) -> None:
    fake.pushes({"message": {"chat": "nonsense"}})
    fake.types("khai tử")
    channel = Telegram(settings, store, Dispatcher(store, tiny, ROUTES, now=lambda: NOON))
    running = asyncio.create_task(channel.run())
    assert await asyncio.to_thread(fake.wait_for, lambda: fake.confirmed >= 2)
    channel.stop()
    await running
    await channel.sender.close()
    assert await kept(store) == 1


async def test_a_token_that_is_none_is_one_clear_line(store: Store, tiny: Premises, settings: Settings) -> None:
    with pytest.raises(errors.SettingsInvalid, match="MOTCUA_TELEGRAM_TOKEN"):
        Telegram(settings.model_copy(update={"telegram_token": SecretStr("abc")}), store, Dispatcher(store, tiny, ROUTES))
