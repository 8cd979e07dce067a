"""The last seat, wanted by many processes at once."""

from __future__ import annotations

import pytest

from bot.domain import booking
from bot.domain.visits import Visit
from tests.races import deeds, unguarded
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall, slot

SEAT_KEY = "uq_visit_group_id_starts_at_seat"


def test_of_eight_who_want_the_last_seat_one_gets_it_and_the_others_the_nearest_times(crew: Crew, hall: Hall) -> None:
    wanted = [deed(deeds.take_or_nearest, hall.one, slot(3), wish) for wish in hall.people(SIZE)]
    results = [outcome.result for outcome in crew.race(hall.url, *wanted)]
    [won] = [result for result in results if isinstance(result, Visit)]
    offered = [[found.starts_at for found in result] for result in results if isinstance(result, list)]
    assert [row.id for row in hall.seated(slot(3), hall.one)] == [won.id]
    assert offered == [[slot(2), slot(4), slot(5)]] * (SIZE - 1)
    assert not hall.wrongs()


def test_of_eight_who_want_three_seats_three_get_one(crew: Crew, hall: Hall) -> None:
    wanted = [deed(booking.take, hall.three, slot(), wish, actor="citizen", now=NOW) for wish in hall.people(SIZE)]
    outcomes = crew.race(hall.url, *wanted)
    assert sorted(outcome.error for outcome in outcomes) == [""] * 3 + ["SlotTaken"] * 5
    assert sorted(row.seat or 0 for row in hall.seated(slot(), hall.three)) == [1, 2, 3]
    assert not hall.wrongs()


def test_a_hold_keeps_the_last_seat_as_a_booking_does(crew: Crew, hall: Hall) -> None:
    ways = [booking.hold, booking.take] * (SIZE // 2)
    wanted = [deed(way, hall.one, slot(), wish, actor="citizen", now=NOW) for way, wish in zip(ways, hall.people(SIZE), strict=True)]
    assert sorted(outcome.error for outcome in crew.race(hall.url, *wanted)) == [""] + ["SlotTaken"] * 7
    assert len(hall.seated(slot(), hall.one)) == 1


def test_the_key_alone_forbids_it_when_nobody_waits_for_the_lock(crew: Crew, hall: Hall) -> None:
    wanted = [deed(booking.take, hall.one, slot(), wish, actor="citizen", now=NOW) for wish in hall.people(SIZE)]
    outcomes = crew.race(hall.url, *wanted, off=("lock",))
    assert sorted(outcome.error for outcome in outcomes) == [""] + ["SlotTaken"] * 7
    assert len(hall.seated(slot(), hall.one)) == 1


def test_the_lock_alone_forbids_it_when_the_key_is_gone(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, SEAT_KEY)
    wanted = [deed(booking.take, hall.one, slot(), wish, actor="citizen", now=NOW) for wish in hall.people(SIZE)]
    outcomes = crew.race(hall.url, *wanted)
    assert sorted(outcome.error for outcome in outcomes) == [""] + ["SlotTaken"] * 7
    assert len(hall.seated(slot(), hall.one)) == 1


def test_control_without_lock_and_key_the_seat_is_sold_several_times(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, SEAT_KEY)
    wanted = [deed(deeds.take_or_nearest, hall.one, slot(3), wish) for wish in hall.people(SIZE)]
    results = [outcome.result for outcome in crew.race(hall.url, *wanted, off=("lock",))]
    assert len([result for result in results if isinstance(result, Visit)]) > 1
    assert len(hall.seated(slot(3), hall.one)) > hall.one.seats
    assert any(wrong.startswith("oversold") for wrong in hall.wrongs())


@pytest.mark.parametrize("off", [(), ("lock",)])
def test_a_lapsed_hold_gives_its_seat_to_one_of_those_who_come_for_it(crew: Crew, hall: Hall, off: tuple[str, ...]) -> None:
    late, *others = hall.people(SIZE + 1)
    held = hall.do(booking.hold, hall.one, slot(), late, actor="citizen", now=NOW)
    wanted = [deed(booking.take, hall.one, slot(), wish, actor="citizen", now=NOW + booking.HOLD * 2) for wish in others]
    outcomes = crew.race(hall.url, *wanted, off=off)
    assert sorted(outcome.error for outcome in outcomes) == [""] + ["SlotTaken"] * 7
    assert hall.row(held).state == "expired"
    assert not hall.wrongs()
