"""The web application over a small catalog, on each database, and somebody who visits it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot import console, web
from bot.app import App
from bot.channels import webchat
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import centers, delivery
from bot.settings import Settings
from handlers import ROUTES
from tests.channels.webchat.day import MONDAY, Day
from tests.channels.webchat.hall import Hall
from tests.channels.webchat.visitor import Visitor

ORIGIN = "https://xa.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "secret_key": "a key for tests", "embed_origins": (ORIGIN,)})


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On SQLite; whole dialogs are tried on both databases."""
    return sqlite_store


@pytest.fixture
def app(store: Store, tiny: Premises, settings: Settings) -> App:
    return wire(store, tiny, settings)


def wire(store: Store, premises: Premises, settings: Settings) -> App:
    """As bot.app.build does, over a store and a catalog of the test's own."""
    dispatcher = Dispatcher(store, premises, ROUTES)
    channel = webchat.connect(settings, store, dispatcher)
    worker = delivery.Worker(store, [channel.sender])
    return App(settings, store, premises, dispatcher, worker, {"webchat": channel}, console.connect(settings, store, premises))


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with connected(app) as made:
        yield made


def connected(app: App) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=web.build(app)), base_url=app.premises.address)


@pytest.fixture
async def visitor(client: httpx.AsyncClient) -> Visitor:
    made = Visitor(client)
    await made.open()
    return made


@pytest.fixture
async def day(app: App, monkeypatch: pytest.MonkeyPatch) -> Day:
    await app.store.write(centers.settle, app.premises.directory.all, now=MONDAY)
    return Day(app, monkeypatch)


@pytest.fixture
def hall(day: Day, visitor: Visitor) -> Hall:
    return Hall(day, visitor)
