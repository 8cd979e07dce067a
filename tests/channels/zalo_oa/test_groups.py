"""An account's own groups (GMF): set up by staff with numbers, asked by members, answered in the group."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.zalo_oa.channel import ZaloAccount
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import centers, delivery, groups, provider_tokens, staff
from bot.settings import Settings
from handlers import ROUTES
from tests.fake_zalo import BOT, FakeZalo, event
from tests.fakes import NOON

ADDRESS = "group:g77"


class Group:
    """Says something in the group and reads what was sent there."""

    def __init__(self, store: Store, fake: FakeZalo, channel: ZaloAccount, dispatcher: Dispatcher) -> None:
        self.store, self.fake, self._channel, self._dispatcher = store, fake, channel, dispatcher
        self._worker = delivery.Worker(store, [channel.sender])
        self._numbers, self._read = itertools.count(1), 0

    async def say(self, text: str, person: str = "lan", **extra: Any) -> str:
        body = {**event("user_send_group_text", person, text=text, msg_id=f"g{next(self._numbers)}"), "group_id": "g77", "group_name": "Thôn Đông"}
        await self._channel._take({**body, **extra})
        await self._dispatcher.work(BOT, ADDRESS)
        await self._worker.flush(BOT)
        sent = [one["message"]["text"] for one in self.fake.sent if one["recipient"] == {"group_id": "g77"}]
        new, self._read = sent[self._read :], len(sent)
        return "\n\n".join(new)


@pytest.fixture
async def group(store: Store, tiny: Premises, settings: Settings, fake: FakeZalo) -> AsyncIterator[Group]:
    dispatcher = Dispatcher(store, tiny, ROUTES)
    channel = ZaloAccount(settings.model_copy(update={"zalo_groups": True}), store, dispatcher)
    await store.write(provider_tokens.settle, BOT, fake.refresh_token)
    await store.write(centers.settle, tiny.directory.all, now=NOON)
    yield Group(store, fake, channel, dispatcher)
    await channel.sender.close()


async def hire(store: Store, person: str) -> None:
    """This person's chat is connected to somebody who works here."""
    member = await store.write(staff.create, "chị Hạnh", "*", "manager", now=NOON)
    code = await store.write(staff.link, member, "connect", now=NOON)
    assert code is not None
    assert await store.write(staff.connect, code, BOT, person, now=NOON) is not None


async def test_staff_set_a_group_up_by_numbers_and_members_are_answered_there(group: Group) -> None:
    await hire(group.store, "hanh")
    asked = await group.say("[@9001] /caidat", "hanh")
    assert "\n1. " in asked
    asked = await group.say("/hoi 1", "hanh")
    assert "\n1. " in asked, "the hours come next"
    asked = await group.say("[@9001] 1", "hanh")
    await group.say("[@9001] 4", "hanh")
    row = await group.store.write(groups.of, BOT, ADDRESS, now=NOON)
    assert (row.purpose, row.slow_seconds, row.title) == ("citizens", 0, "Thôn Đông")
    assert "Đăng ký khai tử" in await group.say("[@9001] báo tử", "lan")
    assert set(group.fake.paths) == {"group/message"}


async def test_who_does_not_work_here_sets_nothing_up(group: Group) -> None:
    answered = await group.say("/caidat", "lan")
    assert "1. " not in answered
    row = await group.store.write(groups.of, BOT, ADDRESS, now=NOON)
    assert row.purpose == ""


async def test_what_is_not_meant_for_the_account_is_not_even_kept(group: Group) -> None:
    assert await group.say("chiều nay đi chợ không") == ""
    assert group.fake.sent == []
