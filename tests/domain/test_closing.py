"""The end of the day leaves nothing hanging, and nobody who came loses the right to be served."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.db.enums import ENDED, LIVE
from bot.domain import closing, counters, hours, queue
from bot.domain.visits import Visit
from tests.center_day import CENTER, CLERK, HOLIDAY, MONDAY, WEDNESDAY, CenterDay, at


def close(day: CenterDay, date: dt.date = MONDAY) -> tuple[Visit, ...]:
    return day.do(closing.close, CENTER, date, actor=CLERK)


def a_whole_day(day: CenterDay) -> dict[str, Visit]:
    """One visit in each state."""
    day.turn("7:00")
    one = {"held": day.hold("lan", "16:00"), "booked": day.book("mai", "16:00"), "arrived": day.check_in(day.book("hoa", "16:30"))}
    one["done"] = day.walk_in()
    day.finish(day.called())
    one["must_return"] = day.walk_in()
    day.finish(day.called(), missing=("Giấy A",))
    one["cancelled"] = day.cancel(day.walk_in("vân"))
    one["missed"] = day.walk_in()
    day.do(queue.miss, day.called(), actor=CLERK)
    one["parked"] = day.walk_in()
    day.do(queue.park, day.called(), actor=CLERK)
    one["called"] = day.walk_in()
    day.called(1)
    one["serving"] = day.walk_in()
    day.do(queue.serve, day.called(2), actor=CLERK)
    one["waiting"] = day.walk_in()
    return one


ENDS = {
    "held": ("expired", ""), "booked": ("no_show", ""), "arrived": ("must_return", "not_served"), "waiting": ("must_return", "not_served"),
    "parked": ("must_return", "not_served"), "called": ("must_return", "not_served"), "serving": ("done", "other"), "missed": ("no_show", ""),
    "done": ("done", "accepted"), "must_return": ("must_return", "papers_missing"), "cancelled": ("cancelled", ""),
}  # fmt: skip


def test_every_state_has_its_end(day: CenterDay) -> None:
    one = a_whole_day(day)
    assert {name: day.state(visit) for name, visit in one.items()} == {name: name for name in one}
    assert set(closing.ENDS) == set(LIVE)
    day.turn("17:30")
    ended = close(day)
    assert {name: (day.state(visit), day.row(visit).outcome) for name, visit in one.items()} == ENDS
    assert {visit.id for visit in ended} == {one[name].id for name in LIVE}
    assert all(visit.counter_id is None and visit.ended_at == day.now for visit in ended)
    assert day.read(closing.hanging, CENTER, MONDAY) == []
    assert {day.state(visit) for visit in one.values()} <= set(ENDED)
    assert closing.sums(ended) == {"expired": 1, "no_show": 2, "must_return": 4, "done": 1}
    assert day.wrongs() == []


def test_who_was_still_to_come_did_not_stay_away(day: CenterDay) -> None:
    gone, coming = day.book("lan", "8:00"), day.book("mai", "16:00")
    day.turn("15:00")
    close(day)
    assert [(day.state(visit), day.row(visit).seat) for visit in (gone, coming)] == [("no_show", gone.seat), ("cancelled", None)]
    assert day.wrongs() == []


def test_whose_time_the_center_did_not_serve_did_not_stay_away(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    day.do(hours.set_exception, CENTER, MONDAY, (), "Bão", actor=CLERK)
    day.turn("17:30")
    close(day)
    assert day.state(visit) == "cancelled"


def test_closed_twice_nothing_happens(day: CenterDay) -> None:
    a_whole_day(day)
    close(day)
    before = day.snapshot()
    assert close(day) == ()
    assert day.snapshot() == before
    assert closing.sums(()) == {}


def test_another_day_is_left_alone(day: CenterDay) -> None:
    later = day.book("lan", "8:00", day=WEDNESDAY)
    assert close(day) == ()
    assert day.state(later) == "booked"
    assert day.read(closing.hanging, CENTER, WEDNESDAY) == [later]


def test_the_counters_are_free_and_begin_anew(day: CenterDay) -> None:
    for number in (1, 2):
        day.sit(number, staff=number)
    day.walk_in(priority="elderly")
    day.called()
    assert day.streak() == 1
    close(day)
    assert [desk.staff_id for desk in day.read(counters.counters, CENTER)] == [None, None, None]
    assert day.streak() == 0
    assert day.read(queue.at_counter, day.desks[1]) is None
    day.turn("7:30", WEDNESDAY)
    day.walk_in()
    assert day.called().ticket == "A001"


def test_closing_a_forgotten_day_does_not_send_todays_clerks_away(day: CenterDay) -> None:
    day.walk_in()
    day.turn("8:00", WEDNESDAY)
    day.sit(1)
    day.walk_in()
    called = day.called()
    assert [visit.state for visit in close(day)] == ["must_return"]
    assert [desk.staff_id for desk in day.read(counters.counters, CENTER)] == [1, None, None]
    assert day.state(called) == "called"


def test_who_came_and_was_not_served_is_first_on_the_next_day(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    day.turn("17:30")
    close(day)
    day.turn("7:40", WEDNESDAY)
    day.walk_in()
    again = day.check_in(visit)
    assert (again.follows_id, again.returned) == (visit.id, True)
    assert day.serve_all() == ["A002", "A001"]


def test_days_that_were_never_closed_are_known(day: CenterDay) -> None:
    day.walk_in(), day.walk_in()
    day.book("lan", "8:00", day=WEDNESDAY)
    assert day.read(closing.forgotten_days, MONDAY) == []
    assert day.read(closing.forgotten_days, HOLIDAY) == [(CENTER, MONDAY)]
    assert day.read(closing.forgotten_days, WEDNESDAY + dt.timedelta(days=1)) == [(CENTER, MONDAY), (CENTER, WEDNESDAY)]
    close(day)
    assert day.read(closing.forgotten_days, HOLIDAY) == []


@pytest.mark.parametrize("hour", ["17:30", "12:00"])
def test_the_moment_of_closing_is_the_end_of_what_was_open(day: CenterDay, hour: str) -> None:
    visit = day.walk_in()
    day.turn(hour)
    close(day)
    assert day.row(visit).ended_at == at(hour)
    assert day.kinds(visit) == ["walk_in", "closed"]
