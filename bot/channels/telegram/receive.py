"""Takes updates in, by long polling or from the webhook. One is confirmed only after its inbox row is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramUnauthorizedError
from aiogram.methods.base import TelegramMethod

from bot import clock, errors
from bot.channels.telegram import inbound, webhook
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import groups, people
from bot.messages import Incoming

log = structlog.get_logger()

# Whether a person (second) runs a group (first); None when nobody could tell.
RunsGroup = Callable[[int, int], Awaitable[bool | None]]

POLL_SECONDS = 25
BACKOFF = (1, 2, 5, 10, 30)


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates without reading the updates: one that cannot be read must not hold up the others for ever."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    limit: int | None = None
    allowed_updates: list[str] | None = None


class Receiver:
    """Brings updates into the inbox, from either way."""

    def __init__(self, name: str, store: Store, dispatcher: Dispatcher, runs_group: RunsGroup) -> None:
        self.name = name
        self._store, self._dispatcher, self._runs_group = store, dispatcher, runs_group
        self.pressed: asyncio.Queue[str] = asyncio.Queue(maxsize=1000)

    def poller(self, token: str, api: str) -> Poller:
        return Poller(Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api))), self)

    async def take(self, raw: dict[str, Any]) -> None:
        """Commit one update. Raises StoreUnavailable when it could not be kept; whatever cannot be read is let go."""
        update = inbound.read(raw)
        if update is None:
            log.warning("telegram.unreadable_update", update_id=raw.get("update_id"))
            return
        asked = inbound.asks_for_admin(update)
        admin = await self._runs_group(*asked) if asked is not None else None
        username = self._dispatcher.premises.usernames.get(self.name, "")
        await self._keep(inbound.message_of(update, self.name, now=clock.now(), username=username, admin=admin))
        if update.callback_query is not None and not self.pressed.full():
            self.pressed.put_nowait(update.callback_query.id)

    async def _keep(self, meaning: inbound.Meaning | None) -> None:
        match meaning:
            case inbound.Membership(address, active=False, group=True):
                await self._store.write(groups.left, self.name, address, now=clock.now())
            case inbound.Membership(address, active=False):
                await self._store.write(people.gone, self.name, address, "blocked the bot")
            case inbound.Moved(address, to):
                await self._store.write(groups.moved, self.name, address, to)
            case Incoming():
                await self._dispatcher.receive(meaning)


class Poller:
    """Asks for updates until stopped."""

    def __init__(self, bot: Bot, receiver: Receiver) -> None:
        self._bot, self._receiver = bot, receiver
        self._offset: int | None = None
        self._asking: asyncio.Task[None] | None = None
        self._stopping = False

    async def run(self) -> None:
        try:
            await self._ask()
        finally:
            await self._bot.session.close()

    async def _ask(self) -> None:
        failures = 0
        while not self._stopping:
            self._asking = asyncio.create_task(self._once())
            try:
                await self._asking
                failures = 0
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
            except (AiogramError, errors.StoreUnavailable, OSError, TimeoutError) as error:
                wait = BACKOFF[min(failures, len(BACKOFF) - 1)]
                failures += 1
                log.error("telegram.polling_failed", error=_advice(error), again_in=wait)
                await self._nap(wait)

    def stop(self) -> None:
        self._stopping = True
        if self._asking is not None:
            self._asking.cancel()

    async def _once(self) -> None:
        """One round. The next round's offset confirms what this one committed, never earlier."""
        asked = RawUpdates(offset=self._offset, timeout=POLL_SECONDS, limit=100, allowed_updates=webhook.ALLOWED)
        updates = await self._bot(asked, request_timeout=POLL_SECONDS + 10)
        kept = asyncio.gather(*(self._receiver.take(raw) for raw in updates))
        await asyncio.shield(kept)
        if updates:
            self._offset = max(int(raw["update_id"]) for raw in updates) + 1

    async def _nap(self, seconds: float) -> None:
        for _ in range(int(seconds * 5)):
            if self._stopping:
                return
            await asyncio.sleep(0.2)


def _advice(error: Exception) -> str:
    match error:
        case TelegramUnauthorizedError():
            return "the token is wrong: check MOTCUA_TELEGRAM_TOKEN"
        case TelegramConflictError():
            return "another process polls this bot, or a webhook is set: stop it, or set MOTCUA_TELEGRAM_MODE=webhook"
    return f"{type(error).__name__}: {error}"[:300]
