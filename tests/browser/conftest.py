"""A real browser against a real server: the service over the small catalog, on a free port of this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock, web
from bot.app import App
from bot.channels.webchat.inbound import BOT
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.db.tables import Account
from bot.domain import centers, outbox
from bot.messages import Reply, Say
from bot.settings import Settings
from procedures import search
from procedures.catalog import Catalog
from tests.channels.webchat.conftest import wire

ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Pages put up by a test count as the public internet, from where this machine may not be reached.
ARGS += ["--disable-features=LocalNetworkAccessChecks"]
EMBEDDING = "http://xa.example"
SECONDS = 10


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs chromium; deselect with -m 'not browser'")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("default::ResourceWarning"))


class Live:
    """The running service, and what a test does to it from outside."""

    def __init__(self, app: App, port: int) -> None:
        self.app, self.address = app, f"http://127.0.0.1:{port}"
        self.loop = asyncio.new_event_loop()
        self.server = _Server(uvicorn.Config(web.build(app), port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=2))

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())
        self.loop.close()

    async def _serve(self) -> None:
        await asyncio.gather(self.server.serve(), self.app.run())

    def stop(self) -> None:
        self.server.should_exit = True
        self.loop.call_soon_threadsafe(self.app.stop)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def staff_says(self, text: str) -> None:
        """A message to whoever wrote last, as another process would queue it."""

        def put(session: Session) -> None:
            address = session.execute(select(col(Account.address)).order_by(col(Account.id).desc()).limit(1)).scalar_one()
            outbox.put(session, BOT, address, Reply(blocks=(Say(text=text),)), now=clock.now())

        self.do(self.app.store.write(put))


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        return None


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, tiny_catalog: Catalog) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    file = folder / "motcua.db"
    file.write_bytes(sqlite_template.read_bytes())
    listening = web.listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    settings = Settings.model_validate({"data_dir": folder, "secret_key": "for the browser", "port": port, "embed_origins": (EMBEDDING,)})
    premises = Premises(
        catalog=tiny_catalog, index=search.build(tiny_catalog), directory=centers.Directory(centers.read(None)), address=settings.address
    )
    running = Live(wire(Store(f"sqlite:///{file}"), premises, settings), port)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    _wait(running)
    yield running
    running.stop()
    thread.join(SECONDS)
    running.app.store.close()


def _wait(live: Live) -> None:
    for _ in range(SECONDS * 20):
        if live.server.started:
            return
        threading.Event().wait(0.05)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live: Live) -> Iterator[Page]:
    """A phone with JavaScript."""
    yield from _opened(chromium, live, javascript=True)


@pytest.fixture
def plain(chromium: Browser, live: Live) -> Iterator[Page]:
    """A phone without JavaScript."""
    yield from _opened(chromium, live, javascript=False)


def _opened(chromium: Browser, live: Live, *, javascript: bool) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, base_url=live.address, java_script_enabled=javascript)
    context.set_default_timeout(SECONDS * 1000)
    made = context.new_page()
    said: list[str] = []
    made.on("pageerror", lambda error: said.append(str(error)))
    made.on("console", lambda message: said.append(message.text) if "Content Security Policy" in message.text else None)
    made.goto("/")
    yield made
    context.close()
    assert said == []


def ask(page: Page, text: str) -> None:
    page.fill("#tin", text)
    page.click("[data-composer] button")


def to_the_list(page: Page) -> None:
    """Question, two answers, list."""
    ask(page, "ba em mới mất")
    page.click("button.choice:has-text('Có giấy báo tử')")
    page.click("button.choice:has-text('Trong 15 ngày')")
    page.wait_for_selector("article.list")
