"""One Official Account: both ends, wired."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import structlog
from fastapi import APIRouter
from sqlmodel import Session

from bot import clock, errors
from bot.channels.zalo_oa import inbound, webhook
from bot.channels.zalo_oa.client import Application, Client
from bot.channels.zalo_oa.delivery import Ways, ZaloSender
from bot.channels.zalo_oa.pacer import Pacer
from bot.channels.zalo_oa.tokens import Tokens
from bot.conversation import group_menus
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import delivery, people, provider_tokens, reach
from bot.settings import Settings

log = structlog.get_logger()

WINDOWS_SECONDS = 300.0


class ZaloAccount:
    """Receives by webhook, sends by request, keeps its tokens fresh."""

    def __init__(self, settings: Settings, store: Store, dispatcher: Dispatcher) -> None:
        self.bot = f"zalo_oa:{settings.zalo_app_id}"
        self._store, self._dispatcher = store, dispatcher
        self._groups, self._first = settings.zalo_groups, _needed(settings)
        application = Application(settings.zalo_app_id, settings.zalo_app_secret.get_secret_value())
        self._tokens = Tokens(store, Client(settings.zalo_api, settings.zalo_oauth), self.bot, application)
        ways = Ways(settings.zalo_buttons, settings.zalo_paid_window, settings.zalo_template, settings.zalo_template_field)
        self._window = ways.window
        self.sender: delivery.Sender = ZaloSender(store, self._tokens, Pacer(settings.zalo_rate), ways)
        self.router: APIRouter = webhook.router(self._take, settings.zalo_app_id, _signing(settings))
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._store.write(provider_tokens.settle, self.bot, self._first)
                break
            except errors.StoreUnavailable as error:
                log.error("zalo.token_not_kept", error=str(error))
                await asyncio.sleep(1)
        beside = [asyncio.create_task(part) for part in (self._tokens.keep_fresh(), self._keep_windows())]
        try:
            await self._stopped.wait()
        finally:
            for task in beside:
                task.cancel()
            await self._tokens.finish()

    def stop(self) -> None:
        self._stopped.set()

    async def _keep_windows(self) -> None:
        """So that a notice's count knows beforehand whom it cannot reach; every sending looks for itself."""
        while True:
            try:
                await self._store.write(reach.settle_windows, self.bot, self._window, now=clock.now())
            except errors.StoreUnavailable as error:
                log.error("zalo.windows_not_kept", error=str(error))
            await asyncio.sleep(WINDOWS_SECONDS)

    async def _take(self, event: dict[str, Any]) -> None:
        """Commit one event. Raises StoreUnavailable when it could not be kept."""
        match inbound.message_of(event, self.bot, now=clock.now(), groups=self._groups):
            case inbound.Left(address, at):
                await self._store.write(_left, self.bot, address, at)
            case None:
                return
            case message if message.sender:
                await self._dispatcher.receive(await self._store.read(group_menus.read, message))
            case message:
                await self._dispatcher.receive(message)


def _left(session: Session, bot: str, address: str, at: dt.datetime) -> None:
    """An event that comes again, or late, says nothing about who has written meanwhile."""
    account = people.find(session, bot, address)
    if account is not None and account.last_seen_at <= at:
        people.gone(session, bot, address, "unfollowed")


def _needed(settings: Settings) -> str:
    """The refresh token, when everything else is there too. Raises SettingsInvalid with what is missing."""
    wanted = {
        "MOTCUA_ZALO_APP_ID": settings.zalo_app_id,
        "MOTCUA_ZALO_APP_SECRET": settings.zalo_app_secret.get_secret_value(),
        "MOTCUA_ZALO_REFRESH_TOKEN": settings.zalo_refresh_token.get_secret_value(),
    }
    if settings.zalo_signed_with == "oa":
        wanted["MOTCUA_ZALO_OA_SECRET"] = settings.zalo_oa_secret.get_secret_value()
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise errors.SettingsInvalid(f"{', '.join(missing)}: needed for the Zalo Official Account")
    return settings.zalo_refresh_token.get_secret_value()


def _signing(settings: Settings) -> str:
    """Which secret signs events is not certain (CHANNELS.md), so it is a setting."""
    chosen = settings.zalo_oa_secret if settings.zalo_signed_with == "oa" else settings.zalo_app_secret
    return chosen.get_secret_value()
