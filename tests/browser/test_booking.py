"""Booking and the ticket in a real browser: with a script and without, kept up to date, and readable for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot import clock
from bot.domain import booking, queue, visits
from bot.domain.booking import Wish
from bot.domain.visits import Missing, Visit
from tests.browser.hall import Hall
from tests.browser.live import SECONDS, Live
from tests.browser.looking import TARGETS, VIEWS, faults, shown, somebody, to_the_list

# How far the page is wider than the screen, and what is wider than its place.
BEYOND = """() => [document.documentElement.scrollWidth - innerWidth,
  [...document.querySelectorAll('.days > li, .slots > *, .line > li')]
    .filter(cell => [...cell.children].some(inner => inner.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1))
    .map(cell => cell.outerHTML.slice(0, 80))]"""


@pytest.fixture
def hall(live: Live) -> Iterator[Hall]:
    made = Hall(live)
    made.clears()
    yield made
    made.clears()


@pytest.mark.usefixtures("hall")
def test_from_a_list_to_a_booking_moved_and_cancelled(phone: Page) -> None:
    to_the_list(phone)
    token = (phone.get_attribute("a.choice:has-text('In hoặc lưu')", "href") or "").rsplit("/", 1)[1]
    phone.goto(f"/dat-lich?danh-sach={token}")
    expect(phone.locator("h1")).to_have_text("Chọn ngày và giờ đến")
    phone.locator(".slot:not(.slot--full)").nth(1).click()
    phone.click("text=Giữ chỗ này")
    expect(phone.locator("h1")).to_have_text("Đang giữ chỗ cho anh/chị")
    phone.click("text=Vẫn đặt lịch hẹn")
    expect(phone.locator("text=Đã đặt lịch.").first).to_be_visible()
    was = phone.inner_text(".ticket__big")
    phone.click("text=Đổi ngày giờ")
    phone.locator(".slot:has(input:enabled:not(:checked))").nth(2).click()
    phone.click("text=Đổi sang giờ này")
    expect(phone.locator("text=Đã đổi giờ.")).to_be_visible()
    assert phone.inner_text(".ticket__big") != was
    phone.click("text=Hủy lịch hẹn")
    phone.click("text=Hủy lịch này")
    expect(phone.locator(".ticket__big")).to_have_text("Lịch hẹn đã hủy")


def test_the_bar_says_the_chosen_time(page: Page, hall: Hall) -> None:
    page.goto("/dat-lich")
    slot = page.locator(".slot:not(.slot--full)").nth(3)
    slot.click()
    hour = slot.locator("input").get_attribute("value") or ""
    expect(page.locator(".barfoot__t")).to_contain_text(f", {hour[-5:]}")


def test_times_are_chosen_with_the_keyboard(page: Page, hall: Hall) -> None:
    page.goto("/dat-lich")
    page.focus(".slot input:checked")
    page.keyboard.press("ArrowRight")
    chosen = page.locator(".slot input:checked")
    assert page.evaluate("document.activeElement.value") == chosen.get_attribute("value")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Đang giữ chỗ cho anh/chị")


def test_the_place_in_line_moves_by_itself_and_is_said_once_a_change(page: Page, hall: Hall) -> None:
    hall.comes()
    hall.comes()
    mine = hall.comes()
    page.goto(f"/phieu/{mine.token}")
    page.evaluate("""() => {
      window.same = true; window.said = [];
      const region = document.querySelector('[data-status]');
      new MutationObserver(() => { if (region.getAttribute('aria-live') !== 'off') window.said.push(region.innerText); })
        .observe(region, { childList: true, subtree: true, characterData: true });
    }""")
    expect(page.locator(".ticket__big")).to_have_text("Còn 2 người trước")
    hall.calls()
    expect(page.locator(".ticket__big")).to_have_text("Còn 1 người trước", timeout=SECONDS * 1000)
    hall.comes("B")
    page.wait_for_timeout(2500)
    hall.calls()
    expect(page.locator(".ticket__big")).to_have_text("Anh/chị là người kế tiếp")
    assert page.evaluate("window.same"), "the page was not loaded again"
    said = page.evaluate("window.said")
    assert len(said) == 2
    assert page.title().startswith(f"{mine.ticket}, Anh/chị là người kế tiếp")
    hall.calls()
    expect(page.locator(".ticket__big")).to_have_text("Mời đến quầy 1")
    expect(page.locator("text=Hủy số")).to_have_count(0)
    hall.clears()
    expect(page.locator(".ticket__big")).to_have_text("Đã xong")


def test_without_a_script_a_plain_link_shows_the_new_place(plain: Page, hall: Hall) -> None:
    hall.comes()
    mine = hall.comes()
    plain.goto(f"/phieu/{mine.token}")
    expect(plain.locator(".ticket__big")).to_have_text("Còn 1 người trước")
    hall.calls()
    plain.click("text=Xem lại ngay")
    expect(plain.locator(".ticket__big")).to_have_text("Anh/chị là người kế tiếp")


def test_without_a_network_the_old_figures_are_called_old(page: Page, hall: Hall) -> None:
    mine = hall.comes()
    page.goto(f"/phieu/{mine.token}")
    page.context.set_offline(True)
    expect(page.locator("[data-offline]")).to_contain_text("chưa chắc còn đúng")
    expect(page.locator(".plate--xl")).to_have_class("plate plate--xl plate--now plate--quiet")
    page.context.set_offline(False)
    expect(page.locator("[data-offline]")).to_be_hidden()
    expect(page.locator(".plate--xl")).to_have_class("plate plate--xl plate--now")


@pytest.fixture(scope="module")
def pages(live: Live) -> dict[str, str]:
    """A page of every kind, by name."""
    hall = Hall(live)
    hall.clears()
    made = {"choose": "/dat-lich", "shut": "/dat-lich?xa=1", "group": "/dat-lich?nhom=B", "elsewhere": "/dat-lich?thu-tuc=bang-lai-xe"}
    booked = hall.books()
    made |= {"booked": _page(booked), "cancel": f"{_page(booked)}/huy", "move": f"/dat-lich?doi={booked.token}"}
    parked, missing, called = hall.comes(), hall.comes(), hall.comes()
    hall.deed(queue.park, hall.calls())
    papers = [Missing("a", "Văn bản cam đoan về quan hệ cha con, có ít nhất hai người làm chứng"), Missing("b", "Tờ khai", "incorrect")]
    hall.deed(queue.finish, hall.calls(), "papers_missing", missing=papers)
    hall.calls()
    made |= {"parked": _page(parked), "must_return": _page(missing), "called": _page(called)}
    for _ in range(8):
        last = hall.comes()
    gone = hall.books("C")
    hall.deed(booking.cancel, gone)
    made |= {"waiting": _page(last), "cancelled": _page(gone)}
    group = hall.group("D")
    held = hall.do(booking.offer, group, hall.free(group)[0].starts_at, Wish(procedure="1.000656"), until=clock.now() + dt.timedelta(hours=1))
    return made | {"held": _page(held)}


def _page(visit: Visit) -> str:
    return f"/phieu/{visit.token}"


@pytest.fixture(scope="module")
def reader(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    with somebody(chromium, live) as context:
        yield context


@pytest.mark.parametrize(("width", "look"), VIEWS)
def test_every_page_is_readable_for_everybody(reader: BrowserContext, pages: dict[str, str], width: int, look: str) -> None:
    found = {}
    for name, path in pages.items():
        page = shown(reader, path, width, 5000, nen=look, co="thuong")  # high: axe counts what a bar half covers as small targets
        if wrong := faults(page):
            found[name] = wrong
        page.close()
    assert found == {}


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
def test_nothing_scrolls_sideways_and_targets_are_large(reader: BrowserContext, pages: dict[str, str], size: str) -> None:
    wrong = {}
    for name, path in pages.items():
        page = shown(reader, path, 360, nen="theo-may", co=size)
        (beyond, out), small = page.evaluate(BEYOND), page.evaluate(TARGETS)
        if beyond > 0 or out or small:
            wrong[name] = (beyond, out, small)
        page.close()
    assert wrong == {}


def test_the_sample_states_are_what_they_say(pages: dict[str, str], live: Live) -> None:
    states = {}
    for name, path in pages.items():
        if path.startswith("/phieu/") and name != "cancel":
            found = live.read(visits.by_token, path.rsplit("/", 1)[1])
            states[name] = found.state
    assert states == {name: name for name in states}
