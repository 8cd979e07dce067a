"""The managers' pages in a real browser: readable for everybody, narrow and wide, and printed on two pages."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from pypdf import PdfReader

from bot.console.desk import HOME
from bot.domain import periods, province_figures
from bot.domain.province_figures import Told
from tests.browser.live import CENTER, Live
from tests.browser.looking import faults, shown, signed_in
from tests.console import figures_days
from tests.console.figures_days import MONDAY, PAPER, WEEK

BASE = f"{HOME}/{CENTER}/so-lieu"
MARCH = periods.of("month", MONDAY)
MONTH = f"ky=thang&ngay={MARCH.first}"


@pytest.fixture(scope="module")
def week(live: Live) -> None:
    live.wait(figures_days.furnish(live.app.store, CENTER))
    live.wait(figures_days.count(live.app.store))
    for name, value, source in (("on_time", 92_50, "Báo cáo 45/BC-SNV"), ("wait", 12_00, "x" * province_figures.LONGEST_SOURCE)):
        told = Told(name, MARCH.first, MARCH.last, value, source, dt.date(2026, 4, 5))
        live.do(province_figures.enter, CENTER, told, actor="staff:1")


@pytest.fixture
def manager(chromium: Browser, live: Live, week: None) -> Iterator[BrowserContext]:
    with signed_in(chromium, live, live.hire("manager", scope="*")[1], javascript=False) as context:
        yield context


@pytest.fixture
def reader(chromium: Browser, live: Live, week: None) -> Iterator[BrowserContext]:
    with signed_in(chromium, live, live.hire("manager", scope="*")[1]) as context:
        yield context


@pytest.mark.parametrize(("width", "look"), [(390, "theo-may"), (1280, "toi")])
def test_every_page_of_the_figures_is_readable_for_everybody(reader: BrowserContext, live: Live, width: int, look: str) -> None:
    found, last = {}, live.read(province_figures.newest, CENTER)
    assert last is not None
    of_week = (BASE, f"{BASE}/tong-hop", f"{BASE}/giay-to", f"{BASE}/luot", f"{HOME}/so-lieu")
    for path in (*(f"{path}?{WEEK}" for path in of_week), f"{BASE}?{MONTH}", f"{BASE}/cua-tinh?{MONTH}", f"{BASE}/cua-tinh?bo={last.id}"):
        page = shown(reader, path, width, 900, nen=look)
        expect(page.locator("h1")).to_be_visible()
        if wrong := faults(page):
            found[path] = wrong
        page.close()
    assert found == {}


def test_without_a_script_three_clicks_lead_from_all_centers_to_what_happened(manager: BrowserContext) -> None:
    page = manager.new_page()
    page.goto(f"{HOME}/so-lieu?{WEEK}")
    page.locator("tbody a").first.click()
    expect(page.locator(".headline mark").first).to_be_visible()
    page.locator(f".rank a[href*='giay={PAPER}']").first.click()
    page.locator("tbody a").first.click()
    expect(page.locator(".steps-plain li").last).to_contain_text("Thiếu giấy, hẹn quay lại")


def test_the_filters_work_as_a_plain_form_and_stay(manager: BrowserContext) -> None:
    page = manager.new_page()
    page.goto(f"{BASE}?{WEEK}")
    page.locator("summary", has_text="Lọc theo").click()
    page.select_option("#kenh", "web")
    page.click(".filters button")
    expect(page.locator("#kenh")).to_have_value("web")
    page.locator(".tabs a", has_text="Tháng").click()
    expect(page.locator("h1")).to_contain_text("Tháng 3/2026")
    expect(page.locator("#kenh")).to_have_value("web")


def test_without_a_script_what_was_typed_wrong_about_the_province_is_put_right_on_the_spot(manager: BrowserContext) -> None:
    page = manager.new_page()
    page.goto(f"{BASE}?{MONTH}")
    page.locator(".kpi", has_text="Tỉnh: 92,5").wait_for()
    page.goto(f"{BASE}/cua-tinh?{MONTH}")
    page.select_option("#chi-so", "completeness")
    page.fill("#gia-tri", "850")
    page.fill("#nguon", "Báo cáo 45/BC-SNV")
    page.fill("#ngay-nguon", "2026-04-05")
    page.click("form .btn[value=ghi]")
    page.locator("[role=alert] a", has_text="từ 0 đến 100").click()
    page.fill("#gia-tri", "85")
    page.click("form .btn[value=ghi]")
    page.locator(".special", has_text="85 %").get_by_role("link", name="Sửa").wait_for()
    page.locator(".special", has_text="85 %").get_by_role("link", name="Bỏ").click()
    page.get_by_role("button", name="Bỏ số này").click()
    expect(page.locator(".special", has_text="85 %")).to_have_count(0)


def test_the_first_page_is_printed_on_two_pages(reader: BrowserContext) -> None:
    page = shown(reader, f"{BASE}?{WEEK}", unfolded=False)
    page.emulate_media(media="print")
    assert len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))).pages) <= 2
