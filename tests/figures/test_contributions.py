"""What one row counts for, kind by kind, as tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.domain import contributions
from bot.domain.contributions import Amount, Contribution, Dossier, Feedback, Question, Visit
from bot.domain.levels import Place
from tests.center_day import MONDAY, at, minutes

EIGHT = at("8:00")
PLACE = Place("tam-hiep", MONDAY, "1.001193", "ho-tich", "kiosk")
VISIT = Visit(
    id=1, center_id="tam-hiep", day=MONDAY, state="done", source="kiosk", procedure="1.001193", group_id=7, starts_at=None, follows_id=None,
    returned=False, due_at=EIGHT, called_at=EIGHT + minutes(12.9), serving_at=EIGHT + minutes(14), ended_at=EIGHT + minutes(21.5),
    outcome="accepted", missing="[]",
)  # fmt: skip
SERVED = {
    "visits": 1,
    "served": 1,
    "walk_in": 1,
    "accepted": 1,
    "firsts": 1,
    "first_complete": 1,
    "wait_n": 1,
    "wait_minutes": 12,
    "serve_n": 1,
    "serve_minutes": 7,
}
TIMES = {("wait", "012"): Amount(1), ("serve", "007"): Amount(1), ("hour", "1-08"): Amount(1, 1, 12)}


def counts(found: Contribution) -> dict[str, int]:
    return {name: value for name, value in found.counts.items() if value}


def of_visit(**other: Any) -> dict[str, int]:
    [found] = contributions.of_visit(VISIT._replace(**other), "ho-tich")
    return counts(found)


def test_a_visit_counts_once_with_its_times() -> None:
    [found] = contributions.of_visit(VISIT, "ho-tich")
    assert (found.place, counts(found), found.details) == (PLACE, SERVED, TIMES)


@pytest.mark.parametrize("state", ["held", "booked", "arrived", "waiting", "called", "serving", "parked", "missed", "expired"])
def test_what_has_not_ended_counts_for_nothing(state: str) -> None:
    assert list(contributions.of_visit(VISIT._replace(state=state), "")) == []


NO_WAIT = {"wait_n": 0, "wait_minutes": 0, "wait_bad": 1}
NO_SERVE = {"serve_n": 0, "serve_minutes": 0, "serve_bad": 1}


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"state": "cancelled"}, {**dict.fromkeys(SERVED, 0), "cancelled": 1}),
        ({"state": "no_show", "outcome": ""}, {**dict.fromkeys(SERVED, 0), "visits": 1}),
        ({"state": "no_show", "outcome": "", "starts_at": EIGHT}, {**dict.fromkeys(SERVED, 0), "visits": 1, "booked": 1, "no_show": 1}),
        ({"starts_at": EIGHT}, {"walk_in": 0, "booked": 1}),
        ({"outcome": "done_now"}, {"accepted": 0, "done_now": 1}),
        ({"outcome": "wrong_place"}, {"accepted": 0, "wrong_place": 1, "firsts": 0, "first_complete": 0}),
        ({"outcome": "papers_missing", "state": "must_return"}, {"accepted": 0, "papers_missing": 1, "first_complete": 0}),
        ({"outcome": "not_served", "state": "must_return"}, {"accepted": 0, "not_served": 1, "firsts": 0, "first_complete": 0, **NO_SERVE}),
        ({"follows_id": 3}, {"firsts": 0, "first_complete": 0}),
        ({"returned": True}, {"first_complete": 0, **NO_WAIT, **NO_SERVE}),
        ({"called_at": None}, NO_WAIT),
        ({"due_at": None}, NO_WAIT),
        ({"called_at": EIGHT}, {"wait_minutes": 0}),
        ({"called_at": EIGHT - minutes(0.01)}, NO_WAIT),
        ({"called_at": EIGHT + minutes(240.9)}, {"wait_minutes": 240}),
        ({"called_at": EIGHT + minutes(241)}, NO_WAIT),
        ({"due_at": at("23:50"), "called_at": at("23:59")}, {"wait_minutes": 9}),
        ({"due_at": at("23:50"), "called_at": at("23:50") + minutes(10)}, NO_WAIT),
        ({"serving_at": None}, NO_SERVE),
        ({"ended_at": EIGHT + minutes(14) + dt.timedelta(seconds=10)}, {"serve_minutes": 0}),
        ({"ended_at": EIGHT + minutes(14) + dt.timedelta(seconds=9.9)}, NO_SERVE),
        ({"ended_at": EIGHT + minutes(194)}, {"serve_minutes": 180}),
        ({"ended_at": EIGHT + minutes(194.01)}, NO_SERVE),
    ],
)  # fmt: skip
def test_what_a_visit_counts_for(other: dict[str, Any], differs: dict[str, int]) -> None:
    assert of_visit(**other) == {name: value for name, value in {**SERVED, **differs}.items() if value}


def test_papers_count_by_why_and_only_those_of_the_catalog() -> None:
    listed = (
        '[{"id": "a", "name": "A", "why": "missing"}, {"id": "a", "name": "A", "why": "outdated"}, {"id": "", "name": "Giấy lạ", "why": "missing"}]'
    )
    [found] = contributions.of_visit(VISIT._replace(state="must_return", outcome="papers_missing", missing=listed), "")
    assert {detail: amount for detail, amount in found.details.items() if detail[0] == "missing"} == {
        ("missing", "missing:a"): Amount(1), ("missing", "outdated:a"): Amount(1),
    }  # fmt: skip


def test_papers_of_several_turns_count_once_a_visit_as_they_were_missing_first_also_when_it_ended_well() -> None:
    lacked = '[{"id": "a", "name": "A", "why": "missing"}, {"id": "b", "name": "B", "why": "outdated"}]'
    missing = '[{"id": "a", "name": "A", "why": "incorrect"}, {"id": "c", "name": "C", "why": "missing"}]'
    for row in (VISIT._replace(lacked=lacked), VISIT._replace(lacked=lacked, missing=missing, state="must_return", outcome="papers_missing")):
        [found] = contributions.of_visit(row, "")
        items = {item: amount.n for (kind, item), amount in found.details.items() if kind == "missing"}
        assert items == {"missing:a": 1, "outdated:b": 1, **({"missing:c": 1} if row.missing != "[]" else {})}


def test_an_hour_is_that_of_the_clock_in_vietnam() -> None:
    """Sunday 23:30 in Greenwich is Monday 6:30 here."""
    [found] = contributions.of_visit(VISIT._replace(due_at=dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)), "")
    assert [item for kind, item in found.details if kind == "hour"] == ["1-06"]


RATED = Feedback(1, "tam-hiep", "1.001193", "ho-tich", "web", 5, 0, 2, None, 4, "[]", "[]", EIGHT, EIGHT + minutes(60), EIGHT)
RATING = {
    "asked": 1, "answered": 1, "ratings": 1, "low": 1, "access_n": 1, "access_sum": 5, "access_squares": 25, "staff_n": 1, "staff_sum": 2,
    "staff_squares": 4, "handling_n": 1, "handling_sum": 4, "handling_squares": 16,
}  # fmt: skip
OVER = '[{"id": "a", "name": "A"}, {"id": "b", "name": "B"}, {"id": "", "name": "Giấy lạ"}]'


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, RATING),
        ({"asked_at": None}, {name: value for name, value in RATING.items() if name not in ("asked", "answered")}),
        ({"done_at": None}, {"asked": 1}),
        ({"done_at": None, "papers": OVER, "flags": '["quick"]'}, {"asked": 1}),
        ({"flags": '["quick"]'}, {**RATING, "flagged": 1}),
        ({"papers": OVER}, {**RATING, "over_said": 3, "over_ratings": 1}),
        ({"papers": '[{"id": "", "name": ""}]'}, {**RATING, "over_said": 1, "over_ratings": 1}),
        ({"access": None, "staff": None, "handling": 0}, {"asked": 1, "answered": 1, "ratings": 1}),
    ],
)  # fmt: skip
def test_what_a_rating_counts_for(other: dict[str, Any], expected: dict[str, int]) -> None:
    [found] = contributions.of_feedback(RATED._replace(**other))
    assert counts(found) == expected
    assert found.place == PLACE._replace(channel="web")


def test_a_paper_somebody_typed_is_an_item_of_its_own_as_long_as_its_name_is_kept() -> None:
    [found] = contributions.of_feedback(RATED._replace(papers='[{"id": "a", "name": "A"}, {"id": "", "name": "Sổ hộ khẩu"}, {"id": "", "name": ""}]'))
    assert found.details == {("over_said", "a"): Amount(1), ("over_said", "=Sổ hộ khẩu"): Amount(1)}


def test_the_tablets_of_all_helpers_are_one_channel() -> None:
    found = [one for source in ("assist:7", "assist:12") for one in contributions.of_visit(VISIT._replace(source=source), "")]
    assert {one.place.channel for one in found} == {"assist"}


def test_who_neither_was_asked_nor_answered_counts_for_nothing() -> None:
    assert list(contributions.of_feedback(RATED._replace(asked_at=None, done_at=None))) == []


FILED = Dossier(1, "tam-hiep", "1.001193", "ho-tich", "sheet", EIGHT, None, None, 0)


@pytest.mark.parametrize(
    ("other", "on_receipt", "when_ready"),
    [
        ({}, {"received": 1}, None),
        ({"supplements": 1, "missed_due": MONDAY}, {"received": 1, "paused": 1}, None),
        ({"supplements": 2}, {"received": 1, "paused": 1, "second_supplements": 1}, None),
        ({"ready_at": EIGHT}, {"received": 1}, {"ready": 1}),
        ({"ready_at": EIGHT, "missed_due": MONDAY}, {"received": 1}, {"ready": 1, "ready_late": 1}),
        ({"ready_at": EIGHT, "supplements": 2}, {"received": 1, "paused": 1, "second_supplements": 1}, {"ready": 1, "ready_late": 1}),
    ],
)
def test_what_a_dossier_counts_for(other: dict[str, Any], on_receipt: dict[str, int], when_ready: dict[str, int] | None) -> None:
    found = [counts(one) for one in contributions.of_dossier(FILED._replace(**other))]
    assert found == [on_receipt] if when_ready is None else found == [on_receipt, when_ready]


def test_papers_a_dossier_was_paused_for_count_once_on_the_day_it_was_received() -> None:
    lacked = (
        '[{"id": "a", "name": "A", "why": "missing"}, {"id": "", "name": "Giấy lạ", "why": "missing"}, {"id": "a", "name": "A", "why": "outdated"},'
        ' {"id": "b", "name": "B", "why": "not_required"}]'
    )
    received, ready = contributions.of_dossier(FILED._replace(supplements=2, lacked=lacked, ready_at=EIGHT + dt.timedelta(days=3)))
    assert received.details == {("missing", "missing:a"): Amount(1), ("missing", "not_required:b"): Amount(1)}
    assert (received.place.day, ready.details) == (MONDAY, {})


def test_a_dossier_is_received_and_ready_on_days_of_the_local_clock() -> None:
    row = FILED._replace(received_at=dt.datetime(2026, 11, 22, 17, 0, tzinfo=dt.UTC), ready_at=dt.datetime(2026, 11, 30, 16, 59, tzinfo=dt.UTC))
    assert [one.place.day for one in contributions.of_dossier(row)] == [MONDAY, dt.date(2026, 11, 30)]


ASKED = Question(1, "tam-hiep", "1.001193", EIGHT, None, "telegram:1")


@pytest.mark.parametrize(
    ("other", "channel", "expected"),
    [
        ({}, "telegram", {"questions": 1}),
        ({"answered_at": EIGHT + minutes(90.5)}, "telegram", {"questions": 1, "answered_questions": 1, "answer_minutes": 90}),
        ({"answered_at": EIGHT - minutes(5)}, "telegram", {"questions": 1}),
        ({"bot": None}, "group", {"questions": 1}),
    ],
)
def test_what_a_question_counts_for(other: dict[str, Any], channel: str, expected: dict[str, int]) -> None:
    [found] = contributions.of_question(ASKED._replace(**other), "ho-tich")
    assert (counts(found), found.place) == (expected, PLACE._replace(channel=channel))
