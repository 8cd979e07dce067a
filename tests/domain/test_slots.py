"""The times one can book follow the hours; free seats are counted; the nearest ones are offered."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from bot import clock
from bot.domain import slots
from bot.domain.hours import DayHours, Span
from bot.domain.slots import Day, Slot
from tests.center_day import HOLIDAY, MONDAY, SUNDAY, WEDNESDAY, CenterDay, at, free, minutes


def days(day: CenterDay, first: dt.date, last: dt.date, group: str = "A", **named: bool) -> list[Day]:
    return day.do(slots.of_days, day.groups[group], first, last, **named)


def bookable(day: CenterDay, starts_at: dt.datetime) -> bool:
    (opening,) = days(day, clock.today(starts_at), clock.today(starts_at))
    return slots.in_reach(day.groups["A"], starts_at, now=day.now) and slots.fits(opening.hours, day.groups["A"], starts_at)


def hours_of(found: Day) -> list[str]:
    return [clock.hour(slot.starts_at) for slot in found.slots]


@pytest.mark.parametrize(
    ("spans", "length", "starts"),
    [
        ([], 30, []),
        ([(450, 540)], 30, ["07:30", "08:00", "08:30"]),
        ([(450, 545)], 30, ["07:30", "08:00", "08:30"]),
        ([(450, 479)], 30, []),
        ([(450, 510), (810, 840)], 30, ["07:30", "08:00", "13:30"]),
        ([(450, 540)], 60, ["07:30"]),
        ([(1410, 1440)], 30, ["23:30"]),
    ],
)
def test_spans_fit_whole_into_the_hours(spans: list[tuple[int, int]], length: int, starts: list[str]) -> None:
    found = list(slots.spans(DayHours(MONDAY, tuple(Span(*span) for span in spans)), length))
    assert [clock.hour(begins) for begins, _ in found] == starts
    assert all(ends - begins == minutes(length) and begins.tzinfo == dt.UTC for begins, ends in found)


def test_midnight_is_the_one_in_vietnam() -> None:
    assert slots.midnight(MONDAY) == dt.datetime(2026, 11, 22, 17, tzinfo=dt.UTC)


def test_closed_days_stand_there_with_their_reason_and_without_times(day: CenterDay) -> None:
    sunday, monday, holiday, wednesday = days(day, SUNDAY, WEDNESDAY)
    assert [found.date for found in (sunday, monday, holiday, wednesday)] == [SUNDAY, MONDAY, HOLIDAY, WEDNESDAY]
    assert (sunday.slots, holiday.slots) == ((), ())
    assert holiday.hours.holiday
    assert len(wednesday.slots) == 8 + 7
    assert hours_of(wednesday)[:2] == ["07:30", "08:00"]


def test_what_begins_in_less_than_ten_minutes_is_not_on_offer(day: CenterDay) -> None:
    day.turn("8:20")
    assert hours_of(days(day, MONDAY, MONDAY)[0])[0] == "08:30"
    day.now += dt.timedelta(seconds=1)
    assert hours_of(days(day, MONDAY, MONDAY)[0])[0] == "09:00"


def test_a_free_seat_is_one_that_nobody_booked_or_holds(day: CenterDay) -> None:
    booked, _ = day.book("lan", "8:00"), day.hold("mai", "8:00")
    (found,) = days(day, MONDAY, MONDAY)
    assert [slot.free for slot in found.slots[:3]] == [2, 0, 2]
    assert found.free == 2 * 15 - 2
    assert not found.full
    day.cancel(booked)
    day.now += minutes(6)
    assert days(day, MONDAY, MONDAY)[0].slots[1].free == 2, "cancelled, and a hold that ran out but was not swept away"


def test_groups_do_not_take_each_others_seats(day: CenterDay) -> None:
    day.book("lan", "8:00", group="B")
    assert [days(day, MONDAY, MONDAY, group)[0].slots[1].free for group in "ABC"] == [2, 0, 3]


def test_a_day_without_seats_is_full_and_belongs_to_those_who_wait(day: CenterDay) -> None:
    free(day, WEDNESDAY, "8:00-9:00")
    first = day.book("lan", "8:00", group="B", day=WEDNESDAY)
    assert not days(day, WEDNESDAY, WEDNESDAY, "B")[0].full
    day.book("mai", "8:30", group="B", day=WEDNESDAY)
    (full,) = days(day, WEDNESDAY, WEDNESDAY, "B")
    assert (full.full, full.free, full.waiting) == (True, 0, 0)
    day.wait_for("hoa", day=WEDNESDAY, group="B")
    day.cancel(first)
    (for_all,) = days(day, WEDNESDAY, WEDNESDAY, "B")
    (for_waiting,) = days(day, WEDNESDAY, WEDNESDAY, "B", for_waiting=True)
    assert (for_all.free, for_all.waiting) == (0, 1)
    assert for_waiting.free == 1


def test_a_day_without_times_is_not_called_full(day: CenterDay) -> None:
    assert not days(day, HOLIDAY, HOLIDAY)[0].full


def test_more_bookings_than_seats_after_a_change_leave_none_free(day: CenterDay) -> None:
    day.book("lan", "8:00"), day.book("mai", "8:00")
    smaller = dataclasses.replace(day.groups["A"], seats=1)
    assert day.do(slots.of_days, smaller, MONDAY, MONDAY)[0].slots[1].free == 0


@pytest.mark.parametrize(
    ("hour", "date", "fits"),
    [
        ("7:30", MONDAY, True),
        ("11:00", MONDAY, True),
        ("11:30", MONDAY, False),
        ("12:00", MONDAY, False),
        ("16:30", MONDAY, True),
        ("17:00", MONDAY, False),
        ("7:45", MONDAY, False),
        ("7:00", MONDAY, False),
        ("8:00", SUNDAY, False),
        ("8:00", HOLIDAY, False),
        ("16:30", MONDAY + dt.timedelta(days=30), True),
        ("7:30", MONDAY + dt.timedelta(days=31), False),
    ],
)
def test_only_a_time_of_the_open_hours_of_the_next_thirty_days_can_be_booked(day: CenterDay, hour: str, date: dt.date, fits: bool) -> None:
    assert bookable(day, at(hour, date)) is fits


@pytest.mark.parametrize(("clock_shows", "fits"), [("7:50", True), ("7:51", False), ("8:00", False), ("9:00", False)])
def test_ten_minutes_before_is_the_last_chance(day: CenterDay, clock_shows: str, fits: bool) -> None:
    day.turn(clock_shows)
    assert bookable(day, at("8:00")) is fits


def test_every_time_on_offer_can_be_booked_also_on_the_last_day(day: CenterDay) -> None:
    day.turn("10:00")
    last = day.today + slots.AHEAD
    (found,) = days(day, last, last)
    assert hours_of(found)[0] == "07:30"
    assert all(bookable(day, slot.starts_at) for slot in found.slots)


def slot(hour: str, free: int, date: dt.date = MONDAY) -> Slot:
    return Slot(at(hour, date), at(hour, date) + minutes(30), 2, free)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("8:00", ["08:00", "08:30", "10:00"]),
        ("9:00", ["08:00", "08:30", "10:00"]),
        ("16:00", ["08:30", "10:00", "14:00"]),
        ("7:00", ["08:00", "08:30", "10:00"]),
    ],
)
def test_the_nearest_free_times_come_in_the_order_of_the_day(wanted: str, found: list[str]) -> None:
    one = Day(DayHours(MONDAY, ()), (slot("7:30", 0), slot("8:00", 1), slot("8:30", 2), slot("9:00", 0), slot("10:00", 1), slot("14:00", 1)))
    assert [clock.hour(near.starts_at) for near in slots.nearest([one], at(wanted))] == found


def test_the_nearest_free_time_may_lie_on_another_day() -> None:
    full, later = Day(DayHours(MONDAY, ()), (slot("8:00", 0),)), Day(DayHours(WEDNESDAY, ()), (slot("9:00", 1, WEDNESDAY),))
    assert slots.nearest([full, later], at("8:00")) == [later.slots[0]]
    assert slots.nearest([full], at("8:00")) == []
