"""Free words about a visit: without traces when they are written down, gone with the person or with time, also from the history."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.domain import booking, people, retention
from bot.domain.visits import Visit
from handlers import visiting
from tests.center_day import CITIZEN, CLERK, WEDNESDAY, CenterDay

NOTE = "Bà Nguyễn Thị Sáu xin dời, gọi 0912 345 678."
KEEP = retention.days(90)


def cancelled(day: CenterDay, name: str = "lan") -> Visit:
    visit = day.book(name, "8:00", day=WEDNESDAY)
    return day.do(visiting.cancel, visit, actor=CLERK, note=NOTE)


def everything(day: CenterDay) -> str:
    """All that the rows of visits and their events hold."""

    def read(session: Session) -> list[Any]:
        return [*session.execute(text("SELECT * FROM visit")), *session.execute(text("SELECT * FROM visit_event"))]

    return str(day.read(read))


def test_numbers_of_people_are_blotted_before_they_are_kept_but_told(day: CenterDay) -> None:
    visit = cancelled(day)
    assert day.row(visit).note == "Bà Nguyễn Thị Sáu xin dời, gọi …."
    assert "0912" not in everything(day)
    assert "0912 345 678" in str(day.told("lan"))


def test_who_is_forgotten_takes_the_notes_along_and_other_notes_stay(day: CenterDay) -> None:
    visit, other = cancelled(day), cancelled(day, "mai")
    day.read(people.forget, day.person("lan")[0])
    assert day.row(visit).note == ""
    assert everything(day).count("Nguyễn Thị Sáu") == 2, "in the other's row and event"
    assert day.row(other).note
    assert day.wrongs() == []


def test_after_its_time_a_note_is_gone_also_where_nobody_was_known(day: CenterDay) -> None:
    cancelled(day), cancelled(day, "")
    recent = day.book("lan", "8:00", day=WEDNESDAY, group="B")
    day.now += dt.timedelta(days=93)
    assert day.do(retention.purge, keep=KEEP) > 0
    assert "Nguyễn Thị Sáu" not in everything(day)
    assert day.row(recent).note == ""
    assert day.wrongs() == []
    assert day.do(retention.purge, keep=KEEP) == 0, "nothing is changed a second time"


def test_before_its_time_it_stays(day: CenterDay) -> None:
    visit = cancelled(day)
    day.now += dt.timedelta(days=80)
    day.do(retention.purge, keep=KEEP)
    assert day.row(visit).note


def test_a_visit_without_a_note_keeps_its_history_as_it_was(day: CenterDay) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    day.do(booking.cancel, visit, actor=CITIZEN)
    before = everything(day)
    day.read(people.forget, day.person("lan")[0])
    assert day.kinds(visit) == ["held", "booked", "cancelled"] or day.kinds(visit) == ["booked", "cancelled"]
    assert before.count("cancelled") == everything(day).count("cancelled")
