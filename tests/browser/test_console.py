"""The console in a real browser: signing in, WCAG 2.2 AA, no page wider than a phone, and all of it without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from bot.console.desk import HOME
from bot.domain import staff
from tests.browser.live import CENTER, Live
from tests.browser.looking import BEYOND, UNFOLD, VIEWS, faults, shown, signed_in, somebody

NEW, CODE, LINK, REFUSED = "new", "code", "link", "refused"
PAGES = ["gui-di", "gui-di/lien-lac", "nguoi", "nguoi/{0}", "nguoi/{1}", "nhat-ky", "nhat-ky?ngay=2020-01-01", "khong-co", CODE, LINK, NEW, REFUSED]
BEFORE = [f"{HOME}/vao", f"{HOME}/vao/x", "used"]


def seed(session: Session, *, now: dt.datetime) -> tuple[list[int], str]:
    """An admin, a clerk whose chat is connected, somebody who left; and the admin's link."""
    admin = staff.create(session, "anh Nam", "*", "admin", now=now, actor="cli")
    clerk = staff.create(session, "chị Nguyễn Thị Hồng Hạnh", CENTER, "clerk", now=now, actor=f"staff:{admin}")
    left = staff.create(session, "em Quân", CENTER, "lead", now=now, actor=f"staff:{admin}")
    staff.connect(session, staff.link(session, clerk, "connect", now=now) or "", "telegram:1", "5", now=now)
    staff.deactivate(session, left, actor=f"staff:{admin}", now=now)
    return [clerk, left], staff.link(session, admin, "sign_in", now=now) or ""


class Desk:
    """Somebody at a browser, signed in or not. `people`: the clerk and the one who left."""

    def __init__(self, context: BrowserContext, people: list[int]) -> None:
        self.context, self.people = context, people

    def open(self, name: str, width: int = 1280, **look: str) -> Page:
        page = shown(self.context, self._address(name), width, 900, unfolded=False, **look)
        if name in (CODE, LINK):
            page.click(f"button[value={'ma-noi' if name == CODE else 'duong-dan'}]")
        if name == NEW:
            page.fill("#ten", " ")
            page.click("button:has-text('Thêm người')")
        if name == "used":
            page.click("button.btn--big")
        page.wait_for_load_state()
        page.evaluate(UNFOLD)
        return page

    def _address(self, name: str) -> str:
        known = {CODE: "nguoi/{0}", LINK: "nguoi/{0}", NEW: "nguoi", REFUSED: f"{HOME}/khong-co/nguoi", "used": f"{HOME}/vao/x"}
        path = known.get(name, name).format(*self.people)
        return path if path.startswith("/") else f"{HOME}/{CENTER}/{path}"


@pytest.fixture(scope="module")
def desk(chromium: Browser, live: Live) -> Iterator[Desk]:
    people, link = live.do(seed)
    with signed_in(chromium, live, link) as context:
        yield Desk(context, people)


@pytest.fixture(scope="module")
def outside(chromium: Browser, live: Live) -> Iterator[Desk]:
    with somebody(chromium, live) as context:
        yield Desk(context, [0, 0])


@pytest.mark.parametrize(("width", "look"), VIEWS)
def test_every_page_is_readable_and_whatever_is_pressed_is_large_enough(desk: Desk, outside: Desk, width: int, look: str) -> None:
    found = {}
    for who, names in ((desk, PAGES), (outside, BEFORE)):
        for name in names:
            page = who.open(name, width, nen=look, co="thuong")
            if wrong := faults(page):
                found[name] = wrong
            page.close()
    assert found == {}


@pytest.mark.parametrize("name", [*PAGES, *BEFORE])
def test_nothing_scrolls_sideways_with_the_largest_letters(desk: Desk, outside: Desk, name: str) -> None:
    who = outside if name in BEFORE else desk
    page = who.open(name, 360, co="rat-lon", nen="theo-may")
    assert page.evaluate(BEYOND) <= 0
    page.close()


def test_from_link_to_a_new_colleague_without_javascript(chromium: Browser, live: Live) -> None:
    _, token = live.do(seed)
    with somebody(chromium, live, java_script_enabled=False, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{HOME}/{CENTER}/nguoi")
        expect(page).to_have_url(f"{live.address}{HOME}/vao")
        page.goto(f"{HOME}/vao/{token}")
        page.click("button.btn--big")
        expect(page.locator(".mast__place")).to_contain_text("anh Nam")
        page.goto(f"{HOME}/{CENTER}/nguoi")
        page.fill("#ten", "chị Lan")
        page.select_option("#vai-tro", "lead")
        page.click("button:has-text('Thêm người')")
        expect(page.locator("[role=status]")).to_contain_text("Đã thêm")
        page.click("button:has-text('Tạo đường dẫn vào')")
        colleague_comes(chromium, live, page.input_value("#duong-dan"))
        page.goto(f"{HOME}/{CENTER}/nhat-ky")
        expect(page.locator("tbody tr").first).to_contain_text("Đăng nhập")
        page.click("button:has-text('Đăng xuất'):not(:has-text('mọi máy'))")
        expect(page.locator("h1")).to_contain_text("Đã đăng xuất")


def colleague_comes(chromium: Browser, live: Live, link: str) -> None:
    with somebody(chromium, live, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(link)
        page.click("button.btn--big")
        expect(page.locator(".mast__place")).to_contain_text("chị Lan")


def test_keyboard_reaches_the_main_part_first(desk: Desk) -> None:
    page = desk.open("nguoi")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.close()
