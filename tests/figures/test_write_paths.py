"""Every way a row that counts is changed leaves the figures as a rebuild would count them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bot.domain import (
    closing,
    counters,
    dossiers,
    feedback,
    figure_papers,
    figures,
    linking,
    paper,
    people,
    procedure_fields,
    questions,
    queue,
    retention,
    threads,
    undoing,
    working_days,
)  # fmt: skip
from bot.domain.contributions import COUNTED
from bot.domain.dossiers import Dossier, Slip
from bot.domain.feedback import Asked, Counter, Feedback, Giver
from bot.domain.paper import Paper
from bot.domain.questions import Asker, Topic
from bot.domain.scopes import Scope
from bot.domain.visits import Missing, Visit
from procedures.models import Time
from tests.center_day import CENTER, CLERK, MONDAY, WEDNESDAY, CenterDay, at, minutes
from tests.figures.counting import counted, items, sums, wrongs

BIRTH = "1.001193"
PAPERS = (Missing("p1", "Giấy chứng sinh"),)


def served(day: CenterDay, name: str = "", outcome: str = "accepted", **named: Any) -> Visit:
    day.sit(1)
    day.walk_in(name, procedure=BIRTH, **named)
    day.now += minutes(12)
    called = day.do(queue.serve, day.called(), actor=CLERK)
    day.now += minutes(7)
    return day.finish(called, outcome)


# visits


def test_until_a_visit_ends_nothing_is_counted(day: CenterDay) -> None:
    day.sit(1)
    day.move(day.confirm(day.hold("lan", "8:00")), "8:30")
    day.walk_in()
    day.called()
    assert counted(day) == {}
    assert sum(state in COUNTED for state in [visit.state for visit in day.rows()]) == 0


def test_a_day_from_booking_to_closing(day: CenterDay) -> None:
    day.sit(1)
    came, stayed_away, gave_up = day.book("lan", "8:00"), day.book("mai", "8:30"), day.book("hoa", "9:00")
    day.cancel(gave_up)
    day.turn("8:00")
    day.check_in(came)
    day.turn("8:05")
    day.do(queue.miss, day.called(), actor=CLERK)
    day.check_in(came)
    day.finish(day.called(), missing=("p1",))
    day.turn("10:00")
    day.do(queue.come_back, day.row(came), day.groups["A"], actor=CLERK)
    assert sums(day).papers_missing == 0, "who came back the same day has not ended yet"
    day.finish(day.called())
    day.walk_in()
    day.turn("17:00")
    day.do(closing.close, CENTER, day.today, actor=CLERK)
    assert day.state(stayed_away) == "no_show"
    told = counted(day)
    assert {name: told[name] for name in ("visits", "served", "booked", "no_show", "cancelled", "walk_in", "accepted", "not_served")} == {
        "visits": 3, "served": 2, "booked": 2, "no_show": 1, "cancelled": 1, "walk_in": 1, "accepted": 1, "not_served": 1,
    }  # fmt: skip
    assert wrongs(day) == []


def test_a_step_taken_back_is_taken_back_in_the_figures(day: CenterDay) -> None:
    served(day)
    before = counted(day)
    assert (before["wait_minutes"], before["serve_minutes"]) == (12, 7)
    day.do(undoing.undo, CLERK)
    assert counted(day) == {}
    day.now += minutes(1)
    [visit] = day.rows()
    day.finish(visit, "done_now")
    assert (sums(day).done_now, sums(day).accepted, sums(day).serve_minutes) == (1, 0, 8)
    assert wrongs(day) == []


def test_what_was_missing_counts_on_when_they_came_back_and_all_was_there(day: CenterDay) -> None:
    day.sit(1)
    visit = day.walk_in(procedure=BIRTH)
    for papers in (("p1",), ("p1", "p2"), ()):
        day.finish(day.called(), missing=papers)
        if papers:
            day.check_in(visit)
    assert (missing(day), sums(day).accepted, sums(day).papers_missing) == ({"p1": 1, "p2": 1}, 1, 0)
    day.do(undoing.undo, CLERK)
    assert missing(day) == {}, "called again: it has not ended"
    day.finish(day.row(visit))
    assert (missing(day), wrongs(day)) == ({"p1": 1, "p2": 1}, [])


def missing(day: CenterDay) -> dict[str, int]:
    found = day.read(figure_papers.papers, Scope(CENTER, day.today, day.today), "missing")
    return {one.paper: one.n for one in found}


def test_numbers_from_paper_count_when_they_are_entered(day: CenterDay) -> None:
    day.turn("11:00")
    day.do(paper.enter, day.groups["A"], Paper(day.today, 1, at("8:00"), "done", "accepted"), actor=CLERK)
    day.do(paper.enter, day.groups["A"], Paper(day.today, 2, at("8:00"), "waiting"), actor=CLERK)
    assert (sums(day).served, sums(day).wait_bad) == (1, 1)
    assert wrongs(day) == []


# fields


def test_a_visit_without_a_procedure_counts_for_the_only_field_of_its_counters(day: CenterDay) -> None:
    day.sit(1)
    day.walk_in()
    day.finish(day.called())
    before = wrongs(day)
    [group] = [group for group in day.read(counters.groups, CENTER) if group.letter == "A"]
    assert by_field(day) == {"ho-tich": 1}
    day.do(counters.save_group, replace(group, fields=("cu-tru",)), actor=CLERK)
    assert by_field(day) == {"cu-tru": 1}
    assert (before, wrongs(day)) == ([], [])


def by_field(day: CenterDay) -> dict[str, int]:
    found = day.read(figures.by_field, Scope(CENTER, day.today, day.today))
    return {field: told.visits for field, told in found.items()}


def test_a_procedure_the_catalog_learns_later_takes_its_visits_along(day: CenterDay) -> None:
    served(day)
    day.read(procedure_fields.settle, {BIRTH: "khai-sinh"})
    assert by_field(day) == {"khai-sinh": 1}
    day.read(procedure_fields.settle, {BIRTH: "another"})
    assert by_field(day) == {"khai-sinh": 1}
    assert wrongs(day) == []


# ratings


def rated(day: CenterDay, levels: dict[str, int], visit: Visit | None = None) -> Feedback:
    row = day.do(feedback.start, visit or served(day, "lan"), "ho-tich", Giver("web", "d"))
    assert day.do(feedback.rate, row, levels)
    return day.do(feedback.finish, row)


def test_asked_by_chat_and_answered_on_the_web(day: CenterDay) -> None:
    visit = served(day, "lan")
    day.do(feedback.ask, visit, "ho-tich", "telegram")
    assert sums(day).asked == 1
    row = day.do(feedback.start, visit, "ho-tich", Giver("web"))
    day.do(feedback.rate, row, {"access": 5, "handling": 0})
    assert sums(day).ratings == 0
    day.do(feedback.finish, row)
    assert (sums(day).asked, sums(day).answered, sums(day).access_squares, sums(day).handling_n) == (1, 1, 25, 0)
    assert wrongs(day) == []


def test_an_answer_changed_within_the_hour(day: CenterDay) -> None:
    row = rated(day, {"staff": 1})
    assert (sums(day).low, sums(day).staff_sum) == (1, 1)
    day.now += minutes(30)
    day.do(feedback.rate, row, {"staff": 4})
    day.do(feedback.papers, row, [Asked("p1", "Ảnh"), Asked("", "Giấy lạ")])
    day.do(feedback.remark, row, "Tốt")
    day.do(feedback.finish, row)
    told = sums(day)
    assert (told.ratings, told.low, told.staff_n, told.staff_sum, told.over_said, told.over_ratings) == (1, 0, 1, 4, 2, 1)
    assert wrongs(day) == []


def test_half_an_answer_counts_half_a_day_later_on_the_day_it_was_begun(day: CenterDay) -> None:
    row = day.do(feedback.start, served(day, "lan"), "ho-tich", Giver("web"))
    day.do(feedback.rate, row, {"results": 3})
    day.now += feedback.HALF + minutes(1)
    day.do(feedback.settle_halves)
    assert (sums(day, MONDAY).ratings, sums(day, MONDAY).results_squares) == (1, 9)
    assert wrongs(day) == []


def test_a_doubtful_rating_is_flagged_and_counted(day: CenterDay) -> None:
    rated(day, dict.fromkeys(feedback.FACTORS, 5))
    assert (sums(day).ratings, sums(day).flagged) == (1, 1)
    token, giver = "t" * 16, Giver("web")
    row = day.do(feedback.at_counter, Counter(CENTER, 1), token, giver, begun_at=day.now)
    day.do(feedback.rate, row, {"access": 2})
    day.do(feedback.finish, row)
    assert (sums(day).ratings, sums(day).asked) == (2, 0)
    assert wrongs(day) == []


# dossiers


def received(day: CenterDay) -> Dossier:
    works = day.read(dossiers.works, CENTER, day.today)
    slip = Slip(BIRTH, "ho-tich", working_days.promise(day.now, Time(kind="working_days", amount=2), works))
    return day.do(dossiers.receive, CENTER, slip, day.now, actor=CLERK)


def test_a_dossier_paused_twice_counts_as_late_when_it_is_ready(day: CenterDay) -> None:
    one = received(day)
    for _ in range(2):
        one = day.do(dossiers.pause, one, PAPERS, actor=CLERK)
        one = day.do(dossiers.resume, one, actor=CLERK)
    assert (sums(day).received, sums(day).paused, sums(day).second_supplements, sums(day).ready) == (1, 1, 1, 0)
    assert missing(day) == {"p1": 1}
    day.turn("9:00", WEDNESDAY)
    one = day.do(dossiers.ready, one, actor=CLERK)
    assert (sums(day).ready, sums(day).ready_late) == (1, 1)
    day.do(dossiers.reopen, one, actor=CLERK)
    assert counted(day) == {}
    assert wrongs(day) == []


def test_a_promise_that_was_not_kept_is_late_whoever_noted_it(day: CenterDay) -> None:
    noted, apologised = received(day), received(day)
    later = WEDNESDAY + dt.timedelta(days=7)
    day.turn("9:00", later)
    day.do(dossiers.late, apologised, "máy hỏng", later + dt.timedelta(days=2), actor="machine")
    assert day.do(dossiers.note_missed, CENTER, actor="machine") == 1
    for one in (noted, apologised):
        current = day.read(dossiers.get, CENTER, one.id)
        assert current is not None
        day.do(dossiers.hand_over, current, actor=CLERK)
    assert (sums(day).ready, sums(day).ready_late) == (2, 2)
    day.do(dossiers.withdraw, received(day), "", actor=CLERK)
    assert sums(day).received == 1
    assert wrongs(day) == []


# questions


def asked(day: CenterDay, name: str = "lan", bot: str = "telegram:1") -> int:
    person, account = day.person(name, bot)
    return day.do(questions.ask, CENTER, Asker(person, account), Topic(BIRTH)).question.id


def test_a_question_answered_and_gone_on_with(day: CenterDay) -> None:
    number = asked(day)
    day.now += minutes(30)
    day.sit(1)
    assert day.do(questions.answer, number, 1) is None
    assert (sums(day).questions, sums(day).answered_questions, sums(day).answer_minutes) == (1, 1, 30)
    question = day.read(questions.get, number)
    assert question is not None
    day.turn("8:00", WEDNESDAY)
    day.do(questions.asked_more, question)
    assert (counted(day, MONDAY), sums(day).questions, sums(day).answered_questions) == ({}, 1, 0)
    day.do(questions.close, number, "citizen")
    assert wrongs(day) == []


def test_a_closed_question_of_a_chat_that_leaves_counts_for_the_chat_that_stays(day: CenterDay) -> None:
    number = asked(day)
    day.do(questions.close, number, "citizen")
    day.person("lan z", "zalo_oa:4001")
    code = day.do(linking.show, day.person("lan")[1], "k")
    typed = day.do(linking.type_, day.person("lan z")[1], code, "k")
    assert typed is not None
    day.do(linking.join, typed.code, day.person("lan z")[1])
    day.do(linking.leave, day.person("lan")[1])
    assert wrongs(day) == []


# leaving


@pytest.mark.parametrize("way", ["deleted", "person only", "purged", "purged with something recent"])
def test_with_a_person_goes_what_they_asked_and_what_they_rated_stays(day: CenterDay, way: str) -> None:
    row = rated(day, {"staff": 4})
    day.do(feedback.papers, row, [Asked("p1", "Ảnh"), Asked("", "Giấy lạ")])
    number, person = asked(day), day.person("lan")[0]
    before = sums(day)
    if way == "deleted":
        day.do(threads.forget, person)
    if way == "purged with something recent":
        day.now += dt.timedelta(days=50)
        day.do(questions.answer, number, 1)
    if way.startswith("purged"):
        day.now += dt.timedelta(days=100 if way == "purged" else 50)
        day.do(retention.purge, keep=dt.timedelta(days=90))
    else:
        day.read(people.forget, person)
    assert before.questions == 1
    assert sums(day, MONDAY) == before._replace(questions=0)
    assert (before.over_said, items(day, "over_said")) == (2, {"p1": 1}), "what they typed is gone from the figures too, not that it was a paper"
    assert wrongs(day) == []
