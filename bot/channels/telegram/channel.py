"""One Telegram bot: both ends, wired. aiogram is imported beside the running service, so that the web pages need not wait for it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import APIRouter

from bot import errors, late
from bot.channels.telegram import webhook
from bot.channels.telegram.delivery import TelegramSender
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import attachments
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.telegram.receive import Poller, Receiver

log = structlog.get_logger()

ANNOUNCE_AGAIN_SECONDS = 60.0
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{10,}")


class Telegram:
    """Receives by polling or webhook, as set."""

    def __init__(self, settings: Settings, store: Store, dispatcher: Dispatcher) -> None:
        self._token, self._api = settings.telegram_token.get_secret_value(), settings.telegram_api
        self._secret = settings.telegram_webhook_secret.get_secret_value()
        self._polls = settings.telegram_mode == "polling"
        if not _TOKEN.fullmatch(self._token):
            raise errors.SettingsInvalid("MOTCUA_TELEGRAM_TOKEN: does not look like a bot token (123456:ABC…)")
        if not self._polls and not self._secret:
            raise errors.SettingsInvalid("MOTCUA_TELEGRAM_WEBHOOK_SECRET: needed with MOTCUA_TELEGRAM_MODE=webhook")
        self.bot = f"telegram:{self._token.split(':')[0]}"
        self.sender = TelegramSender(self.bot, self._token, self._api, settings.telegram_rate, attachments.Shelf(store))
        self.router: APIRouter | None = None if self._polls else webhook.router(self._take, self._secret)
        self._url = f"{settings.address}{webhook.PATH}"
        self._store, self._dispatcher = store, dispatcher
        self._receiver: Receiver | None = None
        self._poller: Poller | None = None
        self._loading = asyncio.Lock()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        receiver = await self._receiving()
        beside = [asyncio.create_task(part) for part in (self._acknowledge(receiver), self._introduce())]
        try:
            await (self._poll(receiver) if self._polls else self._announce())
        finally:
            for task in beside:
                task.cancel()

    def stop(self) -> None:
        self._stopped.set()
        if self._poller is not None:
            self._poller.stop()

    async def _receiving(self) -> Receiver:
        """The receiving end, imported by whoever needs it first."""
        async with self._loading:
            if self._receiver is None:
                module = await asyncio.to_thread(late.load, "bot.channels.telegram.receive")
                self._receiver = module.Receiver(self.bot, self._store, self._dispatcher, self.sender.runs_group)
            return self._receiver

    async def _take(self, raw: dict[str, Any]) -> None:
        await (await self._receiving()).take(raw)

    async def _poll(self, receiver: Receiver) -> None:
        if not self._stopped.is_set():
            self._poller = receiver.poller(self._token, self._api)
            await self._poller.run()

    async def _announce(self) -> None:
        """Set the webhook, again until it works; then only wait."""
        while not self._stopped.is_set():
            try:
                await self.sender.announce(self._url, self._secret, webhook.ALLOWED)
                await self._stopped.wait()
            except errors.ChannelError as error:
                log.error("telegram.webhook_not_set", error=str(error), url=self._url)
                await asyncio.wait({asyncio.create_task(self._stopped.wait())}, timeout=ANNOUNCE_AGAIN_SECONDS)

    async def _introduce(self) -> None:
        """Learn the bot's own name, which people in groups call it by."""
        while True:
            try:
                self._dispatcher.premises.usernames[self.bot] = await self.sender.username()
                return
            except errors.ChannelError as error:
                log.error("telegram.name_unknown", error=str(error))
                await asyncio.sleep(ANNOUNCE_AGAIN_SECONDS)

    async def _acknowledge(self, receiver: Receiver) -> None:
        while True:
            await self.sender.acknowledge(await receiver.pressed.get())
