"""Dossiers in a real browser: list, one dossier, letter, file page, citizens' page; narrow and wide, accessible, by keyboard alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.domain import dossiers, working_days
from bot.domain.dossiers import Slip
from bot.domain.visits import Missing
from procedures.models import Time
from tests.browser.live import CENTER, Live
from tests.browser.looking import faults, signed_in

BASE = f"{HOME}/{CENTER}/ho-so"
CODE = "H12.34.56-201126-0012"
PAUSED = [Missing("", "Giấy báo tử", "outdated"), Missing("", "Sổ hộ khẩu", "not_required")]


@pytest.fixture(scope="module")
def clerk(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    live.do(_furnish)
    with signed_in(chromium, live, live.hire("clerk", "chị Trần Thị Hoa")[1], locale="vi-VN") as context:
        yield context


def _furnish(session: Session, *, now: dt.datetime) -> None:
    works = dossiers.works(session, CENTER, clock.today(now) - dt.timedelta(days=60))
    for number, (days, code) in enumerate([(30, CODE), (10, ""), (1, ""), (0, "")]):
        at = now - dt.timedelta(days=days)
        promise = working_days.promise(at, Time(kind="working_days", amount=5), works)
        made = dossiers.receive(session, CENTER, Slip("1.000656", "ho-tich", promise, code=code), at, actor="staff:1", now=at)
        if number == 2:
            dossiers.pause(session, made, PAUSED, actor="staff:1", now=now)


def narrow_and_wide(page: Page) -> list[str]:
    found = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += faults(page)
    return found


def test_every_page_of_a_dossier_is_accessible_narrow_and_wide(clerk: BrowserContext) -> None:
    page = clerk.new_page()
    page.goto(BASE)
    found = {"list": narrow_and_wide(page)}
    page.get_by_role("link", name=CODE).click()
    page.wait_for_url("**/ho-so/*")
    found["one"] = narrow_and_wide(page)
    page.get_by_label("Lý do", exact=True).fill("chờ xác minh ở nơi cư trú cũ")
    page.get_by_role("button", name="Soạn thư").click()
    found["letter"] = narrow_and_wide(page)
    page.goto(f"{BASE}/tep")
    found["file"] = narrow_and_wide(page)
    page.goto(f"/ho-so?ma={CODE}")
    assert page.get_by_text("Đã quá ngày hẹn").is_visible()
    found["public"] = narrow_and_wide(page)
    page.close()
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            break


def test_the_keyboard_alone_finds_a_dossier_and_says_it_is_ready(clerk: BrowserContext) -> None:
    page = clerk.new_page()
    page.goto(BASE)
    assert page.evaluate("document.activeElement.id") == "", "on a phone that would open the keyboard"
    _tab_to(page, page.locator("#tim"))
    page.keyboard.type("0012")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ho-so/*")
    _tab_to(page, page.get_by_role("button", name="Đã có kết quả"))
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi là có kết quả").wait_for()
    page.close()
