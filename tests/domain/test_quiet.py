"""Quiet hours: a pure rule over counts, and the counting."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot import clock
from bot.db.store import Store
from bot.domain import centers, hours, quiet, visits

MONDAY = dt.date(2026, 11, 23)
WEEK = hours.Week((hours.parse("7:30-11:30, 13:30-17:00"), *((),) * 6))
BUSY = {(0, 7): 8, (0, 8): 20, (0, 9): 18, (0, 10): 14, (0, 11): 6, (0, 13): 7, (0, 14): 4, (0, 15): 5, (0, 16): 12}


def test_open_minutes_of_each_hour() -> None:
    assert quiet.opened(WEEK) == {(0, 7): 30, (0, 8): 60, (0, 9): 60, (0, 10): 60, (0, 11): 30, (0, 13): 30, (0, 14): 60, (0, 15): 60, (0, 16): 60}


def test_hours_with_few_arrivals_are_quiet_and_half_hours_are_not_punished() -> None:
    assert quiet.hours(BUSY, quiet.opened(WEEK)) == {(0, 14), (0, 15)}


@pytest.mark.parametrize("part", [0, 10, 20])
def test_too_few_people_say_nothing(part: int) -> None:
    few = {hour: count * part // 100 for hour, count in BUSY.items()}
    assert quiet.hours(few, quiet.opened(WEEK)) == frozenset()


def test_an_open_hour_nobody_came_in_is_the_quietest() -> None:
    assert (0, 15) in quiet.hours({hour: count for hour, count in BUSY.items() if hour != (0, 15)}, quiet.opened(WEEK))


def test_an_even_day_has_no_quiet_hour() -> None:
    opened = quiet.opened(WEEK)
    assert quiet.hours(opened, opened) == frozenset()


def test_who_came_while_it_was_closed_counts_for_nothing() -> None:
    assert quiet.hours({**BUSY, (0, 12): 500, (6, 9): 500}, quiet.opened(WEEK)) == {(0, 14), (0, 15)}


def arrive(session: Session, day: dt.date, hour: int, count: int) -> None:
    at = dt.datetime.combine(day, dt.time(hour, 10), clock.VIETNAM).astimezone(dt.UTC)
    for _ in range(count):
        visits.add(session, "walk_in", actor="kiosk:1", now=at, center_id="trung-tam", group_id=1, day=day, state="done", arrived_at=at)


async def test_arrivals_of_four_weeks_are_counted_in_local_hours(store: Store) -> None:
    await store.write(centers.settle, centers.read(None), now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    for weeks, count in [(0, 7), (1, 3), (4, 5), (5, 9)]:
        await store.write(arrive, MONDAY - dt.timedelta(weeks=weeks), 8, count)
    assert await store.read(quiet.counted, "trung-tam", MONDAY) == {(0, 8): 8}, "today and the fifth week before are left out"
    assert await store.read(quiet.counted, "elsewhere", MONDAY) == {}


async def test_the_past_is_counted_once_a_day(store: Store) -> None:
    past = quiet.Past()
    await store.write(arrive, MONDAY - dt.timedelta(weeks=1), 8, 50)
    first = await store.read(past.hours, "trung-tam", WEEK, MONDAY)
    assert (0, 14) in first
    assert (0, 8) not in first
    await store.write(arrive, MONDAY - dt.timedelta(weeks=1), 14, 50)
    assert await store.read(past.hours, "trung-tam", WEEK, MONDAY) == first
    assert (0, 14) not in await store.read(past.hours, "trung-tam", WEEK, MONDAY + dt.timedelta(days=1))
