"""The board on a TV, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect

from bot.domain import queue
from tests.browser.hall import PATH, SCREENS, Hall
from tests.browser.live import Live
from tests.browser.looking import faults, somebody

# A voice of our own: what was said is kept, as this machine has no loudspeaker.
VOICE = """
window.said = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: "vi-VN", name: "test" }], speak: (one) => window.said.push(one.text), cancel: () => {} } });
"""


@pytest.fixture
def tv(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    with somebody(chromium, live, viewport=SCREENS[0]) as context:
        yield context


def test_a_call_appears_by_itself_and_the_next_waits_until_it_was_read(tv: BrowserContext, house: Hall) -> None:
    house.comes(), house.comes(), house.comes()
    page = tv.new_page()
    page.goto(PATH)
    page.evaluate("window.same = true")
    now = page.locator("[data-now] .plate")
    first, second = house.calls(0), house.calls(1)
    expect(now).to_have_text(first.ticket)
    expect(page.locator(".board__side .plate", has_text=first.ticket)).to_be_visible()
    page.wait_for_timeout(2500)
    expect(now).to_have_text(first.ticket)
    expect(now).to_have_text(second.ticket)
    expect(page.locator("[data-now] .to")).to_have_text("đến Quầy 2")
    assert page.evaluate("window.same")


def test_the_voice_is_silent_until_somebody_presses_and_remembers(tv: BrowserContext, house: Hall) -> None:
    house.comes(), house.comes(), house.comes()
    page = tv.new_page()
    page.add_init_script(VOICE)
    page.goto(PATH)
    silent = house.calls(0)
    expect(page.locator("[data-now] .plate")).to_have_text(silent.ticket)
    assert page.evaluate("window.said") == []
    page.click("text=Bật tiếng")
    expect(page.locator("[data-sound]")).to_have_text("Tắt tiếng")
    page.wait_for_timeout(5200)
    called = house.calls(0)
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    words = f"số {' '.join(called.ticket)} đến quầy 1."
    assert page.evaluate("window.said") == [f"Mời {words}"]
    page.wait_for_timeout(5200)
    house.deed(queue.recall, called)
    expect(page.locator("[data-now] h1")).to_have_text("Mời lại số")
    assert page.evaluate("window.said") == [f"Mời {words}", f"Mời lại {words}"]
    page.reload()
    assert page.evaluate("localStorage.getItem('motcua.tieng')") == "1"


def test_without_a_connection_the_board_says_since_when_and_keeps_its_numbers(tv: BrowserContext, house: Hall) -> None:
    house.comes()
    called = house.calls(0)
    page = tv.new_page()
    page.goto(PATH)
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    tv.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-stale]")).to_contain_text("Bảng chưa cập nhật từ ")
    expect(page.locator("[data-now] .plate")).to_have_text(called.ticket)
    assert "board--stale" in (page.get_attribute("body", "class") or "")
    assert faults(page) == []
    tv.set_offline(False)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-stale]")).to_be_hidden()


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_axe_finds_nothing_and_the_board_fills_its_screen(tv: BrowserContext, house: Hall, screen: ViewportSize) -> None:
    for _ in range(8):
        house.comes()
    for place in (0, 1, 0):
        house.calls(place)
    page = tv.new_page()
    page.set_viewport_size(screen)
    page.goto(PATH)
    assert faults(page) == []
    assert page.evaluate("[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]") == [screen["width"], screen["height"]]
    cut = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1"
    assert [part for part in (".board__now", ".board__side", ".board__foot") if page.eval_on_selector(part, cut)] == []


def test_without_a_script_the_board_asks_again_by_itself(chromium: Browser, live: Live, house: Hall) -> None:
    with somebody(chromium, live, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(PATH)
        assert page.locator("meta[http-equiv=refresh]").get_attribute("content") == "15"
        expect(page.locator(".board__now h1")).to_be_visible()
