"""A step that cannot be taken back any more says why."""

from __future__ import annotations

import pytest

from bot import errors
from bot.domain import queue, undoing
from bot.domain.visits import Visit
from tests.center_day import CLERK, CenterDay


def undo(day: CenterDay) -> undoing.Undone:
    return day.do(undoing.undo, CLERK)


def transferred(day: CenterDay) -> Visit:
    """Booked for nine, here before that, and sent to another group."""
    visit = day.book("lan", "9:00")
    day.turn("8:40")
    day.check_in(visit)
    return day.do(queue.transfer, day.call(visit), day.groups["B"], actor=CLERK)


def test_it_tells_the_step_that_was_taken_back(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    called = day.called()
    undone = undo(day)
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
