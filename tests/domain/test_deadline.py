"""Until when an answer is promised: only open hours count."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import centers, deadline, hours

HERE = "trung-tam"


def at(day: int, hour: str) -> dt.datetime:
    """A moment of November 2026 at the center; the 23rd is a Monday, the 24th a holiday."""
    hours_, minutes = hour.split(":")
    return dt.datetime(2026, 11, day, int(hours_), int(minutes), tzinfo=clock.VIETNAM).astimezone(dt.UTC)


@pytest.fixture
async def center(store: Store, tiny: Premises) -> Store:
    await store.write(centers.settle, tiny.directory.all, now=at(20, "8:00"))
    return store


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        (at(23, "7:30"), at(23, "11:30")),
        (at(23, "8:00"), at(23, "14:00")),
        (at(23, "12:00"), at(25, "8:00")),
        (at(23, "17:00"), at(25, "11:30")),
        (at(24, "9:00"), at(25, "11:30")),
        (at(22, "23:59"), at(23, "11:30")),
        (at(27, "16:00"), at(28, "10:30")),
        (at(28, "11:00"), at(30, "11:00")),
    ],
)
async def test_four_open_hours_over_lunch_nights_holidays_and_weekends(center: Store, asked: dt.datetime, until: dt.datetime) -> None:
    assert await center.read(deadline.after, HERE, asked, dt.timedelta(hours=4)) == until


async def test_exactly_the_patience_was_open_in_between(center: Store) -> None:
    def open_between(session: Session, begins: dt.datetime, ends: dt.datetime) -> dt.timedelta:
        days = hours.of_days(session, HERE, clock.today(begins), clock.today(ends))
        spans = [(hours.at(date, span.opens), hours.at(date, span.closes)) for date, day in days.items() for span in day.spans]
        return sum((max(min(closes, ends) - max(opens, begins), dt.timedelta()) for opens, closes in spans), dt.timedelta())

    for minutes in range(0, 5 * 24 * 60, 37):
        begins = at(20, "0:00") + dt.timedelta(minutes=minutes)
        ends = await center.read(deadline.after, HERE, begins, dt.timedelta(hours=4))
        assert await center.read(open_between, begins, ends) == dt.timedelta(hours=4)


async def test_where_no_opening_is_known_it_is_a_week(center: Store) -> None:
    assert await center.read(deadline.after, "nowhere", at(23, "8:00"), dt.timedelta(hours=4)) == at(23, "8:00") + deadline.NOTHING_OPEN


def test_the_next_opening_is_only_said_while_it_is_shut(tiny: Premises) -> None:
    for now, opens in (
        (at(23, "8:00"), None),
        (at(23, "7:00"), at(23, "7:30")),
        (at(23, "12:00"), at(23, "13:30")),
        (at(23, "17:00"), at(25, "7:30")),
    ):
        assert deadline.next_opening(tiny.center, now) == opens
