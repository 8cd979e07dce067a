"""Steps that are taken back, and those that cannot be any more and say why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot import errors
from bot.domain import queue, undoing, visits
from bot.domain.visits import Visit
from tests.center_day import CLERK, CenterDay, minutes
from tests.domain.steps import OTHER, sent_home, step, transfer, undo


def transferred(day: CenterDay) -> Visit:
    """Booked for nine, here before that, and sent to another group."""
    visit = day.book("lan", "9:00")
    day.turn("8:40")
    day.check_in(visit)
    return day.do(queue.transfer, day.call(visit), day.groups["B"], actor=CLERK)


def test_it_tells_the_step_that_was_taken_back(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    called = day.called()
    undone = day.do(undoing.undo, CLERK)
    assert (undone.visit.state, undone.step.kind, undone.step.visit_id, undone.step.at) == ("waiting", "called", visit.id, called.called_at)


def test_a_transfer_is_not_taken_back_once_somebody_has_the_seat_and_says_so(day: CenterDay) -> None:
    sent = transferred(day)
    day.book("mai", "9:00")
    with pytest.raises(errors.TooLate, match=r"^seat$"):
        undo(day)
    assert day.row(sent) == sent
    assert day.wrongs() == []


def test_a_transfer_is_not_taken_back_while_somebody_else_is_at_the_counter(day: CenterDay) -> None:
    sent = transferred(day)
    day.walk_in()
    day.call_next(1, actor="staff:2")
    with pytest.raises(errors.TooLate, match=r"^busy$"):
        undo(day)
    assert day.row(sent) == sent


def test_an_end_is_not_taken_back_once_the_person_has_another_number(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    day.finish(day.called())
    day.walk_in("lan")
    with pytest.raises(errors.TooLate, match=r"^number$"):
        undo(day)
    assert day.state(visit) == "done"


UNDO_OF: dict[str, Callable[[CenterDay, Visit], object]] = {
    "called": lambda day, visit: day.call(visit),
    "serving": lambda day, visit: (day.call(visit, actor=OTHER), step(day, queue.serve, visit)),
    "missed": lambda day, visit: (day.call(visit, actor=OTHER), step(day, queue.miss, visit)),
    "parked": lambda day, visit: (day.call(visit, actor=OTHER), step(day, queue.park, visit)),
    "transferred": lambda day, visit: (day.call(visit, actor=OTHER), transfer(day, visit)),
    "finished": lambda day, visit: (day.call(visit, actor=OTHER), day.finish(visit, missing=("Giấy A",))),
    "back": lambda day, visit: (day.call(visit, actor=OTHER), step(day, queue.miss, visit, OTHER), step(day, queue.back, visit)),
    "came_back": lambda day, visit: (
        day.call(visit, actor=OTHER), day.finish(visit, missing=("A",), actor=OTHER), day.do(queue.check_in, visit, day.groups["A"], actor=CLERK)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNDO_OF)
def test_every_step_of_a_clerk_can_be_taken_back(day: CenterDay, kind: str) -> None:
    visit = day.walk_in(priority="elderly")
    day.now += minutes(1)
    UNDO_OF[kind](day, visit)
    events = day.read(visits.events, [visit.id])
    assert events[-1].kind == kind
    before = visits.rebuilt(events[:-1])[visit.id]
    day.now += minutes(5)
    undone = undo(day)
    told = visits.rebuilt(day.read(visits.events, [visit.id]))[visit.id]
    assert {name: told[name] for name in before} == before
    assert day.row(visit) == undone
    assert day.kinds(visit)[-1] == "undone"
    assert day.wrongs() == []


def test_all_kinds_are_tried() -> None:
    assert set(UNDO_OF) == undoing.UNDONE


def test_after_five_minutes_a_step_stands(day: CenterDay) -> None:
    day.walk_in()
    visit = day.called()
    day.now += undoing.UNDO + dt.timedelta(seconds=1)
    with pytest.raises(errors.TooLate, match="nothing"):
        undo(day)
    assert day.state(visit) == "called"


def test_nobody_takes_back_what_a_colleague_did(day: CenterDay) -> None:
    day.walk_in()
    visit = day.called()
    with pytest.raises(errors.TooLate, match="nothing"):
        undo(day, OTHER)
    step(day, queue.serve, visit, OTHER)
    with pytest.raises(errors.TooLate, match="serving"):
        undo(day)
    assert day.state(visit) == "serving"


def test_finished_and_called_the_next_are_taken_back_one_after_the_other(day: CenterDay) -> None:
    first, second = day.walk_in(), day.walk_in()
    day.called()
    day.now += minutes(1)
    day.finish(first)
    day.called()
    assert undo(day).id == second.id
    assert (day.state(first), day.state(second)) == ("done", "waiting")
    assert undo(day).id == first.id
    assert (day.state(first), day.row(first).outcome, day.row(first).counter_id) == ("called", "", day.desks[1])
    assert undo(day).id == first.id
    assert (day.state(first), day.state(second)) == ("waiting", "waiting")
    with pytest.raises(errors.TooLate, match="nothing"):
        undo(day)
    assert day.serve_all() == ["A001", "A002"]
    assert day.wrongs() == []


def test_what_was_done_again_after_taking_back_is_taken_back_first(day: CenterDay) -> None:
    first = day.walk_in()
    day.called()
    day.finish(first, "other")
    undo(day)
    day.finish(first, "accepted")
    undo(day)
    assert (day.state(first), day.row(first).outcome) == ("called", "")
    undo(day)
    assert day.state(first) == "waiting"
    assert day.kinds(first) == ["walk_in", "called", "finished", "undone", "finished", "undone", "undone"]


def test_a_finish_is_not_taken_back_onto_somebody_else(day: CenterDay) -> None:
    first, second = day.walk_in(), day.walk_in()
    day.called()
    day.finish(first)
    day.call(second, actor=OTHER)
    with pytest.raises(errors.TooLate, match="busy"):
        undo(day)
    assert (day.state(first), day.state(second)) == ("done", "called")


def test_back_is_not_taken_back_over_a_new_number(day: CenterDay) -> None:
    visit = sent_home(day, "lan")
    day.walk_in("lan")
    with pytest.raises(errors.TooLate, match="number"):
        undo(day)
    assert day.state(visit) == "must_return"


@pytest.mark.parametrize("act", ["walk_in", "recalled"])
def test_a_number_given_and_a_second_call_cannot_be_taken_back(day: CenterDay, act: str) -> None:
    visit = day.walk_in(actor=CLERK)
    if act == "recalled":
        step(day, queue.recall, day.called())
    with pytest.raises(errors.TooLate, match=act):
        undo(day)
    assert visit.ticket == "A001"


def test_who_was_called_by_mistake_is_still_next(day: CenterDay) -> None:
    for _ in range(4):
        day.walk_in(priority="elderly")
    day.walk_in()
    day.finish(day.called()), day.finish(day.called())
    assert (day.called().ticket, day.streak()) == ("A005", 0)
    undo(day)
    assert (day.called().ticket, day.streak()) == ("A005", 0)
    day.finish(day.row(day.rows()[4]))
    assert (day.called().ticket, day.streak()) == ("A003", 1)
    undo(day)
    assert (day.streak(), day.called().ticket) == (0, "A003")
