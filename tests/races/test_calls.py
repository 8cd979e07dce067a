"""Clerks who call at once, and people who give up at that instant."""

from __future__ import annotations

import datetime as dt

from bot.domain import booking, queue
from handlers import visiting
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall

SOON = NOW + dt.timedelta(minutes=1)
OFF = ("lock", "state")


def test_two_clerks_cannot_call_the_same_ticket(crew: Crew, hall: Hall) -> None:
    for one, two in zip(hall.desks[::2], hall.desks[1::2], strict=True):
        waiting = hall.walk_in()
        outcomes = crew.race(hall.url, *(deed(visiting.call_next, desk, actor=f"staff:{desk}", now=SOON) for desk in (one, two)))
        assert sorted((outcome.result.id if outcome.result else 0) for outcome in outcomes) == [0, waiting.id]
        assert hall.history(waiting) == ["walk_in", "called"]
        hall.do(queue.finish, waiting, "accepted", actor="staff:1", now=SOON)
    assert not hall.wrongs()


def test_control_without_the_states_two_clerks_call_the_same_ticket(crew: Crew, hall: Hall) -> None:
    waiting = hall.walk_in()
    clerks = [deed(queue.call_next, desk, actor=f"staff:{desk}", now=SOON) for desk in hall.desks[:2]]
    outcomes = crew.race(hall.url, *clerks, off=OFF)
    assert [outcome.result.id for outcome in outcomes] == [waiting.id] * 2
    assert hall.history(waiting) == ["walk_in", "called", "called"]


def test_eight_clerks_call_eight_different_people(crew: Crew, hall: Hall) -> None:
    for _ in range(3):
        waiting = {hall.walk_in().id for _ in range(SIZE)}
        outcomes = crew.race(hall.url, *(deed(visiting.call_next, desk, actor=f"staff:{desk}", now=SOON) for desk in hall.desks))
        assert {outcome.result.id for outcome in outcomes} == waiting
        for outcome in outcomes:
            hall.do(queue.finish, outcome.result, "accepted", actor="staff:1", now=SOON)
    assert not hall.wrongs()


def test_a_clerk_with_two_windows_open_calls_one_person(crew: Crew, hall: Hall) -> None:
    for _ in range(4):
        hall.walk_in()
    outcomes = crew.race(hall.url, *(deed(visiting.call_next, hall.desks[0], actor="staff:1", now=SOON) for _ in range(SIZE)))
    assert sorted(outcome.error for outcome in outcomes) == [""] + ["TooLate"] * 7
    assert not hall.wrongs()


def test_a_person_called_out_of_turn_is_not_called_by_the_next_one_too(crew: Crew, hall: Hall) -> None:
    for one, two in zip(hall.desks[::2], hall.desks[1::2], strict=True):
        waiting = hall.walk_in()
        by_name = deed(visiting.call, waiting, one, actor="staff:1", now=SOON)
        named, following = crew.race(hall.url, by_name, deed(visiting.call_next, two, actor="staff:2", now=SOON))
        assert (named.error, following.result is None) in (("", True), ("TooLate", False))
        assert hall.history(waiting) == ["walk_in", "called"]
        hall.do(queue.finish, waiting, "accepted", actor="staff:1", now=SOON)


def test_a_ticket_is_cancelled_or_called_never_both(crew: Crew, hall: Hall) -> None:
    for desk in hall.desks:
        waiting = hall.walk_in()
        given_up, called = crew.race(
            hall.url,
            deed(visiting.cancel, waiting, actor="citizen", now=SOON),
            deed(visiting.call_next, desk, actor="staff:1", now=SOON),
        )
        assert (given_up.error, called.result is None) in (("", True), ("TooLate", False))
        assert hall.history(waiting) == ["walk_in", "cancelled" if called.result is None else "called"]
    assert not hall.wrongs()


def test_control_without_the_states_a_ticket_is_cancelled_and_called(crew: Crew, hall: Hall) -> None:
    waiting = hall.walk_in()
    given_up, called = crew.race(
        hall.url, deed(booking.cancel, waiting, actor="citizen", now=SOON), deed(queue.call_next, hall.desks[0], actor="staff:1", now=SOON), off=OFF
    )
    assert not given_up.error
    assert called.result.id == waiting.id
    assert sorted(hall.history(waiting)) == ["called", "cancelled", "walk_in"]


def test_the_last_step_is_taken_once_however_many_windows_press_it(crew: Crew, hall: Hall) -> None:
    waiting = hall.walk_in()
    hall.do(queue.call_next, hall.desks[0], actor="staff:1", now=SOON)
    outcomes = crew.race(hall.url, *(deed(visiting.finish, waiting, "accepted", actor="staff:1", now=SOON) for _ in range(SIZE)))
    assert not any(outcome.error for outcome in outcomes), "the same end again is the same end"
    assert hall.history(waiting) == ["walk_in", "called", "finished"]


def test_missed_and_served_at_once_is_one_of_them(crew: Crew, hall: Hall) -> None:
    for desk in hall.desks:
        waiting = hall.walk_in()
        hall.do(queue.call_next, desk, actor="staff:1", now=SOON)
        steps = [deed(step, waiting, actor="staff:1", now=SOON) for step in (queue.miss, queue.serve)]
        outcomes = crew.race(hall.url, *steps)
        assert sorted(outcome.error for outcome in outcomes) == ["", "TooLate"]
    assert not hall.wrongs()
