"""Whatever a provider does, every row gets the right fate, once."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot import errors
from bot.db import upsert
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import claims, delivery, outbox, people, senders
from bot.messages import Outgoing, OutgoingKind, Reply, Say
from tests.domain.outgoing import BOT, Clock, later, queue, reply, row
from tests.fakes import NOON, Recorder


async def test_a_sent_row_keeps_the_providers_id(store: Store) -> None:
    (sent,) = await queue(store, "lan")
    assert await delivery.Worker(store, [Recorder()], now=lambda: NOON).flush(BOT) == 1
    found = await row(store, sent)
    assert (found.state, found.provider_id, found.worker, found.settled_at) == ("sent", "m1", None, NOON)


async def test_after_a_crash_a_reply_is_sent_again_and_a_notice_never(store: Store) -> None:
    kinds: list[OutgoingKind] = ["reply", "ticket", "reminder", "notice"]
    ids = [(await queue(store, kind, kind=kind))[0] for kind in kinds]
    assert len(await store.write(claims.claim, BOT, "died", now=NOON)) == 4
    assert await store.write(outbox.release_expired, now=NOON + outbox.LEASE) == 0, "the lease holds to its last moment"
    assert await store.write(outbox.release_expired, now=NOON + outbox.LEASE * 2) == 4
    assert [(await row(store, found)).state for found in ids] == ["retry", "retry", "retry", "unknown"]
    sender = Recorder()
    await delivery.Worker(store, [sender], now=lambda: NOON + outbox.LEASE * 2).flush(BOT)
    assert [message.kind for message in sender.sent] == kinds[:3]


async def test_who_lost_the_lease_settles_nothing(store: Store) -> None:
    (found,) = await queue(store, "lan")
    await store.write(claims.claim, BOT, "slow", now=NOON)
    await store.write(outbox.release_expired, now=NOON + outbox.LEASE * 2)
    await store.write(claims.claim, BOT, "quick", now=NOON + outbox.LEASE * 2)
    assert await store.write(outbox.settle, found, "slow", "refused", now=NOON) is False
    assert (await row(store, found)).state == "sending"
    assert await store.write(outbox.settle, found, "quick", "sent", now=NOON, provider_id="m") is True
    assert await store.write(outbox.settle, found, "quick", "sent", now=NOON, provider_id="n") is False, "a fate is written once"
    assert (await row(store, found)).provider_id == "m"


async def test_many_workers_in_several_processes_send_every_row_once(store: Store, database_url: str) -> None:
    await asyncio.gather(*(store.write(outbox.put, BOT, f"p{number}", reply(), now=NOON) for number in range(120)))
    stores = [store, Store(database_url), Store(database_url)]
    sender = Recorder(seconds=0.001)
    workers = [delivery.Worker(one, [sender], now=lambda: NOON) for one in stores for _ in range(3)]
    await asyncio.gather(*(worker.flush(BOT) for worker in workers))
    for other in stores[1:]:
        other.close()
    assert sorted(Counter(message.address for message in sender.sent).values()) == [1] * 120
    assert await store.read(outbox.counts) == {"sent": 120}


def _seen(session: Session) -> list[int]:
    return list(session.execute(select(col(Outbox.id)).where(col(Outbox.state) == "queued").order_by(col(Outbox.id))).scalars())


def _take(session: Session, ids: list[int], *, guarded: bool) -> int:
    """A claim in two steps, as two processes would run into each other; its guard can be taken off."""
    table = upsert.table(Outbox)
    wanted = [table.c.id.in_(ids), *([table.c.state == "queued"] if guarded else [])]
    return len(session.execute(update(table).where(*wanted).values(state="sending").returning(table.c.id)).scalars().all())


@pytest.mark.parametrize(("guarded", "taken"), [(True, 10), (False, 20)])
async def test_it_is_the_condition_of_the_update_that_keeps_two_from_sending_the_same(store: Store, guarded: bool, taken: int) -> None:
    await queue(store, *(f"p{number}" for number in range(10)))
    both = await asyncio.gather(store.read(_seen), store.read(_seen))
    assert sum([await store.write(_take, ids, guarded=guarded) for ids in both]) == taken


async def test_one_persons_messages_leave_one_at_a_time_in_their_order(store: Store) -> None:
    first, second, third = await queue(store, "lan", "lan", "lan")
    await queue(store, "tư")
    claimed = await store.write(claims.claim, BOT, "w", now=NOON)
    assert [message.address for message in claimed] == ["lan", "tư"]
    assert await store.write(claims.claim, BOT, "other", now=NOON) == []
    await store.write(outbox.settle, first, "w", "retry", now=NOON, not_before=later(60))
    assert await store.write(claims.claim, BOT, "w", now=NOON) == [], "the second waits behind the first, which waits for its time"
    assert [m.id for m in await store.write(claims.claim, BOT, "w", now=later(61))] == [first]
    await store.write(outbox.settle, first, "w", "refused", now=NOON)
    assert [m.id for m in await store.write(claims.claim, BOT, "w", now=later(61))] == [second]
    await store.write(outbox.settle, second, "w", "sent", now=NOON)
    assert [m.id for m in await store.write(claims.claim, BOT, "w", now=later(61))] == [third]


async def test_order_is_kept_by_running_workers_through_failures(store: Store, database_url: str) -> None:
    for number in range(6):
        await store.write(outbox.put, BOT, "lan", reply(str(number)), now=NOON)
    clock = Clock()
    sender = Recorder(failures=[errors.OutcomeUnknown("a"), ValueError("b"), errors.TryLater("c", 3)])
    other = Store(database_url)
    workers = [delivery.Worker(one, [sender], now=clock) for one in (store, other)]
    for _ in range(12):
        await asyncio.gather(*(worker.flush(BOT) for worker in workers))
        clock.pass_(4)
    other.close()
    assert [_text(message) for message in sender.sent] == list("012345")


def _text(message: Outgoing) -> str:
    said = message.reply.blocks[0]
    assert isinstance(said, Say)
    return said.text


async def test_a_429_stops_the_whole_bot_also_after_a_restart(store: Store, database_url: str) -> None:
    await queue(store, "lan")
    worker = delivery.Worker(store, [Recorder(failures=[errors.TryLater("429", 30, whole_sender=True)])], now=lambda: NOON)
    await worker.flush(BOT)
    await queue(store, "tư", "út")
    again = Store(database_url)
    sender, clock = Recorder(), Clock()
    restarted = delivery.Worker(again, [sender], now=clock)
    clock.pass_(29)
    assert await restarted.flush(BOT) == 0
    clock.pass_(2)
    assert await restarted.flush(BOT) == 3
    again.close()


async def test_a_shorter_pause_does_not_shorten_a_longer_one(store: Store) -> None:
    for seconds in (60, 10):
        await store.write(senders.pause, BOT, later(seconds), "429")
    assert await store.read(senders.paused_until, BOT, now=NOON) == later(60)
    assert await store.read(senders.paused_until, "another", now=NOON) is None


async def test_when_the_recipient_is_gone_the_rest_is_skipped_until_they_write_again(store: Store) -> None:
    account = await store.write(people.account_of, BOT, "lan", now=NOON)
    await queue(store, "lan", "lan", "lan", "tư")
    await delivery.Worker(store, [Recorder(failures=[errors.RecipientGone("blocked")])], now=lambda: NOON).flush(BOT)
    assert await store.read(outbox.counts) == {"refused": 1, "skipped": 2, "sent": 1}
    gone = await store.read(people.find, BOT, "lan")
    assert gone is not None
    assert (gone.active, gone.inactive_reason) == (False, "blocked")
    await store.write(people.seen, account._replace(active=False), now=NOON)
    back = await store.read(people.find, BOT, "lan")
    assert back is not None
    assert (back.active, back.inactive_reason) == (True, "")


async def test_a_moved_chat_takes_everything_along(store: Store) -> None:
    account = await store.write(people.account_of, BOT, "old", now=NOON)
    await queue(store, "old", "old")
    sender = Recorder(failures=[errors.RecipientMoved("new")])
    await delivery.Worker(store, [sender], now=lambda: NOON).flush(BOT)
    assert [message.address for message in sender.sent] == ["new", "new"]
    moved = await store.read(people.find, BOT, "new")
    assert moved is not None
    assert moved.person_id == account.person_id
    assert await store.read(people.find, BOT, "old") is None


async def test_a_chat_that_moves_in_circles_ends(store: Store) -> None:
    await queue(store, "a")
    circle = [errors.RecipientMoved("b" if number % 2 == 0 else "a") for number in range(40)]
    clock = Clock()
    worker = delivery.Worker(store, [Recorder(failures=list(circle))], now=clock)
    for _ in range(3):
        await asyncio.wait_for(worker.flush(BOT), 10)
        clock.pass_(4000)
    assert await store.read(outbox.counts) == {"refused": 1}


async def test_an_unexpected_error_still_gives_the_row_a_fate(store: Store) -> None:
    asked, told = (await queue(store, "lan"))[0], (await queue(store, "tư", kind="notice"))[0]
    worker = delivery.Worker(store, [Recorder(failures=[KeyError("bug\0"), KeyError("bug\0")])], now=lambda: NOON)
    await worker.flush(BOT)
    assert ((await row(store, asked)).state, (await row(store, told)).state) == ("retry", "unknown")
    assert "bug" in (await row(store, told)).reason


async def total(store: Store) -> int:
    return sum((await store.read(outbox.counts)).values())


async def test_the_states_add_up_to_all_rows_at_every_instant(store: Store) -> None:
    for number in range(60):
        await store.write(outbox.put, BOT, f"p{number % 20}", reply(), now=NOON, kind="notice" if number % 3 else "reply")
    kinds = [errors.Refused, errors.OutcomeUnknown, errors.RecipientGone, errors.TryLater, ValueError]
    clock = Clock()
    sender = Recorder(failures=[kind("on purpose") for kind in kinds * 4], seconds=0.001)
    workers = [delivery.Worker(store, [sender], now=clock) for _ in range(3)]
    sums: set[int] = set()

    async def watch() -> None:
        while True:
            sums.add(await total(store))

    watching = asyncio.create_task(watch())
    for _ in range(12):
        await asyncio.gather(*(worker.flush(BOT) for worker in workers))
        clock.pass_(3600)
    watching.cancel()
    assert sums == {60}
    assert set(await store.read(outbox.counts)) <= {"sent", "refused", "unknown", "skipped"}


async def test_an_edit_names_the_newest_delivered_message_with_its_key(store: Store) -> None:
    shown = replace_key(reply("một"))
    await store.write(outbox.put, BOT, "lan", shown, now=NOON)
    sender = Recorder()
    worker = delivery.Worker(store, [sender], now=lambda: NOON)
    await worker.flush(BOT)
    await store.write(outbox.put, BOT, "lan", shown.model_copy(update={"in_place": True}), now=NOON)
    await store.write(outbox.put, BOT, "tư", shown.model_copy(update={"in_place": True}), now=NOON)
    await worker.flush(BOT)
    assert {message.address: message.edits for message in sender.sent[1:]} == {"lan": "m1", "tư": None}


def replace_key(shown: Reply) -> Reply:
    return shown.model_copy(update={"key": "list:1"})
