"""The end of a day in a real browser: readable for everybody, a line ticked off and reported without a script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bot import clock
from bot.console.desk import HOME
from bot.domain import digest, feedback
from bot.domain.digest_day import Facts
from bot.domain.feedback import Counter, Giver
from bot.domain.obstacles import KINDS, Evening, Obstacle
from tests.browser.live import CENTER, Live
from tests.browser.looking import faults, shown, signed_in

PAGE = f"{HOME}/{CENTER}/cuoi-ngay"
FACTS = Facts(
    came=96, done=79, back=12, absent=5, usual=64, wait=18, wait_mean=22, wait_nine=41, untrusted=3, firsts=41, first_complete=36,
    answered=4, ready=7, next_day="2026-11-20", booked=18, free=44, full_hour=8, full=9, due=3,
)  # fmt: skip
DAYS = [dt.date(2026, 11, 18), dt.date(2026, 11, 19)]


@pytest.fixture(scope="module")
def told(live: Live) -> dt.date:
    """Two days of every kind of obstacle; the newest."""
    row: Any = live.do(feedback.at_counter, Counter(CENTER, 1), "of-the-digest", Giver("web"), begun_at=clock.now())
    live.do(feedback.rate, row, {"staff": 1})
    live.do(feedback.remark, row, "Chờ gần hai tiếng, không ai nói vì sao.")
    paper = {"procedure": "1.000656", "paper": "death_notice", "week": 15}
    found = [
        Obstacle("papers", 7, paper, 28),
        Obstacle("hour", 14, {"hour": 8, "minutes": 52, "room": 9}, 28),
        Obstacle("late", 4, {"tomorrow": 3}, 20),
        Obstacle("questions", 4, {"since": "2026-11-18T02:00:00+00:00", "overdue": 1}, 12),
        Obstacle("unserved", 2, {}, 12),
        Obstacle("low", 3, {"ids": [row.id]}, 9),
        Obstacle("misses", 6, {}, 6),
        Obstacle("messages", 3, {"unknown": 2}, 3),
        Obstacle("remarks", 25, {"since": "2026-10-02", "fresh": 0}, 1),
    ]
    assert {one.kind for one in found} == set(KINDS)
    for day in DAYS:
        live.do(digest.make, Evening(CENTER, day, day, alone=True), "told", FACTS, found)
    return DAYS[-1]


@pytest.fixture
def lead(chromium: Browser, live: Live, told: dt.date) -> Iterator[BrowserContext]:
    with signed_in(chromium, live, live.hire("lead")[1], javascript=False) as context:
        yield context


@pytest.fixture(scope="module")
def clerk(live: Live, told: dt.date) -> str:
    """The link of somebody who was given a line of each day, and did one of them."""
    number, link = live.hire("clerk", "anh Bình")
    for day in DAYS:
        line = live.read(digest.of, CENTER, day).lines[5]
        assert live.do(digest.give, CENTER, line.id, f"staff:{number}", "", actor="staff:1")
    assert live.do(digest.tick, CENTER, line.id, done=True, actor=f"staff:{number}", own=True)
    return link


@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_readable_for_everybody(chromium: Browser, live: Live, told: dt.date, width: int) -> None:
    found = {}
    with signed_in(chromium, live, live.hire("manager")[1]) as context:
        for path in (f"{PAGE}?ngay={told}", f"{PAGE}/tat-ca?ngay={told}", f"{PAGE}?ngay=2020-01-01"):
            page = shown(context, path, width, 900)
            expect(page.locator("h1").first).to_be_visible()
            if wrong := faults(page):
                found[path] = wrong
            page.close()
    assert found == {}


def test_what_somebody_was_given_is_readable_and_ticked_off(chromium: Browser, live: Live, clerk: str) -> None:
    with signed_in(chromium, live, clerk) as context:
        page = shown(context, PAGE, 390, 900)
        expect(page.locator(".todo > li")).to_have_count(2)
        assert faults(page) == []
        page.locator("button[value=xong]").click()
        expect(page.locator(".todo__done")).to_have_count(2)


def test_a_line_is_given_without_a_script(lead: BrowserContext, live: Live, told: dt.date) -> None:
    number, _ = live.hire("clerk", "chị Mai")
    page = lead.new_page()
    page.goto(f"{PAGE}?ngay={told}")
    line = page.locator(".todo > li").nth(3)
    line.locator("summary").first.click()
    line.locator("select").select_option(str(number))
    line.locator("button[value=giao]").click()
    expect(page.locator(".todo > li").nth(3)).to_contain_text("Giao chị Mai: chị Hạnh giao lúc")


def test_a_line_is_ticked_off_and_reported_without_a_script(lead: BrowserContext, told: dt.date) -> None:
    page = lead.new_page()
    page.goto(f"{PAGE}?ngay={told}")
    expect(page.locator(".todo > li")).to_have_count(len(KINDS))
    first = page.locator(".todo > li").nth(2)
    first.locator("button[value=xong]").click()
    expect(page.locator(".todo > li").nth(2)).to_contain_text("Xong: chị Hạnh")
    second = page.locator(".todo > li").nth(1)
    second.locator("summary").last.click()
    second.locator("textarea").fill("Cần thêm một cán bộ sáng thứ Hai.")
    second.locator("button[value=bao]").click()
    expect(page.locator(".todo > li").nth(1)).to_contain_text("Cần thêm một cán bộ sáng thứ Hai.")
    page.goto(f"{PAGE}/tat-ca?ngay={told}")
    expect(page.locator("#bao + ul")).to_contain_text("Cần thêm một cán bộ sáng thứ Hai.")


def test_what_is_proposed_is_a_page_that_is_there(lead: BrowserContext, told: dt.date) -> None:
    page = lead.new_page()
    page.goto(f"{PAGE}?ngay={told}")
    for path in {link.get_attribute("href") or "" for link in page.locator(".todo__do a").all()}:
        assert lead.request.get(path).status == 200, path
