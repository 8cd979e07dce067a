"""WCAG 2.2 AA on every citizen page: by machine, narrow and wide, in every colour scheme, with large text."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock
from bot.channels.webchat.inbound import BOT
from bot.db.tables import Account
from bot.messages import Incoming
from tests.browser.conftest import SECONDS, Live, ask, to_the_list

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
LOOKS = ["theo-may", "toi", "nang"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), textarea, label.tick')]
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== 'inline' && !e.matches('.skip') && !e.closest('label') || e.matches('label'))
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()]).filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([html]) => html)"""

# What can be pressed and has the bar to type in over a part of it.
COVERED = """() => {
  const bar = document.querySelector('.composer').getBoundingClientRect();
  return [...document.querySelectorAll('main a[href], main button, main summary, main label.tick')].filter(e => !e.closest('.composer'))
    .filter(e => e.getBoundingClientRect().top < bar.bottom && e.getBoundingClientRect().bottom > bar.top).map(e => e.innerText);
}"""
SCREENS: list[ViewportSize] = [{"width": 360, "height": 640}, {"width": 390, "height": 844}, {"width": 1280, "height": 720}]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def reader(chromium: Browser, live: Live) -> BrowserContext:
    """Somebody whose conversation holds one of everything."""
    context = chromium.new_context(base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto("/")
    for number, said in enumerate(["xin giấy xác nhận", "hôm nay trời đẹp quá", "đổi bằng lái xe máy", "xác nhận thân nhân người có công"], start=1):
        ask(page, said)
        expect(page.locator("li.me")).to_have_count(number)
    live.do(_photo(live))
    to_the_list(page)
    page.check("label.tick:has-text('Tờ khai') input")
    page.wait_for_timeout(300)
    page.close()
    return context


async def _photo(live: Live) -> None:
    def address(session: Session) -> str:
        return str(session.execute(select(col(Account.address)).order_by(col(Account.id).desc()).limit(1)).scalar_one())

    found = await live.app.store.read(address)
    await live.app.dispatcher.answer(Incoming(bot=BOT, update_id="photo", address=found, kind="photo", sent_at=clock.now()))


def _open(reader: BrowserContext, live: Live, path: str, width: int, **look: str) -> Page:
    """A page as one reader wants it. The chat for frames is opened as a frame would."""
    reader.add_cookies([{"name": name, "value": value, "url": live.address} for name, value in look.items()])
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    if path == "list":
        page.goto("/")
        path = page.get_attribute("a.choice:has-text('In hoặc lưu')", "href") or ""
    if path == "/khung":
        page.route("**/khung", lambda route: route.continue_(headers={**route.request.headers, "sec-fetch-dest": "iframe"}))
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    return page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(reader: BrowserContext, live: Live, width: int, look: str) -> None:
    found = {}
    for path in [*PAGES, "list"]:
        page = _open(reader, live, path, width, nen=look, co="thuong")
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found[path] = result.generate_report()
        page.close()
    assert found == {}


@pytest.mark.parametrize("path", [*PAGES, "list"])
def test_nothing_scrolls_sideways_with_the_largest_letters(reader: BrowserContext, live: Live, path: str) -> None:
    page = _open(reader, live, path, 360, co="rat-lon", nen="theo-may")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    page.close()


@pytest.mark.parametrize("path", [*PAGES, "list"])
def test_whatever_is_pressed_is_large_enough(reader: BrowserContext, live: Live, path: str) -> None:
    page = _open(reader, live, path, 360, co="thuong", nen="theo-may")
    assert page.evaluate(TARGETS) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_axe_finds_nothing_in_a_chat_in_which_nothing_was_said(chromium: Browser, live: Live, screen: ViewportSize, scheme: Scheme) -> None:
    context = chromium.new_context(base_url=live.address, color_scheme=scheme, viewport=screen)
    page = context.new_page()
    page.goto("/")
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()
    context.close()


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_field_of_an_empty_chat_is_in_view_and_never_lies_over_a_line_of_the_menu(
    chromium: Browser, live: Live, screen: ViewportSize, size: str
) -> None:
    context = chromium.new_context(base_url=live.address, viewport=screen)
    context.add_cookies([{"name": "co", "value": size, "url": live.address}])
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#tin")).to_be_in_viewport(ratio=1)
    covered = {}
    for offset in range(0, page.evaluate("document.documentElement.scrollHeight"), 40):
        page.evaluate("offset => scrollTo(0, offset)", offset)
        covered[offset] = page.evaluate(COVERED)
    assert {offset: found for offset, found in covered.items() if found} == {}
    context.close()


@pytest.mark.parametrize("screen", SCREENS[1:], ids=str)
def test_a_question_that_fits_the_screen_stands_clear_of_the_bar(chromium: Browser, live: Live, screen: ViewportSize) -> None:
    context = chromium.new_context(base_url=live.address, viewport=screen)
    page = context.new_page()
    page.goto("/")
    ask(page, "ba em mới mất")
    page.wait_for_selector("text=Câu 1")
    expect(page.locator("[data-below]")).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.evaluate(COVERED) == []
    context.close()


def test_dark_follows_the_system_when_nothing_was_chosen(chromium: Browser, live: Live) -> None:
    context = chromium.new_context(base_url=live.address, color_scheme="dark", viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto("/")
    assert Axe().run(page, options=RULES).violations_count == 0
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 20)"
    context.close()
