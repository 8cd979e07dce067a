"""The helper's tablet and the practice pages in a real browser: accessible on every width, one citizen after the other, printed without the frame."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect
from pypdf import PdfReader
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import centers, practice, staff
from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import RULES, TARGETS

CENTER = "trung-tam"
BASE = f"{HOME}/{CENTER}"
HELP, PRACTICE = f"{BASE}/giup-ba-con", f"{BASE}/luyen-tap"
WIDTHS = [390, 820, 1280]  # a phone, a tablet held upright, a desk


class Helper(NamedTuple):
    context: BrowserContext
    number: int


def hired(chromium: Browser, live: Live, role: Role, *, javascript: bool = True) -> Helper:
    def furnish(session: Session) -> tuple[int, str]:
        centers.settle(session, live.app.premises.directory.all, now=clock.now())
        number = staff.create(session, f"em {role}", CENTER, role, now=clock.now())
        token = staff.link(session, number, "sign_in", now=clock.now())
        assert token is not None
        return number, token

    number, token = live.do(live.app.store.write(furnish))
    context = chromium.new_context(base_url=live.address, java_script_enabled=javascript)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(f"{HOME}/vao/{token}")
    page.click("main button")
    page.wait_for_url(f"**{BASE}/**")
    page.close()
    return Helper(context, number)


@pytest.fixture(scope="module")
def lead(chromium: Browser, live: Live) -> Iterator[Helper]:
    made = hired(chromium, live, "lead")

    def practised(session: Session) -> None:
        for full in (False, True):
            kept = practice.begin(session, live.app.premises.catalog, made.number, "1.000656", now=clock.now(), seed=1)
            assert kept is not None
            practice.pick(session, kept, kept.exercise.right if full else [0], now=clock.now())
            practice.finish(session, live.app.premises.catalog, kept, now=clock.now())

    live.do(live.app.store.write(practised))
    yield made
    made.context.close()


def opened(helper: Helper, path: str, width: int) -> Page:
    page = helper.context.new_page()
    page.set_viewport_size({"width": width, "height": 1180 if width == 820 else 800})
    page.goto(path)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    return page


def check(page: Page, width: int) -> list[str]:
    """What is wrong with it."""
    result = Axe().run(page, options=RULES)
    found = [result.generate_report()] if result.violations_count else []
    if page.evaluate("document.scrollingElement.scrollWidth") > width:
        found.append("scrolls sideways")
    return [*found, *page.evaluate(TARGETS)]


def helped(page: Page) -> FrameLocator:
    page.click("text=Giúp một người")
    return page.frame_locator("iframe")


def ask(frame: FrameLocator) -> None:
    frame.locator("#tin").fill("ba em mới mất")
    frame.locator("[data-composer] button").first.click()
    frame.locator("button.choice:has-text('Có giấy báo tử')").first.click()
    frame.locator("button.choice:has-text('Trong 15 ngày')").click()
    expect(frame.locator("article.list")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_practice_pages_are_accessible(lead: Helper, width: int) -> None:
    page = opened(lead, PRACTICE, width)
    wrong = {"procedures": check(page, width)}
    page.click(f"main form[action='{PRACTICE}'] >> text=Làm một bài bất kỳ")
    wrong["exercise"] = check(page, width)
    page.check("label.tick >> nth=0")
    page.click("text=Chấm bài")
    expect(page.locator("main [role=status]")).to_be_visible()
    wrong["correction"] = check(page, width)
    page.close()
    assert wrong == {"procedures": [], "exercise": [], "correction": []}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_helpers_pages_are_accessible(lead: Helper, width: int) -> None:
    page = opened(lead, HELP, width)
    wrong = {"start": check(page, width)}
    frame = helped(page)
    ask(frame)
    wrong["chat"] = check(page, width)
    page.click("text=In cho người này")
    expect(page.locator("article.sheet")).to_be_visible()
    wrong["paper"] = check(page, width)
    page.click("text=Xong, người tiếp theo")
    expect(page.locator("main [role=status]")).to_contain_text("Sẵn sàng cho người tiếp theo")
    page.close()
    assert wrong == {"start": [], "chat": [], "paper": []}


def test_on_a_tablet_the_chat_and_its_buttons_are_on_the_screen_together(lead: Helper) -> None:
    page = opened(lead, HELP, 820)
    helped(page)
    page.wait_for_selector("iframe")
    box = page.locator("text=Xong, người tiếp theo").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 1180
    page.click("text=Xong, người tiếp theo")
    page.close()


def test_the_next_citizen_finds_nothing_of_the_one_before(chromium: Browser, live: Live) -> None:
    helper = hired(chromium, live, "volunteer")
    page = opened(helper, HELP, 820)
    expect(page.locator(".mast__nav a")).to_have_text(["Giúp bà con", "Luyện tập"])
    ask(helped(page))
    page.click("text=Xong, người tiếp theo")
    assert "Hôm nay đã giúp 1 người" in page.inner_text("main")
    frame = helped(page)
    expect(frame.locator("#tin")).to_be_visible()
    expect(frame.locator("li.me")).to_have_count(0)
    page.go_back()
    expect(page.locator("text=khai tử")).to_have_count(0)
    helper.context.close()


def test_the_paper_prints_without_the_console(lead: Helper) -> None:
    page = opened(lead, HELP, 820)
    ask(helped(page))
    page.click("text=In cho người này")
    expect(page.locator("[data-print]")).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = "".join(sheet.extract_text() for sheet in printed.pages)
    page.click("text=Xong, người tiếp theo")
    page.close()
    assert "Tờ khai đăng ký khai tử" in text
    for frame in ("Đăng xuất", "Luyện tập", "người tiếp theo"):
        assert frame not in text


def test_everything_works_without_javascript(chromium: Browser, live: Live) -> None:
    helper = hired(chromium, live, "volunteer", javascript=False)
    page = helper.context.new_page()
    page.goto(PRACTICE)
    page.click("text=Làm một bài bất kỳ")
    page.check("label.tick >> nth=0")
    page.click("text=Chấm bài")
    expect(page.locator("main [role=status]")).to_contain_text("điểm")
    page.goto(HELP)
    frame = helped(page)
    ask(frame)
    page.click("text=In cho người này")
    expect(page.locator("article.sheet")).to_contain_text("Tờ khai đăng ký khai tử")
    page.click("text=Xong, người tiếp theo")
    expect(page.locator("main [role=status]")).to_be_visible()
    helper.context.close()
