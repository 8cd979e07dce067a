"""The board on a TV and the kiosk under a finger, in a real browser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.tables import Account
from bot.domain import centers, counters, devices, hours, queue, visits
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.browser.conftest import SECONDS, Live
from tests.browser.test_access import RULES, TARGETS

CLERK, PATH = "staff:1", "/bang/trung-tam"
SCREENS: list[ViewportSize] = [{"width": 1920, "height": 1080}, {"width": 1280, "height": 720}]
KIOSKS: list[ViewportSize] = [{"width": 1080, "height": 1920}, {"width": 1280, "height": 800}, {"width": 390, "height": 844}]
# A voice of our own: what was said is kept, as this machine has no loudspeaker.
VOICE = """
window.said = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "vi-VN", name: "test" }], speak: (one) => window.said.push(one.text), cancel: () => {} } });
"""


class House:
    """The center of the running service: people come, clerks call."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.center = live.app.premises.center.id
        self.do(lambda session, *, now: centers.settle(session, live.app.premises.directory.all, now=now))
        self.do(_open_today, self.center)
        live.do(live.app.store.read(live.app.premises.directory.refresh))

    def do(self, work: Any, *args: Any, **named: Any) -> Any:
        return self.live.do(self.live.app.store.write(work, *args, now=clock.now(), **named))

    def read(self, work: Any, *args: Any) -> Any:
        return self.live.do(self.live.app.store.read(work, *args))

    def come(self, count: int) -> None:
        group = self.read(counters.groups, self.center)[0]
        for _ in range(count):
            self.do(queue.walk_in, group, Arrival(), actor="kiosk:1")

    def call(self, place: int) -> Visit:
        """At the first or second counter, whoever stood there is done."""
        desk = self.read(counters.counters, self.center)[place]
        there = self.read(queue.at_counter, desk.id)
        if there is not None:
            self.do(queue.finish, there, "accepted", actor=CLERK)
        called: Visit = self.do(queue.call_next, desk.id, actor=CLERK)
        return called

    def people(self) -> int:
        """How many are kept who stood at a kiosk."""
        account = upsert.table(Account)
        counted = select(func.count()).select_from(account).where(account.c.address.startswith("kiosk-"))
        found: int = self.read(lambda session: session.execute(counted).scalar_one())
        return found


def _open_today(session: Session, center: str, *, now: dt.datetime) -> None:
    hours.set_exception(session, center, clock.today(now), (hours.Span(0, hours.MIDNIGHT),), actor=CLERK, now=now)


@pytest.fixture(scope="module")
def house(live: Live) -> Iterator[House]:
    made = House(live)
    yield made
    for visit in made.read(visits.of_day, made.center, clock.today(clock.now()), ("called", "serving", "waiting")):
        made.do(lambda session, *, now, gone=visit: visits.change(session, gone, "closed", actor=CLERK, now=now, state="done", counter_id=None))
    made.do(lambda session, *, now: hours.set_exception(session, made.center, clock.today(now), None, actor=CLERK, now=now))
    live.do(live.app.store.read(live.app.premises.directory.refresh))


@pytest.fixture
def tv(chromium: Browser, live: Live, house: House) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=SCREENS[0], base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


def test_a_call_appears_by_itself_and_the_next_waits_until_it_was_read(tv: BrowserContext, house: House) -> None:
    house.come(3)
    page = tv.new_page()
    page.goto(PATH)
    page.evaluate("window.same = true")
    now = page.locator("[data-now] .plate")
    first, second = house.call(0), house.call(1)
    expect(now).to_have_text(first.ticket)
    expect(page.locator(".board__side .plate", has_text=first.ticket)).to_be_visible()
    page.wait_for_timeout(2500)
    expect(now).to_have_text(first.ticket)
    expect(now).to_have_text(second.ticket)
    expect(page.locator("[data-now] .to")).to_have_text("đến Quầy 2")
    assert page.evaluate("window.same")


def test_the_voice_is_silent_until_somebody_presses_and_remembers(tv: BrowserContext, house: House) -> None:
    house.come(3)
    page = tv.new_page()
    page.add_init_script(VOICE)
    page.goto(PATH)
    silent = house.call(0)
    expect(page.locator("[data-now] .plate")).to_have_text(silent.ticket)
    assert page.evaluate("window.said") == []
    page.click("text=Bật tiếng")
    expect(page.locator("[data-sound]")).to_have_text("Tắt tiếng")
    page.wait_for_timeout(5200)
    called = house.call(0)
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    words = f"số {' '.join(called.ticket)} đến quầy 1."
    assert page.evaluate("window.said") == [f"Mời {words}"]
    page.wait_for_timeout(5200)
    house.do(queue.recall, called, actor=CLERK)
    expect(page.locator("[data-now] h1")).to_have_text("Mời lại số")
    assert page.evaluate("window.said") == [f"Mời {words}", f"Mời lại {words}"]
    page.reload()
    assert page.evaluate("localStorage.getItem('motcua.tieng')") == "1"


def test_without_a_connection_the_board_says_since_when_and_keeps_its_numbers(tv: BrowserContext, house: House) -> None:
    house.come(1)
    called = house.call(0)
    page = tv.new_page()
    page.goto(PATH)
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    tv.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-stale]")).to_contain_text("Bảng chưa cập nhật từ ")
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    assert "board--stale" in (page.get_attribute("body", "class") or "")
    assert Axe().run(page, options=RULES).violations_count == 0
    tv.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-stale]")).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_axe_finds_nothing_and_the_board_fills_its_screen(tv: BrowserContext, house: House, screen: ViewportSize) -> None:
    house.come(8)
    for place in (0, 1, 0):
        house.call(place)
    page = tv.new_page()
    page.set_viewport_size(screen)
    page.goto(PATH)
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [screen["width"], screen["height"]]
    cut = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1"
    assert [part for part in (".board__now", ".board__side", ".board__foot") if page.eval_on_selector(part, cut)] == []


def test_without_a_script_the_board_asks_again_by_itself(chromium: Browser, live: Live, house: House) -> None:
    context = chromium.new_context(base_url=live.address, java_script_enabled=False)
    page = context.new_page()
    page.goto(PATH)
    assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "15"
    expect(page.locator(".board__now h1")).to_be_visible()
    context.close()


@pytest.fixture(scope="module")
def link(house: House) -> str:
    _, token = house.do(lambda session, *, now: devices.create(session, house.center, "Cửa chính", now=now))
    return f"/ki-ot/{token}"


@pytest.fixture
def kiosk(chromium: Browser, live: Live, link: str) -> Iterator[Page]:
    yield from _stood(chromium, live, link, KIOSKS[1])


def _stood(chromium: Browser, live: Live, link: str, screen: ViewportSize, *, javascript: bool = True) -> Iterator[Page]:
    context = chromium.new_context(viewport=screen, base_url=live.address, java_script_enabled=javascript)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto(link)
    yield page
    page.goto(link)
    context.close()
    assert wrong == []


def ask(page: Page) -> None:
    """Through the chat in the frame to its list."""
    page.click("text=Hỏi giấy tờ")
    frame = page.frame_locator("iframe")
    frame.locator("#tin").fill("ba em mới mất")
    frame.locator("[data-composer] button").click()
    frame.locator("button.choice[value='1']:has-text('Có giấy báo tử')").last.click()
    frame.locator("button.choice:has-text('Trong 15 ngày')").click()
    frame.locator("article.list").wait_for()


@pytest.mark.parametrize("screen", KIOSKS, ids=str)
def test_axe_finds_nothing_on_the_way_through_the_kiosk(chromium: Browser, live: Live, link: str, screen: ViewportSize) -> None:
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        result = Axe().run(page, options=RULES)
        small, wide = page.evaluate(TARGETS), page.evaluate("document.scrollingElement.scrollWidth")
        if result.violations_count or small or wide > screen["width"]:
            found[name] = (result.generate_report(), small, wide)

    for page in _stood(chromium, live, link, screen):
        look("start")
        page.click("text=Tôi có hẹn")
        look("code")
        page.click("a:has-text('Không có mã')")
        look("groups")
        page.click("text=Chưa rõ việc")
        look("take")
        page.click("main button")
        expect(page.locator(".plate")).to_be_visible()
        look("ticket")
        page.evaluate("document.querySelector('[data-still]').showModal()")
        look("still")
        page.goto(link)
        ask(page)
        look("chat")
        page.click("text=In giấy tờ")
        look("list")
    assert found == {}


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


def test_a_minute_without_a_touch_is_asked_about_and_then_all_is_forgotten(kiosk: Page, house: House) -> None:
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
    for page in _stood(chromium, live, link, KIOSKS[2], javascript=False):
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
