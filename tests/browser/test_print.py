"""The list on paper: one page, a code that can be scanned."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.live import Live
from tests.browser.looking import saved, to_the_list


@pytest.fixture
def sheet(page: Page) -> Page:
    to_the_list(page)
    page.click("a.choice:has-text('In hoặc lưu')")
    page.wait_for_selector(".sheet")
    return page


@pytest.mark.parametrize(("size", "width", "height"), [("a5", 148, 210), ("a4", 210, 297)])
def test_it_prints_on_one_page(sheet: Page, size: str, width: int, height: int) -> None:
    sheet.click(f"text=Khổ {size.upper()}")
    sheet.wait_for_url(f"**?kho={size}")
    printed = PdfReader(io.BytesIO(sheet.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    box = printed.pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (width, height)
    text = printed.pages[0].extract_text()
    assert "Về cuộc trò chuyện" not in text
    assert "1.000656" in text


def test_the_code_leads_to_this_page(sheet: Page, live: Live) -> None:
    picture = Image.open(io.BytesIO(sheet.locator("svg.qr").screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert [code.text for code in found] == [sheet.url.split("?")[0]]
    assert found[0].text.startswith(live.address)


def test_boxes_pressed_on_the_sheet_are_saved(sheet: Page) -> None:
    with saved(sheet):
        sheet.check(".boxes label:has-text('Giấy báo tử') input")
    sheet.goto("/")
    assert sheet.is_checked("label.tick:has-text('Giấy báo tử') input")


def test_the_print_button_is_there_only_when_it_works(sheet: Page, plain: Page) -> None:
    assert sheet.locator("[data-print]").is_visible()
    plain.goto(sheet.url)
    assert plain.locator("[data-print]").is_hidden()
    assert "Danh sách do người khác lập" in plain.inner_text("main")
