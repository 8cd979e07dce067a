"""One process at a time sends for a bot: taken by one, renewed, lost after its end, given back."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import SenderLease
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import claims, delivery, outbox, senders
from bot.domain.senders import LEASE, WINDOW, Lease, Standing
from bot.messages import Outgoing
from tests.domain.leaving import BOT, notice, said, states
from tests.fakes import NOON, Recorder


def later(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


async def hold(store: Store, worker: str, seconds: float = 0.0) -> Lease | None:
    return await store.write(senders.hold, BOT, worker, now=later(seconds))


async def test_the_first_gets_it_at_once_and_the_second_not(store: Store) -> None:
    assert await hold(store, "a") == Lease(NOON, NOON + LEASE, taken=True)
    assert await hold(store, "b") is None
    assert await hold(store, "a", 1) == Lease(later(1), later(1) + LEASE)
    assert await store.write(senders.hold, "telegram:2", "b", now=NOON) is not None, "another bot is nobody's"


async def test_after_its_end_another_takes_it_and_waits_a_full_second_of_the_provider(store: Store) -> None:
    await hold(store, "a")
    assert await hold(store, "b", 2.9) is None
    assert await hold(store, "b", 3.0) == Lease(NOON + LEASE + WINDOW, later(3) + LEASE, taken=True)
    assert await hold(store, "a", 3.1) is None, "whoever slept finds it gone"


async def test_who_comes_long_after_does_not_wait(store: Store) -> None:
    await hold(store, "a")
    assert await hold(store, "b", 60) == Lease(later(60), later(60) + LEASE, taken=True)


async def test_given_back_it_is_free_at_once(store: Store) -> None:
    await hold(store, "a")
    await store.write(senders.release, BOT, "b", now=later(0.5))
    assert await hold(store, "b", 0.5) is None, "only the holder gives it back"
    await store.write(senders.release, BOT, "a", now=later(0.5))
    assert await hold(store, "b", 0.6) == Lease(later(0.5) + WINDOW, later(0.6) + LEASE, taken=True)


async def test_a_lease_written_by_a_clock_an_hour_ahead_does_not_stop_the_bot_for_an_hour(store: Store) -> None:
    await hold(store, "a", 3600)
    taken = await hold(store, "b")
    assert taken is not None
    assert taken.since == NOON + WINDOW


def _move(session: Session, former: Standing, worker: str, *, guarded: bool) -> bool:
    if guarded:
        return senders._move(session, former, worker, later(10))
    table = upsert.table(SenderLease)
    moved = update(table).where(table.c.bot == former.bot).values(worker=worker, lease_until=later(10))
    return session.execute(moved.returning(table.c.bot)).first() is not None


@pytest.mark.parametrize(("guarded", "holders"), [(True, 1), (False, 2)])
async def test_of_two_who_saw_it_end_one_gets_it_because_the_update_says_what_was_seen(store: Store, guarded: bool, holders: int) -> None:
    await hold(store, "a")
    seen = await asyncio.gather(store.read(senders.standing, BOT), store.read(senders.standing, BOT))
    taken = [await store.write(_move, former, worker, guarded=guarded) for former, worker in zip(seen, "bc", strict=True) if former is not None]
    assert sum(taken) == holders


async def test_many_at_once_one_holds(store: Store, database_url: str) -> None:
    stores = [store, Store(database_url), Store(database_url)]
    for seconds in (0.0, 10.0):
        held = await asyncio.gather(*(one.write(senders.hold, BOT, f"{place}-{seconds}", now=later(seconds)) for one in stores for place in range(4)))
        held += await asyncio.gather(*(one.write(senders.hold, BOT, f"x{place}-{seconds}", now=later(seconds)) for place, one in enumerate(stores)))
        names = {lease for lease in held if lease is not None and lease.taken}
        assert len(names) == 1
    for one in stores[1:]:
        one.close()


class Counted(Recorder):
    """A sender whose provider counts."""

    waiting = 0

    def __init__(self, name: str = BOT, seconds: float = 0.0) -> None:
        super().__init__(name, seconds=seconds)
        self.may_send: Callable[[], bool] = lambda: True
        self.sent_at: list[dt.datetime] = []

    async def send(self, message: Outgoing) -> str:
        self.sent_at.append(dt.datetime.now(dt.UTC))
        return await super().send(message)

    def attend(self, moved: Callable[[], None], may_send: Callable[[], bool]) -> None:
        self.may_send = may_send


async def running(store: Store, sender: Counted) -> tuple[delivery.Worker, asyncio.Task[None]]:
    worker = delivery.Worker(store, [sender])
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    return worker, task


async def put(store: Store, *addresses: str) -> None:
    for address in addresses:
        await store.write(outbox.put, BOT, address, said(address), now=dt.datetime.now(dt.UTC))


async def test_of_two_workers_only_the_holder_sends_and_the_other_follows_when_it_stops(
    store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_back: list[dt.datetime] = []

    def noted(session: Session, bot: str, worker: str, *, now: dt.datetime) -> None:
        given_back.append(now)
        release(session, bot, worker, now=now)

    release = senders.release
    monkeypatch.setattr(senders, "release", noted)
    first, second, other = Counted(), Counted(), Store(database_url)
    one, one_runs = await running(store, first)
    two, two_runs = await running(other, second)
    await put(store, *"abc")
    await asyncio.sleep(1.3)
    assert (len(first.sent), len(second.sent)) == (3, 0)
    assert (first.may_send(), second.may_send()) == (True, False)
    one.stop()
    await asyncio.wait_for(one_runs, 10)
    await put(store, *"de")
    for _ in range(80):
        if len(second.sent) == 2:
            break
        await asyncio.sleep(0.05)
    assert len(second.sent) == 2
    assert second.sent_at[0] - given_back[0] >= WINDOW, "not in the second of the former"
    two.stop()
    await asyncio.wait_for(two_runs, 10)
    other.close()


async def test_what_the_dead_holder_had_under_way_is_known_at_once(store: Store) -> None:
    """Not after the half minute of its rows: a chat is sent again, a notice is left to a person."""
    going = await notice(store, "mai")
    await store.write(outbox.put, BOT, "lan", said("chào"), now=NOON)
    await hold(store, "dead")
    assert len(await store.write(claims.claim, BOT, "dead", now=NOON)) == 2
    assert await store.write(delivery.lease, BOT, "next", now=later(2)) is None
    assert await store.write(delivery.lease, BOT, "next", now=later(4)) is not None
    assert await states(store, going) == {"mai": ("unknown", "worker died")}
    (again,) = await store.write(claims.claim, BOT, "next", now=later(4))
    assert (again.address, again.attempts) == ("lan", 2)


async def test_flush_asks_for_no_lease(store: Store) -> None:
    await hold(store, "somebody")
    await put(store, "lan")
    sender = Counted()
    assert await delivery.Worker(store, [sender]).flush(BOT) == 1


class Slow(Counted):
    async def send(self, message: Outgoing) -> str:
        if message.notice_id is not None:
            await asyncio.sleep(30)
        return await super().send(message)


async def test_notices_that_hang_leave_room_for_chats(store: Store) -> None:
    await notice(store, *(f"p{number}" for number in range(40)), urgent=True)
    sender = Slow()
    worker, task = await running(store, sender)
    table = upsert.table(Outbox)

    def under_way(session: Session) -> int:
        return len(session.execute(table.select().where(table.c.state == "sending")).all())

    assert await store.read(under_way) <= delivery.NOTICES_AT_ONCE
    await put(store, *(f"c{number}" for number in range(30)))
    worker.wake(BOT)
    await asyncio.sleep(1.0)
    assert len(sender.sent) == 30
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for left in list(worker._ways[BOT]._under_way):
        left.cancel()
