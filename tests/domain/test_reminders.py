"""Each booking is reminded of once the evening before and once an hour before; what would come too late is dropped and counted."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.db import upsert
from bot.db.day import Reminder
from bot.domain import reminders
from bot.domain.reminders import Due
from bot.domain.visits import Visit
from tests.center_day import HOLIDAY, SUNDAY, WEDNESDAY, CenterDay, at, minutes


def due(day: CenterDay) -> list[Due]:
    return day.do(reminders.due)


def told(day: CenterDay) -> list[tuple[str, str]]:
    """What comes due now, and that it was written down."""
    found = due(day)
    assert all(day.do(reminders.settle, one.visit, one.kind, one.fate) for one in found)
    return [(one.kind, one.fate) for one in found]


@pytest.mark.parametrize(
    ("starts", "evening", "hour"),
    [
        (at("8:00", WEDNESDAY), at("19:00", HOLIDAY), at("7:00", WEDNESDAY)),
        (at("16:30"), at("19:00", SUNDAY), at("15:30")),
        (at("0:30"), at("19:00", SUNDAY), at("23:30", SUNDAY)),
    ],
)
def test_the_evening_before_and_an_hour_before(starts: dt.datetime, evening: dt.datetime, hour: dt.datetime) -> None:
    assert reminders.moments(starts) == {"evening": evening, "hour": hour}


def test_nothing_is_due_before_its_moment(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("18:59", HOLIDAY)
    assert due(day) == []
    day.turn("19:00")
    assert [(one.kind, one.fate, one.moment) for one in due(day)] == [("evening", "queued", day.now)]
    day.turn("6:59", WEDNESDAY)
    assert "hour" not in [one.kind for one in due(day)]
    day.turn("7:00")
    assert "hour" in [one.kind for one in due(day)]


@pytest.mark.parametrize(
    ("hour", "date", "kind", "fate"),
    [
        ("19:00", HOLIDAY, "evening", "queued"),
        ("22:00", HOLIDAY, "evening", "queued"),
        ("22:01", HOLIDAY, "evening", "late"),
        ("6:00", WEDNESDAY, "evening", "late"),
        ("7:00", WEDNESDAY, "hour", "queued"),
        ("7:40", WEDNESDAY, "hour", "queued"),
        ("7:41", WEDNESDAY, "hour", "late"),
        ("7:59", WEDNESDAY, "hour", "late"),
        ("8:01", WEDNESDAY, "hour", "late"),
        ("16:00", WEDNESDAY, "hour", "late"),
    ],
)
def test_a_reminder_is_of_use_for_a_while(day: CenterDay, hour: str, date: dt.date, kind: str, fate: str) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn(hour, date)
    assert (kind, fate) in [(one.kind, one.fate) for one in due(day)]


def test_it_is_dropped_by_the_outbox_when_it_is_of_no_use_any_more(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("7:10", WEDNESDAY)
    assert {one.kind: one.not_after for one in due(day)} == {"evening": at("22:00", HOLIDAY), "hour": at("7:40", WEDNESDAY)}


def test_each_is_settled_once(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("19:00", HOLIDAY)
    (one,) = due(day)
    assert day.do(reminders.settle, one.visit, one.kind, "queued") is True
    assert day.do(reminders.settle, one.visit, one.kind, "queued") is False, "another process was first"
    assert due(day) == []
    day.turn("7:00", WEDNESDAY)
    assert told(day) == [("hour", "queued")]
    assert due(day) == []


def test_who_booked_after_the_moment_is_not_reminded_of_what_they_just_did(day: CenterDay) -> None:
    day.turn("20:00", HOLIDAY)
    day.book("lan", "8:00", day=WEDNESDAY)
    assert told(day) == [("evening", "skipped")]
    day.turn("7:00", WEDNESDAY)
    assert told(day) == [("hour", "queued")]


def test_a_moved_booking_is_reminded_of_anew(day: CenterDay) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("19:00", HOLIDAY)
    assert told(day) == [("evening", "queued")]
    day.move(visit, "9:00", day=WEDNESDAY + dt.timedelta(days=1))
    assert due(day) == []
    day.turn("19:00", WEDNESDAY)
    assert told(day) == [("evening", "queued")]
    day.move(visit, "10:00", day=WEDNESDAY + dt.timedelta(days=1))
    day.turn("9:00", WEDNESDAY + dt.timedelta(days=1))
    assert ("hour", "queued") in told(day)


@pytest.mark.parametrize("how", ["held", "cancelled", "waiting", "walk_in"])
def test_only_a_booking_is_reminded_of(day: CenterDay, how: str) -> None:
    day.turn("7:05")
    if how == "walk_in":
        day.walk_in("lan")
    else:
        visit = day.hold("lan", "8:00") if how == "held" else day.book("lan", "8:00")
        if how == "cancelled":
            day.cancel(visit)
        if how == "waiting":
            day.turn("7:45")
            day.check_in(visit)
    day.turn("7:50")
    assert due(day) == []


def test_the_counts_say_what_became_of_them(day: CenterDay) -> None:
    began = day.now
    for name in ("lan", "mai"):
        day.book(name, "8:00", day=WEDNESDAY)
    day.turn("19:00", HOLIDAY)
    told(day)
    day.turn("23:00", HOLIDAY)
    day.book("hoa", "9:00", day=WEDNESDAY)
    told(day)
    day.turn("7:55", WEDNESDAY)
    assert sorted(told(day)) == [("hour", "late"), ("hour", "late")]
    assert day.read(reminders.counts, since=began) == {"queued": 2, "skipped": 1, "late": 2}
    assert day.read(reminders.counts, since=at("7:00", WEDNESDAY)) == {"late": 2}


def test_what_was_slept_through_is_counted_as_late(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("14:00", WEDNESDAY)
    assert told(day) == [("evening", "late"), ("hour", "late")]
    assert due(day) == []


def test_the_row_knows_its_message_and_reason(day: CenterDay) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    day.do(reminders.settle, visit, "evening", "queued", reason="r")
    day.read(reminders.queued, visit, "evening", 7)
    assert row(day, visit) == (7, "r", "queued")


def test_what_is_about_another_moment_has_a_row_of_its_own(day: CenterDay) -> None:
    ticket = day.walk_in("lan")
    noon = at("12:00")
    assert day.do(reminders.settle, ticket, "soon", "queued", about=noon) is True
    assert day.do(reminders.settle, ticket, "soon", "queued", about=noon) is False
    day.read(reminders.queued, ticket, "soon", 9, about=noon)
    assert row(day, ticket)[0] == 9
    assert day.do(reminders.settle, ticket, "soon", "queued", about=noon + minutes(1)) is True


def row(day: CenterDay, visit: Visit) -> tuple[int | None, str, str]:
    table = upsert.table(Reminder)
    found = day.read(lambda session: session.execute(table.select().where(table.c.visit_id == visit.id)).one())
    return found.outbox_id, found.reason, found.state


def test_many_bookings_are_looked_through_at_once(day: CenterDay) -> None:
    for hour in ("8:00", "9:00", "10:00"):
        for group in "AC":
            day.book("", hour, day=WEDNESDAY, group=group)
    day.turn("19:00", HOLIDAY)
    found = due(day)
    assert [one.visit.starts_at for one in found] == sorted(one.visit.starts_at or day.now for one in found)
    assert len(found) == 6
