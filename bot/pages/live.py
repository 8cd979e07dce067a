"""Tells open pages that something new is there: server-sent events, woken in this process and by one look at the database a second."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import structlog

from bot import errors

log = structlog.get_logger()

Newest = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 20.0
LONGEST_SECONDS = 900.0  # a page asks again after that; nothing stays open for ever
MOST = 500
MOST_EACH = 6
RETRY_MS = 4000


class Hub:
    """The open streams. `newest` reads the highest id at some addresses: of messages in conversations, of events at centers."""

    def __init__(self, newest: Newest, most_each: int = MOST_EACH) -> None:
        self._newest, self._most_each = newest, most_each
        self._open: Counter[str] = Counter()
        self._known: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self._look = asyncio.Event()
        self._stopping = False

    def has_room(self, address: str) -> bool:
        return not self._stopping and self._open.total() < MOST and self._open[address] < self._most_each

    def wake(self, address: str) -> None:
        """Something just happened there: do not wait for the next look."""
        if address in self._open:
            self._look.set()

    async def stream(self, address: str, seen: int) -> AsyncIterator[bytes]:
        """Events for one page that has seen everything up to `seen`, a heartbeat when nothing happens."""
        self._open[address] += 1
        ends = time.monotonic() + LONGEST_SECONDS
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            self._look.set()
            while not self._stopping and time.monotonic() < ends:
                if await self._changes(address, seen):
                    seen = self._known[address]
                    yield f"id: {seen}\nevent: moi\ndata: {seen}\n\n".encode()
                elif not self._stopping:
                    yield b": \n\n"
        finally:
            self._close(address)

    async def run(self) -> None:
        """Look for news of the open pages until `stop`."""
        while not self._stopping:
            if self._open:
                await self._look_once()
            self._look.clear()
            try:
                await asyncio.wait_for(self._look.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
        async with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        self._stopping = True
        self._look.set()

    async def _changes(self, address: str, seen: int) -> bool:
        """Wait until there is more than `seen`; False when the heartbeat is due."""
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(lambda: self._stopping or self._known.get(address, 0) > seen), HEARTBEAT_SECONDS)
            except TimeoutError:
                return False
        return self._known.get(address, 0) > seen

    async def _look_once(self) -> None:
        try:
            found = await self._newest(list(self._open))
        except errors.StoreUnavailable as error:
            log.error("live.look_failed", error=str(error))
            return
        fresh = {address: highest for address, highest in found.items() if highest > self._known.get(address, 0)}
        if fresh:
            async with self._changed:
                self._known.update(fresh)
                self._changed.notify_all()

    def _close(self, address: str) -> None:
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]
            self._known.pop(address, None)
