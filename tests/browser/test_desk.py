"""The console's calendar, hours, set-up and end of the day in a real browser: accessible, narrow and wide, with and without JavaScript."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.domain import booking, centers, counters, hours, queue, slots, staff, visits
from bot.domain.booking import Wish
from bot.domain.queue import Arrival
from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import RULES, TARGETS

CENTER = "trung-tam"
BASE = f"{HOME}/{CENTER}"


class Desk(NamedTuple):
    """Somebody signed in who leads, and a coming day with bookings."""

    context: BrowserContext
    day: dt.date
    at: str
    visit: int


@pytest.fixture(scope="module")
def desk(chromium: Browser, live: Live) -> Iterator[Desk]:
    token, day, at, visit = live.do(live.app.store.write(_furnish, live.app.premises.directory.all, now=clock.now()))
    context = _signed_in(chromium, live, token, javascript=True)
    yield Desk(context, day, at, visit)
    context.close()


def _furnish(session: Session, found: Any, *, now: dt.datetime) -> tuple[str, dt.date, str, int]:
    centers.settle(session, found, now=now)
    group = counters.groups(session, CENTER)[0]
    queue.walk_in(session, group, Arrival(), actor="kiosk:1", now=now)
    today = clock.today(now)
    days = slots.of_days(session, group, today + dt.timedelta(days=2), today + slots.AHEAD, now=now)
    slot = next(day for day in days if day.slots).slots[2]
    made = [booking.take(session, group, slot.starts_at, Wish(procedure="1.000656"), actor="citizen", now=now) for _ in range(3)]
    return _link(session, now), made[0].day, f"{clock.local(slot.starts_at):%Y-%m-%dT%H:%M}", made[0].id


def _link(session: Session, now: dt.datetime) -> str:
    number = staff.create(session, "bà Lê Thị Minh Nguyệt", CENTER, "manager", now=now)
    made = staff.link(session, number, "sign_in", now=now)
    assert made is not None
    return made


def _signed_in(chromium: Browser, live: Live, token: str, *, javascript: bool) -> BrowserContext:
    context = chromium.new_context(base_url=live.address, java_script_enabled=javascript)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{HOME}/vao/{token}")
    page.click("main button")
    page.wait_for_url(f"**{BASE}/**")
    page.close()
    return context


def pages(desk: Desk) -> dict[str, str]:
    day = desk.day.isoformat()
    return {
        "week": f"/lich-hen?tuan={day}", "slot": f"/lich-hen?luc={desk.at}", "booking": f"/lich-hen/{desk.visit}?ngay={day}",
        "hours": "/gio", "set-up": "/thiet-lap", "day": "/ngay", "list": f"/ngay/danh-sach?ngay={day}",
        "numbers": f"/ngay/so-giay?chu=A&tu=1&den=30&ngay={day}",
    }  # fmt: skip


def opened(desk: Desk, path: str, width: int, look: str = "theo-may", size: str = "thuong") -> Page:
    page = desk.context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/xem?nen={look}&ve=/rieng-tu")
    page.goto(f"/xem?co={size}&ve=/rieng-tu")
    page.goto(f"{BASE}{path}")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    return page


@pytest.mark.parametrize(("width", "look"), [(360, "theo-may"), (1280, "toi"), (1280, "nang")])
def test_axe_finds_nothing(desk: Desk, width: int, look: str) -> None:
    found = {}
    for name, path in pages(desk).items():
        page = opened(desk, path, width, look)
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found[name] = result.generate_report()
        page.close()
    assert not found, "\n".join(found.values())


def test_on_a_phone_nothing_scrolls_sideways_and_all_can_be_pressed(desk: Desk) -> None:
    wide, small = [], {}
    for name, path in pages(desk).items():
        page = opened(desk, path, 360, size="rat-lon")
        if page.evaluate("document.scrollingElement.scrollWidth") > 360:
            wide.append(name)
        page.close()
        page = opened(desk, path, 360)
        if too_small := page.evaluate(TARGETS):
            small[name] = too_small
        page.close()
    assert (wide, small) == ([], {})


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
    context = _signed_in(chromium, live, live.do(live.app.store.write(lambda session: _link(session, clock.now()))), javascript=False)
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
    left = live.do(live.app.store.read(visits.of_day, CENTER, desk.day))
    assert [visit.state for visit in left] == ["cancelled"]
    assert not live.do(live.app.store.read(hours.of_days, CENTER, desk.day, desk.day))[desk.day].is_open
    context.close()


def test_the_bookings_to_decide_about_are_accessible(desk: Desk, live: Live) -> None:
    group = live.do(live.app.store.read(counters.groups, CENTER))[0]
    today = clock.today(clock.now())
    days = live.do(live.app.store.read(slots.of_days, group, today + dt.timedelta(days=5), today + slots.AHEAD, now=clock.now()))
    slot = next(day for day in days if day.free).slots[0]
    live.do(live.app.store.write(booking.take, group, slot.starts_at, Wish(), actor="citizen", now=clock.now()))
    for width in (360, 1280):
        page = opened(desk, "/gio", width)
        page.fill("#ngay", clock.today(slot.starts_at).isoformat())
        page.click("text=Lưu ngày này")
        page.click("main form .btn >> nth=0")
        assert page.locator("#bao-e").is_visible()
        result = Axe().run(page, options=RULES)
        assert result.violations_count == 0, result.generate_report()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        page.close()
