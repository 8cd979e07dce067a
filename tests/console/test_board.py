"""The display board: what it shows of a center's day, and that it shows nobody's name."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console import board, live
from bot.db.store import Store
from bot.domain import counters, hours, queue, quiet, staff, visits
from bot.domain.line import Wait
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.center_day import CENTER, CENTER_OF_FILE, MONDAY, CenterDay, at
from tests.channels.webchat.conftest import connected
from tests.console.conftest import HERE

CLERK = "staff:1"


@pytest.fixture
def day(store: Store) -> CenterDay:
    made = CenterDay(store.engine)
    made.turn("8:00")
    return made


def look(day: CenterDay) -> board.Board:
    return day.do(lambda session, *, now: board.read(session, CENTER_OF_FILE, quiet.Past(), now=now))


def come(day: CenterDay, letters: str) -> list[Visit]:
    """Somebody takes a number for each letter, a second apart."""
    made = []
    for letter in letters:
        made.append(day.do(queue.walk_in, day.groups[letter], Arrival(), actor="kiosk:1"))
        day.now += dt.timedelta(seconds=1)
    return made


def call(day: CenterDay, counter: int) -> Visit:
    called = day.do(queue.call_next, day.desks[counter], actor=CLERK)
    assert called is not None
    day.now += dt.timedelta(seconds=1)
    return called


def test_the_last_call_is_large_the_others_stand_in_rows_and_three_prepare(day: CenterDay) -> None:
    come(day, "AAABBCCC")
    day.do(queue.serve, call(day, 1), actor=CLERK)
    call(day, 3)
    call(day, 2)
    shown = look(day)
    assert [(one.ticket, one.counter) for one in shown.calls] == [("B001", 3), ("A002", 2)]
    assert [(one.ticket, one.counter) for one in shown.rows] == [("B001", 3), ("A001", 1)]
    assert shown.next == ("A003", "B002", "C001")
    assert (shown.head, shown.big) == ("", "")


def test_a_call_is_spoken_digit_by_digit_and_again_when_recalled(day: CenterDay) -> None:
    come(day, "A")
    called = call(day, 2)
    (first,) = look(day).calls
    assert first.spoken == "Mời số A 0 0 1 đến quầy 2."
    day.do(queue.recall, called, actor=CLERK)
    (again,) = look(day).calls
    assert again.spoken == "Mời lại số A 0 0 1 đến quầy 2."
    assert again.key != first.key


def test_missed_and_parked_people_stand_with_the_counter_that_called_them(day: CenterDay) -> None:
    come(day, "AAA")
    day.do(queue.miss, call(day, 1), actor=CLERK)
    day.do(queue.park, call(day, 2), actor=CLERK)
    assert look(day).back == (("Quầy 2", "A002"), ("Quầy 1", "A001"))
    missed = day.read(visits.of_day, CENTER, MONDAY, ("missed",))[0]
    day.do(queue.back, missed, actor=CLERK)
    assert look(day).back == (("Quầy 2", "A002"),)


@pytest.mark.parametrize(
    ("hour", "date", "head", "big"),
    [
        ("7:00", MONDAY, "Chưa đến giờ làm việc", "Mở quầy lúc 7:30"),
        ("12:00", MONDAY, "Trung tâm nghỉ trưa", "Mở lại lúc 13:30"),
        ("8:00", MONDAY, "Mời lấy số", "Chưa có ai chờ"),
        ("17:30", MONDAY, "Trung tâm đang nghỉ", "thứ Tư 25/11"),
        ("9:00", dt.date(2026, 11, 22), "Trung tâm đang nghỉ", "thứ Hai 23/11"),
    ],
)
def test_without_a_call_it_says_why(day: CenterDay, hour: str, date: dt.date, head: str, big: str) -> None:
    day.turn(hour, date)
    shown = look(day)
    assert shown.head == head
    assert big in shown.big
    assert shown.calls == ()


def test_people_who_wait_are_not_sent_to_take_a_number(day: CenterDay) -> None:
    come(day, "A")
    assert look(day).head == "Xin chờ"


def test_a_call_during_lunch_is_shown_all_the_same(day: CenterDay) -> None:
    come(day, "A")
    day.turn("11:31")
    call(day, 1)
    assert look(day).calls[0].ticket == "A001"


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ({}, ("", False)),
        ({"A": Wait(80, 100)}, ("80\u2060–\u2060100 phút", False)),
        ({"A": Wait(0, 5)}, ("dưới 5 phút", False)),
        ({"A": Wait(5, 20), "B": Wait(10, 25)}, ("5\u2060–\u206025 phút", False)),
        (
            {"A": Wait(45, 90), "B": Wait(55, 110), "C": Wait(165, 315), "D": Wait(0, 5)},
            ("D dưới 5; A, B 45\u2060–\u2060110; C 165\u2060–\u2060315 phút", True),
        ),
    ],
)
def test_waiting_is_told_for_all_alike_or_by_letter(waits: dict[str, Wait], said: tuple[str, bool]) -> None:
    assert board.wait(waits) == said


def test_only_groups_that_somebody_serves_have_a_wait(day: CenterDay) -> None:
    come(day, "AAAAA")
    assert look(day).wait == ""
    clerk = day.do(staff.create, "chị Hoa", CENTER, "clerk")
    day.do(counters.sit_down, day.desks[1], clerk)
    assert look(day).wait == "35\u2060–\u206065 phút"
    day.turn("12:00")
    assert look(day).wait == ""


def test_quiet_hours_still_to_come_are_told() -> None:
    facts = board.Facts(at("10:30"), CENTER_OF_FILE.day(MONDAY), calm=frozenset((8, 10, 14, 15)))
    assert board.board(CENTER_OF_FILE, facts).calm == "10:00\u2060–\u206011:00, 14:00\u2060–\u206016:00"


async def test_the_page_needs_no_login_and_is_not_kept(app: App) -> None:
    visit, called = await app.store.write(_two, now=clock.now())
    async with connected(app) as client:
        page = await client.get(f"/bang/{HERE}")
        fragment = await client.get(f"/bang/{HERE}/moi")
        nowhere = await client.get("/bang/khong-co")
    assert (page.status_code, fragment.status_code, nowhere.status_code) == (200, 200, 404)
    assert page.headers["cache-control"] == fragment.headers["cache-control"] == "no-store"
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page.text
    assert called.ticket in page.text
    assert visit.ticket in page.text
    assert "<html" not in fragment.text


async def test_neither_procedure_nor_code_nor_link_is_on_it(app: App) -> None:
    visit, called = await app.store.write(_two, now=clock.now())
    async with connected(app) as client:
        page = await client.get(f"/bang/{HERE}")
    for secret in (visit.code, visit.token, called.code, called.token, "1.000656", "khai tử"):
        assert secret not in page.text


def _two(session: Session, *, now: dt.datetime) -> tuple[Visit, Visit]:
    group = counters.groups(session, HERE)[0]
    hours.set_exception(session, HERE, clock.today(now), (hours.Span(0, hours.MIDNIGHT),), actor=CLERK, now=now)
    first, second = (queue.walk_in(session, group, Arrival(procedure="1.000656"), actor="kiosk:1", now=now) for _ in range(2))
    queue.call_next(session, counters.counters(session, HERE)[0].id, actor=CLERK, now=now)
    return second, first


async def test_boards_take_no_place_from_the_pages_of_staff(app: App) -> None:
    hub = app.console.desk.hub  # type: ignore[union-attr]
    hub._open[f"{board.KEY}{HERE}"] = hub._most_each
    assert hub.has_room(HERE)
    async with connected(app) as client:
        answer: httpx.Response = await client.get(f"/bang/{HERE}/song")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_the_stream_hears_of_events_at_its_center(app: App) -> None:
    await app.store.write(_two, now=clock.now())
    found = await app.store.read(live.newest, [f"{board.KEY}{HERE}", HERE, f"{board.KEY}nowhere"])
    assert found[f"{board.KEY}{HERE}"] == found[HERE] > 0
    assert f"{board.KEY}nowhere" not in found
