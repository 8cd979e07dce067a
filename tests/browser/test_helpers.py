"""The helper's tablet and the practice pages in a real browser: accessible on every width, one citizen after the other, printed without the frame."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from pypdf import PdfReader
from sqlmodel import Session

from bot.console.desk import HOME
from bot.domain import practice
from tests.browser.live import CENTER, Live
from tests.browser.looking import faults, shown, signed_in, to_the_list

BASE = f"{HOME}/{CENTER}"
HELP, PRACTICE = f"{BASE}/giup-ba-con", f"{BASE}/luyen-tap"
WIDTHS = [390, 820, 1280]  # a phone, a tablet held upright, a desk


@pytest.fixture(scope="module")
def lead(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    number, link = live.hire("lead")

    def practised(session: Session, *, now: dt.datetime) -> None:
        for full in (False, True):
            kept = practice.begin(session, live.app.premises.catalog, number, "1.000656", now=now, seed=1)
            assert kept is not None
            practice.pick(session, kept, kept.exercise.right if full else [0], now=now)
            practice.finish(session, live.app.premises.catalog, kept, now=now)

    live.do(practised)
    with signed_in(chromium, live, link) as context:
        yield context


def opened(helper: BrowserContext, path: str, width: int) -> Page:
    return shown(helper, path, width, 1180 if width == 820 else 800)


def helped(page: Page) -> FrameLocator:
    page.click("text=Giúp một người")
    return page.frame_locator("iframe")


def done(page: Page) -> None:
    page.click("text=Xong, người tiếp theo")
    expect(page.locator("main [role=status]")).to_contain_text("Sẵn sàng cho người tiếp theo")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_practice_pages_are_accessible(lead: BrowserContext, width: int) -> None:
    page = opened(lead, PRACTICE, width)
    wrong = {"procedures": faults(page)}
    page.click(f"main form[action='{PRACTICE}'] >> text=Làm một bài bất kỳ")
    wrong["exercise"] = faults(page)
    page.check("label.tick >> nth=0")
    page.click("text=Chấm bài")
    expect(page.locator("main [role=status]")).to_be_visible()
    wrong["correction"] = faults(page)
    page.close()
    assert wrong == {"procedures": [], "exercise": [], "correction": []}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_helpers_pages_are_accessible(lead: BrowserContext, width: int) -> None:
    page = opened(lead, HELP, width)
    wrong = {"start": faults(page)}
    frame = helped(page)
    to_the_list(frame)
    wrong["chat"] = faults(page)
    page.click("text=In cho người này")
    expect(page.locator("article.sheet")).to_be_visible()
    wrong["paper"] = faults(page)
    done(page)
    page.close()
    assert wrong == {"start": [], "chat": [], "paper": []}


def test_on_a_tablet_the_chat_and_its_buttons_are_on_the_screen_together(lead: BrowserContext) -> None:
    page = opened(lead, HELP, 820)
    helped(page)
    page.wait_for_selector("iframe")
    box = page.locator("text=Xong, người tiếp theo").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 1180
    done(page)
    page.close()


def test_the_next_citizen_finds_nothing_of_the_one_before(chromium: Browser, live: Live) -> None:
    with signed_in(chromium, live, live.hire("volunteer")[1]) as context:
        page = opened(context, HELP, 820)
        expect(page.locator(".mast__nav a")).to_have_text(["Giúp bà con", "Luyện tập"])
        to_the_list(helped(page))
        done(page)
        assert "Hôm nay đã giúp 1 người" in page.inner_text("main")
        frame = helped(page)
        expect(frame.locator("#tin")).to_be_visible()
        expect(frame.locator("li.me")).to_have_count(0)
        page.go_back()
        expect(page.locator("text=khai tử")).to_have_count(0)


def test_the_paper_prints_without_the_console(lead: BrowserContext) -> None:
    page = opened(lead, HELP, 820)
    to_the_list(helped(page))
    page.click("text=In cho người này")
    expect(page.locator("[data-print]")).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join(sheet.extract_text() for sheet in printed.pages)
    done(page)
    page.close()
    assert "Tờ khai đăng ký khai tử" in text
    for frame in ("Đăng xuất", "Luyện tập", "người tiếp theo"):
        assert frame not in text


def test_everything_works_without_javascript(chromium: Browser, live: Live) -> None:
    with signed_in(chromium, live, live.hire("volunteer")[1], javascript=False) as context:
        page = context.new_page()
        page.goto(PRACTICE)
        page.click("text=Làm một bài bất kỳ")
        page.check("label.tick >> nth=0")
        page.click("text=Chấm bài")
        expect(page.locator("main [role=status]")).to_contain_text("điểm")
        page.goto(HELP)
        to_the_list(helped(page))
        page.click("text=In cho người này")
        expect(page.locator("article.sheet")).to_contain_text("Tờ khai đăng ký khai tử")
        done(page)
