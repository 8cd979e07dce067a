"""Whatever a provider does, every row gets the right fate, once."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from bot import errors
from bot.db import upsert
from bot.db.store import Store, Work
from bot.db.tables import Outbox
from bot.domain import claims, delivery, outbox, people, senders
from bot.domain.fates import BACKOFF, Fate, after_failure
from bot.messages import Outgoing, OutgoingKind, Reply, Say
from tests.fakes import NOON, Recorder

BOT = "terminal"


def later(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def reply(text: str = "Chào") -> Reply:
    return Reply(blocks=(Say(text=text),))


async def queue(store: Store, *addresses: str, kind: OutgoingKind = "reply") -> list[int]:
    return [await store.write(outbox.put, BOT, address, reply(address), now=NOON, kind=kind) for address in addresses]


async def row(store: Store, outbox_id: int) -> Outbox:
    return await store.read(lambda session: session.execute(select(Outbox).where(col(Outbox.id) == outbox_id)).scalar_one())


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)


NEVER: list[Exception] = [errors.RecipientGone("blocked"), errors.Refused("too long")]
AGAIN: list[Exception] = [errors.TryLater("busy"), errors.EditImpossible("gone"), errors.OutcomeUnknown("timeout"), ValueError("bug")]
DOUBTFUL: list[Exception] = [errors.OutcomeUnknown("timeout"), ValueError("bug")]
KINDS: list[OutgoingKind] = ["reply", "ticket", "reminder", "notice"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 3, 50])
@pytest.mark.parametrize("error", NEVER)
def test_what_the_provider_never_takes_is_refused_at_once(error: Exception, attempts: int, kind: OutgoingKind) -> None:
    fate = after_failure(error, kind, attempts, now=NOON)
    assert fate == Fate("refused", str(error), recipient_gone=isinstance(error, errors.RecipientGone))


@pytest.mark.parametrize("kind", ["reply", "ticket", "reminder"])
@pytest.mark.parametrize("error", AGAIN)
def test_other_failures_are_tried_again_ever_later_until_given_up(error: Exception, kind: OutgoingKind) -> None:
    fates = [after_failure(error, kind, attempts, now=NOON) for attempts in range(1, len(BACKOFF) + 2)]
    assert fates[:-1] == [Fate("retry", str(error), later(seconds)) for seconds in BACKOFF]
    assert fates[-1].state == "refused"
    assert str(error) in fates[-1].reason


@pytest.mark.parametrize("attempts", [1, 8, 50])
@pytest.mark.parametrize("error", DOUBTFUL)
def test_a_notice_that_may_have_arrived_is_never_sent_again_by_the_machine(error: Exception, attempts: int) -> None:
    assert after_failure(error, "notice", attempts, now=NOON) == Fate("unknown", str(error))


@pytest.mark.parametrize("error", [errors.TryLater("busy"), errors.EditImpossible("gone")])
def test_a_notice_that_surely_did_not_arrive_is_tried_again(error: Exception) -> None:
    assert after_failure(error, "notice", 1, now=NOON) == Fate("retry", str(error), later(BACKOFF[0]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 50])
@pytest.mark.parametrize("whole", [True, False])
def test_a_time_named_by_the_provider_is_kept_to_however_often(attempts: int, kind: OutgoingKind, whole: bool) -> None:
    error = errors.TryLater("429", 37, whole_sender=whole)
    assert after_failure(error, kind, attempts, now=NOON) == Fate("retry", "429", later(37), pause=whole)


@pytest.mark.parametrize(("named", "kept"), [(0, 1), (-5, 1), (0.2, 1), (1e12, 86_400)])
def test_a_senseless_time_is_brought_to_a_sensible_one(named: float, kept: float) -> None:
    assert after_failure(errors.TryLater("429", named), "reply", 1, now=NOON).not_before == later(kept)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("attempts", [1, 50])
def test_a_wrong_token_pauses_the_bot_and_loses_nothing(attempts: int, kind: OutgoingKind) -> None:
    fate = after_failure(errors.ChannelMisconfigured("token"), kind, attempts, now=NOON)
    assert (fate.state, fate.pause) == ("retry", True)


def test_a_moved_chat_is_followed_but_not_in_circles_for_ever() -> None:
    error = errors.RecipientMoved("new")
    assert after_failure(error, "reply", 1, now=NOON) == Fate("retry", str(error), moved_to="new")
    assert after_failure(error, "reply", len(BACKOFF) + 1, now=NOON).state == "refused"


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


class Slow(Recorder):
    """Says when the first message is on its way."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds=seconds)
        self.began = asyncio.Event()

    async def send(self, message: Outgoing) -> str:
        self.began.set()
        return await super().send(message)


async def test_stopping_finishes_what_is_under_way_and_leaves_the_rest_queued(store: Store) -> None:
    await queue(store, *(f"p{number}" for number in range(30)))
    sender = Slow(seconds=0.2)
    worker = delivery.Worker(store, [sender])
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(sender.began.wait(), 10)
    worker.stop()
    await asyncio.wait_for(running, 10)
    counted = await store.read(outbox.counts)
    assert counted == {"sent": len(sender.sent), "queued": 30 - len(sender.sent)}
    assert len(sender.sent) == delivery.AT_ONCE


async def test_a_woken_worker_sends_at_once(store: Store) -> None:
    sender = Recorder()
    worker = delivery.Worker(store, [sender])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.1)
    await queue(store, "lan")
    worker.wake(BOT)
    worker.wake("unknown bot")
    for _ in range(40):
        if sender.sent:
            break
        await asyncio.sleep(0.02)
    assert len(sender.sent) == 1
    worker.stop()
    await asyncio.wait_for(running, 10)


class FullDisk(Store):
    """Refuses to write while `full`."""

    full = False

    async def write(self, work: Work[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.full:
            raise errors.StoreUnavailable("disk full")
        return await super().write(work, *args, **kwargs)


class Filling(Recorder):
    """The disk fills up while the message is on its way."""

    def __init__(self, store: FullDisk) -> None:
        super().__init__()
        self.store = store

    async def send(self, message: Outgoing) -> str:
        self.store.full = True
        return await super().send(message)


async def test_a_fate_that_could_not_be_written_means_sent_again_and_never_lost(database_url: str) -> None:
    store = FullDisk(database_url)
    (found,) = await queue(store, "lan")
    clock, filling, sender = Clock(), Filling(store), Recorder()
    await delivery.Worker(store, [filling], now=clock).flush(BOT)
    assert len(filling.sent) == 1
    store.full = False
    assert (await row(store, found)).state == "sending"
    clock.pass_(60)
    await store.write(outbox.release_expired, now=clock())
    await delivery.Worker(store, [sender], now=clock).flush(BOT)
    assert [message.id for message in sender.sent] == [found]
    assert (await row(store, found)).state == "sent"
    store.close()


async def test_a_worker_that_lives_writes_the_fate_as_soon_as_the_store_takes_it(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "IDLE_SECONDS", 0.05)
    store = FullDisk(database_url)
    (found,) = await queue(store, "lan", kind="notice")
    filling = Filling(store)
    worker = delivery.Worker(store, [filling])
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    assert (await row(store, found)).state == "sending"
    store.full = False
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert ((await row(store, found)).state, len(filling.sent)) == ("sent", 1)
    store.close()


async def test_a_worker_lives_through_a_store_that_cannot_be_written(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDLE_SECONDS", "SWEEP_SECONDS"):
        monkeypatch.setattr(delivery, name, 0.05)
    store = FullDisk(database_url)
    sender = Recorder()
    worker = delivery.Worker(store, [sender])
    await queue(store, "lan")
    store.full = True
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    assert not sender.sent
    store.full = False
    for _ in range(100):
        if (await store.read(outbox.counts)).get("sent"):
            break
        await asyncio.sleep(0.05)
    worker.stop()
    await asyncio.wait_for(running, 10)
    assert len(sender.sent) == 1
    store.close()


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
