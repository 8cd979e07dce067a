"""Booking and the ticket in a real browser: with a script and without, kept up to date, and readable for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlmodel import Session

from bot import clock
from bot.db.staff import Staff
from bot.domain import booking, centers, counters, queue, slots, visits
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from bot.domain.visits import Missing, Visit
from tests.browser.conftest import SECONDS, Live, to_the_list
from tests.browser.test_access import LOOKS, RULES, TARGETS

CENTER, CLERK = "trung-tam", "staff:1"
# How far the page is wider than the screen, and what is wider than its place.
BEYOND = """() => [document.documentElement.scrollWidth - innerWidth,
  [...document.querySelectorAll('.days > li, .slots > *, .line > li')]
    .filter(cell => [...cell.children].some(inner => inner.getBoundingClientRect().right > cell.getBoundingClientRect().right + 1))
    .map(cell => cell.outerHTML.slice(0, 80))]"""


class Hall:
    """Clerks and other people at the center, as of now."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.do(centers.settle, live.app.premises.directory.all)
        self.desk = self.do(_clerk)

    def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.live.do(self.live.app.store.write(work, *given, now=clock.now(), **named))

    def deed(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.do(work, *given, actor=CLERK, **named)

    def groups(self) -> list[Group]:
        found: list[Group] = self.live.do(self.live.app.store.read(counters.groups, CENTER))
        return found

    def comes(self, letter: str = "A") -> Visit:
        group = next(group for group in self.groups() if group.letter == letter)
        made: Visit = self.deed(queue.walk_in, group, Arrival(procedure="1.000656"))
        return made

    def books(self, letter: str = "A") -> Visit:
        group = next(group for group in self.groups() if group.letter == letter)
        today = clock.today(clock.now())
        days: list[slots.Day] = self.do(slots.of_days, group, today + dt.timedelta(days=1), today + slots.AHEAD)
        free = next(slot for day in days for slot in day.slots if slot.free)
        made: Visit = self.deed(booking.take, group, free.starts_at, Wish(source="web", procedure="1.000656"))
        return made

    def calls(self) -> Visit:
        called: Visit = self.deed(queue.call_next, self.desk)
        return called

    def clears(self) -> None:
        """Nobody waits any more."""
        if (there := self.live.do(self.live.app.store.read(queue.at_counter, self.desk))) is not None:
            self.deed(queue.finish, there, "accepted")
        while (called := self.calls()) is not None:
            self.deed(queue.finish, called, "accepted")


def _clerk(session: Session, *, now: dt.datetime) -> int:
    """Somebody at the first counter; the same for all tests of a run."""
    desk = next(desk for desk in counters.counters(session, CENTER) if desk.number == 1)
    if desk.staff_id is None:
        made = Staff(name="Hạnh", created_at=now)
        session.add(made)
        session.flush()
        assert made.id is not None
        counters.sit_down(session, desk.id, made.id, now=now)
    return desk.id


@pytest.fixture
def hall(live: Live) -> Iterator[Hall]:
    made = Hall(live)
    made.clears()
    yield made
    made.clears()


@pytest.fixture(params=["page", "plain"])
def phone(request: pytest.FixtureRequest, hall: Hall) -> Page:
    """The same with and without JavaScript."""
    made: Page = request.getfixturevalue(request.param)
    return made


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
    hall.deed(queue.finish, hall.live.do(hall.live.app.store.read(queue.at_counter, hall.desk)), "accepted")
    hall.calls()
    expect(page.locator(".ticket__big")).to_have_text("Anh/chị là người kế tiếp")
    assert page.evaluate("window.same"), "the page was not loaded again"
    said = page.evaluate("window.said")
    assert len(said) == 2
    assert page.title().startswith(f"{mine.ticket}, Anh/chị là người kế tiếp")
    hall.deed(queue.finish, hall.live.do(hall.live.app.store.read(queue.at_counter, hall.desk)), "accepted")
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
    group = hall.groups()[3]
    held = hall.do(booking.offer, group, _first(hall, group), Wish(procedure="1.000656"), until=clock.now() + dt.timedelta(hours=1))
    return made | {"held": _page(held)}


def _page(visit: Visit) -> str:
    return f"/phieu/{visit.token}"


def _first(hall: Hall, group: Group) -> dt.datetime:
    today = clock.today(clock.now())
    days: list[slots.Day] = hall.do(slots.of_days, group, today + dt.timedelta(days=1), today + slots.AHEAD)
    return next(slot.starts_at for day in days for slot in day.slots if slot.free)


@pytest.fixture(scope="module")
def reader(chromium: Browser, live: Live) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=live.address)
    context.set_default_timeout(SECONDS * 1000)
    yield context
    context.close()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(reader: BrowserContext, live: Live, pages: dict[str, str], width: int, look: str) -> None:
    reader.add_cookies([{"name": "nen", "value": look, "url": live.address}, {"name": "co", "value": "thuong", "url": live.address}])
    found = {}
    for name, path in pages.items():
        page = reader.new_page()
        page.set_viewport_size({"width": width, "height": 5000})  # high: axe counts what a bar half covers as small targets
        page.goto(path)
        result = Axe().run(page, options=RULES)
        if result.violations_count:
            found[name] = result.generate_report()
        page.close()
    assert found == {}


@pytest.mark.parametrize("size", ["thuong", "rat-lon"])
def test_nothing_scrolls_sideways_and_targets_are_large(reader: BrowserContext, live: Live, pages: dict[str, str], size: str) -> None:
    reader.add_cookies([{"name": "nen", "value": "theo-may", "url": live.address}, {"name": "co", "value": size, "url": live.address}])
    wrong = {}
    for name, path in pages.items():
        page = reader.new_page()
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto(path)
        (beyond, out), small = page.evaluate(BEYOND), page.evaluate(TARGETS)
        if beyond > 0 or out or small:
            wrong[name] = (beyond, out, small)
        page.close()
    assert wrong == {}


def test_the_sample_states_are_what_they_say(pages: dict[str, str], live: Live) -> None:
    states = {}
    for name, path in pages.items():
        if path.startswith("/phieu/") and name != "cancel":
            found = live.do(live.app.store.read(visits.by_token, path.rsplit("/", 1)[1]))
            states[name] = found.state
    assert states == {name: name for name in states}
