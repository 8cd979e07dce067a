"""Who no longer fits when hours change, and where they could go."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain import counters, displaced, hours
from bot.domain.displaced import Proposal
from bot.domain.hours import DayHours
from bot.domain.visits import Visit
from tests.center_day import CENTER, CLERK, MONDAY, WEDNESDAY, CenterDay, at, free, minutes

THURSDAY, FRIDAY = dt.date(2026, 11, 26), dt.date(2026, 11, 27)


def booked(hour: str, *, length: float = 30, group: int = 1) -> Visit:
    starts_at = at(hour, WEDNESDAY)
    return Visit(1, CENTER, group, WEDNESDAY, "booked", "t", "1", starts_at=starts_at, ends_at=starts_at + minutes(length))


@pytest.mark.parametrize(
    ("spans", "hour", "fits", "inside"),
    [
        ("7:30-11:30, 13:30-17:00", "7:30", True, True),
        ("7:30-11:30, 13:30-17:00", "11:00", True, True),
        ("8:00-11:30", "7:30", False, False),
        ("7:30-11:15", "11:00", False, False),
        ("7:45-11:45", "8:00", False, True),
        ("", "8:00", False, False),
        ("13:30-24:00", "23:30", True, True),
    ],
)
def test_a_booking_fits_when_it_begins_with_a_time_inside_the_hours(spans: str, hour: str, fits: bool, inside: bool) -> None:
    found = displaced.outside([booked(hour)], {WEDNESDAY: DayHours(WEDNESDAY, hours.parse(spans))}, {1: 30})
    assert [one.inside for one in found] == ([] if fits else [inside])


def test_a_group_that_is_gone_has_no_times() -> None:
    found = displaced.outside([booked("8:00", group=9)], {WEDNESDAY: DayHours(WEDNESDAY, hours.parse("7:30-11:30"))}, {1: 30})
    assert [one.inside for one in found] == [True]


def plan(day: CenterDay) -> list[Proposal]:
    def work(session: object, *, now: dt.datetime) -> list[Proposal]:
        coming = displaced.booked(session, CENTER, now=now)  # type: ignore[arg-type]
        return displaced.plan(session, CENTER, displaced.find(session, CENTER, coming), now=now)  # type: ignore[arg-type]

    return day.do(work)


def test_a_closed_day_displaces_its_bookings_and_no_others(day: CenterDay) -> None:
    one = day.book("lan", "9:00", day=WEDNESDAY)
    day.book("mai", "9:00", day=THURSDAY)
    free(day, WEDNESDAY, "")
    assert [proposal.visit.id for proposal in plan(day)] == [one.id]


def test_the_nearest_free_time_is_proposed_and_no_seat_twice(day: CenterDay) -> None:
    for name in ("lan", "mai", "hoa"):
        day.book(name, "16:00" if name == "hoa" else "16:30", day=WEDNESDAY)
    day.book("vân", "7:30", day=THURSDAY)
    free(day, WEDNESDAY, "")
    # Tuesday is a holiday; Thursday's first time has one seat left, its second one two.
    assert [proposal.to for proposal in plan(day)] == [at("7:30", THURSDAY), at("8:00", THURSDAY), at("8:00", THURSDAY)]


def test_within_the_day_the_closest_time_counts_the_later_one_of_two_alike(day: CenterDay) -> None:
    day.book("lan", "10:00", day=WEDNESDAY)
    free(day, WEDNESDAY, "7:30-9:30, 10:30-11:30")
    assert [proposal.to for proposal in plan(day)] == [at("10:30", WEDNESDAY)]


def test_nobody_is_moved_to_a_time_they_cannot_have_read_of(day: CenterDay) -> None:
    day.turn("13:00")
    day.book("lan", "15:00")
    free(day, MONDAY, "7:30-11:30, 13:30-15:00")
    assert [proposal.to for proposal in plan(day)] == [at("7:30", WEDNESDAY)]


def test_nobody_is_moved_to_a_day_they_come_on_already(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    day.book("lan", "9:00", day=THURSDAY)
    free(day, WEDNESDAY, "")
    [proposal] = plan(day)
    assert proposal.to is not None
    assert proposal.to in (at("16:30"), at("7:30", FRIDAY))
    assert proposal.to == at("16:30") or proposal.to.date() == FRIDAY


def test_two_bookings_of_one_person_go_to_different_days(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    day.book("lan", "9:00", day=THURSDAY)
    free(day, WEDNESDAY, "")
    free(day, THURSDAY, "")
    days = [proposal.to.date() for proposal in plan(day) if proposal.to is not None]
    assert len(days) == len(set(days)) == 2


def test_a_day_others_wait_for_is_theirs(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    day.wait_for("mai", day=THURSDAY)
    free(day, WEDNESDAY, "")
    assert [proposal.to.date() for proposal in plan(day) if proposal.to is not None] != [THURSDAY]


def test_without_any_free_time_nothing_is_proposed(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    day.do(hours.set_week, CENTER, hours.Week(), actor=CLERK)
    assert [(proposal.to, proposal.inside) for proposal in plan(day)] == [(None, False)]


def test_only_what_a_change_makes_worse_needs_a_decision(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    free(day, WEDNESDAY, "7:45-11:30")
    coming = day.do(displaced.booked, CENTER)
    [between] = day.read(displaced.find, CENTER, coming)
    assert between.inside
    assert displaced.worse([between], [between]) == []
    assert displaced.worse([], [between]) == [between]
    free(day, WEDNESDAY, "")
    [outside] = day.read(displaced.find, CENTER, coming)
    assert displaced.worse([between], [outside]) == [outside]


def test_the_seal_changes_with_the_plan(day: CenterDay) -> None:
    day.book("lan", "9:00", day=WEDNESDAY)
    free(day, WEDNESDAY, "")
    first = displaced.seal(plan(day))
    assert first == displaced.seal(plan(day))
    day.book("mai", "7:30", day=THURSDAY)
    day.book("hoa", "7:30", day=THURSDAY)
    free(day, THURSDAY, "")
    assert displaced.seal(plan(day)) != first


def test_times_with_more_bookings_than_seats_are_counted(day: CenterDay) -> None:
    for name in ("lan", "mai"):
        day.book(name, "9:00", day=WEDNESDAY)
    day.book("hoa", "9:30", day=WEDNESDAY)
    group = counters.Group(day.groups["A"].id, CENTER, "A", "x", seats=1)
    [crowded] = day.do(displaced.crowded, group)
    assert (crowded.starts_at, crowded.booked, crowded.seats) == (at("9:00", WEDNESDAY), 2, 1)
