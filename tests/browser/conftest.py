"""A real browser against a real server: the service over the small catalog, on a free port of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.conversation.context import Premises
from tests.browser.hall import Hall
from tests.browser.live import Live, served
from tests.browser.looking import complaints, somebody

ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
ARGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
# The last list wins, so what Playwright itself turns off stands here again: without it closing a page that still goes somewhere may hang.
# Pages put up by a test count as the public internet, from where this machine may not be reached; tabs need no window around them.
OFF = ["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable"]
OFF += ["LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect"]
OFF += ["OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"]
OFF += ["LocalNetworkAccessChecks", "PreloadTopChromeWebUI"]
ARGS += [f"--disable-features={','.join(OFF)}"]
EMBEDDING = "http://xa.example"
HANGS = 120  # seconds: closing and evaluating have no time limit of their own


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings("default::ResourceWarning"))
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(HANGS))


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, tiny_once: Premises) -> Iterator[Live]:
    with served(tmp_path_factory.mktemp("live"), sqlite_template, tiny_once, embed_origins=(EMBEDDING,)) as made:
        yield made


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


@pytest.fixture(params=["page", "plain"])
def phone(request: pytest.FixtureRequest) -> Page:
    """The same with and without JavaScript."""
    made: Page = request.getfixturevalue(request.param)
    return made


def _opened(chromium: Browser, live: Live, *, javascript: bool) -> Iterator[Page]:
    with somebody(chromium, live, viewport={"width": 390, "height": 844}, java_script_enabled=javascript) as context:
        made = context.new_page()
        said = complaints(made)
        made.goto("/")
        yield made
    assert said == []


@pytest.fixture(scope="module")
def house(live: Live) -> Iterator[Hall]:
    """The center, open all day."""
    made = Hall(live)
    made.opens()
    yield made
    made.shuts()


@pytest.fixture(scope="module")
def link(house: Hall) -> str:
    return house.kiosk()
