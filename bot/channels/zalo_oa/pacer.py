"""Keeps a package's rate: at most so many requests in any minute, a part of them for chats alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

WINDOW_SECONDS = 60.5  # a minute, and what two clocks may differ
NOTICES_SHARE = 0.7


class Pacer:
    """Each request holds one of the minute's places from its hand-over until a minute after its answer. Notices get a share of them."""

    def __init__(self, rate: int, window: float = WINDOW_SECONDS) -> None:
        self._window = window
        self._places = asyncio.Semaphore(rate)
        self._notices = asyncio.Semaphore(max(1, int(rate * NOTICES_SHARE)))
        self.waiting = 0
        self.moved: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def turn(self, *, notice: bool = False) -> AsyncIterator[None]:
        """Wait for a place."""
        loop = asyncio.get_running_loop()
        needed = [self._notices, self._places] if notice else [self._places]
        held: list[asyncio.Semaphore] = []
        self.waiting += 1
        try:
            for places in needed:
                await places.acquire()
                held.append(places)
        except BaseException:
            for places in held:
                places.release()
            raise
        finally:
            self.waiting -= 1
            self.moved()
        try:
            yield
        finally:
            for places in held:
                loop.call_later(self._window, places.release)
