"""Tokens that rotate and work once: one process asks, the new pair is kept before it is used, a lost answer locks nobody out."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot import errors
from bot.channels.zalo_oa.client import Application, Client
from bot.channels.zalo_oa.tokens import Tokens
from bot.db.store import Store
from bot.domain import provider_tokens
from tests.fake_zalo import APP_ID, APP_SECRET, BOT, FakeZalo
from tests.fakes import NOON

HOUR = dt.timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now


Make = Callable[[Store, Clock], Tokens]


@pytest.fixture
async def tokens(fake: FakeZalo) -> AsyncIterator[Make]:
    clients = []

    def make(store: Store, clock: Clock) -> Tokens:
        clients.append(Client(fake.url, fake.url))
        return Tokens(store, clients[-1], BOT, Application(APP_ID, APP_SECRET), now=clock)

    yield make
    for client in clients:
        await client.close()


async def test_the_first_token_comes_from_the_operators_and_is_kept(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    made = tokens(store, Clock())
    assert await made.current() == await made.current()
    assert fake.refreshes == ["first"]
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert (kept.refresh, kept.expires_at) == (fake.refresh_token, NOON + 25 * HOUR)


async def test_a_restart_goes_on_with_the_pair_it_has_and_a_new_one_of_the_operator_replaces_it(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    held = await tokens(store, Clock()).current()
    await store.write(provider_tokens.settle, BOT, "first")
    assert await tokens(store, Clock()).current() == held
    fake.refresh_token = "second"
    await store.write(provider_tokens.settle, BOT, "second")
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert (kept.refresh, kept.access) == ("second", held)


async def test_processes_that_need_a_token_at_once_ask_for_one(store: Store, database_url: str, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    others = [Store(database_url) for _ in range(3)]
    found = await asyncio.gather(*(tokens(one, Clock()).current() for one in (store, *others)))
    assert len(set(found)) == 1
    assert fake.refreshes == ["first"], "the refresh token works once: a second request would have lost the account"
    for other in others:
        other.close()


async def test_a_token_turned_down_is_renewed_once_for_all_who_held_it(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    made = [tokens(store, Clock()) for _ in range(3)]
    spent = await made[0].current()
    assert len(set(await asyncio.gather(*(one.renew(spent) for one in made)))) == 1
    assert len(fake.refreshes) == 2


async def test_the_new_pair_is_kept_before_anybody_has_it(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    mine = await store.write(provider_tokens.begin, BOT, "dead", now=NOON)
    assert mine is not None
    made = tokens(store, clock := Clock())
    waiting = asyncio.create_task(made.current())
    await asyncio.sleep(0.5)
    assert fake.refreshes == [], "another process is asking"
    clock.now += dt.timedelta(seconds=61)
    assert await waiting == "access-1"


async def test_a_lost_answer_locks_nobody_out_while_the_old_token_lives(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    made = tokens(store, clock := Clock())
    held = await made.current()
    clock.now += 13 * HOUR  # half of its life is over
    fake.lose_refresh_answers = 1
    looking = asyncio.create_task(made.keep_fresh())
    await asyncio.sleep(0.5)
    looking.cancel()
    assert len(fake.refreshes) == 2
    assert await made.current() == held, "what we hold is good for twelve hours yet"
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert kept.trouble, "operators see that something is wrong"
    with pytest.raises(errors.ChannelMisconfigured, match="Invalid refresh token"):
        await made.renew(held)
    fake.refresh_token = "from the console"
    await store.write(provider_tokens.settle, BOT, "from the console")
    assert await made.renew(held) != held
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert kept.trouble == ""


async def test_a_pair_given_after_the_right_to_ask_ran_out_is_kept_all_the_same(store: Store, tokens: Make) -> None:
    """Of two who asked one after the other the first has the only pair that is any good."""
    await store.write(provider_tokens.settle, BOT, "first")
    given = provider_tokens.Given("access", "next", 25 * HOUR)
    assert await store.write(provider_tokens.begin, BOT, "slow", now=NOON) is not None
    late = NOON + provider_tokens.ASKING + dt.timedelta(seconds=1)
    assert await store.write(provider_tokens.begin, BOT, "quick", now=late) is not None
    assert await store.write(provider_tokens.keep, BOT, "first", given, now=late)
    await store.write(provider_tokens.fail, BOT, "quick", "Invalid refresh token", refused=True, now=late)
    assert await tokens(store, Clock()).current() == "access"
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert (kept.refresh, kept.trouble) == ("next", "")
    assert not await store.write(provider_tokens.keep, BOT, "first", given, now=late), "what was given for a token of before is not taken over"


async def test_a_stop_amid_asking_loses_no_pair(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    fake.refresh_seconds = 0.3
    made = tokens(store, Clock())
    asking = asyncio.create_task(made.current())
    await asyncio.to_thread(fake.asked.wait, 5)
    asking.cancel()
    await made.finish()
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert kept.refresh == fake.refresh_token


async def test_a_full_disk_delays_keeping_and_loses_no_pair(store: Store, fake: FakeZalo, tokens: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    full, keep = [True], provider_tokens.keep

    def sometimes(*args: Any, **named: Any) -> bool:
        if full:
            full.pop()
            raise errors.StoreUnavailable("disk full")
        return keep(*args, **named)

    monkeypatch.setattr(provider_tokens, "keep", sometimes)
    assert await tokens(store, Clock()).current() == "access-1"
    kept = await store.read(provider_tokens.pair, BOT)
    assert kept is not None
    assert kept.refresh == fake.refresh_token


async def test_a_lost_answer_about_the_token_says_nothing_about_the_message_that_waits_for_it(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    fake.lose_refresh_answers = 1
    with pytest.raises(errors.TryLater):  # OutcomeUnknown would leave a notice for a person to decide about
        await tokens(store, Clock()).current()


async def test_a_token_that_was_turned_down_is_not_shown_again_and_again(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "spent")
    made = tokens(store, clock := Clock())
    for _ in range(5):
        with pytest.raises(errors.ChannelMisconfigured, match="Invalid refresh token"):
            await made.current()
    assert fake.refreshes == ["spent"]
    clock.now += provider_tokens.REST
    with pytest.raises(errors.ChannelMisconfigured):
        await made.current()
    assert fake.refreshes == ["spent", "spent"]
    await store.write(provider_tokens.settle, BOT, "first")
    assert await made.current() == "access-1", "the operator's new one is tried at once"


async def test_a_stolen_refresh_token_that_was_used_is_an_alarm_and_not_a_loop(store: Store, fake: FakeZalo, tokens: Make) -> None:
    await store.write(provider_tokens.settle, BOT, "first")
    fake.grant()  # somebody else used "first"
    made = tokens(store, Clock())
    with pytest.raises(errors.ChannelMisconfigured):
        await made.current()
    assert fake.refreshes == ["first"]
