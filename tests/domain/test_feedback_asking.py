"""Whom to ask and when, and remarks as those see them who answer."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.domain import consent, feedback, feedback_asking, feedback_remarks, figures
from bot.domain.consent import Purpose, Who
from bot.domain.feedback import Counter, Giver
from bot.domain.scopes import Scope
from bot.domain.visits import Visit
from tests.center_day import CENTER, WEDNESDAY, CenterDay, minutes
from tests.domain.test_feedback import row, served, started
from tests.figures.counting import sums, wrongs

WORDS = "Trung tâm nhắn hỏi tôi sau mỗi lượt."


def agree(day: CenterDay, name: str = "lan", purpose: Purpose = "survey") -> Who:
    person, account = day.person(name)
    who = Who(person, CENTER, purpose, account)
    day.do(consent.give, who, WORDS, "terminal")
    return who


def due(day: CenterDay) -> list[int]:
    return [visit.id for visit in day.do(feedback_asking.due)]


def at_ten(day: CenterDay, outcome: str = "accepted") -> Visit:
    day.turn("10:00")
    return served(day, outcome=outcome)


def test_an_hour_after_the_visit_and_once(day: CenterDay) -> None:
    agree(day)
    visit = at_ten(day)
    day.now += minutes(59)
    assert due(day) == []
    day.now += minutes(1)
    assert due(day) == [visit.id]
    assert day.do(feedback.ask, visit, "ho-tich", "telegram") is not None
    assert due(day) == []
    assert day.do(feedback.ask, visit, "ho-tich", "telegram") is None


def test_who_began_by_themselves_is_not_asked(day: CenterDay) -> None:
    agree(day)
    started(day, at_ten(day))
    day.now += minutes(61)
    assert due(day) == []


@pytest.mark.parametrize("purpose", [None, "notices"])
def test_nobody_is_asked_who_did_not_agree_to_just_that(day: CenterDay, purpose: Purpose | None) -> None:
    if purpose is not None:
        agree(day, purpose=purpose)
    at_ten(day)
    day.now += minutes(61)
    assert due(day) == []


def test_who_took_it_back_is_not_asked(day: CenterDay) -> None:
    who = agree(day)
    at_ten(day)
    day.now += minutes(61)
    assert due(day)
    day.do(consent.withdraw, who.person_id, "DỪNG")
    assert due(day) == []


def test_not_at_night(day: CenterDay) -> None:
    agree(day)
    day.turn("20:30")
    visit = served(day)
    for hour in ("21:30", "23:59"):
        day.turn(hour)
        assert due(day) == []
    day.turn("6:59", day.today + dt.timedelta(days=1))
    assert due(day) == []
    day.turn("7:00")
    assert due(day) == [visit.id]


def test_after_three_days_it_is_too_late(day: CenterDay) -> None:
    agree(day)
    day.turn("9:30")
    visit = served(day)
    day.turn("9:00", day.today + dt.timedelta(days=3))
    assert due(day) == [visit.id]
    day.turn("10:00")
    assert due(day) == []


def test_between_the_hours_only_what_became_due_lately_is_looked_at(day: CenterDay) -> None:
    agree(day)
    visit = at_ten(day)
    for hour, found in (("11:01", [visit.id]), ("11:29", [visit.id]), ("11:31", []), ("12:00", [visit.id])):
        day.turn(hour)
        assert due(day) == found


def test_who_was_sent_home_for_a_paper_is_asked_the_next_day(day: CenterDay) -> None:
    agree(day)
    day.turn("10:00")
    day.sit(1)
    day.walk_in("lan")
    visit = day.finish(day.called(), missing=("Tờ khai",))
    day.now += minutes(200)
    assert due(day) == []
    day.turn("9:00", day.today + dt.timedelta(days=1))
    assert due(day) == [visit.id]


def test_who_gave_it_up_is_not_asked(day: CenterDay) -> None:
    agree(day)
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    day.cancel(visit)
    day.turn("10:00", WEDNESDAY)
    assert due(day) == []


# remarks


def said(day: CenterDay, words: str, name: str = "lan") -> feedback.Feedback:
    given = started(day, served(day, name))
    day.do(feedback.remark, given, words)
    return day.do(feedback.finish, given)


def shown(day: CenterDay, *, answered: bool = False) -> list[str]:
    return [remark.feedback.comment for remark in day.do(feedback_remarks.of_center, CENTER, answered=answered)]


def test_a_remark_about_a_visit_is_shown_the_next_day_and_one_from_the_counter_at_once(day: CenterDay) -> None:
    said(day, "chờ lâu")
    code = day.do(feedback.at_counter, Counter(CENTER, 1), "t", Giver("web"), begun_at=day.now)
    day.do(feedback.remark, code, "phòng nóng")
    assert shown(day) == ["phòng nóng"]
    day.turn("0:00", day.today + dt.timedelta(days=1))
    assert sorted(shown(day)) == ["chờ lâu", "phòng nóng"]


def test_the_one_due_first_comes_first_and_late_ones_are_counted(day: CenterDay) -> None:
    said(day, "một", "an")
    day.turn("9:00", WEDNESDAY)
    said(day, "hai", "ba")
    day.turn("9:00", dt.date(2026, 12, 15))
    assert shown(day) == ["một", "hai"]
    assert day.do(feedback_remarks.count, CENTER) == (2, 0, 0, 0)
    day.turn("9:00", dt.date(2026, 12, 16))
    assert day.do(feedback_remarks.count, CENTER) == (2, 1, 0, 0)
    assert day.do(feedback_remarks.overdue) == {CENTER: 1}


def test_answered_once_by_whoever_is_first_and_only_at_its_center(day: CenterDay) -> None:
    given = said(day, "chờ lâu")
    assert day.do(feedback_remarks.reply, CENTER, given.id, "quá sớm") is None
    day.turn("9:00", WEDNESDAY)
    assert day.do(feedback_remarks.reply, "another", given.id, "Không phải của tôi") is None
    assert day.do(feedback_remarks.reply, CENTER, given.id, "Đã thêm quạt.") is not None
    assert day.do(feedback_remarks.reply, CENTER, given.id, "Lần nữa") is None
    assert (row(day, given).reply, shown(day), shown(day, answered=True)) == ("Đã thêm quạt.", [], ["chờ lâu"])
    assert day.do(feedback_remarks.count, CENTER) == (0, 0, 1, 0)


def test_one_page_of_the_counter_gives_one_row(day: CenterDay) -> None:
    made = {day.do(feedback.at_counter, Counter(CENTER, 1), "page", Giver("web"), begun_at=day.now).id for _ in range(3)}
    assert len(made) == 1


def test_a_page_of_the_counter_sent_again_is_about_what_was_said_last_while_it_can_be_changed(day: CenterDay) -> None:
    def sent(procedure: str, field: str) -> str:
        given = day.do(feedback.at_counter, Counter(CENTER, 1, procedure, field), "page", Giver("web"), begun_at=day.now)
        day.do(feedback.rate, given, {"staff": 5})
        day.do(feedback.finish, given)
        return row(day, given).procedure

    assert [sent(*said) for said in (("p", "f"), ("q", "g"), ("", ""), ("p", "f"))] == ["p", "q", "", "p"]
    assert (sums(day).ratings, day.read(figures.sums, Scope(CENTER, day.today, day.today, field="f")).ratings, wrongs(day)) == (1, 1, [])
    day.now += feedback.CHANGEABLE
    assert sent("q", "g") == "p", "too late"
