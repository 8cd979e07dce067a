"""The console's calendar, hours, set-up and end of the day in a real browser: accessible, narrow and wide, with and without JavaScript."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from bot import clock
from bot.console.desk import HOME
from bot.domain import booking, hours, visits
from bot.domain.booking import Wish
from tests.browser.hall import Hall
from tests.browser.live import CENTER, Live
from tests.browser.looking import BEYOND, faults, shown, signed_in

BASE, NAME = f"{HOME}/{CENTER}", "bà Lê Thị Minh Nguyệt"


class Desk(NamedTuple):
    """Somebody signed in who leads, and a coming day with bookings."""

    context: BrowserContext
    day: dt.date
    at: str
    visit: int


@pytest.fixture(scope="module")
def desk(chromium: Browser, live: Live) -> Iterator[Desk]:
    hall = Hall(live)
    hall.comes()
    slot = hall.free(hall.group(), 9)[2]  # on a day no other test books
    made = [hall.do(booking.take, hall.group(), slot.starts_at, Wish(procedure="1.000656"), actor="citizen") for _ in range(3)]
    with signed_in(chromium, live, live.hire("manager", NAME)[1]) as context:
        yield Desk(context, made[0].day, f"{clock.local(slot.starts_at):%Y-%m-%dT%H:%M}", made[0].id)


def pages(desk: Desk) -> dict[str, str]:
    day = desk.day.isoformat()
    return {
        "week": f"/lich-hen?tuan={day}", "slot": f"/lich-hen?luc={desk.at}", "booking": f"/lich-hen/{desk.visit}?ngay={day}",
        "hours": "/gio", "set-up": "/thiet-lap", "day": "/ngay", "list": f"/ngay/danh-sach?ngay={day}",
        "numbers": f"/ngay/so-giay?chu=A&tu=1&den=30&ngay={day}",
    }  # fmt: skip


def opened(desk: Desk, path: str, width: int, look: str = "theo-may", size: str = "thuong") -> Page:
    return shown(desk.context, f"{BASE}{path}", width, nen=look, co=size)


@pytest.mark.parametrize(("width", "look"), [(360, "theo-may"), (1280, "toi"), (1280, "nang")])
def test_every_page_is_readable_and_whatever_is_pressed_is_large_enough(desk: Desk, width: int, look: str) -> None:
    found = {}
    for name, path in pages(desk).items():
        page = opened(desk, path, width, look)
        if wrong := faults(page):
            found[name] = wrong
        page.close()
    assert found == {}


def test_on_a_phone_nothing_scrolls_sideways_with_the_largest_letters(desk: Desk) -> None:
    wide = []
    for name, path in pages(desk).items():
        page = opened(desk, path, 360, size="rat-lon")
        if page.evaluate(BEYOND) > 0:
            wide.append(name)
        page.close()
    assert wide == []


@pytest.mark.parametrize(("name", "words"), [("list", "Giấy tờ"), ("numbers", "A030")])
def test_paper_prints_on_one_page_without_the_frame(desk: Desk, name: str, words: str) -> None:
    page = opened(desk, pages(desk)[name], 1280)
    expect(page.locator("[data-print]")).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = printed.pages[0].extract_text()
    page.close()
    assert len(printed.pages) == 1
    assert words in text
    assert "Đăng xuất" not in text
    assert "Cuối ngày" not in text


def test_a_day_is_closed_and_its_bookings_moved_without_javascript(chromium: Browser, desk: Desk, live: Live) -> None:
    with signed_in(chromium, live, live.hire("manager", NAME)[1], javascript=False) as context:
        page = context.new_page()
        page.goto(f"{BASE}/gio")
        page.fill("#ngay", desk.day.isoformat())
        page.fill("#ly-do", "mất điện")
        page.click("text=Lưu ngày này")
        expect(page.locator("h1")).to_have_text("3 lịch hẹn không còn khớp giờ")
        page.select_option(f"#v{desk.visit}", "huy")
        page.click("text=Lưu giờ mới và xếp lại 3 lịch")
        expect(page.locator("#bao-e")).to_be_visible()
        assert page.input_value(f"#v{desk.visit}") == "huy"
        page.fill("#bao", "trung tâm mất điện")
        page.click("text=Lưu giờ mới và xếp lại 3 lịch")
        expect(page.locator("[role=status]")).to_contain_text("Dời 2 lịch, giữ 0, hủy 1")
        left = live.read(visits.of_day, CENTER, desk.day)
        assert [visit.state for visit in left] == ["cancelled"]
        assert not live.read(hours.of_days, CENTER, desk.day, desk.day)[desk.day].is_open


def test_the_bookings_to_decide_about_are_accessible(desk: Desk, live: Live) -> None:
    booked = Hall(live).books(days=5)
    for width in (360, 1280):
        page = opened(desk, "/gio", width)
        page.fill("#ngay", booked.day.isoformat())
        page.click("text=Lưu ngày này")
        page.click("main form .btn >> nth=0")
        expect(page.locator("#bao-e")).to_be_visible()
        assert faults(page) == []
        page.close()
