"""Saying how it was in a real browser, narrow and wide, and the pages of those who answer."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.domain import feedback, staff
from bot.domain.feedback import Giver
from bot.domain.visits import Visit
from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import LOOKS, RULES
from tests.browser.test_booking import CENTER, Hall

SMALL = """() => [...document.querySelectorAll('main a[href], main button, main textarea, main input:not([type=hidden])')]
  .map(e => [e.outerHTML.slice(0, 90), e.closest('label') ? e.closest('label').getBoundingClientRect() : e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 43.9 || box.width < 43.9).map(([html]) => html)"""


@pytest.fixture
def visit(live: Live) -> Visit:
    """Somebody who was just served."""
    hall = Hall(live)
    hall.clears()
    hall.comes()
    called = hall.calls()
    hall.clears()
    return called


@pytest.fixture
def lead(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    """Signed in, with two remarks of yesterday, one of them overdue."""
    Hall(live)
    app = live.app
    live.do(app.store.write(_remarks, now=clock.now() - dt.timedelta(days=1)))
    live.do(app.store.write(_remarks, now=clock.now() - dt.timedelta(days=40)))
    number = live.do(app.store.write(staff.create, "chị Hạnh", CENTER, "lead", now=clock.now()))
    token = live.do(app.store.write(staff.link, number, "sign_in", now=clock.now()))
    context = chromium.new_context(base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{HOME}/vao/{token}")
    page.click("main button")
    page.wait_for_selector(".mast__nav")
    page.close()
    yield context
    context.close()


def _remarks(session: Session, *, now: dt.datetime) -> None:
    row = feedback.at_counter(session, CENTER, secrets.token_urlsafe(8), 1, Giver("web"), now=now, begun_at=now)
    feedback.rate(session, row, dict.fromkeys(feedback.FACTORS, 1), now=now)
    feedback.remark(session, row, "Chờ gần hai tiếng, không ai nói vì sao.\nGhế ngồi cũng thiếu.", now=now)
    feedback.papers(session, row, (feedback.Asked("", "Giấy xác nhận cư trú"),), now=now)
    feedback.finish(session, row, now=now)


def test_a_visitor_without_a_script_taps_words_and_is_thanked(plain: Page, visit: Visit) -> None:
    plain.goto(f"/phieu/{visit.token}")
    plain.click("#danh-gia")
    for name in ("den-noi", "giay-to", "can-bo"):
        plain.locator(f"label.level:has(input[name={name}][value='4'])").click()
    plain.fill("#them", "Nhanh hơn tôi nghĩ")
    plain.click("text=Gửi góp ý")
    expect(plain.locator("h1")).to_have_text("Cảm ơn anh/chị đã góp ý")
    plain.click("text=Sửa đánh giá")
    expect(plain.locator("input[name=can-bo][value='4']")).to_be_checked()
    expect(plain.locator("#them")).to_have_value("Nhanh hơn tôi nghĩ")


def test_the_levels_are_chosen_by_keys_alone(page: Page, visit: Visit) -> None:
    page.goto(f"/danh-gia/{visit.token}")
    page.focus("input[name=den-noi][value='1']")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=den-noi][value='2']")).to_be_checked()
    assert page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle") == "solid"


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_any_page_of_it(lead: BrowserContext, live: Live, visit: Visit, width: int, look: str) -> None:
    found: dict[str, Any] = {}
    lead.add_cookies([{"name": "nen", "value": look, "url": live.address}])
    for path in (f"/danh-gia/{visit.token}", f"/gop-y/{CENTER}?quay=1", f"{HOME}/{CENTER}/gop-y", f"{HOME}/{CENTER}/gop-y/in"):
        page = lead.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        assert page.goto(path).status == 200  # type: ignore[union-attr]
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found[path] = result.generate_report()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, path
        page.close()
    assert found == {}


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
def test_nothing_scrolls_sideways_on_a_small_phone_and_what_is_pressed_is_large(plain: Page, visit: Visit, live: Live, size: str) -> None:
    plain.context.add_cookies([{"name": "co", "value": size, "url": live.address}])
    plain.set_viewport_size({"width": 360, "height": 740})
    plain.goto(f"/danh-gia/{visit.token}")
    assert plain.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert plain.evaluate(SMALL) == []
    beyond = "() => [...document.querySelectorAll('.level > span')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"
    assert plain.evaluate(beyond) == []


def test_a_lead_answers_the_one_that_is_late_first(lead: BrowserContext) -> None:
    page = lead.new_page()
    page.goto(f"{HOME}/{CENTER}/gop-y")
    first = page.locator("li.remark").first
    expect(first.locator(".tag--stop")).to_contain_text("Quá hạn")
    before = page.locator("li.remark--late").count()
    first.locator("textarea").fill("Trung tâm đã mở thêm một quầy buổi sáng.")
    first.locator("button").click()
    expect(page.locator("[role=status]").first).to_contain_text("Đã trả lời")
    expect(page.locator("li.remark--late")).to_have_count(before - 1)
