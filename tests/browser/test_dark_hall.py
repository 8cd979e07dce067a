"""The board and the kiosk in the dark: as the system wants it, or as it was chosen; readable at the size of a TV."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import RULES
from tests.browser.test_hall import KIOSKS, PATH, SCREENS, House, house, link

__all__ = ["house", "link"]
LIGHTNESS = """selector => {
  const [r, g, b] = getComputedStyle(document.querySelector(selector)).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (r + g + b) / 3;
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.board p, .board td, .board h1, .board h2, .board caption, .board li')]
  .filter(e => e.checkVisibility() && e.innerText.trim() && !e.matches('.sr, .sr *')).map(e => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture
def dark(chromium: Browser, live: Live, house: House) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=SCREENS[0], base_url=live.address, color_scheme="dark")
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


def clean(page: Page) -> None:
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("chosen", [False, True], ids=["by the system", "by the reader"])
def test_the_board_is_dark_and_readable_from_afar(chromium: Browser, live: Live, house: House, chosen: bool) -> None:
    house.come(8)
    for place in (0, 1, 0):
        house.call(place)
    context = chromium.new_context(viewport=SCREENS[0], base_url=live.address, color_scheme="light" if chosen else "dark")
    page = context.new_page()
    page.goto(f"/xem?nen=toi&ve={PATH}" if chosen else PATH)
    expect(page.locator("[data-now] .plate")).to_be_visible()
    assert page.evaluate(LIGHTNESS, "body") < 30
    assert page.evaluate(SMALLEST) >= 46, "16 mm on a TV of 43 inches"
    clean(page)
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [1920, 1080]
    context.close()


def test_by_day_the_board_is_green_as_before(chromium: Browser, live: Live, house: House) -> None:
    context = chromium.new_context(viewport=SCREENS[0], base_url=live.address, color_scheme="light")
    page = context.new_page()
    page.goto(PATH)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(6, 56, 45)"
    context.close()


def test_the_kiosk_is_dark_on_every_page(dark: BrowserContext, link: str) -> None:
    page = dark.new_page()
    page.set_viewport_size(KIOSKS[0])
    page.goto(link)
    for step in (None, "text=Tôi có hẹn", "a:has-text('Không có mã')", "text=Chưa rõ việc", "main button"):
        if step:
            page.click(step)
        assert page.evaluate(LIGHTNESS, "body") < 30
        clean(page)
    expect(page.locator(".plate")).to_be_visible()
    page.goto(f"{link}/hoi")
    page.frame_locator("iframe").locator("#tin").wait_for()
    clean(page)
    page.goto(link)


def test_a_kiosk_chosen_to_be_dark_stays_so_in_a_light_system(chromium: Browser, live: Live, link: str) -> None:
    context = chromium.new_context(viewport=KIOSKS[1], base_url=live.address, color_scheme="light")
    page = context.new_page()
    page.goto(f"/xem?nen=toi&ve={link}")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(LIGHTNESS, "body") < 30
    page.click("text=Tôi có hẹn")
    assert page.get_attribute("html", "data-theme") == "dark"
    context.close()
