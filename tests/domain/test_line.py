"""Who is called next, and how long it takes."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain import line
from bot.domain.visits import Visit
from tests.center_day import CENTER, MONDAY, at, minutes

NOW = at("9:00")


def visit(number: int, due: str, booked: str = "", *, priority: str = "", returned: bool = False, late: str = "") -> Visit:
    """In line since `due`; with `booked` for that time."""
    starts_at = at(booked) if booked else None
    late_until = at(late) if late else None
    return Visit(
        number, CENTER, 1, MONDAY, "waiting", "t", "c", starts_at=starts_at, letter="A", number=number, priority=priority, returned=returned,
        due_at=at(due) if due else None, late_until=late_until, created_at=at("7:00"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "lane"),
    [
        (visit(1, "8:00"), line.WALK_IN),
        (visit(1, "8:50", "8:50"), line.BOOKED),
        (visit(1, "9:05", "9:05"), line.BOOKED),
        (visit(1, "9:06", "9:06"), line.EARLY_BOOKED),
        (visit(1, "8:45", "8:30"), line.WALK_IN),
        (visit(1, "8:00", priority="elderly"), line.PRIORITY),
        (visit(1, "10:00", "10:00", priority="pregnant"), line.PRIORITY),
        (visit(1, "8:00", returned=True), line.RETURNED),
        (visit(1, "8:50", "8:50", priority="disabled", returned=True), line.RETURNED),
    ],
    ids=["walk-in", "booked", "soon", "later", "late", "old", "pregnant and booked for later", "back", "back and disabled"],
)
def test_everybody_has_a_lane(one: Visit, lane: int) -> None:
    assert line.lane(one, NOW) == lane
    assert line.goes_before(one, NOW) is (lane < line.WALK_IN)


@pytest.mark.parametrize(
    ("booked", "late", "arrives", "due"),
    [
        ("", "", "8:00", "8:00"),
        ("9:00", "", "8:00", "9:00"),
        ("9:00", "", "9:00", "9:00"),
        ("9:00", "", "9:10", "9:00"),
        ("9:00", "", "9:11", "9:11"),
        ("9:00", "9:15", "9:15", "9:00"),
        ("9:00", "9:15", "9:16", "9:16"),
        ("9:00", "9:05", "9:10", "9:00"),
    ],
)
def test_who_is_on_time_or_said_so_keeps_the_booked_time(booked: str, late: str, arrives: str, due: str) -> None:
    assert line.due(visit(1, "", booked, late=late), at(arrives)) == at(due)


W = [visit(number, f"8:{number:02}") for number in range(1, 7)]
OLD = [visit(number, f"8:{number:02}", priority="elderly") for number in range(11, 15)]
BOOKED = [visit(21, "8:30", "8:30"), visit(22, "9:00", "9:00"), visit(23, "9:05", "9:05")]
LATER = [visit(31, "10:00", "10:00"), visit(32, "9:30", "9:30")]
BACK = [visit(41, "8:58", returned=True), visit(42, "8:59", returned=True)]


@pytest.mark.parametrize(
    ("waiting", "streak", "order"),
    [
        ([], 0, []),
        (W, 0, [1, 2, 3, 4, 5, 6]),
        (reversed(W), 2, [1, 2, 3, 4, 5, 6]),
        (W[:3] + BOOKED, 0, [21, 22, 1, 23, 2, 3]),
        (W[:3] + BOOKED, 1, [21, 1, 22, 23, 2, 3]),
        (W[:3] + BOOKED, 2, [1, 21, 22, 2, 23, 3]),
        (W[:3] + BOOKED, 5, [1, 21, 22, 2, 23, 3]),
        (W[:2] + OLD, 0, [11, 12, 1, 13, 14, 2]),
        (W[:2] + BOOKED[:1] + OLD[:1] + BACK[:1], 0, [41, 11, 1, 21, 2]),
        (BOOKED + OLD[:1] + BACK, 0, [41, 42, 11, 21, 22, 23]),
        (LATER + W[:1], 0, [1, 32, 31]),
        (LATER + BOOKED[:1], 2, [21, 32, 31]),
    ],
)
def test_two_are_called_before_and_then_one_who_just_came(waiting: list[Visit], streak: int, order: list[int]) -> None:
    assert [one.id for one in line.order(waiting, streak, NOW)] == order


def test_nobody_without_a_booking_waits_for_more_than_two_others_between_calls() -> None:
    crowd = [visit(100 + number, "8:00", "8:00") for number in range(20)]
    order = [one.id for one in line.order(W[:5] + crowd, 0, NOW)]
    assert [order.index(one.id) for one in W[:5]] == [2, 5, 8, 11, 14]


def test_at_the_same_moment_the_earlier_number_goes_first() -> None:
    same = [visit(3, "8:00"), visit(1, "8:00"), visit(2, "8:00")]
    assert [one.id for one in line.order(same, 0, NOW)] == [1, 2, 3]


def test_everybody_is_in_the_order_once() -> None:
    everybody = W + OLD + BOOKED + LATER + BACK
    for streak in range(4):
        assert sorted(one.id for one in line.order(everybody, streak, NOW)) == sorted(one.id for one in everybody)


@pytest.mark.parametrize(
    ("ahead", "desks", "each", "low", "high"),
    [(0, 1, 10, 0, 5), (1, 1, 10, 5, 15), (3, 1, 10, 20, 40), (6, 2, 10, 20, 40), (6, 0, 10, 40, 80), (30, 3, 12.5, 85, 165), (1, 7, 1, 0, 5)],
)
def test_the_wait_is_a_range_rounded_to_five_minutes(ahead: int, desks: int, each: float, low: int, high: int) -> None:
    assert line.wait(ahead, desks, each) == (low, high)


def test_the_range_grows_with_the_people_and_never_falls() -> None:
    ranges = [line.wait(ahead, 2, 11) for ahead in range(60)]
    assert ranges == sorted(ranges)
    assert all(one.low < one.high and one.low % 5 == one.high % 5 == 0 for one in ranges)


@pytest.mark.parametrize(
    ("served", "each"),
    [([], 12), ([3] * 4, 12), ([3] * 5, 3), ([1, 2, 8, 9, 60], 8), ([0.2] * 9, 1), ([60, 9, 8, 2, 1, 1], 8)],
)
def test_today_decides_once_there_are_five(served: list[float], each: float) -> None:
    assert line.minutes_each([minutes(one) for one in served], 12) == each


def test_how_many_are_enough_can_be_said() -> None:
    assert line.minutes_each([dt.timedelta(minutes=4)], 12, least=1) == 4
