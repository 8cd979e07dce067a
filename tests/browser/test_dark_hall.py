"""The board and the kiosk in the dark: as the system wants it, or as it was chosen; readable at the size of a TV."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.hall import KIOSKS, PATH, SCREENS, Hall
from tests.browser.live import Live
from tests.browser.looking import faults, somebody

LIGHTNESS = """selector => {
  const [r, g, b] = getComputedStyle(document.querySelector(selector)).backgroundColor.match(/[0-9.]+/g).map(Number);
  return (r + g + b) / 3;
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.board p, .board td, .board h1, .board h2, .board caption, .board li')]
  .filter(e => e.checkVisibility() && e.innerText.trim() && !e.matches('.sr, .sr *')).map(e => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture
def dark(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    with somebody(chromium, live, viewport=SCREENS[0], color_scheme="dark") as context:
        yield context


@pytest.fixture
def light(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    with somebody(chromium, live, viewport=SCREENS[0], color_scheme="light") as context:
        yield context


@pytest.mark.parametrize("chosen", [False, True], ids=["by the system", "by the reader"])
def test_the_board_is_dark_and_readable_from_afar(request: pytest.FixtureRequest, house: Hall, chosen: bool) -> None:
    for _ in range(8):
        house.comes()
    for place in (0, 1, 0):
        house.calls(place)
    context: BrowserContext = request.getfixturevalue("light" if chosen else "dark")
    page = context.new_page()
    page.goto(f"/xem?nen=toi&ve={PATH}" if chosen else PATH)
    expect(page.locator("[data-now] .plate")).to_be_visible()
    assert page.evaluate(LIGHTNESS, "body") < 30
    assert page.evaluate(SMALLEST) >= 46, "16 mm on a TV of 43 inches"
    assert faults(page) == []
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [1920, 1080]


def test_by_day_the_board_is_green_as_before(light: BrowserContext, house: Hall) -> None:
    page = light.new_page()
    page.goto(PATH)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(6, 56, 45)"


def test_the_kiosk_is_dark_on_every_page(dark: BrowserContext, link: str) -> None:
    page = dark.new_page()
    page.set_viewport_size(KIOSKS[0])
    page.goto(link)
    for step in (None, "text=Tôi có hẹn", "a:has-text('Không có mã')", "text=Chưa rõ việc", "main button"):
        if step:
            page.click(step)
        assert faults(page) == []
        assert page.evaluate(LIGHTNESS, "body") < 30
    expect(page.locator(".plate")).to_be_visible()
    page.goto(f"{link}/hoi")
    page.frame_locator("iframe").locator("#tin").wait_for()
    assert faults(page) == []
    page.goto(link)


def test_a_kiosk_chosen_to_be_dark_stays_so_in_a_light_system(light: BrowserContext, link: str) -> None:
    page = light.new_page()
    page.set_viewport_size(KIOSKS[1])
    page.goto(f"/xem?nen=toi&ve={link}")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(LIGHTNESS, "body") < 30
    page.click("text=Tôi có hẹn")
    page.wait_for_load_state()
    assert page.get_attribute("html", "data-theme") == "dark"
