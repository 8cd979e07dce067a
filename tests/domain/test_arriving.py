"""Numbers, and coming in: by oneself, or as somebody who booked."""

from __future__ import annotations

import pytest

from bot import errors
from bot.db import upsert
from bot.db.day import Series
from bot.domain import queue
from tests.center_day import CENTER, MONDAY, WEDNESDAY, CenterDay, at, minutes
from tests.domain.steps import step


def test_numbers_go_up_by_one_in_each_series_and_day(day: CenterDay) -> None:
    assert [day.walk_in(group=group).ticket for group in "AABAB"] == ["A001", "A002", "B001", "A003", "B002"]
    day.turn("23:59")
    assert day.walk_in().ticket == "A004"
    day.now += minutes(1)
    assert day.walk_in().ticket == "A001"
    assert day.today != MONDAY
    assert day.wrongs() == []


def test_booked_and_walked_in_share_the_series(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    day.turn("7:50")
    assert [day.walk_in().ticket, day.check_in(booked).ticket, day.walk_in().ticket] == ["A001", "A002", "A003"]


def test_after_999_the_numbers_go_on(day: CenterDay) -> None:
    for _ in range(2):
        day.walk_in()
    day.read(lambda session: session.execute(upsert.table(Series).update().values(last=999)) and None)
    assert day.walk_in().ticket == "A1000"


def test_the_next_number_is_one_more(day: CenterDay) -> None:
    assert [day.read(queue.next_number, CENTER, letter, MONDAY) for letter in "AAB"] == [1, 2, 1]


def test_a_walk_in_waits_from_now_on(day: CenterDay) -> None:
    visit = day.walk_in(priority="elderly", procedure="1.000656")
    assert (visit.state, visit.due_at, visit.arrived_at, visit.priority, visit.source) == ("waiting", day.now, day.now, "elderly", "kiosk")
    assert (visit.person_id, visit.starts_at, visit.seat, visit.returned, visit.follows_id) == (None, None, None, False, None)
    assert day.kinds(visit) == ["walk_in"]


def test_a_chat_account_holds_one_number(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    for group in "AB":
        with pytest.raises(errors.AlreadyBooked) as caught:
            day.walk_in("lan", group=group)
        assert caught.value.visit_id == visit.id
    assert day.walk_in("mai").ticket == "A002", "and the refusal left no gap"


def test_who_is_booked_today_checks_that_in_instead_of_taking_a_number(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    with pytest.raises(errors.AlreadyBooked) as caught:
        day.walk_in("lan")
    assert caught.value.visit_id == booked.id


def test_who_is_booked_for_another_day_or_person_may_take_a_number(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY), day.book("lan", "9:00", behalf="relative")
    assert day.walk_in("lan").ticket == "A001"


def test_who_takes_a_number_while_choosing_a_time_gives_the_time_back(day: CenterDay) -> None:
    held = day.hold("lan", "8:00")
    assert day.walk_in("lan").ticket == "A001"
    assert (day.state(held), day.row(held).seat) == ("expired", None)
    assert day.wrongs() == []


@pytest.mark.parametrize(
    ("arrives", "state", "due"),
    [
        ("7:30", "arrived", "9:00"),
        ("8:29", "arrived", "9:00"),
        ("8:30", "waiting", "9:00"),
        ("9:10", "waiting", "9:00"),
        ("9:11", "waiting", "9:11"),
        ("16:00", "waiting", "16:00"),
    ],
)
def test_who_booked_checks_in(day: CenterDay, arrives: str, state: str, due: str) -> None:
    booked = day.book("lan", "9:00")
    day.turn(arrives)
    here = day.check_in(booked)
    assert (here.id, here.state, here.ticket, here.due_at, here.arrived_at) == (booked.id, state, "A001", at(due), at(arrives))
    assert day.check_in(booked) == here, "checked in twice it is the same ticket"
    assert day.kinds(booked) == ["booked", "arrived"]


def test_what_the_kiosk_says_of_age_is_kept_with_what_was_known(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    day.turn("7:45")
    assert day.check_in(booked, priority="pregnant").priority == "pregnant"


def test_nobody_checks_in_on_another_day_or_after_the_end(day: CenterDay) -> None:
    later, cancelled, held = day.book("lan", "8:00", day=WEDNESDAY), day.cancel(day.book("mai", "8:00")), day.hold("hoa", "8:00")
    for visit, state in ((later, "booked"), (cancelled, "cancelled"), (held, "held")):
        with pytest.raises(errors.TooLate) as caught:
            day.check_in(visit)
        assert caught.value.state == state
    done = day.walk_in()
    day.finish(day.called())
    with pytest.raises(errors.TooLate, match="done"):
        day.check_in(done)


def test_checking_in_at_the_counter_changes_nothing(day: CenterDay) -> None:
    day.walk_in()
    called = day.called()
    assert day.check_in(called) == called
    serving = step(day, queue.serve, called)
    assert day.check_in(called) == serving
