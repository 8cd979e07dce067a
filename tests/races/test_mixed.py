"""Staff and citizens at the same visit at once."""

from __future__ import annotations

import datetime as dt

from bot.domain import booking, closing
from bot.domain.booking import Wish
from bot.domain.visits import Visit
from handlers import visiting
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import CENTER, NOW, TODAY, WEDNESDAY, Hall, slot

OFF = ("lock", "state")
EVENING = slot() + dt.timedelta(hours=12)


def booked(hall: Hall, wish: Wish, number: int) -> Visit:
    return hall.do(booking.take, hall.one, slot(number), wish, actor="citizen", now=NOW)


def test_moved_by_staff_while_cancelled_by_the_citizen_it_is_cancelled_without_any_seat(crew: Crew, hall: Hall) -> None:
    for number, wish in enumerate(hall.people(4)):
        visit = booked(hall, wish, number)
        moved, given_up = crew.race(
            hall.url,
            deed(visiting.move, visit, hall.three, slot(number), actor="staff:1", now=NOW),
            deed(visiting.cancel, visit, actor="citizen", now=NOW),
        )
        assert (moved.error, given_up.error) in (("", ""), ("TooLate", ""))
        assert hall.row(visit).state == "cancelled"
        assert not hall.seated(slot(number), hall.one)
        assert not hall.seated(slot(number), hall.three)
    assert not hall.wrongs()


def test_control_without_the_states_a_cancelled_visit_keeps_a_seat(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    visit = booked(hall, wish, 0)
    crew.race(
        hall.url,
        deed(booking.move, visit, hall.three, slot(), actor="staff:1", now=NOW),
        deed(booking.cancel, visit, actor="citizen", now=NOW),
        off=OFF,
    )
    assert f"{visit.id} is cancelled with a seat" in hall.wrongs()


def test_confirmed_while_staff_close_the_day_nothing_is_left_hanging(crew: Crew, hall: Hall) -> None:
    for number in range(4):
        [wish] = hall.people(1)
        held = hall.do(booking.hold, hall.one, slot(number), wish, actor="citizen", now=NOW)
        confirmed, closed = crew.race(
            hall.url,
            deed(booking.confirm, held, actor="citizen", now=NOW),
            deed(visiting.close, CENTER, WEDNESDAY, actor="staff:1", now=EVENING),
        )
        if confirmed.error:
            assert hall.row(held).state == "expired"
        else:
            hall.do(visiting.close, CENTER, WEDNESDAY, actor="staff:1", now=EVENING)
            assert hall.row(held).state == "no_show"
        assert not hall.do(closing.hanging, CENTER, WEDNESDAY)
        assert not closed.error
    assert not hall.wrongs()


def test_control_without_the_states_a_day_that_was_closed_has_a_live_booking_without_a_seat(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    held = hall.do(booking.hold, hall.one, slot(), wish, actor="citizen", now=NOW)
    confirmed, closed = crew.race(
        hall.url,
        deed(booking.confirm, held, actor="citizen", now=NOW),
        deed(closing.close, CENTER, WEDNESDAY, actor="staff:1", now=EVENING),
        off=OFF,
    )
    assert not confirmed.error
    assert [visit.state for visit in closed.result] == ["expired"]
    assert f"{held.id} is booked without a seat" in hall.wrongs()


def test_people_called_while_the_day_is_closed_end_all_the_same(crew: Crew, hall: Hall) -> None:
    for _ in range(3):
        for _ in range(SIZE):
            hall.walk_in()
        calls = [deed(visiting.call_next, desk, actor=f"staff:{desk}", now=NOW) for desk in hall.desks[: SIZE - 1]]
        *_, closed = crew.race(hall.url, *calls, deed(visiting.close, CENTER, TODAY, actor="machine", now=NOW))
        assert not closed.error
        assert not hall.do(closing.hanging, CENTER, TODAY)
    assert not hall.wrongs()


def test_a_day_closed_by_several_processes_ends_every_visit_once(crew: Crew, hall: Hall) -> None:
    waiting = [hall.walk_in(wish=wish) for wish in hall.people(6)]
    outcomes = crew.race(hall.url, *(deed(visiting.close, CENTER, TODAY, actor="machine", now=NOW) for _ in range(SIZE)))
    assert sorted(visit.id for outcome in outcomes for visit in outcome.result) == [visit.id for visit in waiting]
    assert [hall.history(visit) for visit in waiting] == [["walk_in", "closed"]] * 6
    assert len(hall.told()) == 6


def test_running_late_and_checked_in_at_once_is_told_in_the_history(crew: Crew, hall: Hall) -> None:
    morning = slot() - dt.timedelta(minutes=20)
    for number, wish in enumerate(hall.people(4)):
        visit = booked(hall, wish, number)
        late, here = crew.race(
            hall.url,
            deed(booking.late, visit, 20, actor="citizen", now=morning),
            deed(visiting.check_in, visit, actor="kiosk:1", now=morning),
        )
        assert not here.error
        assert hall.history(visit)[1:] == (["arrived"] if late.error else ["late", "arrived"])
    assert not hall.wrongs()


def test_a_hold_for_today_does_not_stand_in_the_way_of_a_number(crew: Crew, hall: Hall) -> None:
    afternoon = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
    for wish in hall.people(4):
        hall.do(booking.hold, hall.three, afternoon, wish, actor="citizen", now=NOW)
        assert hall.walk_in(wish=wish).state == "waiting"
    assert not hall.wrongs()
