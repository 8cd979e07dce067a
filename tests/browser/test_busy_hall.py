"""A busy Monday at 08:47 as everybody sees it: the ticket on a phone, the queue at the desk, the board on the wall, the kiosk at the door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect
from sqlmodel import Session

from bot import clock
from bot.console.desk import HOME
from bot.conversation.context import Premises
from bot.db.tables import Account, Person
from bot.domain import booking, counters, devices, queue, slots, staff
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from bot.domain.visits import Missing, Visit
from tests.browser.live import CENTER, Live, served
from tests.browser.looking import faults, signed_in

pytestmark = pytest.mark.day

MONDAY = dt.date(2026, 11, 23)
CALLS = 4  # the counter that has called somebody and waits
NAMES = ("Hạnh", "Nguyễn Thị Hồng Thắm", "Quân", "Lan", "Tùng", "Mai", "Phúc")
SCHEMES = ("light", "dark")


def at(hour: int, minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, 23, hour, minute, tzinfo=clock.VIETNAM).astimezone(dt.UTC)


NOW = at(8, 47)


class Screen(NamedTuple):
    """Which page, on what."""

    path: str
    size: ViewportSize


class Paths(NamedTuple):
    ticket: str
    called: str
    kiosk: str


def morning(session: Session, *, now: dt.datetime) -> Paths:
    """Seven clerks, forty people: some booked, some before others, one called twice, one without papers, one parked, two missed."""
    groups = counters.groups(session, CENTER)
    clerks = [staff.create(session, f"chị {name}", CENTER, "clerk", now=now) for name in NAMES]
    desks = counters.counters(session, CENTER)
    for desk, clerk in zip(desks, clerks, strict=True):
        counters.sit_down(session, desk.id, clerk, now=at(7, 28))
    line = _line(session, groups)
    for minute, desk, clerk in ((minute, desk, clerk) for minute in (2, 12, 24) for desk, clerk in zip(desks, clerks, strict=True)):
        _served(session, desk.id, f"staff:{clerk}", at(8, minute))
    newest = line[0]
    for desk, clerk in zip(desks, clerks, strict=True):
        called = queue.call_next(session, desk.id, actor=f"staff:{clerk}", now=at(8, 40 + desk.number % 5))
        if called is not None and desk.number != CALLS:
            queue.serve(session, called, actor=f"staff:{clerk}", now=at(8, 42 + desk.number % 4))
        elif called is not None:
            newest = called
    _, kiosk = devices.create(session, CENTER, "Cửa chính", now=now)
    return Paths(f"/phieu/{line[-1].token}", f"/phieu/{newest.token}", f"/ki-ot/{kiosk}")


def _line(session: Session, groups: list[Group]) -> list[Visit]:
    made = []
    for number in range(48):
        group, comes = groups[number % 4 if number % 3 else 0], at(7, 30) + number * dt.timedelta(minutes=1, seconds=20)
        priority = ("elderly", "", "", "", "", "", "", "pregnant", "", "", "")[number % 11]
        code = ("1.000656", "1.001193", "")[number % 3] if group.letter == "A" else ""
        if number % 4 == 2 and (visit := _booked(session, group, comes)) is not None:
            made.append(queue.check_in(session, visit, group, actor="kiosk:1", now=comes))
        else:
            made.append(queue.walk_in(session, group, Arrival(procedure=code, priority=priority), actor="kiosk:1", now=comes))
    person, account = _me(session)
    mine = Arrival(person, account, "1.000656")
    return [*made, queue.walk_in(session, groups[0], mine, actor="kiosk:1", now=at(8, 33))]


def _booked(session: Session, group: Group, comes: dt.datetime) -> Visit | None:
    eve = comes - dt.timedelta(days=1)
    [day] = slots.of_days(session, group, MONDAY, MONDAY, now=eve)
    free = next((slot for slot in day.slots if slot.free and slot.starts_at >= comes - dt.timedelta(minutes=10)), None)
    wish = Wish(source="web", procedure="1.000656" if group.letter == "A" else "")
    return booking.take(session, group, free.starts_at, wish, actor="citizen", now=eve) if free is not None else None


def _me(session: Session) -> tuple[int, int]:
    person = Person(created_at=at(7, 0))
    session.add(person)
    session.flush()
    assert person.id is not None
    account = Account(person_id=person.id, bot="web", address="busy", created_at=at(7, 0), last_seen_at=at(7, 0))
    session.add(account)
    session.flush()
    assert account.id is not None
    return person.id, account.id


def _served(session: Session, desk: int, actor: str, now: dt.datetime) -> None:
    """One more visit; what becomes of it is different for each ticket."""
    visit = queue.call_next(session, desk, actor=actor, now=now)
    if visit is None:
        return
    chance = visit.id % 9 if visit.calls == 1 else 0
    match chance:
        case 1:
            queue.miss(session, visit, actor=actor, now=now)
            return
        case 2:
            queue.park(session, visit, actor=actor, now=now)
            return
    queue.serve(session, visit, actor=actor, now=now)
    done = now + dt.timedelta(minutes=6 + visit.id % 5)
    missing = [Missing("form", "Tờ khai", "incorrect")] if chance == 3 else []
    ended = queue.finish(session, visit, "papers_missing" if missing else "accepted", actor=actor, now=done, missing=missing)
    if missing and visit.id % 2:
        queue.come_back(session, ended, counters.groups(session, CENTER)[0], actor="kiosk:1", now=done)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, tiny_once: Premises) -> Iterator[tuple[Live, Paths]]:
    """A service of its own: here it is always 08:47."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        with served(tmp_path_factory.mktemp("hall"), sqlite_template, tiny_once) as live:
            yield live, live.do(morning)


@pytest.fixture(scope="module", params=SCHEMES)
def context(request: pytest.FixtureRequest, chromium: Browser, hall: tuple[Live, Paths]) -> Iterator[BrowserContext]:
    live, _ = hall
    with signed_in(chromium, live, live.do(staff.link, 1, "sign_in"), color_scheme=request.param) as made:
        yield made


def screens(paths: Paths) -> dict[str, Screen]:
    phone, desk, wall, door = ((390, 844), (1280, 800), (1920, 1080), (1080, 1920))
    counter = f"{HOME}/{CENTER}/quay"
    shown = {
        "ticket": (paths.ticket, phone), "called": (paths.called, phone), "queue": (counter, desk), "queue_phone": (counter, phone),
        "board": (f"/bang/{CENTER}", wall), "kiosk": (paths.kiosk, door), "kiosk_groups": (f"{paths.kiosk}/lay-so", door),
        "kiosk_take": (f"{paths.kiosk}/lay-so?nhom=1", door), "kiosk_code": (f"{paths.kiosk}/co-hen", door),
    }  # fmt: skip
    return {name: Screen(path, ViewportSize(width=size[0], height=size[1])) for name, (path, size) in shown.items()}


@pytest.mark.parametrize("name", screens(Paths("", "", "")))
def test_in_a_busy_hour_every_page_is_readable_by_everybody_and_fits_its_screen(
    context: BrowserContext, hall: tuple[Live, Paths], name: str, tmp_path: Path
) -> None:
    screen = screens(hall[1])[name]
    page = context.new_page()
    page.set_viewport_size(screen.size)
    answer = page.goto(screen.path)
    assert answer is not None
    assert answer.status == 200
    assert faults(page, small="queue" not in name) == []  # the queue has a button for the Enter key that nobody sees
    page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
    page.close()


def test_a_number_taken_in_a_busy_hour_fits_the_screen_of_the_kiosk(context: BrowserContext, hall: tuple[Live, Paths]) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1080, "height": 1920})
    page.goto(f"{hall[1].kiosk}/lay-so?nhom=1")
    page.click("label:has-text('Người cao tuổi')")
    page.click("main button:has-text('Lấy số')")
    expect(page.locator(".plate--xl")).to_contain_text("A0")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    assert faults(page) == []
    page.close()


def test_the_board_fits_the_wall_without_scrolling(context: BrowserContext, hall: tuple[Live, Paths]) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"/bang/{CENTER}")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
    page.close()
