"""What somebody thought of a visit: one row, half answers, an hour to change, hints that hide nothing, and what is left of a person."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.results import Feedback as Row
from bot.domain import feedback, feedback_hints, people, retention
from bot.domain.feedback import Asked, Feedback, Giver
from bot.domain.visits import Visit
from tests.center_day import CenterDay, minutes

_TABLE = upsert.table(Row)
ALL = dict.fromkeys(feedback.FACTORS, 4)


def served(day: CenterDay, name: str = "lan", outcome: str = "accepted") -> Visit:
    day.sit(1)
    day.walk_in(name)
    return day.finish(day.called(), outcome)


def started(day: CenterDay, visit: Visit, device: str = "") -> Feedback:
    return day.do(feedback.start, visit, "ho-tich", Giver("telegram", device))


def rows(day: CenterDay) -> list[Any]:
    return list(day.read(lambda session: session.execute(select(_TABLE).order_by(_TABLE.c.id)).all()))


def row(day: CenterDay, given: Feedback) -> Feedback:
    found = day.read(feedback.get, given.id)
    assert found is not None
    return found


def test_a_second_start_goes_on_with_the_same_row(day: CenterDay) -> None:
    visit = served(day)
    first = started(day, visit)
    assert day.do(feedback.rate, first, {"staff": 5})
    day.now += minutes(20)
    again = started(day, visit)
    assert (again.id, again.staff, again.begun_at) == (first.id, 5, first.begun_at)
    assert len(rows(day)) == 1


def test_half_answers_are_kept_as_they_come_and_count_after_half_a_day(day: CenterDay) -> None:
    given = started(day, served(day))
    day.do(feedback.rate, given, {"access": 2})
    day.do(feedback.rate, given, {"staff": feedback.DOES_NOT_APPLY})
    assert day.do(feedback.settle_halves) == []
    day.now += feedback.HALF + minutes(1)
    assert day.do(feedback.settle_halves) == [given.id]
    half = row(day, given)
    assert half.levels == {"access": 2, "procedures": None, "staff": 0, "results": None, "handling": None}
    assert half.done_at == day.now


def test_begun_without_an_answer_it_counts_for_nothing(day: CenterDay) -> None:
    given = started(day, served(day))
    day.now += feedback.HALF + minutes(1)
    assert day.do(feedback.settle_halves) == []
    assert row(day, given).done_at is None


def test_an_hour_after_it_was_given_it_stands(day: CenterDay) -> None:
    given = started(day, served(day))
    day.do(feedback.rate, given, ALL)
    done = day.do(feedback.finish, given)
    day.now += minutes(59)
    assert day.do(feedback.rate, done, {"staff": 1})
    assert day.do(feedback.finish, done).done_at == done.done_at
    day.now += minutes(2)
    assert not day.do(feedback.rate, done, {"staff": 5})
    assert not day.do(feedback.remark, done, "muộn rồi")
    assert (row(day, given).staff, row(day, given).comment) == (1, "")


@pytest.mark.parametrize("levels", [{"staff": 6}, {"staff": -1}, {"speed": 3}])
def test_what_is_no_factor_or_no_level_is_refused(day: CenterDay, levels: dict[str, int]) -> None:
    given = started(day, served(day))
    with pytest.raises(ValueError, match="no factor or level"):
        day.do(feedback.rate, given, levels)


def test_a_remark_is_kept_without_traces_and_promised_an_answer_in_fifteen_working_days(day: CenterDay) -> None:
    given = started(day, served(day))
    day.do(feedback.remark, given, "Chờ lâu quá, gọi tôi 0912 345 678 nhé")
    kept = row(day, given)
    assert kept.comment == "Chờ lâu quá, gọi tôi … nhé"
    # From Monday 23 November 2026; the 24th is a holiday, and Saturday mornings shorten no promise.
    assert kept.reply_due == dt.date(2026, 12, 15)
    day.do(feedback.remark, given, "")
    assert row(day, given).reply_due is None


def test_a_paper_asked_for_too_many_waits_for_an_answer_too(day: CenterDay) -> None:
    given = started(day, served(day))
    day.do(feedback.papers, given, (Asked("residence", "Giấy xác nhận cư trú"), Asked("", "Sổ hộ khẩu"), Asked("", "Sổ hộ khẩu"), Asked("", " ")))
    kept = row(day, given)
    assert kept.asked_for == (Asked("residence", "Giấy xác nhận cư trú"), Asked("", "Sổ hộ khẩu"))
    assert kept.reply_due == dt.date(2026, 12, 15)


def test_a_typed_paper_is_kept_once_and_none_is_no_paper(day: CenterDay) -> None:
    given = started(day, served(day))
    typed = ("Sổ hộ khẩu.", "sổ  hộ\nkhẩu", "Không có", "-", "0912 345 678", "Giấy của 0912 345 678")
    day.do(feedback.papers, given, [Asked("", name) for name in typed])
    assert [paper.name for paper in row(day, given).asked_for] == ["Sổ hộ khẩu", "Giấy của …"]


# hints


BEGUN = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("levels", "seconds", "others", "found"),
    [
        ((4, 5, 3, 4, 4), 60, 0, set()),
        ((4, 5, 3, None, None), 7, 0, {"quick"}),
        ((4, 5, None, None, None), 3, 0, set()),
        ((4, 5, 3, 4, 4), 8, 0, set()),
        ((5, 5, 5, 5, 5), 60, 0, {"straight"}),
        ((1, 1, 1, 1, 1), 2, 3, {"straight", "quick", "device"}),
        ((0, 0, 0, 0, 0), 60, 2, set()),
        ((5, 5, 5, 5, 0), 60, 0, set()),
    ],
)
def test_what_makes_a_rating_doubtful(levels: tuple[int | None, ...], seconds: float, others: int, found: set[str]) -> None:
    given: dict[str, Any] = dict(zip(feedback.FACTORS, levels, strict=True))
    given |= {"begun_at": BEGUN, "done_at": BEGUN + dt.timedelta(seconds=seconds)}
    assert feedback_hints.of(given, others) == found


def test_the_hints_know_the_factors() -> None:
    assert feedback_hints.FACTORS == feedback.FACTORS


def test_the_same_device_many_times_a_day_is_flagged_and_every_rating_stays(day: CenterDay) -> None:
    one = feedback.device("key", "web:lan", day.today)
    for number in range(5):
        given = started(day, served(day, f"nobody {number}"), one)
        day.now += minutes(2)
        day.do(feedback.rate, given, {"staff": 5, "access": 4})
        day.do(feedback.finish, given)
    assert [json.loads(each.flags) for each in rows(day)] == [[], [], [], ["device"], ["device"]]
    assert all(each.done_at and each.staff == 5 for each in rows(day))


def test_a_device_is_another_one_each_day_and_under_each_key() -> None:
    day = dt.date(2026, 11, 23)
    told = {feedback.device(key, who, when) for key in ("a", "b") for who in ("x", "y") for when in (day, day + dt.timedelta(days=1))}
    assert len(told) == 8


# what is left of a person


def answered(day: CenterDay) -> Feedback:
    visit = served(day)
    given = started(day, visit, "phone")
    day.do(feedback.rate, given, ALL)
    day.do(feedback.remark, given, "cô Hạnh giúp tôi nhiều lắm")
    day.do(feedback.papers, given, (Asked("residence", "Giấy cư trú"), Asked("", "giấy của ông Tư")))
    return day.do(feedback.finish, given)


def test_forgetting_a_person_leaves_the_levels_and_nothing_of_theirs(day: CenterDay) -> None:
    given = answered(day)
    person = day.person("lan")[0]
    assert len(day.read(feedback.of_person, person)) == 1
    day.read(people.forget, person)
    [left] = rows(day)
    assert (left.account_id, left.comment, left.device, left.reply_due) == (None, "", "", None)
    assert json.loads(left.papers) == [{"id": "residence", "name": "Giấy cư trú"}, {"id": "", "name": ""}], "that there was one more"
    assert [paper.name for paper in row(day, given).asked_for] == ["Giấy cư trú"]
    assert row(day, given).levels == ALL
    assert left.done_at is not None
    assert day.read(feedback.of_person, person) == []


def test_what_is_old_is_kept_as_figures_only(day: CenterDay) -> None:
    given = answered(day)
    day.now += dt.timedelta(days=89)
    day.do(retention.purge, keep=retention.days(90))
    assert row(day, given).comment
    day.now += dt.timedelta(days=2)
    day.do(retention.purge, keep=retention.days(90))
    left = row(day, given)
    assert (left.account_id, left.comment, left.levels) == (None, "", ALL)


def test_the_database_knows_one_row_a_visit(day: CenterDay) -> None:
    visit = served(day)
    started(day, visit)

    def second(session: Session) -> int:
        values = {"visit_id": visit.id, "center_id": visit.center_id, "token": "another", "created_at": day.now}
        insert = upsert.insert(session, Row, **feedback.EMPTY, **values).on_conflict_do_nothing().returning(_TABLE.c.id)
        return len(session.execute(insert).all())

    assert day.read(second) == 0
    day.read(lambda session: session.execute(update(_TABLE).values(visit_id=None)))
    assert day.read(second) == 1
