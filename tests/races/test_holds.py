"""A hold that runs out while it is confirmed, and things pressed twice."""

from __future__ import annotations

import datetime as dt

from bot.domain import booking
from bot.domain.visits import Visit
from handlers import visiting
from tests.races import unguarded
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall, slot

A_MOMENT = dt.timedelta(seconds=1)
OFF = ("lock", "state")
PERSON_KEYS = ("uq_visit_one_live", "uq_visit_one_hold", "uq_visit_group_id_starts_at_seat")


def hold(hall: Hall, number: int = 0) -> Visit:
    [wish] = hall.people(1)
    return hall.do(booking.hold, hall.one, slot(number), wish, actor="citizen", now=NOW)


def test_a_hold_is_confirmed_with_its_seat_or_runs_out_without_one(crew: Crew, hall: Hall) -> None:
    for number in range(6):
        held = hold(hall, number)
        assert held.hold_until is not None
        [other] = hall.people(1)
        confirmed, swept, snapped = crew.race(
            hall.url,
            deed(booking.confirm, held, actor="citizen", now=held.hold_until - A_MOMENT),
            deed(booking.expire, now=held.hold_until + A_MOMENT),
            deed(booking.take, hall.one, slot(number), other, actor="citizen", now=held.hold_until + A_MOMENT),
        )
        row = hall.row(held)
        if not confirmed.error:
            assert (row.state, row.seat, swept.result, snapped.error) == ("booked", 1, 0, "SlotTaken")
        else:
            assert (confirmed.error, row.state, row.seat) == ("TooLate", "expired", None)
        assert len(hall.history(held)) == 2
    assert not hall.wrongs()


def test_control_without_the_states_a_hold_is_confirmed_and_runs_out(crew: Crew, hall: Hall) -> None:
    held = hold(hall)
    assert held.hold_until is not None
    confirmed, swept = crew.race(
        hall.url,
        deed(booking.confirm, held, actor="citizen", now=held.hold_until - A_MOMENT),
        deed(booking.expire, now=held.hold_until + A_MOMENT),
        off=OFF,
    )
    assert (confirmed.error, swept.result) == ("", 1)
    assert f"{held.id} is booked without a seat" in hall.wrongs()


def test_a_double_tap_on_a_time_is_one_hold(crew: Crew, hall: Hall) -> None:
    for number in range(3):
        [wish] = hall.people(1)
        outcomes = crew.race(hall.url, *(deed(booking.hold, hall.one, slot(number), wish, actor="citizen", now=NOW) for _ in range(SIZE)))
        [held] = hall.seated(slot(number), hall.one)
        assert [outcome.result.id for outcome in outcomes] == [held.id] * SIZE
        assert hall.history(held) == ["held"]


def test_control_without_lock_and_keys_a_double_tap_holds_several_seats(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, *PERSON_KEYS)
    [wish] = hall.people(1)
    taps = [deed(booking.hold, hall.one, slot(), wish, actor="citizen", now=NOW) for _ in range(SIZE)]
    crew.race(hall.url, *taps, off=("lock",))
    assert len(hall.seated(slot(), hall.one)) > 1


def test_a_double_tap_on_confirm_and_on_cancel_is_one_step(crew: Crew, hall: Hall) -> None:
    held = hold(hall)
    confirmed = crew.race(hall.url, *(deed(booking.confirm, held, actor="citizen", now=NOW) for _ in range(SIZE)))
    assert [outcome.result.id for outcome in confirmed] == [held.id] * SIZE
    given_up = crew.race(hall.url, *(deed(visiting.cancel, held, actor="citizen", now=NOW) for _ in range(SIZE)))
    assert [outcome.result.state for outcome in given_up] == ["cancelled"] * SIZE
    assert hall.history(held) == ["held", "booked", "cancelled"]


def test_a_double_tap_on_book_is_one_booking(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    outcomes = crew.race(hall.url, *(deed(booking.take, hall.three, slot(), wish, actor="citizen", now=NOW) for _ in range(SIZE)))
    assert len({outcome.result.id for outcome in outcomes}) == 1
    assert len(hall.visits()) == 1


def test_one_person_on_several_channels_never_has_two_holds(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    outcomes = crew.race(hall.url, *(deed(booking.hold, hall.three, slot(number), wish, actor="citizen", now=NOW) for number in range(SIZE)))
    assert not any(outcome.error for outcome in outcomes), "the later hold takes the place of the earlier one"
    assert sorted(visit.state for visit in hall.visits()) == ["expired"] * 7 + ["held"]
    assert not hall.wrongs()


def test_control_without_lock_and_keys_one_person_has_several_holds(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, *PERSON_KEYS)
    [wish] = hall.people(1)
    taps = [deed(booking.hold, hall.three, slot(number), wish, actor="citizen", now=NOW) for number in range(SIZE)]
    crew.race(hall.url, *taps, off=("lock",))
    assert any(wrong.startswith("twice on a day") for wrong in hall.wrongs())


def test_one_person_on_several_channels_books_one_time_of_a_day(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    outcomes = crew.race(hall.url, *(deed(booking.take, hall.three, slot(number), wish, actor="citizen", now=NOW) for number in range(SIZE)))
    assert sorted(outcome.error for outcome in outcomes) == [""] + ["AlreadyBooked"] * 7
    assert not hall.wrongs()


def test_a_hold_confirmed_here_while_another_time_is_held_there_leaves_one_of_them(crew: Crew, hall: Hall) -> None:
    for _ in range(6):
        [wish] = hall.people(1)
        held = hall.do(booking.hold, hall.three, slot(), wish, actor="citizen", now=NOW)
        confirmed, other = crew.race(
            hall.url,
            deed(booking.confirm, held, actor="citizen", now=NOW),
            deed(booking.hold, hall.three, slot(1), wish, actor="citizen", now=NOW),
        )
        assert (confirmed.error, other.error) in (("", "AlreadyBooked"), ("TooLate", ""))
        hall.do(booking.cancel_all, wish.person_id, actor="citizen", now=NOW)
    assert not hall.wrongs()


def test_a_booking_moved_here_while_another_is_taken_there_stays_one_a_day(crew: Crew, hall: Hall) -> None:
    thursday = dt.date(2026, 11, 26)
    for number in range(4):
        [wish] = hall.people(1)
        booked = hall.do(booking.take, hall.three, slot(number, thursday), wish, actor="citizen", now=NOW)
        moved, taken = crew.race(
            hall.url,
            deed(booking.move, booked, hall.three, slot(number), actor="citizen", now=NOW),
            deed(booking.take, hall.three, slot(number + 1), wish, actor="citizen", now=NOW),
        )
        assert sorted((moved.error, taken.error)) == ["", "AlreadyBooked"]
    assert not hall.wrongs()
