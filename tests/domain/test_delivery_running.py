"""A running worker: woken, stopped, and beside a store that cannot be written."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot import errors
from bot.db.store import Store, Work
from bot.domain import delivery, outbox
from bot.messages import Outgoing
from tests.domain.outgoing import BOT, Clock, queue, row
from tests.fakes import Recorder


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
