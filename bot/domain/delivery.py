"""Brings outbox rows to their channels: claim, send, settle. Fates are written, and new rows claimed, in one step for all that ended.

Of AT_ONCE messages under way NOTICES_AT_ONCE at most are notices, so that a chat never waits for one. Of a notice only so many rows are
claimed as leave within a moment: what a kill makes `unknown` is only what was on its way, not what stood in line.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import structlog
from sqlmodel import Session

from bot import clock, errors
from bot.db.store import Store
from bot.domain import claims, fates, outbox, senders
from bot.domain.claims import Texts, Wanted
from bot.domain.fates import Ended
from bot.domain.senders import Lease
from bot.messages import Outgoing

log = structlog.get_logger()

AT_ONCE = 24
NOTICES_AT_ONCE = 16
# Notices that stand in line for the provider's rate: more are claimed when half of them have gone.
IN_LINE = 10
IDLE_SECONDS = 1.0
SWEEP_SECONDS = 5.0


class Sender(Protocol):
    """A channel's way out. `send` returns the provider's message id or raises one of errors.ChannelError."""

    bot: str

    async def send(self, message: Outgoing) -> str: ...

    async def close(self) -> None: ...


@runtime_checkable
class Paced(Protocol):
    """A sender whose provider counts messages: one process at a time uses it. `waiting`: how many messages stand in line."""

    @property
    def waiting(self) -> int: ...

    def attend(self, moved: Callable[[], None], may_send: Callable[[], bool]) -> None:
        """`moved` is to be called when the line gets shorter; `may_send` is asked before every hand-over."""


class Worker:
    """Delivers for the given senders until stopped. Any number of workers may run, in any number of processes."""

    def __init__(self, store: Store, senders: Sequence[Sender], now: Callable[[], dt.datetime] = clock.now) -> None:
        self._store, self._now = store, now
        self._name = f"worker-{secrets.token_hex(4)}"
        self._ways = {sender.bot: Way(store, sender, self._name, now) for sender in senders}
        self._stopping = False

    def wake(self, bot: str) -> None:
        """Something was queued for this bot."""
        if bot in self._ways:
            self._ways[bot].wake.set()

    async def run(self) -> None:
        """Deliver until `stop`; what is being sent then is finished first."""
        await asyncio.gather(self._sweep(), *(way.run() for way in self._ways.values()))

    def stop(self) -> None:
        self._stopping = True
        for way in self._ways.values():
            way.stop()

    async def flush(self, bot: str, address: str | None = None) -> int:
        """Deliver what is due now, once, one message after the other; returns how many rows were settled. Needs no lease."""
        return await self._ways[bot].flush(address)

    async def _sweep(self) -> None:
        """Find what dead workers left behind."""
        while not self._stopping:
            try:
                await self._store.write(outbox.release_expired, now=self._now())
                await self._store.write(outbox.skip_late, now=self._now())
            except errors.StoreUnavailable as error:
                log.error("outbox.sweep_failed", error=str(error))
            await self._nap(SWEEP_SECONDS)

    async def _nap(self, seconds: float) -> None:
        waited = 0.0
        while waited < seconds and not self._stopping:
            await asyncio.sleep(0.2)
            waited += 0.2


class Step(NamedTuple):
    """What one step brought: rows to send, and until when the bot has to wait."""

    rows: list[Outgoing]
    paused_until: dt.datetime | None


def step(session: Session, bot: str, worker: str, ended: Sequence[Ended], *, wanted: Wanted | None, texts: Texts, now: dt.datetime) -> Step:
    """Write the fates of what ended, then claim what there is room for, in one transaction."""
    paused_until = fates.settle(session, worker, ended, now=now)
    rows = claims.claim(session, bot, worker, now=now, wanted=wanted, texts=texts) if wanted is not None else []
    return Step(rows, paused_until)


class Way:
    """One sender's way out: always up to AT_ONCE messages on it, new ones as soon as some have ended."""

    def __init__(self, store: Store, sender: Sender, worker: str, now: Callable[[], dt.datetime]) -> None:
        self._store, self._sender, self._worker, self._now = store, sender, worker, now
        self._under_way: dict[asyncio.Task[None], Outgoing] = {}
        self._ended: list[Ended] = []
        self._texts = Texts()
        self._lease: Lease | None = None
        self._paced = sender if isinstance(sender, Paced) else None
        self._rest_until: dt.datetime | None = None
        self._stopping = False
        self.wake = asyncio.Event()

    def stop(self) -> None:
        self._stopping = True
        self.wake.set()

    async def run(self) -> None:
        leasing = asyncio.create_task(self._keep_lease(self._paced)) if self._paced is not None else None
        while not self._stopping or self._under_way or self._ended:
            self.wake.clear()
            if not await self._step():
                await asyncio.sleep(0 if self._stopping and not self._ended else IDLE_SECONDS)
            await self._rest()
        if leasing is not None:
            leasing.cancel()
            await self._give_lease_back()

    async def _rest(self) -> None:
        """Until something ended, was queued or may be tried again."""
        await asyncio.sleep(0)  # what was begun comes as far as the line
        seconds = IDLE_SECONDS
        if self._rest_until is not None:
            seconds = min(max((self._rest_until - self._now()).total_seconds(), 0.0), IDLE_SECONDS)
            if seconds == 0.0:
                self._rest_until = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wake.wait()

    async def _step(self) -> bool:
        """False when the store did not take it: nothing is forgotten, the same is tried again."""
        ended, self._ended = self._ended, []
        wanted = self._room()
        if not ended and wanted is None:
            return True
        try:
            done = await self._store.write(step, self._sender.bot, self._worker, ended, wanted=wanted, texts=self._texts, now=self._now())
        except errors.StoreUnavailable as error:
            log.error("outbox.step_failed", bot=self._sender.bot, error=str(error))
            self._ended = ended + self._ended
            return False
        except Exception:  # one row must not keep the fates of the others from being written
            log.exception("outbox.step_failed", bot=self._sender.bot)
            await self._one_by_one(ended)
            return True
        self._rest_until = done.paused_until or self._rest_until
        for row in done.rows:
            self._under_way[asyncio.create_task(self._send(row))] = row
        return True

    async def _one_by_one(self, ended: Sequence[Ended]) -> None:
        """A fate that cannot be written is found again when the lease of its row ends."""
        for one in ended:
            try:
                await self._store.write(fates.settle, self._worker, [one], now=self._now())
            except Exception:
                log.exception("outbox.settle_failed", outbox_id=one.message.id)

    def _room(self) -> Wanted | None:
        if self._stopping or not self._may_send():
            return None
        free = AT_ONCE - len(self._under_way)
        notices = min(free, NOTICES_AT_ONCE - sum(row.notice_id is not None for row in self._under_way.values()))
        if self._paced is not None:
            in_line = self._paced.waiting
            notices = min(notices, IN_LINE - in_line) if in_line <= IN_LINE // 2 else 0
        return Wanted(free, max(notices, 0)) if free > 0 else None

    def _moved(self) -> None:
        """The line got shorter."""
        if self._paced is not None and self._paced.waiting <= IN_LINE // 2:
            self.wake.set()

    def _may_send(self) -> bool:
        """Whether this process is the one that sends for this bot now."""
        return self._paced is None or (self._lease is not None and self._lease.since <= self._now() < self._lease.until)

    async def _send(self, message: Outgoing) -> None:
        """Send one claimed row and remember how it ended."""
        ended = await self._sent(message)
        task = asyncio.current_task()
        assert task is not None
        del self._under_way[task]
        self._ended.append(ended)
        self.wake.set()

    async def _sent(self, message: Outgoing) -> Ended:
        try:
            return Ended(message, provider_id=await self._sender.send(message))
        except Exception as error:  # one of the three places; whatever happened, the row gets a fate
            if not isinstance(error, errors.ChannelError):
                log.exception("delivery.unexpected", outbox_id=message.id, bot=message.bot)
            return Ended(message, error=error)

    async def flush(self, address: str | None) -> int:
        settled = 0
        while rows := (await self._flushed([], Wanted(AT_ONCE, AT_ONCE, address))).rows:
            for row in rows:
                await self._flushed([await self._sent(row)], None)
            settled += len(rows)
        return settled

    async def _flushed(self, ended: list[Ended], wanted: Wanted | None) -> Step:
        try:
            return await self._store.write(step, self._sender.bot, self._worker, ended, wanted=wanted, texts=self._texts, now=self._now())
        except errors.StoreUnavailable as error:
            log.error("outbox.step_failed", bot=self._sender.bot, error=str(error))
            return Step([], None)

    async def _keep_lease(self, paced: Paced) -> None:
        paced.attend(self._moved, self._may_send)
        while True:
            try:
                self._lease = await self._store.write(lease, self._sender.bot, self._worker, now=self._now())
            except errors.StoreUnavailable as error:  # the one that is held goes on until its end
                log.error("sender.lease_failed", bot=self._sender.bot, error=str(error))
            if self._lease is not None and self._lease.taken:
                self._rest_until = self._lease.since
            self.wake.set()
            await asyncio.sleep(senders.RENEWED_EVERY)

    async def _give_lease_back(self) -> None:
        with contextlib.suppress(errors.StoreUnavailable):
            await self._store.write(senders.release, self._sender.bot, self._worker, now=self._now())


def lease(session: Session, bot: str, worker: str, *, now: dt.datetime) -> Lease | None:
    """Hold the right to send; whoever takes it over also takes what the former one had under way."""
    held = senders.hold(session, bot, worker, now=now)
    if held is not None and held.taken:
        outbox.release(session, bot, but=worker, now=now)
    return held
