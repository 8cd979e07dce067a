"""The route: signed over the raw body, answered 200, each event once; garbage, forgeries and old recordings change nothing."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import Session, col

from bot import clock, errors
from bot.channels.zalo_oa import webhook
from bot.channels.zalo_oa.channel import ZaloAccount
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import people
from bot.settings import Settings
from handlers import ROUTES
from tests.fake_zalo import APP_ID, APP_SECRET, BOT, OA_SECRET, event, signed
from tests.fakes import NOON


@pytest.fixture
async def posted(store: Store, tiny: Premises, settings: Settings) -> AsyncIterator[AsyncClient]:
    channel = ZaloAccount(settings, store, Dispatcher(store, tiny, ROUTES))
    app = FastAPI()
    app.include_router(channel.router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        yield client
    await channel.sender.close()


def kept(session: Session) -> int:
    return int(session.execute(select(func.count(col(Inbox.id)))).scalar_one())


async def post(client: AsyncClient, body: dict[str, Any], **options: Any) -> int:
    raw, headers = signed(body, **options)
    return (await client.post(webhook.PATH, content=raw, headers=headers)).status_code


async def test_an_event_is_kept_once_however_often_it_comes(posted: AsyncClient, store: Store) -> None:
    body = event("user_send_text", text="khai sinh", msg_id="m1")
    assert [await post(posted, body) for _ in range(3)] == [200, 200, 200]
    assert await store.read(kept) == 1


async def test_a_signature_of_another_secret_changes_nothing(posted: AsyncClient, store: Store) -> None:
    body = event("user_send_text", text="khai sinh", msg_id="m1")
    raw, headers = signed(body)
    assert await post(posted, body, secret="guessed") == 403
    assert (await posted.post(webhook.PATH, content=raw.replace(b"khai", b"khac"), headers=headers)).status_code == 403
    assert (await posted.post(webhook.PATH, content=raw)).status_code == 403
    assert (await posted.post(webhook.PATH, content=raw, headers=[(b"X-ZEvent-Signature", "mac=é".encode("latin-1"))])).status_code == 403
    assert await store.read(kept) == 0


@pytest.mark.parametrize("hours", [-4, 1])
async def test_a_recording_from_another_time_changes_nothing(posted: AsyncClient, store: Store, hours: int) -> None:
    assert await post(posted, event("user_send_text", at=time.time() + 3600 * hours, text="khai sinh", msg_id="m1")) == 200
    assert await store.read(kept) == 0


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"<html></html>", json.dumps({"timestamp": []}).encode()]
)
async def test_garbage_changes_nothing_even_when_it_is_signed(posted: AsyncClient, store: Store, raw: bytes) -> None:
    timestamp = "[]" if b"timestamp" in raw else ""
    headers = {"X-ZEvent-Signature": f"mac={webhook.signature(APP_ID, raw, timestamp, OA_SECRET)}"}
    assert (await posted.post(webhook.PATH, content=raw, headers=headers)).status_code == 200
    assert await store.read(kept) == 0


async def test_a_body_that_is_too_large_is_not_read(posted: AsyncClient, store: Store) -> None:
    body = event("user_send_text", text="x" * webhook.LARGEST_BODY, msg_id="m1")
    assert await post(posted, body) == 413
    assert await store.read(kept) == 0


async def test_what_cannot_be_kept_is_asked_for_again() -> None:
    async def full(_event: dict[str, Any]) -> None:
        raise errors.StoreUnavailable("disk full")

    app = FastAPI()
    app.include_router(webhook.router(full, APP_ID, OA_SECRET))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        assert await post(client, event("user_send_text", text="x", msg_id="m")) == 503


async def test_the_app_secret_signs_where_the_operator_says_so(store: Store, tiny: Premises, settings: Settings) -> None:
    changed = settings.model_copy(update={"zalo_signed_with": "app", "zalo_oa_secret": SecretStr("")})
    channel = ZaloAccount(changed, store, Dispatcher(store, tiny, ROUTES))
    app = FastAPI()
    app.include_router(channel.router)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        body = event("user_send_text", text="x", msg_id="m")
        assert [await post(client, body), await post(client, body, secret=APP_SECRET)] == [403, 200]
    await channel.sender.close()


async def test_unfollowing_closes_the_account_and_following_opens_it(posted: AsyncClient, store: Store) -> None:
    await store.write(people.account_of, BOT, "u1", now=NOON - dt.timedelta(days=9))
    assert await post(posted, event("unfollow")) == 200
    account = await store.read(people.find, BOT, "u1")
    assert account is not None
    assert (account.active, account.inactive_reason) == (False, "unfollowed")


async def test_an_unfollowing_played_again_after_the_person_came_back_changes_nothing(posted: AsyncClient, store: Store) -> None:
    body = event("unfollow", at=time.time() - 600)
    await store.write(people.account_of, BOT, "u1", now=clock.now())
    assert await post(posted, body) == 200
    account = await store.read(people.find, BOT, "u1")
    assert account is not None
    assert account.active


@pytest.mark.parametrize("name", ["zalo_app_secret", "zalo_refresh_token", "zalo_oa_secret"])
def test_a_setting_that_is_missing_is_named(settings: Settings, tiny: Premises, name: str) -> None:
    with pytest.raises(errors.SettingsInvalid, match=f"MOTCUA_{name.upper()}"):
        ZaloAccount(settings.model_copy(update={name: SecretStr("")}), None, Dispatcher(None, tiny, ROUTES))  # type: ignore[arg-type]
