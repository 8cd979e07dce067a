"""The web application with its console, two centers, and staff who are signed in."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.db.store import Store
from bot.domain import centers, devices, staff
from bot.settings import Settings
from tests.channels.webchat.conftest import connected, wire
from tests.channels.webchat.visitor import Page
from tests.console.desk_day import DeskDay
from tests.console.kiosk import Kiosk, open_all_day

HERE, THERE = "trung-tam", "binh-hoa"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, "secret_key": "a key for tests"})


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On SQLite; what staff and audit ask of a database is tried on both."""
    return sqlite_store


@pytest.fixture
def two_centers(tiny: Premises) -> Premises:
    one = tiny.center.model_copy(update={"id": HERE})
    other = one.model_copy(update={"id": THERE, "place": "Bình Hòa", "name": "Trung tâm Bình Hòa"})
    return dataclasses.replace(tiny, directory=centers.Directory((one, other)))


@pytest.fixture
async def app(store: Store, two_centers: Premises, settings: Settings) -> App:
    await store.write(centers.settle, two_centers.directory.all, now=clock.now())
    return wire(store, two_centers, settings)


class Clerk:
    """Somebody at a browser of their own."""

    def __init__(self, client: httpx.AsyncClient, number: int = 0) -> None:
        self.client, self.id = client, number
        self.page: Page

    @property
    def actor(self) -> str:
        return f"staff:{self.id}"

    async def open(self, path: str) -> Page:
        """A page; below HOME unless the path says otherwise."""
        self.page = Page(await self.client.get(path if path.startswith(HOME) else f"{HOME}/{HERE}/{path}", follow_redirects=True))
        return self.page

    async def send(self, action: str, **fields: str) -> Page:
        """Fill in the form of this page that goes there."""
        form = self.page.form(action)
        named = dict(form.fields) | {name.replace("_", "-"): value for name, value in fields.items()}
        return await self.post(action, named)

    async def post(self, action: str, fields: dict[str, str], **headers: str) -> Page:
        answer = await self.client.post(action, content=urlencode(fields), headers=FORM | headers)
        self.page = Page(await self.client.get(answer.headers["location"], follow_redirects=True) if answer.status_code == 303 else answer)
        return self.page

    async def deed(self, other: int, deed: str, **fields: str) -> Page:
        """Open the page of a person and do something to them, with its own hidden fields."""
        path = f"{HOME}/{HERE}/nguoi/{other}"
        await self.open(path)
        token = dict(self.page.form(f"{HOME}/ra").fields)["ma"]
        return await self.post(path, {"ma": token, "viec": deed, **{name.replace("_", "-"): value for name, value in fields.items()}})


SignIn = Callable[..., Awaitable[Clerk]]


@pytest.fixture
async def stranger(app: App) -> AsyncIterator[Clerk]:
    """A browser nobody has signed in on."""
    async with connected(app) as client:
        yield Clerk(client)


@pytest.fixture
async def sign_in(app: App) -> AsyncIterator[SignIn]:
    """`await sign_in("lead")`: a new member of staff with this role, signed in."""
    clients: list[httpx.AsyncClient] = []

    async def made(role: Role, scope: str = HERE, name: str = "") -> Clerk:
        number = await app.store.write(staff.create, name or f"chị {role}", scope, role, now=clock.now())
        token = await app.store.write(staff.link, number, "sign_in", now=clock.now())
        client = connected(app)
        clients.append(client)
        await client.post(f"{HOME}/vao/{token}", headers=FORM)
        return Clerk(client, number)

    yield made
    for client in clients:
        await client.aclose()


@pytest.fixture
def day(app: App, monkeypatch: pytest.MonkeyPatch) -> DeskDay:
    """Monday, eight o'clock."""
    return DeskDay(app, monkeypatch)


@pytest.fixture
async def kiosk(app: App) -> AsyncIterator[Kiosk]:
    now = clock.now()
    for center in (HERE, THERE):
        await app.store.write(open_all_day, center, now=now)
    await app.store.read(app.premises.directory.refresh)
    device, token = await app.store.write(devices.create, HERE, "Cửa chính", now=now)
    async with connected(app) as client:
        made = Kiosk(app, client, device, token)
        await made.open()
        yield made
