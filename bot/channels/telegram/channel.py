"""One Telegram bot: both ends, wired."""

from __future__ import annotations

import asyncio

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.token import TokenValidationError
from fastapi import APIRouter

from bot import errors
from bot.channels.telegram import inbound, receive
from bot.channels.telegram.delivery import TelegramSender
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings

log = structlog.get_logger()

ANNOUNCE_AGAIN_SECONDS = 60.0


class Telegram:
    """Receives by polling or webhook, as set."""

    def __init__(self, settings: Settings, store: Store, dispatcher: Dispatcher) -> None:
        token = settings.telegram_token.get_secret_value()
        self._secret = settings.telegram_webhook_secret.get_secret_value()
        self._polls = settings.telegram_mode == "polling"
        if not self._polls and not self._secret:
            raise errors.SettingsInvalid("MOTCUA_TELEGRAM_WEBHOOK_SECRET: needed with MOTCUA_TELEGRAM_MODE=webhook")
        self.bot = f"telegram:{token.split(':')[0]}"
        self.sender = TelegramSender(self.bot, token, settings.telegram_api, settings.telegram_rate)
        self._url = f"{settings.address}{receive.PATH}"
        self._receiver = receive.Receiver(self.bot, store, dispatcher)
        self.router: APIRouter | None = None if self._polls else receive.webhook(self._receiver, self._secret)
        self._api = _aiogram(token, settings.telegram_api)
        self._poller = receive.Poller(self._api, self._receiver)
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        acknowledging = asyncio.create_task(self._acknowledge())
        try:
            await (self._poller.run() if self._polls else self._announce())
        finally:
            acknowledging.cancel()
            await self._api.session.close()

    def stop(self) -> None:
        self._poller.stop()
        self._stopped.set()

    async def _announce(self) -> None:
        """Set the webhook, again until it works; then only wait."""
        while not self._stopped.is_set():
            try:
                await self.sender.announce(self._url, self._secret, inbound.ALLOWED)
                await self._stopped.wait()
            except errors.ChannelError as error:
                log.error("telegram.webhook_not_set", error=str(error), url=self._url)
                await asyncio.wait({asyncio.create_task(self._stopped.wait())}, timeout=ANNOUNCE_AGAIN_SECONDS)

    async def _acknowledge(self) -> None:
        while True:
            await self.sender.acknowledge(await self._receiver.pressed.get())


def _aiogram(token: str, api: str) -> Bot:
    try:
        return Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    except TokenValidationError:
        raise errors.SettingsInvalid("MOTCUA_TELEGRAM_TOKEN: does not look like a bot token (123456:ABC…)") from None
