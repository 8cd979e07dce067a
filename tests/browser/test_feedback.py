"""Saying how it was in a real browser, narrow and wide, and the pages of those who answer."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.domain import feedback
from bot.domain.feedback import Counter, Giver
from bot.domain.visits import Visit
from tests.browser.hall import Hall
from tests.browser.live import CENTER, Live
from tests.browser.looking import BEYOND, LOOKS, faults, shown, signed_in

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
    for days in (1, 40):
        live.wait(live.app.store.write(_remarks, now=clock.now() - dt.timedelta(days=days)))
    with signed_in(chromium, live, live.hire("lead")[1]) as context:
        yield context


def _remarks(session: Session, *, now: dt.datetime) -> None:
    row = feedback.at_counter(session, Counter(CENTER, 1), secrets.token_urlsafe(8), Giver("web"), now=now, begun_at=now)
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
def test_every_page_of_it_is_readable_for_everybody(lead: BrowserContext, visit: Visit, width: int, look: str) -> None:
    found = {}
    for path in (f"/danh-gia/{visit.token}", f"/gop-y/{CENTER}?quay=1", f"{HOME}/{CENTER}/gop-y", f"{HOME}/{CENTER}/gop-y/in"):
        page = shown(lead, path, width, 900, nen=look)
        expect(page.locator("h1").first).to_be_visible()
        if wrong := faults(page):
            found[path] = wrong
        page.close()
    assert found == {}


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
def test_nothing_scrolls_sideways_on_a_small_phone_and_what_is_pressed_is_large(plain: Page, visit: Visit, live: Live, size: str) -> None:
    plain.context.add_cookies([{"name": "co", "value": size, "url": live.address}])
    plain.set_viewport_size({"width": 360, "height": 740})
    plain.goto(f"/danh-gia/{visit.token}")
    assert plain.evaluate(BEYOND) <= 0
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
