"""Brings outbox rows to their channels: claim, send, settle. What to do after a failure is one pure function."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog
from sqlmodel import Session

from bot import clock, errors
from bot.db.enums import OutboxState
from bot.db.store import Store
from bot.domain import outbox, people
from bot.messages import Outgoing, OutgoingKind

log = structlog.get_logger()

# Seconds before the next try after a failure the provider gave no time for; after the last one the row is refused.
BACKOFF = (2, 5, 15, 60, 300, 900, 3600)
# Seconds a provider may ask us to wait; what it says beyond is a mistake of its own.
SHORTEST_WAIT, LONGEST_WAIT = 1, 86_400
SURELY_UNSENT = (errors.TryLater, errors.RecipientMoved, errors.EditImpossible)
AT_ONCE = 20
IDLE_SECONDS = 1.0
SWEEP_SECONDS = 5.0


class Sender(Protocol):
    """A channel's way out. `send` returns the provider's message id or raises one of errors.ChannelError."""

    bot: str

    async def send(self, message: Outgoing) -> str: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Fate:
    """What becomes of a row after a failure. `pause`: the whole sender waits until `not_before`."""

    state: OutboxState
    reason: str
    not_before: dt.datetime | None = None
    pause: bool = False
    recipient_gone: bool = False
    moved_to: str | None = None


def after_failure(error: Exception, kind: OutgoingKind, attempts: int, *, now: dt.datetime) -> Fate:
    """Decide from the error, the kind of message and how often it was tried (the failed try counted)."""
    match error:
        case errors.RecipientGone():
            return Fate("refused", str(error), recipient_gone=True)
        case errors.Refused():
            return Fate("refused", str(error))
        case errors.ChannelMisconfigured():
            return Fate("retry", str(error), now + dt.timedelta(seconds=60), pause=True)
        case errors.RecipientMoved() if attempts <= len(BACKOFF):
            return Fate("retry", str(error), moved_to=error.address)
        case errors.TryLater(retry_after=float() | int() as seconds):
            wait = dt.timedelta(seconds=min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT))
            return Fate("retry", str(error), now + wait, pause=error.whole_sender)
    if kind == "notice" and not isinstance(error, SURELY_UNSENT):
        return Fate("unknown", str(error) or type(error).__name__)
    if attempts > len(BACKOFF):
        return Fate("refused", f"gave up after {attempts} tries: {error}")
    return Fate("retry", str(error), now + dt.timedelta(seconds=BACKOFF[attempts - 1]))


class Worker:
    """Delivers for the given senders until stopped. Any number of workers may run, in any number of processes."""

    def __init__(self, store: Store, senders: Sequence[Sender], now: Callable[[], dt.datetime] = clock.now) -> None:
        self._store = store
        self._senders = {sender.bot: sender for sender in senders}
        self._now = now
        self._name = f"worker-{secrets.token_hex(4)}"
        self._wake = {bot: asyncio.Event() for bot in self._senders}
        self._stopping = False

    def wake(self, bot: str) -> None:
        """Something was queued for this bot."""
        if bot in self._wake:
            self._wake[bot].set()

    async def run(self) -> None:
        """Deliver until `stop`; what is being sent then is finished first."""
        await asyncio.gather(self._sweep(), *(self._deliver(sender) for sender in self._senders.values()))

    def stop(self) -> None:
        self._stopping = True
        for event in self._wake.values():
            event.set()

    async def flush(self, bot: str, address: str | None = None) -> int:
        """Deliver what is due now, once; returns how many rows were settled."""
        sender, settled = self._senders[bot], 0
        while rows := await self._claim(bot, AT_ONCE, address):
            for row in rows:
                await self._send(sender, row)
            settled += len(rows)
        return settled

    async def _deliver(self, sender: Sender) -> None:
        """One sender's loop: always up to AT_ONCE messages on their way, a new one as soon as one is settled."""
        under_way: set[asyncio.Task[None]] = set()
        wake = self._wake[sender.bot]
        while not self._stopping:
            wake.clear()
            free = AT_ONCE - len(under_way)
            rows = await self._claim(sender.bot, free) if free else []
            under_way |= {asyncio.create_task(self._send(sender, row)) for row in rows}
            if len(rows) < free or not free:
                woken = asyncio.create_task(wake.wait())
                await asyncio.wait({woken, *under_way}, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                woken.cancel()
            under_way = {task for task in under_way if not task.done()}
        if under_way:
            await asyncio.wait(under_way)

    async def _claim(self, bot: str, limit: int, address: str | None = None) -> list[Outgoing]:
        try:
            return await self._store.write(outbox.claim, bot, self._name, now=self._now(), limit=limit, address=address)
        except errors.StoreUnavailable as error:
            log.error("outbox.claim_failed", bot=bot, error=str(error))
            await asyncio.sleep(IDLE_SECONDS)
            return []

    async def _send(self, sender: Sender, message: Outgoing) -> None:
        """Send one claimed row and write its fate. A fate that cannot be written is found again when the lease ends."""
        try:
            provider_id = await sender.send(message)
        except Exception as error:  # one of the three places; whatever happened, the row gets a fate
            if not isinstance(error, errors.ChannelError):
                log.exception("delivery.unexpected", outbox_id=message.id, bot=message.bot)
            await self._settle(message, partial(self._failed, message=message, error=error))
        else:
            await self._settle(message, partial(self._sent, message=message, provider_id=provider_id))

    async def _settle(self, message: Outgoing, work: Callable[[Session], None]) -> None:
        try:
            await self._store.write(work)
        except errors.StoreUnavailable as error:
            log.error("outbox.settle_failed", outbox_id=message.id, error=str(error))
        self.wake(message.bot)

    def _sent(self, session: Session, message: Outgoing, provider_id: str) -> None:
        outbox.settle(session, message.id, self._name, "sent", now=self._now(), provider_id=provider_id)

    def _failed(self, session: Session, message: Outgoing, error: Exception) -> None:
        now = self._now()
        fate = after_failure(error, message.kind, message.attempts, now=now)
        outbox.settle(session, message.id, self._name, fate.state, now=now, reason=fate.reason, not_before=fate.not_before)
        if fate.moved_to is not None:
            people.moved(session, message.bot, message.address, fate.moved_to)
        if fate.pause and fate.not_before is not None:
            outbox.pause(session, message.bot, fate.not_before, fate.reason)
        if fate.recipient_gone:
            people.gone(session, message.bot, message.address, fate.reason)
            outbox.skip_waiting(session, message.bot, message.address, f"recipient gone: {fate.reason}", now=now)

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
