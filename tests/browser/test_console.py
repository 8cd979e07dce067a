"""The console in a real browser: signing in, WCAG 2.2 AA, no page wider than a phone, and all of it without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from bot import clock
from bot.domain import staff
from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import LOOKS, RULES, TARGETS

HOME = "/ban-lam-viec"
NEW, CODE, LINK, REFUSED = "new", "code", "link", "refused"
PAGES = ["nguoi", "nguoi/{0}", "nguoi/{1}", "nhat-ky", "nhat-ky?ngay=2020-01-01", "khong-co", CODE, LINK, NEW, REFUSED]
BEFORE = [f"{HOME}/vao", f"{HOME}/vao/x", "used"]


def seed(session: Session, center: str) -> tuple[list[int], str]:
    """An admin, a clerk whose chat is connected, somebody who left; and the admin's link."""
    now = clock.now()
    admin = staff.create(session, "anh Nam", "*", "admin", now=now, actor="cli")
    clerk = staff.create(session, "chị Nguyễn Thị Hồng Hạnh", center, "clerk", now=now, actor=f"staff:{admin}")
    left = staff.create(session, "em Quân", center, "lead", now=now, actor=f"staff:{admin}")
    staff.connect(session, staff.link(session, clerk, "connect", now=now) or "", "telegram:1", "5", now=now)
    staff.deactivate(session, left, actor=f"staff:{admin}", now=now)
    return [clerk, left], staff.link(session, admin, "sign_in", now=now) or ""


class Desk:
    """Somebody at a browser, signed in or not. `people`: the clerk and the one who left."""

    def __init__(self, context: BrowserContext, live: Live, center: str, people: list[int]) -> None:
        self.context, self.live, self.center, self.people = context, live, center, people

    def open(self, name: str, width: int = 1280, **look: str) -> Page:
        self.context.add_cookies([{"name": cookie, "value": value, "url": self.live.address} for cookie, value in look.items()])
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(self._address(name))
        if name in (CODE, LINK):
            page.click(f"button[value={'ma-noi' if name == CODE else 'duong-dan'}]")
        if name == NEW:
            page.fill("#ten", " ")
            page.click("button:has-text('Thêm người')")
        if name == "used":
            page.click("button.btn--big")
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        return page

    def _address(self, name: str) -> str:
        here = f"{HOME}/{self.center}"
        known = {CODE: f"nguoi/{self.people[0]}", LINK: f"nguoi/{self.people[0]}", NEW: "nguoi"}
        if name == REFUSED:
            return f"{HOME}/khong-co/nguoi"
        if name == "used":
            return f"{HOME}/vao/x"
        return name if name.startswith("/") else f"{here}/{known.get(name, name).format(*self.people)}"


@pytest.fixture(scope="module")
def desk(chromium: Browser, live: Live) -> Iterator[Desk]:
    center = live.app.premises.center.id
    people, token = live.do(live.app.store.write(seed, center))
    context = chromium.new_context(base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{HOME}/vao/{token}")
    page.click("button.btn--big")
    page.close()
    yield Desk(context, live, center, people)
    context.close()


@pytest.fixture(scope="module")
def outside(chromium: Browser, live: Live) -> Iterator[Desk]:
    context = chromium.new_context(base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    yield Desk(context, live, live.app.premises.center.id, [0, 0])
    context.close()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(desk: Desk, outside: Desk, width: int, look: str) -> None:
    found = {}
    for who, names in ((desk, PAGES), (outside, BEFORE)):
        for name in names:
            page = who.open(name, width, nen=look, co="thuong")
            result = Axe().run(page, options=RULES)
            if result.violations_count:
                found[name] = result.generate_report()
            page.close()
    assert found == {}


@pytest.mark.parametrize("name", [*PAGES, *BEFORE])
def test_nothing_scrolls_sideways_with_the_largest_letters_and_targets_are_large_enough(desk: Desk, outside: Desk, name: str) -> None:
    who = outside if name in BEFORE else desk
    page = who.open(name, 360, co="rat-lon", nen="theo-may")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    page.close()
    page = who.open(name, 360, co="thuong", nen="theo-may")
    assert page.evaluate(TARGETS) == []
    page.close()


def test_from_link_to_a_new_colleague_without_javascript(chromium: Browser, live: Live) -> None:
    center = live.app.premises.center.id
    _, token = live.do(live.app.store.write(seed, center))
    context = chromium.new_context(base_url=live.address, java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{HOME}/{center}/nguoi")
    expect(page).to_have_url(f"{live.address}{HOME}/vao")
    page.goto(f"{HOME}/vao/{token}")
    page.click("button.btn--big")
    page.goto(f"{HOME}/{center}/nguoi")
    page.fill("#ten", "chị Lan")
    page.select_option("#vai-tro", "lead")
    page.click("button:has-text('Thêm người')")
    expect(page.locator("[role=status]")).to_contain_text("Đã thêm")
    page.click("button:has-text('Tạo đường dẫn vào')")
    link = page.input_value("#duong-dan")
    other = chromium.new_context(java_script_enabled=False).new_page()
    other.goto(link)
    other.click("button.btn--big")
    expect(other.locator(".mast__place")).to_contain_text("chị Lan")
    page.goto(f"{HOME}/{center}/nhat-ky")
    expect(page.locator("tbody tr").first).to_contain_text("Đăng nhập")
    page.click("button:has-text('Đăng xuất'):not(:has-text('mọi máy'))")
    expect(page.locator("h1")).to_contain_text("Đã đăng xuất")
    other.context.close()
    context.close()


def test_keyboard_reaches_the_main_part_first(desk: Desk) -> None:
    page = desk.open("nguoi")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()
