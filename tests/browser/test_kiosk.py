"""The kiosk under a finger, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.hall import KIOSKS, Hall
from tests.browser.live import Live
from tests.browser.looking import complaints, faults, somebody, to_the_list


@pytest.fixture
def kiosk(chromium: Browser, live: Live, link: str) -> Iterator[Page]:
    with stood(chromium, live, link, KIOSKS[1]) as page:
        yield page


@contextmanager
def stood(chromium: Browser, live: Live, link: str, screen: ViewportSize, *, javascript: bool = True) -> Iterator[Page]:
    """Somebody at the kiosk, who leaves it at its first page."""
    with somebody(chromium, live, viewport=screen, java_script_enabled=javascript) as context:
        page = context.new_page()
        wrong = complaints(page)
        page.goto(link)
        yield page
        page.goto(link)
    assert wrong == []


def ask(page: Page) -> None:
    """Through the chat in the frame to its list."""
    page.click("text=Hỏi giấy tờ")
    to_the_list(page.frame_locator("iframe"))


@pytest.mark.parametrize("screen", KIOSKS, ids=str)
def test_axe_finds_nothing_on_the_way_through_the_kiosk(chromium: Browser, live: Live, link: str, screen: ViewportSize) -> None:
    found = {}
    with stood(chromium, live, link, screen) as page:
        found["start"] = faults(page)
        page.click("text=Tôi có hẹn")
        found["code"] = faults(page)
        page.click("a:has-text('Không có mã')")
        found["groups"] = faults(page)
        page.click("text=Chưa rõ việc")
        found["take"] = faults(page)
        page.click("main button")
        expect(page.locator(".plate")).to_be_visible()
        found["ticket"] = faults(page)
        page.evaluate("document.querySelector('[data-still]').showModal()")
        found["still"] = faults(page)
        page.goto(link)
        ask(page)
        found["chat"] = faults(page)
        page.click("text=In giấy tờ")
        found["list"] = faults(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_keys_write_the_code(kiosk: Page) -> None:
    kiosk.click("text=Tôi có hẹn")
    for key in "1234567":
        kiosk.click(f"[data-key='{key}']")
    expect(kiosk.locator("#so")).to_have_value("123 456")
    kiosk.click("text=Xóa 1 số")
    expect(kiosk.locator("#so")).to_have_value("123 45")
    kiosk.click("text=Xóa hết")
    expect(kiosk.locator("#so")).to_have_value("")


def test_a_ticket_scanned_at_the_start_is_looked_up_at_once(kiosk: Page, live: Live) -> None:
    kiosk.keyboard.type(f"{live.address}/phieu/khong-co-ve-nay")
    kiosk.keyboard.press("Enter")
    expect(kiosk.locator("[role=alert]")).to_contain_text("mã vuông")


def test_a_minute_without_a_touch_is_asked_about_and_then_all_is_forgotten(kiosk: Page, house: Hall) -> None:
    kiosk.clock.install()
    kiosk.reload()
    ask(kiosk)
    assert house.people() == 1
    still = kiosk.locator("[data-still]")
    kiosk.clock.run_for(61_000)
    expect(still).to_be_visible()
    expect(kiosk.locator("#con-khong")).to_have_text("Anh/chị còn ở đây không?")
    kiosk.click("text=Còn, tôi dùng tiếp")
    expect(still).to_be_hidden()
    kiosk.clock.run_for(61_000)
    expect(still).to_be_visible()
    kiosk.clock.run_for(21_000)
    expect(kiosk.locator("h1")).to_have_text("Anh/chị cần gì?")
    assert house.people() == 0


def test_touching_the_chat_counts_as_being_there(kiosk: Page) -> None:
    kiosk.clock.install()
    kiosk.reload()
    kiosk.click("text=Hỏi giấy tờ")
    kiosk.frame_locator("iframe").locator("#tin").wait_for()
    kiosk.clock.run_for(40_000)
    kiosk.frame_locator("iframe").locator("#tin").press("a")
    kiosk.clock.run_for(40_000)
    expect(kiosk.locator("[data-still]")).to_be_hidden()


def test_nothing_leads_out_of_the_chat_but_the_list_to_print(kiosk: Page, link: str) -> None:
    ask(kiosk)
    kiosk.frame_locator("iframe").locator("a.choice:has-text('In hoặc lưu')").click()
    kiosk.wait_for_url(f"**{link}/giay-to")
    assert len(kiosk.context.pages) == 1
    expect(kiosk.locator("[data-print]")).to_be_visible()


def test_without_a_script_a_number_is_taken_and_the_page_goes_back_by_itself(chromium: Browser, live: Live, link: str) -> None:
    with stood(chromium, live, link, KIOSKS[2], javascript=False) as page:
        page.click("a:has-text('Lấy số')")
        page.click("text=Chưa rõ việc")
        page.click("main button")
        expect(page.locator(".plate")).to_be_visible()
        assert f"url={link}" in (page.locator("meta[http-equiv=refresh]").get_attribute("content") or "")


def test_the_number_prints_on_one_slip(kiosk: Page) -> None:
    kiosk.click("a.kiosk__big:has-text('Lấy số')")
    kiosk.click("text=Chưa rõ việc")
    kiosk.check("input[value=child]")
    kiosk.click("main button")
    expect(kiosk.locator(".plate")).to_be_visible()
    drawn = kiosk.pdf(prefer_css_page_size=True)
    assert drawn.count(b"/Type /Page\n") + drawn.count(b"/Type /Page/") == 1
    assert b"[0 0 226" in drawn or b"[0 0 227" in drawn, "80 mm"
