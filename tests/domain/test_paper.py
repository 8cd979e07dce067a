"""Numbers on paper: a block taken out of a series, and what was written down entered afterwards."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot import errors
from bot.domain import closing, diary, paper, visits
from bot.domain.paper import Paper
from bot.domain.visits import Missing, Visit
from tests.center_day import CENTER, CLERK, MONDAY, WEDNESDAY, CenterDay, at


def reserve(day: CenterDay, count: int, letter: str = "A", date: dt.date = MONDAY) -> tuple[int, int]:
    return day.read(paper.reserve, CENTER, letter, date, count)


def enter(day: CenterDay, number: int, state: str = "done", **named: Any) -> Visit:
    day.turn("10:00")
    return day.do(paper.enter, day.groups["A"], Paper(MONDAY, number, at("8:00"), state, **named), actor=CLERK)


def test_a_block_is_taken_and_the_series_goes_on_after_it(day: CenterDay) -> None:
    assert day.walk_in().ticket == "A001"
    assert reserve(day, 30) == (2, 31)
    assert reserve(day, 1) == (32, 32)
    assert day.walk_in().ticket == "A033"
    assert reserve(day, 5, "B") == (1, 5)
    assert reserve(day, 5, date=WEDNESDAY) == (1, 5)


def test_a_reserved_number_is_entered_and_the_series_stays_where_it_is(day: CenterDay) -> None:
    reserve(day, 3)
    made = enter(day, 2, outcome="accepted")
    assert (made.ticket, made.state, made.source, made.arrived_at) == ("A002", "done", "paper", at("8:00"))
    assert day.walk_in().ticket == "A004"
    assert day.kinds(made) == ["paper"]
    assert day.read(visits.untrue, CENTER, MONDAY) == []


def test_a_number_nobody_reserved_pushes_the_series_on(day: CenterDay) -> None:
    enter(day, 7, outcome="accepted")
    assert day.walk_in().ticket == "A008"


def test_the_same_number_twice_is_refused_and_changes_nothing(day: CenterDay) -> None:
    day.walk_in()
    with pytest.raises(errors.TooLate) as refused:
        enter(day, 1)
    assert refused.value.state == "taken"
    assert day.walk_in().ticket == "A002"


def test_a_booking_that_came_on_paper_gets_its_number(day: CenterDay) -> None:
    booked = day.book("lan", "8:30")
    made = enter(day, 4, "must_return", outcome="papers_missing", missing=(Missing("other", "Giấy A"),), visit=booked)
    assert (made.id, made.ticket, [paper.name for paper in made.papers_missing]) == (booked.id, "A004", ["Giấy A"])
    assert day.read(visits.untrue, CENTER, MONDAY) == []


def test_a_booking_closed_as_not_there_is_put_right_afterwards(day: CenterDay) -> None:
    booked = day.book("lan", "8:30")
    day.turn("17:30")
    day.do(closing.close, CENTER, MONDAY, actor=CLERK)
    assert enter(day, 4, outcome="accepted", visit=day.row(booked)).state == "done"


def test_a_booking_that_was_served_already_is_left_alone(day: CenterDay) -> None:
    booked, other = day.book("lan", "8:30"), day.book("mai", "8:30")
    day.check_in(booked)
    with pytest.raises(errors.TooLate):
        enter(day, 4, visit=booked)
    with pytest.raises(errors.TooLate):
        enter(day, 1, visit=other)
    assert day.state(booked) == "arrived"


def test_a_day_is_summed_up_by_how_its_visits_ended(day: CenterDay) -> None:
    day.book("lan", "8:30")
    day.walk_in()
    enter(day, 5, outcome="accepted")
    day.turn("17:30")
    day.do(closing.close, CENTER, MONDAY, actor=CLERK)
    assert day.read(diary.sums, CENTER, MONDAY, WEDNESDAY) == {MONDAY: {"no_show": 1, "not_served": 1, "done": 1}}


def test_a_code_is_found_on_whatever_day_it_is_for(day: CenterDay) -> None:
    booked = day.book("lan", "8:30", day=WEDNESDAY)
    assert [visit.id for visit in day.read(diary.with_code, CENTER, f"{booked.code[:3]} {booked.code[3:]}", MONDAY)] == [booked.id]
    assert day.read(diary.with_code, CENTER, booked.code, WEDNESDAY + dt.timedelta(days=1)) == []
    assert day.read(diary.with_code, "elsewhere", booked.code, MONDAY) == []
