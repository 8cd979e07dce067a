"""Ticket numbers drawn by many processes around midnight."""

from __future__ import annotations

import datetime as dt

from bot.domain import booking, queue
from bot.domain.queue import Arrival
from tests.races import deeds, unguarded
from tests.races.crew import SIZE, Crew, Deed, deed
from tests.races.hall import Hall, slot

MIDNIGHT = dt.datetime(2026, 11, 25, 17, 0, tzinfo=dt.UTC)  # in Vietnam
EACH = 6


def drawn(hall: Hall, number: int) -> Deed:
    """Every other one comes a moment after midnight."""
    now = MIDNIGHT + dt.timedelta(seconds=1 if number // SIZE % 2 else -1)
    return deed(queue.walk_in, hall.one, Arrival(), actor="kiosk:1", now=now)


def test_numbers_drawn_around_midnight_have_no_gap_and_no_double_on_either_day(crew: Crew, hall: Hall) -> None:
    outcomes = crew.race(hall.url, *(drawn(hall, number) for number in range(SIZE * EACH)))
    for day in (dt.date(2026, 11, 25), dt.date(2026, 11, 26)):
        given = sorted(outcome.result.number for outcome in outcomes if outcome.result.day == day)
        assert given == list(range(1, SIZE * EACH // 2 + 1))
    assert not hall.wrongs()


def test_control_with_the_highest_number_and_one_numbers_are_double_or_refused(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, "uq_visit_ticket")
    outcomes = crew.race(hall.url, *(drawn(hall, number) for number in range(SIZE)), off=("series",))
    assert len({outcome.result.number for outcome in outcomes}) < SIZE


def test_control_with_the_key_in_place_somebody_gets_no_number_at_all(crew: Crew, hall: Hall) -> None:
    outcomes = crew.race(hall.url, *(drawn(hall, number) for number in range(SIZE)), off=("series",))
    assert "TooLate" in {outcome.error for outcome in outcomes}


def test_a_number_whose_printing_failed_is_given_to_the_next_one(crew: Crew, hall: Hall) -> None:
    failing = [deed(deeds.walk_in_and_leave, hall.one, now=MIDNIGHT) for _ in range(SIZE)]
    steady = [deed(queue.walk_in, hall.one, Arrival(), actor="kiosk:1", now=MIDNIGHT) for _ in range(SIZE)]
    outcomes = crew.race(hall.url, *(both for pair in zip(failing, steady, strict=True) for both in pair))
    assert sorted(outcome.result.number for outcome in outcomes if outcome.result) == list(range(1, SIZE + 1))
    assert not hall.wrongs()


def test_one_person_draws_one_number_on_however_many_phones(crew: Crew, hall: Hall) -> None:
    [wish] = hall.people(1)
    arrival = Arrival(wish.person_id, wish.account_id)
    outcomes = crew.race(hall.url, *(deed(queue.walk_in, hall.one, arrival, actor="citizen", now=MIDNIGHT) for _ in range(SIZE)))
    assert len([outcome for outcome in outcomes if not outcome.error]) == 1
    assert [visit.number for visit in hall.visits()] == [1]
    assert not hall.wrongs()


def test_checked_in_at_two_kiosks_it_is_one_number(crew: Crew, hall: Hall) -> None:
    morning = slot() - dt.timedelta(minutes=20)
    booked = [hall.do(booking.take, hall.three, slot(), wish, actor="citizen", now=morning - dt.timedelta(hours=1)) for wish in hall.people(3)]
    twice = [deed(queue.check_in, visit, hall.three, actor=f"kiosk:{kiosk}", now=morning) for visit in booked for kiosk in (1, 2)]
    walking = [deed(queue.walk_in, hall.three, Arrival(), actor="kiosk:3", now=morning) for _ in range(2)]
    outcomes = crew.race(hall.url, *twice, *walking)
    assert [outcomes[place].result.number for place in (0, 2, 4)] == [outcomes[place].result.number for place in (1, 3, 5)]
    assert sorted({outcome.result.number for outcome in outcomes}) == [1, 2, 3, 4, 5]
    assert not hall.wrongs()
