"""A seat that gets free, offered by several processes at once."""

from __future__ import annotations

import datetime as dt

from bot.db.day import Wait
from bot.domain import booking, waitlist
from bot.domain.booking import Wish
from bot.domain.visits import Visit
from handlers import visiting
from tests.races import unguarded
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, WEDNESDAY, Hall, slot

LATER = NOW + dt.timedelta(minutes=1)
TIMES = 15  # seats of group `one` that day


def full_day(hall: Hall) -> list[Visit]:
    return [hall.do(booking.take, hall.one, at, wish, actor="citizen", now=NOW) for at, wish in zip(times(), hall.people(TIMES), strict=True)]


def times() -> list[dt.datetime]:
    return [slot(number) for number in (*range(8), *range(12, 19))]


def in_line(hall: Hall, count: int) -> list[Wish]:
    wishes = hall.people(count)
    for wish in wishes:
        hall.do(waitlist.join, hall.one, WEDNESDAY, wish, now=NOW)
    return wishes


def states(hall: Hall, wishes: list[Wish]) -> list[list[str]]:
    return [[wait.state for wait in hall.do(waitlist.of_person, wish.person_id or 0)] for wish in wishes]


def test_a_freed_seat_is_offered_once_and_to_the_first_in_line(crew: Crew, hall: Hall) -> None:
    taken = full_day(hall)
    wishes = in_line(hall, 3)
    hall.do(booking.cancel, taken[4], actor="citizen", now=NOW)
    outcomes = crew.race(hall.url, *(deed(visiting.offer_free, now=LATER) for _ in range(SIZE)))
    assert sorted(outcome.result for outcome in outcomes) == [0] * 7 + [1]
    [held] = hall.seated(slot(4), hall.one)
    assert (held.state, held.person_id) == ("held", wishes[0].person_id)
    assert hall.history(held) == ["held"]
    assert states(hall, wishes) == [["offered"], ["waiting"], ["waiting"]]
    assert len(hall.told()) == 1
    assert not hall.wrongs()


def test_control_without_locks_states_and_keys_it_is_offered_several_times(crew: Crew, hall: Hall) -> None:
    unguarded.drop_keys(hall.store, "uq_visit_one_live", "uq_visit_one_hold", "uq_visit_group_id_starts_at_seat")
    taken = full_day(hall)
    in_line(hall, 3)
    hall.do(booking.cancel, taken[4], actor="citizen", now=NOW)
    outcomes = crew.race(hall.url, *(deed(waitlist.offer, now=LATER) for _ in range(SIZE)), off=("lock", "state"))
    assert sum(len(outcome.result) for outcome in outcomes) > 1
    assert len(hall.seated(slot(4), hall.one)) > 1


def test_everybody_in_line_is_offered_a_seat_of_their_own(crew: Crew, hall: Hall) -> None:
    taken = full_day(hall)
    wishes = in_line(hall, 5)
    gone = taken[2:7]
    given_up = [deed(visiting.cancel, visit, actor="citizen", now=LATER) for visit in gone]
    crew.race(hall.url, *given_up, *(deed(visiting.offer_free, now=LATER) for _ in range(3)))
    hall.do(visiting.offer_free, now=LATER)
    assert states(hall, wishes) == [["offered"]] * 5
    assert sorted(hall.told()) == sorted(f"a{wish.person_id}" for wish in wishes)
    assert not hall.wrongs()


def test_nobody_snaps_up_a_freed_seat_before_those_in_line(crew: Crew, hall: Hall) -> None:
    taken = full_day(hall)
    [first] = in_line(hall, 1)
    others = hall.people(SIZE - 1)
    given_up = deed(visiting.cancel, taken[4], actor="citizen", now=LATER)
    outcomes = crew.race(hall.url, given_up, *(deed(booking.take, hall.one, slot(4), wish, actor="citizen", now=LATER) for wish in others))
    assert [outcome.error for outcome in outcomes[1:]] == ["SlotTaken"] * (SIZE - 1)
    [held] = hall.seated(slot(4), hall.one)
    assert held.person_id == first.person_id


def test_who_loses_a_seat_to_somebody_quicker_stays_in_line(crew: Crew, hall: Hall) -> None:
    """The last seats are taken while somebody gets in line and is offered one of them."""
    for at in times()[:-1]:
        [wish] = hall.people(1)
        hall.do(booking.take, hall.one, at, wish, actor="citizen", now=NOW)
    last = times()[-1]
    for _ in range(4):
        [wish] = in_line(hall, 1)
        quick = [deed(booking.take, hall.one, last, other, actor="citizen", now=NOW) for other in hall.people(3)]
        sweeps = [deed(visiting.offer_free, now=NOW) for _ in range(3)]
        crew.race(hall.url, *quick, *sweeps)
        [seated] = hall.seated(last, hall.one)
        assert states(hall, [wish]) == [["offered"] if seated.person_id == wish.person_id else ["waiting"]]
        hall.do(booking.cancel, seated, actor="citizen", now=NOW)
        hall.do(waitlist.settle, now=NOW)
        for wait in hall.do(waitlist.of_person, wish.person_id or 0):
            hall.do(waitlist.leave, wait.id, wish.person_id or 0)
    assert hall.count(Wait) == 4
    assert not hall.wrongs()
