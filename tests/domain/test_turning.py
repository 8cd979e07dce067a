"""Where a notice row goes when its address is dead or has moved, and when it may not be tried again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import errors
from bot.db import upsert
from bot.db.leaving import Consent
from bot.db.questions import ChatGroup
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import centers, claims, delivery, fates, outbox, people
from tests.domain.leaving import BOT, notice, person, said, set_state, states
from tests.fakes import NOON, Recorder

GONE = errors.RecipientGone("blocked")
_TABLE = upsert.table(Outbox)


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        self.at += dt.timedelta(seconds=5)
        return self.at


async def flush(store: Store, *failures: Exception) -> Recorder:
    sender = Recorder(BOT, list(failures))
    await delivery.Worker(store, [sender], now=Clock()).flush(BOT)
    return sender


async def test_a_blocked_account_gives_the_row_to_another_one_of_the_person_once(store: Store) -> None:
    lan = await person(store, "lan-1", "lan-2")
    going = await notice(store, "lan-1", owner=lan)
    sender = await flush(store, GONE)
    assert [message.address for message in sender.sent] == ["lan-2"]
    assert await states(store, going) == {"lan-2": ("sent", "")}
    gone = await store.read(people.find, BOT, "lan-1")
    assert gone is not None
    assert not gone.active


async def test_with_every_account_blocked_the_row_is_refused_and_with_none_known_too(store: Store) -> None:
    going = await notice(store, "lan-1", owner=await person(store, "lan-1", "lan-2"))
    other = await notice(store, "nobody")
    sender = await flush(store, GONE, GONE, GONE)
    assert sender.sent == []
    assert await states(store, going) == {"lan-2": ("refused", "blocked")}
    assert await states(store, other) == {"nobody": ("refused", "blocked")}


async def test_other_notices_that_wait_there_move_along_and_chats_are_skipped(store: Store) -> None:
    lan = await person(store, "lan-1", "lan-2")
    going = [await notice(store, "lan-1", owner=lan, text=words) for words in ("một", "hai")]
    await store.write(outbox.put, BOT, "lan-1", said("chào"), now=NOON)
    await store.write(outbox.put, BOT, "lan-1", said("lại"), now=NOON)
    sender = await flush(store, GONE)
    assert sorted(message.address for message in sender.sent) == ["lan-2", "lan-2"]
    assert [await states(store, one) for one in going] == [{"lan-2": ("sent", "")}] * 2
    assert (await store.read(outbox.counts)) == {"sent": 2, "refused": 1, "skipped": 1}


@pytest.mark.parametrize(("deed", "reason"), [("stop", "stopped"), ("delete", "deleted"), ("withdraw", "withdrawn")])
@pytest.mark.parametrize("failure", [GONE, errors.TryLater("busy")])
async def test_a_row_on_its_way_is_not_tried_again_when_nobody_wants_it_any_more(store: Store, deed: str, reason: str, failure: Exception) -> None:
    lan = await person(store, "lan-1", "lan-2")
    going = await notice(store, "lan-1", owner=lan)
    (claimed,) = await store.write(claims.claim, BOT, "w", now=NOON)
    if deed == "stop":
        await set_state(store, going, "stopped")
    elif deed == "delete":
        await store.write(lambda session: session.execute(update(_TABLE).values(person_id=None)) and None)
    else:
        common: dict[str, Any] = {"center_id": centers.read(None)[0].id, "purpose": "notices", "given_at": NOON, "withdrawn_at": NOON}
        await store.write(lambda session: session.add(Consent(person_id=lan, **common)))
    ended = [fates.Ended(claimed, error=failure)]
    await store.write(delivery.step, BOT, "w", ended, wanted=None, texts=claims.Texts(), now=NOON)
    expected = ("refused", "blocked") if isinstance(failure, errors.RecipientGone) else ("skipped", reason)
    assert await states(store, going) == {"lan-1": expected}


async def test_a_group_that_moved_takes_account_group_and_rows_along(store: Store) -> None:
    owner = await person(store, "-100")
    await store.write(lambda session: session.add(ChatGroup(bot=BOT, address="-100", purpose="staff", created_at=NOON, changed_at=NOON)))
    going = await notice(store, "-100", owner=owner)
    sender = await flush(store, errors.RecipientMoved("-200"))
    assert [message.address for message in sender.sent] == ["-200"]
    assert await states(store, going) == {"-200": ("sent", "")}
    assert await store.read(lambda session: session.execute(select(ChatGroup.address)).scalar_one()) == "-200"  # type: ignore[call-overload]
    assert await store.read(people.find, BOT, "-200") is not None


async def test_two_addresses_that_turn_out_to_be_one_get_a_notice_once(store: Store) -> None:
    for address in ("-100", "-200"):
        await person(store, address)
    going = await notice(store, "-100", "-200")
    sender = await flush(store, errors.RecipientMoved("-200"))
    assert [message.address for message in sender.sent] == ["-200"]
    assert await states(store, going) == {"-100": ("skipped", "moved"), "-200": ("sent", "")}


async def test_what_was_given_back_untried_counts_as_no_try(store: Store) -> None:
    await notice(store, "lan")
    for _ in range(12):
        (claimed,) = await store.write(claims.claim, BOT, "w", now=NOON)
        assert claimed.attempts == 1
        ended = [fates.Ended(claimed, error=errors.NotHandedOver("waiting"))]
        await store.write(delivery.step, BOT, "w", ended, wanted=None, texts=claims.Texts(), now=NOON)
