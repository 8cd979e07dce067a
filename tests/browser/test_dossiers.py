"""Dossiers in a real browser: list, one dossier, letter, file page, citizens' page; narrow and wide, accessible, by keyboard alone."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.domain import centers, dossiers, staff, working_days
from bot.domain.dossiers import Slip
from bot.domain.visits import Missing
from procedures.models import Time
from tests.browser.conftest import Live
from tests.browser.test_access import RULES

CENTER = "trung-tam"
BASE = f"{HOME}/{CENTER}/ho-so"
SHOTS = os.environ.get("MOTCUA_SHOTS", "")
CODE = "H12.34.56-201126-0012"


@pytest.fixture(scope="module")
def clerk(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    token = live.do(live.app.store.write(_furnish, live.app.premises.directory.all, now=clock.now()))
    context = chromium.new_context(locale="vi-VN", java_script_enabled=True)
    page = context.new_page()
    page.goto(f"{live.address}{HOME}/vao/{token}")
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url(f"**{HOME}/{CENTER}/**")
    page.close()
    yield context
    context.close()


def _furnish(session: Session, found: Any, *, now: dt.datetime) -> str:
    centers.settle(session, found, now=now)
    works = dossiers.works(session, CENTER, clock.today(now) - dt.timedelta(days=60))
    for number, (days, code) in enumerate([(30, CODE), (10, ""), (1, ""), (0, "")]):
        at = now - dt.timedelta(days=days)
        promise = working_days.promise(at, Time(kind="working_days", amount=5), works)
        made = dossiers.receive(session, CENTER, Slip("1.000656", "ho-tich", promise, code=code), at, actor="staff:1", now=at)
        if number == 2:
            dossiers.pause(
                session, made, [Missing("", "Giấy báo tử", "outdated"), Missing("", "Sổ hộ khẩu", "not_required")], actor="staff:1", now=now
            )
    number = staff.create(session, "chị Trần Thị Hoa", CENTER, "clerk", now=now)
    link = staff.link(session, number, "sign_in", now=now)
    assert link is not None
    return link


def _looked_at(page: Page, name: str) -> None:
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways at {width}"
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_every_page_of_a_dossier_is_accessible_narrow_and_wide(clerk: BrowserContext, live: Live) -> None:
    page = clerk.new_page()
    page.goto(f"{live.address}{BASE}")
    _looked_at(page, "list")
    page.get_by_role("link", name=CODE).click()
    _looked_at(page, "one")
    page.get_by_label("Lý do", exact=True).fill("chờ xác minh ở nơi cư trú cũ")
    page.get_by_role("button", name="Soạn thư").click()
    _looked_at(page, "letter")
    page.goto(f"{live.address}{BASE}/tep")
    _looked_at(page, "file")
    page.goto(f"{live.address}/ho-so?ma={CODE}")
    assert page.get_by_text("Đã quá ngày hẹn").is_visible()
    _looked_at(page, "public")
    page.close()


def test_the_keyboard_alone_finds_a_dossier_and_says_it_is_ready(clerk: BrowserContext, live: Live) -> None:
    page = clerk.new_page()
    page.goto(f"{live.address}{BASE}")
    assert page.evaluate("document.activeElement.id") == "tim"
    page.keyboard.type("0012")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ho-so/*")
    button = page.get_by_role("button", name="Đã có kết quả")
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.get_by_text("Đã ghi là có kết quả").wait_for()
    page.close()
