"""WCAG 2.2 AA on every citizen page: by machine, narrow and wide, in every colour scheme, with large text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from bot import clock
from bot.channels.webchat.inbound import BOT
from bot.messages import Incoming
from tests.browser.live import Live
from tests.browser.looking import BEYOND, VIEWS, ask, faults, saved, shown, somebody, to_the_list

PAGES = [
    "/",
    "/khung",
    "/thu-tuc",
    "/linh-vuc/ho-tich",
    "/thu-tuc/1.000656",
    "/thu-tuc/1.010833",
    "/thu-tuc/bang-lai-xe",
    "/rieng-tu",
    "/gap-can-bo",
    "/nhung",
    "/khong-co",
]
SAID = ["xin giấy xác nhận", "hôm nay trời đẹp quá", "đổi bằng lái xe máy", "xác nhận thân nhân người có công"]
# What can be pressed and has the bar to type in over a part of it.
COVERED = """() => {
  const bar = document.querySelector('.composer').getBoundingClientRect();
  return [...document.querySelectorAll('main a[href], main button, main summary, main label.tick')].filter(e => !e.closest('.composer'))
    .filter(e => e.getBoundingClientRect().top < bar.bottom && e.getBoundingClientRect().bottom > bar.top).map(e => e.innerText);
}"""
SCREENS: list[ViewportSize] = [{"width": 360, "height": 640}, {"width": 390, "height": 844}, {"width": 1280, "height": 720}]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def reader(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    """Somebody whose conversation holds one of everything."""
    with somebody(chromium, live) as context:
        page = context.new_page()
        page.goto("/")
        for number, said in enumerate(SAID, start=1):
            ask(page, said)
            expect(page.locator("li.me")).to_have_count(number)
        photo = Incoming(bot=BOT, update_id="photo", address=live.newest_address(), kind="photo", sent_at=clock.now())
        live.wait(live.app.dispatcher.answer(photo))
        to_the_list(page)
        with saved(page):
            page.check("label.tick:has-text('Tờ khai') input")
        page.close()
        yield context


def _open(reader: BrowserContext, path: str, width: int, *, nen: str = "theo-may", co: str = "thuong") -> Page:
    """A page as one reader wants it. The chat for frames is opened as a frame would."""
    if path == "list":
        start = shown(reader, "/")
        path = start.get_attribute("a.choice:has-text('In hoặc lưu')", "href") or ""
        start.close()
    if path != "/khung":
        return shown(reader, path, width, nen=nen, co=co)
    reader.route("**/khung", lambda route: route.continue_(headers={**route.request.headers, "sec-fetch-dest": "iframe"}))
    page = shown(reader, path, width, nen=nen, co=co)
    reader.unroute("**/khung")
    return page


@pytest.mark.parametrize(("width", "look"), VIEWS)
def test_every_page_is_readable_for_everybody_and_whatever_is_pressed_is_large_enough(reader: BrowserContext, width: int, look: str) -> None:
    found = {}
    for path in [*PAGES, "list"]:
        page = _open(reader, path, width, nen=look)
        if wrong := faults(page):
            found[path] = wrong
        page.close()
    assert found == {}


@pytest.mark.parametrize("path", [*PAGES, "list"])
def test_nothing_scrolls_sideways_with_the_largest_letters(reader: BrowserContext, path: str) -> None:
    page = _open(reader, path, 360, co="rat-lon")
    assert page.evaluate(BEYOND) <= 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_axe_finds_nothing_in_a_chat_in_which_nothing_was_said(chromium: Browser, live: Live, screen: ViewportSize, scheme: Scheme) -> None:
    with somebody(chromium, live, color_scheme=scheme, viewport=screen) as context:
        page = context.new_page()
        page.goto("/")
        assert faults(page) == []


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_field_of_an_empty_chat_is_in_view_and_never_lies_over_a_line_of_the_menu(
    chromium: Browser, live: Live, screen: ViewportSize, size: str
) -> None:
    with somebody(chromium, live, viewport=screen) as context:
        page = shown(context, "/", screen["width"], screen["height"], unfolded=False, co=size)
        expect(page.locator("#tin")).to_be_in_viewport(ratio=1)
        covered = {}
        for offset in range(0, page.evaluate("document.documentElement.scrollHeight"), 40):
            page.evaluate("offset => scrollTo(0, offset)", offset)
            covered[offset] = page.evaluate(COVERED)
        assert {offset: found for offset, found in covered.items() if found} == {}


@pytest.mark.parametrize("screen", SCREENS[1:], ids=str)
def test_a_question_that_fits_the_screen_stands_clear_of_the_bar(chromium: Browser, live: Live, screen: ViewportSize) -> None:
    with somebody(chromium, live, viewport=screen) as context:
        page = context.new_page()
        page.goto("/")
        ask(page, "ba em mới mất")
        page.wait_for_selector("text=Câu 1")
        expect(page.locator("[data-below]")).to_have_count(0)
        page.wait_for_timeout(300)
        assert page.evaluate(COVERED) == []


def test_dark_follows_the_system_when_nothing_was_chosen(chromium: Browser, live: Live) -> None:
    with somebody(chromium, live, color_scheme="dark") as context:
        page = context.new_page()
        page.goto("/")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 20)"
