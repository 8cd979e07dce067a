"""A smooth pacer for python-telegram-bot: no bursts, so a server that counts every window of a second never says 429."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from telegram._utils.types import JSONDict
from telegram.ext import BaseRateLimiter

PRIVATE_SECONDS = 1.0  # one message a second to a chat
GROUP_SECONDS = 3.0  # twenty a minute to a group
PACED = ("sendMessage", "sendPhoto", "sendDocument", "editMessageText", "sendMediaGroup")


class Pacer(BaseRateLimiter[float]):
    """Hands out send times: evenly spaced over the bot, and per chat. `rate`: messages a second over all chats."""

    def __init__(self, rate: float) -> None:
        self._gap = 1.0 / rate
        self._next = 0.0
        self._chats: dict[str, float] = {}

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def process_request(  # noqa: PLR0917 (the library's signature)
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | JSONDict | list[JSONDict]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: float | None,  # noqa: ARG002
    ) -> bool | JSONDict | list[JSONDict]:
        """Wait for the turn, then call. A 429 all the same is not slept here: the outbox keeps `not_before`."""
        if endpoint in PACED:
            await self._turn(str(data.get("chat_id", "")))
        return await callback(*args, **kwargs)

    async def _turn(self, chat: str) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        at = max(now, self._chats.get(chat, 0.0))
        self._chats[chat] = at + (GROUP_SECONDS if chat.startswith("-") else PRIVATE_SECONDS)
        if at > now:  # this chat waits alone; the bot's line is joined when its time has come
            await asyncio.sleep(at - now)
        at = max(loop.time(), self._next)
        self._next = at + self._gap
        await asyncio.sleep(max(0.0, at - loop.time()))
        self._forget(loop.time())

    def _forget(self, now: float) -> None:
        if len(self._chats) > 5000:
            self._chats = {chat: at for chat, at in self._chats.items() if at > now}
