"""Numbers, calls, and what becomes of a called person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot import errors
from bot.db import upsert
from bot.db.day import Counter as Desk
from bot.db.day import Series
from bot.domain import booking, line, queue, undoing, visits
from bot.domain.visits import Missing, Visit
from tests.center_day import CENTER, CITIZEN, CLERK, MONDAY, WEDNESDAY, CenterDay, at, minutes

OTHER = "staff:2"


def step(day: CenterDay, work: Callable[..., Visit], visit: Visit, actor: str = CLERK) -> Visit:
    return day.do(work, visit, actor=actor)


def transfer(day: CenterDay, visit: Visit, group: str = "B") -> Visit:
    return day.do(queue.transfer, visit, day.groups[group], actor=CLERK)


def undo(day: CenterDay, actor: str = CLERK) -> Visit:
    return day.do(undoing.undo, actor).visit


# numbers


def test_numbers_go_up_by_one_in_each_series_and_day(day: CenterDay) -> None:
    assert [day.walk_in(group=group).ticket for group in "AABAB"] == ["A001", "A002", "B001", "A003", "B002"]
    day.turn("23:59")
    assert day.walk_in().ticket == "A004"
    day.now += minutes(1)
    assert day.walk_in().ticket == "A001"
    assert day.today != MONDAY
    assert day.wrongs() == []


def test_booked_and_walked_in_share_the_series(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    day.turn("7:50")
    assert [day.walk_in().ticket, day.check_in(booked).ticket, day.walk_in().ticket] == ["A001", "A002", "A003"]


def test_after_999_the_numbers_go_on(day: CenterDay) -> None:
    for _ in range(2):
        day.walk_in()
    day.read(lambda session: session.execute(upsert.table(Series).update().values(last=999)) and None)
    assert day.walk_in().ticket == "A1000"


def test_the_next_number_is_one_more(day: CenterDay) -> None:
    assert [day.read(queue.next_number, CENTER, letter, MONDAY) for letter in "AAB"] == [1, 2, 1]


# coming in


def test_a_walk_in_waits_from_now_on(day: CenterDay) -> None:
    visit = day.walk_in(priority="elderly", procedure="1.000656")
    assert (visit.state, visit.due_at, visit.arrived_at, visit.priority, visit.source) == ("waiting", day.now, day.now, "elderly", "kiosk")
    assert (visit.person_id, visit.starts_at, visit.seat, visit.returned, visit.follows_id) == (None, None, None, False, None)
    assert day.kinds(visit) == ["walk_in"]


def test_a_chat_account_holds_one_number(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    for group in "AB":
        with pytest.raises(errors.AlreadyBooked) as caught:
            day.walk_in("lan", group=group)
        assert caught.value.visit_id == visit.id
    assert day.walk_in("mai").ticket == "A002", "and the refusal left no gap"


def test_who_is_booked_today_checks_that_in_instead_of_taking_a_number(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    with pytest.raises(errors.AlreadyBooked) as caught:
        day.walk_in("lan")
    assert caught.value.visit_id == booked.id


def test_who_is_booked_for_another_day_or_person_may_take_a_number(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY), day.book("lan", "9:00", behalf="relative")
    assert day.walk_in("lan").ticket == "A001"


def test_who_takes_a_number_while_choosing_a_time_gives_the_time_back(day: CenterDay) -> None:
    held = day.hold("lan", "8:00")
    assert day.walk_in("lan").ticket == "A001"
    assert (day.state(held), day.row(held).seat) == ("expired", None)
    assert day.wrongs() == []


@pytest.mark.parametrize(
    ("arrives", "state", "due"),
    [
        ("7:30", "arrived", "9:00"),
        ("8:29", "arrived", "9:00"),
        ("8:30", "waiting", "9:00"),
        ("9:10", "waiting", "9:00"),
        ("9:11", "waiting", "9:11"),
        ("16:00", "waiting", "16:00"),
    ],
)
def test_who_booked_checks_in(day: CenterDay, arrives: str, state: str, due: str) -> None:
    booked = day.book("lan", "9:00")
    day.turn(arrives)
    here = day.check_in(booked)
    assert (here.id, here.state, here.ticket, here.due_at, here.arrived_at) == (booked.id, state, "A001", at(due), at(arrives))
    assert day.check_in(booked) == here, "checked in twice it is the same ticket"
    assert day.kinds(booked) == ["booked", "arrived"]


def test_what_the_kiosk_says_of_age_is_kept_with_what_was_known(day: CenterDay) -> None:
    booked = day.book("lan", "8:00")
    day.turn("7:45")
    assert day.check_in(booked, priority="pregnant").priority == "pregnant"


def test_nobody_checks_in_on_another_day_or_after_the_end(day: CenterDay) -> None:
    later, cancelled, held = day.book("lan", "8:00", day=WEDNESDAY), day.cancel(day.book("mai", "8:00")), day.hold("hoa", "8:00")
    for visit, state in ((later, "booked"), (cancelled, "cancelled"), (held, "held")):
        with pytest.raises(errors.TooLate) as caught:
            day.check_in(visit)
        assert caught.value.state == state
    done = day.walk_in()
    day.finish(day.called())
    with pytest.raises(errors.TooLate, match="done"):
        day.check_in(done)


def test_checking_in_at_the_counter_changes_nothing(day: CenterDay) -> None:
    day.walk_in()
    called = day.called()
    assert day.check_in(called) == called
    serving = step(day, queue.serve, called)
    assert day.check_in(called) == serving


# calling


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


# papers missing


PAPERS = (Missing("ks", "Giấy chứng sinh"), Missing("kh", "Giấy kết hôn", "outdated"))


def test_missing_papers_are_named_with_the_reason(day: CenterDay) -> None:
    visit = day.walk_in()
    ended = day.do(queue.finish, day.called(), "papers_missing", actor=CLERK, missing=PAPERS, note="n")
    assert (ended.state, ended.outcome, ended.papers_missing, ended.note) == ("must_return", "papers_missing", PAPERS, "n")
    assert day.do(queue.finish, visit, "papers_missing", actor=CLERK, missing=PAPERS) == ended


@pytest.mark.parametrize(("outcome", "papers"), [("papers_missing", ()), ("accepted", PAPERS)])
def test_missing_papers_without_a_name_or_names_without_need_are_no_end(day: CenterDay, outcome: str, papers: tuple[Missing, ...]) -> None:
    day.walk_in()
    called = day.called()
    with pytest.raises(ValueError, match="which ones"):
        day.do(queue.finish, called, outcome, actor=CLERK, missing=papers)
    assert day.row(called) == called


@pytest.mark.parametrize("outcome", ["accepted", "done_now", "wrong_place", "other"])
def test_every_other_outcome_is_done(day: CenterDay, outcome: str) -> None:
    day.walk_in()
    assert day.finish(day.called(), outcome).state == "done"


def sent_home(day: CenterDay, name: str = "", **named: str) -> Visit:
    visit = day.walk_in(name, **named)
    return day.finish(day.call(visit), missing=("Giấy A",))


def test_back_on_the_same_day_it_is_the_same_number_before_the_others(day: CenterDay) -> None:
    visit = sent_home(day, "lan")
    day.walk_in(), day.walk_in()
    day.turn("10:00")
    here = day.check_in(visit)
    assert (here.id, here.ticket, here.state, here.returned, here.ended_at, here.due_at) == (visit.id, "A001", "waiting", True, None, day.now)
    assert day.check_in(visit) == here
    assert day.serve_all() == ["A001", "A002", "A003"]
    assert (day.row(visit).outcome, day.row(visit).papers_missing) == ("accepted", ())
    assert day.wrongs() == []


def test_back_on_a_later_day_it_is_a_new_number_before_the_others_and_only_one(day: CenterDay) -> None:
    visit = sent_home(day, "lan", priority="elderly", procedure="1.000656")
    day.turn("8:00", WEDNESDAY)
    day.walk_in()
    here = day.check_in(visit)
    assert (here.id != visit.id, here.follows_id, here.ticket, here.returned) == (True, visit.id, "A002", True)
    assert (here.priority, here.procedure, here.person_id) == ("elderly", "1.000656", visit.person_id)
    assert day.check_in(visit) == here, "shown twice it is the same ticket"
    assert day.serve_all() == ["A002", "A001"]
    assert day.state(visit) == "must_return", "its own day is over"


def test_who_came_back_and_was_served_does_not_go_before_the_others_again(day: CenterDay) -> None:
    visit = sent_home(day)
    day.turn("8:00", WEDNESDAY)
    day.check_in(visit)
    day.serve_all()
    with pytest.raises(errors.TooLate, match="done"):
        day.check_in(visit)


def test_sent_home_twice_the_first_ticket_leads_to_the_second(day: CenterDay) -> None:
    first = sent_home(day)
    day.turn("8:00", WEDNESDAY)
    second = day.check_in(first)
    day.finish(day.called(), missing=("Giấy B",))
    day.turn("9:00")
    assert (day.check_in(first).id, day.row(second).state) == (second.id, "waiting")
    day.finish(day.called(), missing=("Giấy B",))
    day.turn("9:00", WEDNESDAY + dt.timedelta(days=1))
    third = day.check_in(first)
    assert third.follows_id == second.id
    assert day.check_in(second) == third


def test_who_came_back_and_missed_the_call_that_day_may_come_again(day: CenterDay) -> None:
    visit = sent_home(day)
    day.turn("8:00", WEDNESDAY)
    again = day.check_in(visit)
    day.do(visits.change, again, "closed", actor="machine", state="no_show")
    day.turn("8:00", WEDNESDAY + dt.timedelta(days=1))
    assert day.check_in(visit).follows_id == visit.id


@pytest.mark.parametrize("other", ["booked", "number"])
def test_who_holds_another_place_today_does_not_get_a_second_by_coming_back(day: CenterDay, other: str) -> None:
    visit = sent_home(day, "lan")
    held = day.book("lan", "14:00") if other == "booked" else day.walk_in("lan")
    with pytest.raises(errors.AlreadyBooked) as caught:
        day.check_in(visit)
    assert caught.value.visit_id == held.id


def test_who_is_booked_on_the_later_day_is_led_to_that_booking(day: CenterDay) -> None:
    visit, booked = sent_home(day, "lan"), day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("7:45", WEDNESDAY)
    with pytest.raises(errors.AlreadyBooked) as caught:
        day.check_in(visit)
    assert caught.value.visit_id == booked.id


# taking back


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


# how long


def test_who_is_ahead_and_how_long_it_takes(day: CenterDay) -> None:
    tickets = [day.walk_in() for _ in range(4)]
    old = day.walk_in(priority="elderly")
    assert [one.ticket for one in day.do(queue.ahead, tickets[2])] == ["A005", "A001", "A002"]
    assert day.do(queue.ahead, old) == []
    group = day.groups["A"]
    assert day.read(queue.expected_wait, group, 3, MONDAY) == line.wait(3, 1, 10), "nobody has sat down yet"
    for number in (1, 2):
        day.sit(number, staff=number)
    assert day.read(queue.staffed, CENTER, group.id) == 2
    assert day.read(queue.staffed, CENTER, day.groups["C"].id) == 0
    assert day.read(queue.expected_wait, group, 3, MONDAY) == line.wait(3, 2, 10)


def test_who_is_not_in_line_has_everybody_ahead(day: CenterDay) -> None:
    booked = day.book("lan", "10:00")
    day.walk_in(), day.walk_in()
    assert len(day.do(queue.ahead, booked)) == 2


def test_todays_pace_replaces_the_usual_one(day: CenterDay) -> None:
    day.sit(1)
    for _ in range(5):
        visit = day.walk_in()
        step(day, queue.serve, day.call(visit))
        day.now += minutes(4)
        day.finish(visit)
    assert day.read(queue.expected_wait, day.groups["A"], 10, MONDAY) == line.wait(10, 1, 4)
    assert day.read(queue.expected_wait, day.groups["B"], 10, MONDAY) == line.wait(10, 1, 10)


def test_the_line_and_the_counts_of_a_day(day: CenterDay) -> None:
    early = day.book("lan", "9:00")
    day.check_in(early), day.walk_in(), day.walk_in(group="B")
    day.called(3)
    assert {one.ticket for one in day.read(queue.waiting, CENTER, MONDAY)} == {"A001", "A002"}
    assert [one.ticket for one in day.read(queue.waiting, CENTER, MONDAY, (day.groups["B"].id,))] == []
    assert day.read(queue.open_count, CENTER, MONDAY) == {"arrived": 1, "waiting": 1, "called": 1}
    assert day.read(queue.open_count, CENTER, WEDNESDAY) == {}


def test_who_gave_up_is_not_called(day: CenterDay) -> None:
    first, _ = day.walk_in("lan"), day.walk_in()
    day.do(booking.cancel, first, actor=CITIZEN)
    assert day.serve_all() == ["A002"]
