"""One bot of the platform: both ends, wired."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from typing import Any

import structlog
from fastapi import APIRouter

from bot import clock, errors
from bot.channels.zalo_bot import inbound, pictures, webhook
from bot.channels.zalo_bot.client import Client
from bot.channels.zalo_bot.delivery import ZaloBotSender
from bot.conversation import group_menus
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import delivery
from bot.settings import Settings

log = structlog.get_logger()

# Short, because a stop waits for the round under way.
POLL_SECONDS = 5
NOTHING_CAME, EMPTY_SECONDS = "408", 0.1  # a platform that does not wait must not keep us spinning
BACKOFF = (1, 2, 5, 10, 30)
ANNOUNCE_AGAIN_SECONDS = 60.0


class ZaloBot:
    """Receives by polling (one update at a time, handed out once) or webhook, as set."""

    def __init__(self, settings: Settings, store: Store, dispatcher: Dispatcher) -> None:
        token = settings.zalo_bot_token.get_secret_value()
        self._polls, self._secret = settings.zalo_bot_mode == "polling", settings.zalo_bot_webhook_secret.get_secret_value()
        if not self._polls and not 8 <= len(self._secret) <= 256:
            raise errors.SettingsInvalid("MOTCUA_ZALO_BOT_WEBHOOK_SECRET: 8 to 256 characters, needed with MOTCUA_ZALO_BOT_MODE=webhook")
        number = token.split(":", maxsplit=1)[0] if ":" in token else hashlib.sha256(token.encode()).hexdigest()[:12]
        self.bot = f"zalo_bot:{number}"
        self._store, self._client, self._dispatcher = store, Client(settings.zalo_bot_api, token), dispatcher
        self.sender: delivery.Sender = ZaloBotSender(self.bot, self._client, store, settings.address)
        self.router: APIRouter = pictures.router(store)
        if not self._polls:
            self.router.include_router(webhook.router(self._take, self._secret))
        self._url = f"{settings.address}{webhook.PATH}"
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        await (self._poll() if self._polls else self._announce())

    def stop(self) -> None:
        self._stopped.set()

    async def _poll(self) -> None:
        """The platform forgets an update when it hands it over: a round is always finished, and what it brought kept before the next."""
        failures = 0
        with contextlib.suppress(errors.ChannelError):  # while a webhook is set the platform hands out no updates
            await self._client.call("deleteWebhook")
        while not self._stopped.is_set():
            try:
                update = await self._client.call("getUpdates", seconds=POLL_SECONDS + 10, timeout=str(POLL_SECONDS))
            except errors.ChannelError as error:
                if not str(error).startswith(NOTHING_CAME):
                    wait = BACKOFF[min(failures, len(BACKOFF) - 1)]
                    failures += 1
                    log.error("zalo_bot.polling_failed", error=str(error), again_in=wait)
                    await self._nap(wait)
                else:
                    await self._nap(EMPTY_SECONDS)
                continue
            failures = 0
            if isinstance(update, dict):
                await self._kept(update)

    async def _nap(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()

    async def _kept(self, update: dict[str, Any]) -> None:
        while True:
            try:
                await self._take(update)
                return
            except errors.StoreUnavailable as error:
                log.error("zalo_bot.not_kept", error=str(error))
                await asyncio.sleep(1)

    async def _take(self, update: dict[str, Any]) -> None:
        message = inbound.message_of(update, self.bot, now=clock.now())
        if message is not None and message.sender:
            message = await self._store.read(group_menus.read, message)
        if message is not None:
            await self._dispatcher.receive(message)

    async def _announce(self) -> None:
        """Set the webhook, again until it works; then only wait."""
        while not self._stopped.is_set():
            try:
                await self._client.call("setWebhook", url=self._url, secret_token=self._secret)
                await self._stopped.wait()
            except errors.ChannelError as error:
                log.error("zalo_bot.webhook_not_set", error=str(error), url=self._url)
                await self._nap(ANNOUNCE_AGAIN_SECONDS)
