"""Calls, and what becomes of a called person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot import errors
from bot.db import upsert
from bot.db.day import Counter as Desk
from bot.domain import booking, queue, visits
from bot.domain.visits import Visit
from tests.center_day import CLERK, MONDAY, CenterDay, minutes
from tests.domain.steps import OTHER, step, transfer, undo


def test_a_call_names_counter_and_moment(day: CenterDay) -> None:
    day.walk_in()
    visit = day.called(2)
    assert (visit.state, visit.counter_id, visit.called_at, visit.calls) == ("called", day.desks[2], day.now, 1)
    assert day.read(queue.at_counter, day.desks[2]) == visit
    assert day.read(queue.at_counter, day.desks[1]) is None


def test_a_counter_calls_only_for_its_groups(day: CenterDay) -> None:
    day.walk_in(group="B"), day.walk_in(group="C")
    assert day.call_next(1) is None
    assert day.called(2).ticket == "B001"
    assert day.called(3).ticket == "C001"


def test_nobody_is_called_while_somebody_stands_there(day: CenterDay) -> None:
    first, second = day.walk_in(), day.walk_in()
    day.called()
    for call in (day.call_next, lambda: day.call(second)):
        with pytest.raises(errors.TooLate, match="busy"):
            call()
    day.do(queue.serve, first, actor=CLERK)
    with pytest.raises(errors.TooLate, match="busy"):
        day.call_next()


def test_a_counter_that_is_gone_calls_nobody(day: CenterDay) -> None:
    day.walk_in()
    day.do(lambda session, now: session.execute(upsert.table(Desk).update().values(active=False)) and None)
    with pytest.raises(errors.TooLate, match="counter"):
        day.call_next()
    with pytest.raises(errors.TooLate, match="counter"):
        day.read(queue.counter, 999)


def test_the_counter_remembers_how_many_went_before(day: CenterDay) -> None:
    for _ in range(3):
        day.walk_in(priority="elderly")
    for _ in range(3):
        day.walk_in()
    assert day.serve_all() == ["A001", "A002", "A004", "A003", "A005", "A006"]
    assert day.streak() == 0
    day.walk_in(priority="elderly")
    day.called()
    assert (day.streak(1), day.streak(2)) == (1, 0)


def test_the_order_of_a_morning(day: CenterDay) -> None:
    on_time, late, early = day.book("lan", "8:00"), day.book("mai", "8:00"), day.book("hoa", "10:00")
    day.turn("7:40")
    day.walk_in()  # A001
    day.check_in(early)  # A002
    day.turn("7:55")
    day.check_in(on_time)  # A003
    day.walk_in(priority="disabled")  # A004
    day.turn("8:20")
    day.check_in(late)  # A005
    assert day.serve_all() == ["A004", "A003", "A001", "A005", "A002"]


def test_somebody_is_called_out_of_turn_and_it_stands_in_the_history(day: CenterDay) -> None:
    day.walk_in()
    second = day.walk_in()
    called = day.call(second, actor=OTHER)
    assert (called.state, called.ticket) == ("called", "A002")
    assert day.read(visits.events, [second.id])[-1].actor == OTHER


def test_missed_and_parked_people_can_be_called_by_name(day: CenterDay) -> None:
    day.walk_in(), day.walk_in()
    missed = step(day, queue.miss, day.called())
    parked = step(day, queue.park, day.called())
    assert day.call_next() is None
    assert day.call(missed, 1).calls == 2
    assert day.call(parked, 2).state == "called"


def test_who_is_not_here_is_not_called(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    day.walk_in()
    done = day.finish(day.called())
    for visit in (booked, done):
        with pytest.raises(errors.TooLate, match=visit.state):
            day.call(visit)


def test_a_visit_of_another_center_is_not_called(day: CenterDay) -> None:
    visit = day.walk_in()
    day.do(visits.change, visit, "test", actor="machine", center_id="elsewhere")
    with pytest.raises(errors.TooLate):
        day.call(visit)


def test_a_second_call_counts(day: CenterDay) -> None:
    visit = day.walk_in()
    day.called()
    day.now += minutes(2)
    again = step(day, queue.recall, visit)
    assert (again.calls, again.called_at, again.state) == (2, day.now, "called")


# at the counter and beside it


def steps() -> dict[str, Callable[[CenterDay, Visit], Visit]]:
    return {
        "recall": lambda day, visit: step(day, queue.recall, visit),
        "serve": lambda day, visit: step(day, queue.serve, visit),
        "miss": lambda day, visit: step(day, queue.miss, visit),
        "park": lambda day, visit: step(day, queue.park, visit),
        "back": lambda day, visit: step(day, queue.back, visit),
        "transfer": transfer,
        "finish": lambda day, visit: day.finish(visit),
    }


ALLOWED = {
    "waiting": (), "called": ("recall", "serve", "miss", "park", "transfer", "finish"), "serving": ("park", "transfer", "finish"),
    "missed": ("back",), "parked": ("back",), "done": ("finish",), "must_return": (), "cancelled": (), "booked": (),
}  # fmt: skip


def bring(day: CenterDay, state: str) -> Visit:
    if state == "booked":
        return day.book("lan", "8:00")
    visit = day.walk_in()
    if state == "waiting":
        return visit
    if state == "cancelled":
        return day.cancel(visit)
    day.called()
    ways: dict[str, Callable[[], Visit]] = {
        "called": lambda: day.row(visit), "serving": lambda: step(day, queue.serve, visit), "missed": lambda: step(day, queue.miss, visit),
        "parked": lambda: step(day, queue.park, visit), "done": lambda: day.finish(visit),
        "must_return": lambda: day.finish(visit, missing=("Giấy A",)),
    }  # fmt: skip
    return ways[state]()


@pytest.mark.parametrize("state", ALLOWED)
def test_each_state_allows_its_steps_and_no_others(day: CenterDay, state: str) -> None:
    for name, work in steps().items():
        visit = bring(day, state)
        if name in ALLOWED[state]:
            work(day, visit)
        else:
            with pytest.raises(errors.TooLate) as caught:
                work(day, visit)
            assert caught.value.state == state
        assert day.wrongs() == []
        _leave(day)


def _leave(day: CenterDay) -> None:
    """Nobody stands at a counter and nobody is booked."""
    for visit in day.rows():
        if visit.state in ("called", "serving"):
            day.finish(visit)
        elif visit.state in booking.BEFORE_CALL:
            day.cancel(visit)


def test_a_visit_takes_as_long_as_somebody_stands_there(day: CenterDay) -> None:
    visit = day.walk_in()
    day.called()
    day.now += minutes(2)
    step(day, queue.serve, visit)
    day.now += minutes(9)
    done = day.finish(visit)
    assert done.serving_at is not None
    assert (done.state, done.outcome, done.ended_at, done.ended_at and done.ended_at - done.serving_at) == ("done", "accepted", day.now, minutes(9))
    assert done.counter_id == day.desks[1], "where it was, for the figures"
    assert day.finish(visit) == done, "ended twice alike it stays as it is"
    assert day.read(queue.served_today, day.groups["A"].id, MONDAY) == [minutes(9)]


def test_who_missed_the_call_is_next_when_back(day: CenterDay) -> None:
    for _ in range(3):
        day.walk_in()
    missed = step(day, queue.miss, day.called())
    assert (missed.state, missed.counter_id) == ("missed", None)
    day.finish(day.called())
    here = step(day, queue.back, missed)
    assert (here.ticket, here.state, here.returned) == ("A001", "waiting", True)
    assert day.serve_all() == ["A001", "A003"]


@pytest.mark.parametrize("aside", [queue.miss, queue.park])
def test_the_kiosk_brings_back_who_missed_or_was_parked(day: CenterDay, aside: Callable[..., Visit]) -> None:
    visit = day.walk_in()
    step(day, aside, day.called())
    assert (day.check_in(visit).state, day.row(visit).returned, day.row(visit).ticket) == ("waiting", True, "A001")


def test_a_parked_person_frees_the_counter_and_the_reason_is_kept(day: CenterDay) -> None:
    day.walk_in(), day.walk_in()
    parked = day.do(queue.park, day.called(), actor=CLERK, note="Đi chụp ảnh")
    assert (parked.state, parked.counter_id, parked.note) == ("parked", None, "Đi chụp ảnh")
    assert day.called().ticket == "A002"


def test_the_time_away_does_not_count_as_served(day: CenterDay) -> None:
    visit = day.walk_in()
    step(day, queue.serve, day.called())
    step(day, queue.park, visit)
    day.now += minutes(60)
    step(day, queue.back, visit)
    day.called()
    day.now += minutes(4)
    step(day, queue.serve, visit)
    day.now += minutes(3)
    day.finish(visit)
    assert day.read(queue.served_today, day.groups["A"].id, MONDAY) == [minutes(3)]


def test_who_came_back_and_was_never_marked_as_here_counts_no_serving_time(day: CenterDay) -> None:
    visit = day.walk_in()
    step(day, queue.serve, day.called())
    day.finish(visit, missing=("Giấy A",))
    day.now += minutes(60)
    day.check_in(visit)
    day.finish(day.called())
    assert day.read(queue.served_today, day.groups["A"].id, MONDAY) == []


def test_a_transfer_keeps_the_number_and_goes_before_the_others(day: CenterDay) -> None:
    day.walk_in(group="B")
    visit = day.walk_in()
    step(day, queue.serve, day.called(1))
    sent = transfer(day, visit)
    assert (sent.ticket, sent.group_id, sent.state, sent.counter_id, sent.returned) == ("A001", day.groups["B"].id, "waiting", None, True)
    assert day.call_next(1) is None
    assert day.called(3).ticket == "A001"
    assert day.called(2).ticket == "B001"
    assert day.wrongs() == []


def test_who_booked_is_transferred_also_where_somebody_booked_the_same_time_and_seat(day: CenterDay) -> None:
    mine, other = day.book("lan", "9:00"), day.book("mai", "9:00", group="B")
    assert mine.seat == other.seat
    day.turn("9:00")
    day.check_in(mine)
    sent = transfer(day, day.called(1))
    assert (sent.group_id, sent.seat) == (other.group_id, None)
    assert undo(day).seat == mine.seat
    assert day.wrongs() == []
