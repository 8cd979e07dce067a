"""Wires everything together: the only place that does. Channels are loaded here by name, and only those that are configured."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bot import clock, errors, late
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import schema
from bot.db.store import Store
from bot.domain import centers, delivery, retention
from bot.settings import Settings
from handlers import ROUTES, changes
from procedures import loader, search

log = structlog.get_logger()

UPKEEP_SECONDS = 6 * 3600


class Channel(Protocol):
    """One way people reach us. `run` receives until `stop`; `router` holds its web routes (FastAPI's, or None)."""

    bot: str
    sender: delivery.Sender
    router: Any

    async def run(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class App:
    """The running service. `channels` by name: webchat, telegram, terminal."""

    settings: Settings
    store: Store
    premises: Premises
    dispatcher: Dispatcher
    worker: delivery.Worker
    channels: dict[str, Channel]

    async def run(self) -> None:
        """Receive, answer, deliver and keep house until `stop`; what was begun is finished."""
        receiving = [asyncio.create_task(channel.run()) for channel in self.channels.values()]
        serving = [asyncio.create_task(part) for part in (self.dispatcher.run(), self.worker.run())]
        keeping = asyncio.create_task(self._keep_house())
        try:
            await asyncio.gather(*receiving, *serving)
        finally:
            keeping.cancel()
            for channel in self.channels.values():
                await channel.sender.close()

    def stop(self) -> None:
        """In the order of a message's way: nothing new, then answer and deliver what is here."""
        for channel in self.channels.values():
            channel.stop()
        self.dispatcher.stop()
        self.worker.stop()

    async def _keep_house(self) -> None:
        """At the start and a few times a day: tell holders of changed lists, delete what is too old."""
        while True:
            try:
                told = await self.store.write(changes.tell_holders, self.premises, now=clock.now())
                gone = await self.store.write(retention.purge, now=clock.now(), keep=retention.days(self.settings.keep_days))
                log.info("house.kept", told=told, deleted=gone)
            except errors.StoreUnavailable as error:
                log.error("house.failed", error=str(error))
            await asyncio.sleep(UPKEEP_SECONDS)


def build(settings: Settings, channels: Sequence[str] | None = None) -> App:
    """The service as configured. `channels` names them instead of the settings. Raises SettingsInvalid or CatalogError."""
    catalog = loader.load(overlays=settings.overlays, cache_dir=settings.cache_dir)
    premises = Premises(
        catalog=catalog,
        index=search.build(catalog, settings.cache_dir),
        center=centers.read(settings.center_file),
        address=settings.address,
        keep_days=settings.keep_days,
    )
    store = Store(settings.database)
    if not schema.is_current(store.engine):
        schema.upgrade(store.engine)
    dispatcher = Dispatcher(store, premises, ROUTES)
    connected: dict[str, Channel] = {}
    for name in configured(settings) if channels is None else channels:
        connected[name] = late.load(f"bot.channels.{name}").connect(settings, store, dispatcher)
    worker = delivery.Worker(store, [channel.sender for channel in connected.values()])
    names = {channel.bot for channel in connected.values()}
    dispatcher.answered = lambda bot, _address: worker.wake(bot) if bot in names else None
    return App(settings, store, premises, dispatcher, worker, connected)


def configured(settings: Settings) -> list[str]:
    """The channels the settings ask for; the web chat needs nothing and is always there."""
    return ["webchat", *(["telegram"] if settings.telegram_token.get_secret_value() else [])]
