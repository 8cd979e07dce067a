"""Brings pictures and files of questions from where they were sent into the database, so that the console can show them."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import structlog
from sqlmodel import Session

from bot import clock, errors
from bot.db.store import Store
from bot.domain import attachments, pictures, questions, threads
from bot.domain.threads import Message

log = structlog.get_logger()

IDLE_SECONDS = 3.0
AGAIN = dt.timedelta(minutes=5)  # after a failure
GIVEN_UP = dt.timedelta(days=1)  # nothing that old is fetched any more: it stands in the group


@runtime_checkable
class Source(Protocol):
    """A channel that gives out what was sent to it. `fetch` raises ChannelError."""

    bot: str

    async def fetch(self, file_id: str) -> bytes: ...


class Fetcher:
    """Fetches for the given channels until stopped; those that cannot are left out. Two processes may fetch the same: it is kept once."""

    def __init__(self, store: Store, senders: Sequence[object], now: Callable[[], dt.datetime] = clock.now) -> None:
        self._store, self._now = store, now
        self._sources = {sender.bot: sender for sender in senders if isinstance(sender, Source)}
        self._failed: dict[int, dt.datetime] = {}
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        while self._sources and not self._stopped.is_set():
            try:
                await self.once()
            except errors.StoreUnavailable as error:
                log.error("fetching.store_failed", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), IDLE_SECONDS)

    def stop(self) -> None:
        self._stopped.set()

    async def once(self) -> int:
        """Fetch what waits; how many were kept."""
        now, kept = self._now(), 0
        self._failed = {number: at for number, at in self._failed.items() if now - at < AGAIN}
        for message in await self._store.read(threads.to_fetch, now - GIVEN_UP):
            source = self._sources.get(message.bot)
            if source is not None and message.id not in self._failed:
                kept += await self._fetch(source, message)
        return kept

    async def _fetch(self, source: Source, message: Message) -> bool:
        sent = message.sent_file
        assert sent is not None
        try:
            content = await pictures.bare(await source.fetch(sent.id))
            return await self._store.write(_keep, message, content, sent.name, now=self._now())
        except errors.ChannelError as error:
            log.warning("fetching.failed", message=message.id, error=str(error))
            self._failed[message.id] = self._now()
        except errors.AttachmentRefused as error:
            log.warning("fetching.refused", message=message.id, error=str(error))
            self._failed[message.id] = self._now() + GIVEN_UP
        return False


def _keep(session: Session, message: Message, content: bytes, name: str, *, now: dt.datetime) -> bool:
    """False when staff took it out meanwhile, or somebody else was first: then it is not kept."""
    attachment_id = attachments.keep(session, content, name, now=now)
    if not threads.fetched(session, message.id, attachment_id):
        threads.drop_unused(session, [attachment_id])
        return False
    questions.touch(session, message.question_id, now=now)
    return True
