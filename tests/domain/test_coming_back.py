"""Papers missing: sent home, and back with them before the others."""

from __future__ import annotations

import datetime as dt

import pytest

from bot import errors
from bot.domain import queue, undoing, visits
from bot.domain.visits import Missing
from tests.center_day import CLERK, WEDNESDAY, CenterDay
from tests.domain.steps import sent_home

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


def test_sent_home_again_the_same_day_the_papers_of_every_turn_are_kept(day: CenterDay) -> None:
    visit = day.walk_in()
    for papers in (PAPERS, PAPERS[1:], (Missing("other", "Giấy viết tay"),)):
        day.do(queue.finish, day.called(), "papers_missing", actor=CLERK, missing=papers)
        day.check_in(visit)
    here = day.row(visit)
    assert (here.papers_missing, here.papers_lacked) == ((Missing("other", "Giấy viết tay"),), (*PAPERS, Missing("other", "Giấy viết tay")))
    ended = day.finish(day.called())
    assert (ended.papers_missing, ended.papers_lacked, ended.outcome) == ((), here.papers_lacked, "accepted")
    assert (day.do(undoing.undo, CLERK).visit.lacked, day.wrongs()) == (here.lacked, [])


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
