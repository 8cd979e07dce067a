"""When a result is due: tables over Tết, swapped days, half Saturdays and the cut-off hour, and what holds for all dates."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import clock
from bot.domain import working_days
from bot.domain.hours import Exception_, Span, Week
from procedures.models import Time

MORNING, DAY = (Span(450, 690),), (Span(450, 690), Span(810, 1020))
WEEK = Week((*(DAY,) * 5, MORNING, ()))  # half Saturdays
WORKS = working_days.works_at(WEEK, {})
CUTOFF = "15:00"


def on(text: str) -> dt.date:
    day, month, year = map(int, text.split("/"))
    return dt.date(year, month, day)


def at(text: str, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(on(text), dt.time(hour, minute), clock.VIETNAM).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("received", "number", "due"),
    [
        ("16/11/2026", 5, "23/11/2026"),
        ("20/11/2026", 1, "23/11/2026"),  # a Friday: the half Saturday does not count
        ("23/11/2026", 1, "25/11/2026"),  # 24 November is a holiday
        ("23/11/2026", 0, "23/11/2026"),
        ("31/12/2025", 1, "5/1/2026"),  # New Year, and 2 January which is worked on the 10th
        ("9/1/2026", 1, "10/1/2026"),  # a Saturday worked instead
        ("8/1/2026", 3, "12/1/2026"),
        ("21/8/2026", 1, "22/8/2026"),  # a Saturday worked for 31 August
        ("28/8/2026", 1, "3/9/2026"),  # 31 August, 1 and 2 September are free
        ("13/2/2026", 1, "23/2/2026"),  # Tết 16 to 20 February
        ("11/2/2026", 7, "27/2/2026"),
        ("29/4/2026", 1, "4/5/2026"),
        ("4/2/2027", 1, "11/2/2027"),  # as the package guesses Tết 2027: 5 to 10 February
        ("28/2/2024", 1, "29/2/2024"),
    ],
)
def test_days_off_are_jumped_over_and_worked_saturdays_count(received: str, number: int, due: str) -> None:
    assert working_days.after(on(received), number, WORKS) == on(due)


def test_the_five_days_after_tet_2027_are_not_promised_on_a_day_off() -> None:
    due = working_days.after(on("5/2/2027"), 1, WORKS)
    assert due >= on("11/2/2027")
    assert WORKS(due)


@pytest.mark.parametrize(
    ("moment", "cutoff", "counted"),
    [
        (at("23/11/2026", 14, 59), CUTOFF, "23/11/2026"),
        (at("23/11/2026", 15, 0), CUTOFF, "23/11/2026"),
        (at("23/11/2026", 15, 1), CUTOFF, "25/11/2026"),  # the 24th is a holiday
        (at("23/11/2026", 15, 1), None, "23/11/2026"),
        (at("20/11/2026", 15, 1), CUTOFF, "23/11/2026"),
        (at("21/11/2026", 9, 0), CUTOFF, "23/11/2026"),  # handed in on a half Saturday
        (at("22/11/2026", 16, 0), CUTOFF, "23/11/2026"),  # on a Sunday evening: Monday, not Wednesday
        (at("10/1/2026", 9, 0), CUTOFF, "10/1/2026"),
        (at("10/1/2026", 15, 30), CUTOFF, "12/1/2026"),
        (at("23/11/2026", 0, 10), CUTOFF, "23/11/2026"),  # 22 November in UTC
    ],
)
def test_after_the_cut_off_papers_count_as_handed_in_on_the_next_working_day(moment: dt.datetime, cutoff: str | None, counted: str) -> None:
    assert working_days.counted_on(moment, WORKS, cutoff) == on(counted)


Kind = Literal["same_day", "working_days", "days", "hours", "months", "varies", "unstated"]


@pytest.mark.parametrize(
    ("kind", "amount", "up_to", "days", "due"),
    [
        ("same_day", None, None, 0, "23/11/2026"),
        ("working_days", 3, None, 3, "27/11/2026"),
        ("working_days", 3, 5, 5, "1/12/2026"),
        ("hours", 4, None, 1, "25/11/2026"),
        ("hours", 24, None, 3, "27/11/2026"),
        ("days", 5, None, 4, "30/11/2026"),  # 28 November is a Saturday
        ("months", 1, None, 21, "23/12/2026"),
        ("varies", None, None, None, ""),
        ("unstated", None, None, None, ""),
    ],
)
def test_the_catalogs_time_becomes_a_date(kind: Kind, amount: int | None, up_to: int | None, days: int | None, due: str) -> None:
    made = working_days.promise(at("23/11/2026", 9), Time(kind=kind, amount=amount, up_to=up_to), WORKS)
    assert (made.days, made.due) == (days, on(due) if due else None)
    assert made.counts_from == on("23/11/2026")


def test_a_month_after_the_31st_is_the_end_of_a_shorter_month() -> None:
    made = working_days.promise(at("30/1/2026", 9), Time(kind="months", amount=1), WORKS)
    assert made.due == on("2/3/2026")  # 28 February is a Saturday


def test_a_day_the_staff_closed_lengthens_and_a_holiday_they_open_on_does_not_shorten() -> None:
    own = {on("25/11/2026"): Exception_((), "bão"), on("24/11/2026"): Exception_(DAY, "mở cửa"), on("28/11/2026"): Exception_(DAY)}
    works = working_days.works_at(WEEK, own)
    assert working_days.after(on("23/11/2026"), 1, works) == on("26/11/2026")
    assert working_days.after(on("27/11/2026"), 1, works) == on("30/11/2026")


def test_a_center_that_never_opens_on_wednesdays_promises_no_wednesday() -> None:
    works = working_days.works_at(Week((DAY, DAY, (), DAY, DAY, (), ())), {})
    assert working_days.after(on("17/11/2026"), 1, works) == on("19/11/2026")


def test_a_center_without_hours_counts_by_the_national_calendar() -> None:
    works = working_days.works_at(Week(), {})
    assert working_days.after(on("23/11/2026"), 1, works) == on("25/11/2026")


def test_several_pauses_add_up() -> None:
    due = working_days.after(on("16/11/2026"), 5, WORKS)
    first = working_days.resumed(due, on("17/11/2026"), on("20/11/2026"), WORKS)
    second = working_days.resumed(first, on("23/11/2026"), on("25/11/2026"), WORKS)
    assert (due, first, second) == (on("23/11/2026"), on("27/11/2026"), on("30/11/2026"))


def test_a_pause_over_tet_costs_no_days_of_tet() -> None:
    due = working_days.after(on("11/2/2026"), 3, WORKS)
    assert due == on("23/2/2026")
    assert working_days.resumed(due, on("12/2/2026"), on("23/2/2026"), WORKS) == on("25/2/2026")


def test_a_pause_after_the_date_heals_nothing() -> None:
    assert working_days.resumed(on("20/11/2026"), on("23/11/2026"), on("30/11/2026"), WORKS) == on("20/11/2026")


DATES = st.dates(dt.date(2025, 12, 1), dt.date(2027, 3, 31))
NUMBERS = st.integers(0, 60)


@given(DATES, NUMBERS)
def test_no_promise_falls_on_a_day_off(date: dt.date, number: int) -> None:
    assert WORKS(working_days.after(date, number, WORKS))


@given(DATES, DATES, NUMBERS)
def test_who_hands_in_later_is_not_promised_sooner(one: dt.date, other: dt.date, number: int) -> None:
    earlier, later = sorted((one, other))
    assert working_days.after(earlier, number, WORKS) <= working_days.after(later, number, WORKS)


@given(DATES, NUMBERS)
def test_one_day_more_is_exactly_the_next_working_day(date: dt.date, number: int) -> None:
    shorter, longer = (working_days.after(working_days.here(date, WORKS), days, WORKS) for days in (number, number + 1))
    assert longer > shorter
    assert working_days.between(shorter, longer, WORKS) == 1


@given(st.datetimes(dt.datetime(2025, 12, 1), dt.datetime(2027, 3, 31)), st.timedeltas(dt.timedelta(), dt.timedelta(days=9)))
def test_the_cut_off_never_turns_the_order_around(moment: dt.datetime, later_by: dt.timedelta) -> None:
    moment = moment.replace(tzinfo=dt.UTC)
    first, second = (working_days.counted_on(at_, WORKS, CUTOFF) for at_ in (moment, moment + later_by))
    assert first <= second
    assert WORKS(first)
    assert first >= clock.today(moment)


@given(DATES, NUMBERS, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 20)), max_size=4))
def test_pausing_for_some_working_days_puts_the_date_off_by_as_many(date: dt.date, number: int, pauses: list[tuple[int, int]]) -> None:
    start = working_days.here(date, WORKS)
    due, day, paused = working_days.after(start, number, WORKS), start, 0
    for run, rest in pauses:
        began = working_days.after(day, run, WORKS)
        if began > due:
            break
        day = working_days.after(began, rest, WORKS)
        due = working_days.resumed(due, began, day, WORKS)
        paused += rest
    assert due == working_days.after(start, number + paused, WORKS)
