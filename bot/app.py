"""Wires everything together: the only place that does. Channels and console are loaded here by name, only what is configured."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlmodel import Session

from bot import clock, errors, late
from bot import settings as configuration
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import schema
from bot.db.store import Store, StoreErrors
from bot.domain import calendar, centers, delivery, fetching, procedure_fields, recounting, reminders, retention, senders
from bot.settings import Settings
from handlers import ROUTES, changes, visiting
from procedures import loader, search

log = structlog.get_logger()

UPKEEP_SECONDS = 6 * 3600
REFRESH_SECONDS = 30
DAY_SECONDS = 3


class Channel(Protocol):
    """One way people reach us. `run` receives until `stop`; `router` holds its web routes (FastAPI's, or None)."""

    bot: str
    sender: delivery.Sender
    router: Any

    async def run(self) -> None: ...

    def stop(self) -> None: ...


class Part(Protocol):
    """Web pages beside the channels: the console. `run` keeps them up to date until `stop`."""

    router: Any

    async def run(self) -> None: ...

    def stop(self) -> None: ...


@dataclass
class App:
    """The running service. `channels` by name: webchat, telegram, terminal. `console` is there wherever there are web pages."""

    settings: Settings
    store: Store
    premises: Premises
    dispatcher: Dispatcher
    worker: delivery.Worker
    channels: dict[str, Channel]
    console: Part | None = None

    def __post_init__(self) -> None:
        self.fetcher = fetching.Fetcher(self.store, [channel.sender for channel in self.channels.values()])

    @property
    def _parts(self) -> list[Channel | Part]:
        return [*self.channels.values(), *([self.console] if self.console else [])]

    async def run(self) -> None:
        """Receive, answer, deliver and keep house until `stop`; what was begun is finished."""
        receiving = [asyncio.create_task(part.run()) for part in self._parts]
        serving = [asyncio.create_task(part) for part in (self.dispatcher.run(), self.worker.run(), self.fetcher.run())]
        beside = [asyncio.create_task(part) for part in (self._keep_house(), self._keep_day(), self._stay_current(), self._count_figures())]
        try:
            await asyncio.gather(*receiving, *serving)
        finally:
            for task in beside:
                task.cancel()
            for channel in self.channels.values():
                await channel.sender.close()

    def stop(self) -> None:
        """In the order of a message's way: nothing new, then answer and deliver what is here."""
        for part in self._parts:
            part.stop()
        self.dispatcher.stop()
        self.worker.stop()
        self.fetcher.stop()

    async def _keep_house(self) -> None:
        """At the start and a few times a day: tell holders of changed lists, delete what is too old."""
        while True:
            try:
                told = await self.store.write(changes.tell_holders, self.premises, now=clock.now())
                gone = await self.store.write(retention.purge, now=clock.now(), keep=retention.days(self.settings.keep_days))
                reminded = await self.store.read(reminders.counts, since=clock.now() - dt.timedelta(seconds=UPKEEP_SECONDS))
                log.info("house.kept", told=told, deleted=gone, reminders=reminded)
            except errors.StoreUnavailable as error:
                log.error("house.failed", error=str(error))
            await asyncio.sleep(UPKEEP_SECONDS)

    async def _keep_day(self) -> None:
        """Holds that ran out, seats to offer, reminders, days to close."""
        while True:
            for duty in visiting.DUTIES:
                try:
                    await self.store.write(duty, self.premises, now=clock.now())
                except errors.StoreUnavailable as error:
                    log.error("day.failed", duty=duty.__name__, error=str(error))
                except Exception:  # one duty that fails must not end the others
                    log.exception("day.duty_failed", duty=duty.__name__)
            await asyncio.sleep(DAY_SECONDS)

    async def _stay_current(self) -> None:
        """Hours that staff changed through another process; whoever changes them in this one refreshes at once."""
        await asyncio.to_thread(calendar.special, clock.today(clock.now()))  # so that no visitor waits for the package of holidays
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.store.read(self.premises.directory.refresh)
            except errors.StoreUnavailable as error:
                log.error("centers.not_refreshed", error=str(error))

    async def _count_figures(self) -> None:
        """Once after an upgrade that left figures to be counted; what a kill interrupted goes on at the next start."""
        while True:
            try:
                begun = await self.store.read(recounting.left)
                if begun is None:
                    return
                log.info("figures.counting", since=str(begun.from_month or "the beginning"))
                log.info("figures.counted", changed=await recounting.go_on(self.store, begun))
            except errors.StoreUnavailable as error:
                log.error("figures.not_counted", error=str(error))
                await asyncio.sleep(REFRESH_SECONDS)
            except Exception:  # what cannot be counted ends nothing else; the next start tries again
                log.exception("figures.count_failed")
                return


def build(settings: Settings, channels: Sequence[str] | None = None) -> App:
    """The service as configured. `channels` names them instead of the settings. Raises SettingsInvalid or CatalogError."""
    catalog = loader.load(overlays=settings.overlays, cache_dir=settings.cache_dir)
    premises = Premises(
        catalog=catalog,
        index=search.build(catalog, settings.cache_dir),
        directory=centers.Directory(centers.read(settings.center_file, catalog.fields)),
        address=settings.address,
        keep_days=settings.keep_days,
        key=configuration.secret(settings),
    )
    store = Store(settings.database)
    if not schema.is_current(store.engine):
        schema.upgrade(store.engine)
    _settle(store, premises)
    dispatcher = Dispatcher(store, premises, ROUTES)
    connected: dict[str, Channel] = {}
    for name in configured(settings) if channels is None else channels:
        connected[name] = late.load(f"bot.channels.{name}").connect(settings, store, dispatcher)
    worker = delivery.Worker(store, [channel.sender for channel in connected.values()])
    names = {channel.bot for channel in connected.values()}
    if channels is None:
        _serve(store, names)
    dispatcher.answered = lambda bot, _address: worker.wake(bot) if bot in names else None
    console = late.load("bot.console").connect(settings, store, premises) if "webchat" in connected else None
    return App(settings, store, premises, dispatcher, worker, connected, console)


def _settle(store: Store, premises: Premises) -> None:
    """The centers of the operator's file get their rows, the directory the hours that staff set, and figures the fields of the catalog."""
    with StoreErrors(), Session(store.engine) as session, session.begin():
        centers.settle(session, premises.directory.all, now=clock.now())
        premises.directory.refresh(session)
        procedure_fields.settle(session, {code: entry.field for code, entry in premises.catalog.procedures.items()})


def _serve(store: Store, bots: Collection[str]) -> None:
    """People of a bot that is not in the settings any more are reached elsewhere."""
    with StoreErrors(), Session(store.engine) as session, session.begin():
        senders.settle(session, bots, now=clock.now())


def configured(settings: Settings) -> list[str]:
    """The channels the settings ask for; the web chat needs nothing and is always there."""
    asked = {
        "telegram": settings.telegram_token.get_secret_value(),
        "zalo_oa": settings.zalo_app_id,
        "zalo_bot": settings.zalo_bot_token.get_secret_value(),
    }
    return ["webchat", *(name for name, given in asked.items() if given)]
