"""A smooth pacer for python-telegram-bot, for a server that counts every window of a second.

Even spacing alone is not enough: at 29.5 a second the 31st message leaves 17 ms after the window of the first has ended, so a stall of
this process, a late timer or a lost packet between two machines that is longer than that brings the 31st into it. What is known is that
the server counts a message somewhere between its hand-over and its answer. So each one holds one of the places of a second from its
hand-over until a second after its answer, less the quickest way there and back: the next holder cannot be counted before that second is
over, however late anything was. A steady connection loses nothing by it; an unsteady one is slowed by as much as it is unsteady.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any

from telegram._utils.types import JSONDict
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot import errors

PRIVATE_SECONDS = 1.0  # one message a second to a chat
GROUP_SECONDS = 3.0  # twenty a minute to a group
WINDOW_SECONDS = 1.002  # a second, and what two clocks may differ
WARM_UP = 100  # answers before the quickest way is believed: the first ones wait for their connections
PACED = ("sendMessage", "sendPhoto", "sendDocument", "editMessageText", "sendMediaGroup")
Answer = bool | JSONDict | list[JSONDict]


class Pacer(BaseRateLimiter[float]):
    """Hands out send times: evenly spaced over the bot, and per chat. `rate`: messages a second over all chats, rounded up for any one
    second. `waiting` messages stand in line; `moved` is called when one leaves it, `may_send` asked before it is handed over.

    After a 429 nothing is handed over until its time is up: what stands in line is given back at once, and counts as not tried.
    """

    def __init__(self, rate: float) -> None:
        self._gap = 1.0 / rate
        self._next = 0.0
        self._chats: dict[str, float] = {}
        self._places = asyncio.Semaphore(math.ceil(rate))
        self._answers, self._quickest = 0, math.inf
        self._halted_until = 0.0
        self.waiting = 0
        self.moved: Callable[[], None] = lambda: None
        self.may_send: Callable[[], bool] = lambda: True

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def process_request(  # noqa: PLR0917 (the library's signature)
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: float | None,  # noqa: ARG002
    ) -> Answer:
        """Wait for the turn, then call. A 429 all the same is not slept here: the outbox keeps `not_before`."""
        if endpoint not in PACED:
            return await callback(*args, **kwargs)
        await self._in_line(str(data.get("chat_id", "")))
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            self._ask(began)
            answer = await callback(*args, **kwargs)
            self._answers, self._quickest = self._answers + 1, min(self._quickest, loop.time() - began)
            return answer
        except RetryAfter as error:
            self._halted_until = max(self._halted_until, loop.time() + seconds(error))
            raise
        finally:
            there_and_back = self._quickest if self._answers > WARM_UP else 0.0
            loop.call_at(max(began, loop.time() - there_and_back) + WINDOW_SECONDS, self._places.release)

    async def _in_line(self, chat: str) -> None:
        """Until it is this one's turn, and it has a place."""
        self.waiting += 1
        try:
            await self._turn(chat)
            await self._places.acquire()
        finally:
            self.waiting -= 1
            self.moved()

    def _ask(self, now: float) -> None:
        """Raises NotHandedOver when nothing may leave."""
        if now < self._halted_until:
            raise errors.NotHandedOver("the provider told the bot to wait", self._halted_until - now)
        if not self.may_send():
            raise errors.NotHandedOver("another process sends now")

    async def _turn(self, chat: str) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        at = max(now, self._chats.get(chat, 0.0))
        self._chats[chat] = at + (GROUP_SECONDS if chat.startswith("-") else PRIVATE_SECONDS)
        if at > now:  # this chat waits alone; the bot's line is joined when its time has come
            await asyncio.sleep(at - now)
        at = max(loop.time(), self._next)
        self._next = at + self._gap
        if (wait := at - loop.time()) > 0:
            await asyncio.sleep(wait)
        self._forget(loop.time())

    def _forget(self, now: float) -> None:
        if len(self._chats) > 5000:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}


def seconds(error: RetryAfter) -> float:
    """How long the provider wants us to wait."""
    after = error.retry_after
    return float(after if isinstance(after, (int, float)) else after.total_seconds())
