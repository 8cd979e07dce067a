"""A dossier from receipt to result: codes, pauses, what counts as late, and a history that tells the row again."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from bot import clock, errors
from bot.domain import dossier_codes, dossier_history, dossier_lists, dossiers, queue, visits, working_days
from bot.domain.dossiers import Dossier, ReceiptTaken, Slip
from bot.domain.queue import Arrival
from bot.domain.visits import Missing
from procedures.models import Time
from tests.center_day import CENTER, CLERK, CenterDay

FIVE = Time(kind="working_days", amount=5)
PAPER = (Missing("p1", "Giấy chứng sinh"),)
TUESDAY, FRIDAY = dt.date(2026, 12, 1), dt.date(2026, 11, 27)


def slip(day: CenterDay, time: Time | None = FIVE, **named: Any) -> Slip:
    works = day.read(dossiers.works, CENTER, day.today)
    return Slip("1.000656", "ho-tich", working_days.promise(day.now, time, works), **named)


def received(day: CenterDay, time: Time | None = FIVE, **named: Any) -> Dossier:
    return day.do(dossiers.receive, CENTER, slip(day, time, **named), day.now, actor=CLERK)


def do(day: CenterDay, work: Any, dossier: Dossier, *given_: Any) -> Dossier:
    changed: Dossier = day.do(work, dossier, *given_, actor=CLERK)
    return changed


def retold(day: CenterDay, dossier: Dossier) -> Dossier:
    return dossiers.as_told(dossier, day.read(dossier_history.events, dossier.id))


def row(day: CenterDay, dossier: Dossier) -> Dossier:
    found = day.read(dossiers.get, CENTER, dossier.id)
    assert found is not None
    return found


def test_our_own_codes_count_on_a_row_and_end_in_what_cannot_be_guessed(day: CenterDay) -> None:
    made = [received(day).receipt for _ in range(3)]
    assert [re.sub("[A-Z0-9]{4}$", "…", code) for code in made] == [f"TH-231126-000{number}-…" for number in (1, 2, 3)]
    assert len({code[-4:] for code in made}) == 3


def test_a_number_that_was_given_back_leaves_no_gap(day: CenterDay) -> None:
    def lost(session: Session, *, now: dt.datetime) -> None:
        dossier_codes.own(session, CENTER, clock.today(now))
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        day.do(lost)
    assert "-0001-" in received(day).receipt


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("H12.34-261122-0001", "H12.34-261122-0001"),
        (" h12.34 – 261122 – 0001 ", "H12.34-261122-0001"),
        ("000.00.12.H12-261122-0001", "000.00.12.H12-261122-0001"),
        ("abc", ""),
        ("hồ sơ 1", ""),
        ("=1+1", ""),
        ("1" * 60, ""),
    ],
)
def test_the_provinces_code_is_kept_as_it_stands_on_the_slip(typed: str, kept: str) -> None:
    assert dossier_codes.clean(typed) == kept


def test_one_code_is_one_dossier_of_a_center_however_it_is_written(day: CenterDay) -> None:
    first = received(day, code="H12.34-261122-0001")
    with pytest.raises(ReceiptTaken) as taken:
        received(day, code="h12.34–261122–0001")
    assert taken.value.dossier == first
    assert day.read(dossiers.with_code, "H1234 261122 0001", (CENTER,)) == [first]
    assert day.read(dossiers.with_code, "H12.34-261122-000", (CENTER,)) == []
    assert day.read(dossiers.with_code, first.receipt, ("elsewhere",)) == []


def test_five_days_from_monday_before_a_holiday(day: CenterDay) -> None:
    made = received(day)
    assert (made.counts_from, made.due, made.first_due, made.working_days) == (day.today, TUESDAY, TUESDAY, 5)


def accepted(day: CenterDay, outcome: str = "accepted") -> visits.Visit:
    visit = day.do(queue.walk_in, day.groups["A"], Arrival(*day.person("lan")), actor="kiosk:1")
    called = day.do(queue.call, visit, day.desks[1], actor=CLERK)
    return day.do(queue.finish, called, outcome, actor=CLERK)


def test_a_visit_that_handed_papers_in_gives_one_dossier_of_its_person(day: CenterDay) -> None:
    visit = accepted(day)
    made = day.do(dossiers.of_finished, visit, slip(day), actor=CLERK)
    assert (made.visit_id, made.person_id, made.account_id) == (visit.id, *day.person("lan"))
    assert day.do(dossiers.of_finished, visit, slip(day), actor=CLERK) == made
    assert day.read(dossiers.of_person, made.person_id, since=day.now) == [made]


def test_a_visit_that_ended_otherwise_gives_none(day: CenterDay) -> None:
    visit = accepted(day, "done_now")
    with pytest.raises(errors.TooLate):
        day.do(dossiers.of_finished, visit, slip(day), actor=CLERK)


def test_the_clock_stands_still_while_papers_are_missing(day: CenterDay) -> None:
    made = received(day)
    day.turn("9:00", dt.date(2026, 11, 25))
    paused = do(day, dossiers.pause, made, PAPER)
    assert (paused.state, paused.papers_missing, paused.used_days, paused.late) == ("paused", PAPER, 1, False)
    day.turn("9:00", FRIDAY)
    resumed = do(day, dossiers.resume, paused)
    assert (resumed.due, resumed.first_due) == (dt.date(2026, 12, 3), TUESDAY)
    assert resumed.due == working_days.after(FRIDAY, 5 - resumed.used_days, day.read(dossiers.works, CENTER, day.today))


def test_papers_brought_after_the_cut_off_count_from_the_next_day(day: CenterDay) -> None:
    made = received(day, Time(kind="same_day", cutoff="15:00"), cutoff="15:00")
    paused = do(day, dossiers.pause, made, PAPER)
    day.turn("15:01")
    assert do(day, dossiers.resume, paused).due == dt.date(2026, 11, 25)


def test_the_second_request_for_papers_counts_as_late(day: CenterDay) -> None:
    made = received(day)
    for _ in range(2):
        made = do(day, dossiers.resume, do(day, dossiers.pause, made, PAPER))
    assert (made.supplements, made.late, made.missed_due) == (2, True, None)


@pytest.mark.parametrize("papers", [(), (Missing("p", "Giấy", "lazy"),), (Missing("p", "  "),)])
def test_a_pause_names_papers_and_why(day: CenterDay, papers: tuple[Missing, ...]) -> None:
    with pytest.raises(ValueError, match="papers"):
        do(day, dossiers.pause, received(day), papers)


def test_numbers_of_a_person_do_not_stay_in_what_was_asked_for(day: CenterDay) -> None:
    paused = do(day, dossiers.pause, received(day), [Missing("", "Căn cước 001199012345 của mẹ", "incorrect")])
    assert paused.papers_missing == (Missing("", "Căn cước … của mẹ", "incorrect"),)
    assert "001199012345" not in str(day.read(dossier_history.events, paused.id))


def test_a_promise_that_passed_is_written_down_once_by_the_machine(day: CenterDay) -> None:
    made = received(day)
    day.turn("9:00", dt.date(2026, 12, 2))
    assert [day.do(dossiers.note_missed, CENTER, actor="machine") for _ in range(2)] == [1, 0]
    assert (row(day, made).missed_due, row(day, made).state) == (TUESDAY, "open")


def test_a_result_after_its_date_is_late_without_the_machine(day: CenterDay) -> None:
    made = received(day)
    day.turn("9:00", dt.date(2026, 12, 2))
    assert do(day, dossiers.ready, made).missed_due == TUESDAY


def test_an_apology_gives_a_new_date_and_keeps_that_it_was_late(day: CenterDay) -> None:
    told = do(day, dossiers.late, received(day), "Cần xác minh ở nơi cư trú cũ.", dt.date(2026, 12, 7))
    assert (told.due, told.first_due, told.missed_due, told.late) == (dt.date(2026, 12, 7), TUESDAY, TUESDAY, True)
    [_, event] = day.read(dossier_history.events, told.id)
    assert (event.kind, event.reason) == ("late", "Cần xác minh ở nơi cư trú cũ.")


@pytest.mark.parametrize("due", [dt.date(2026, 12, 5), TUESDAY, dt.date(2026, 11, 20)])
def test_an_apology_promises_no_day_off_and_no_earlier_day(day: CenterDay, due: dt.date) -> None:
    with pytest.raises(ValueError, match="due"):
        do(day, dossiers.late, received(day), "Máy hỏng", due)


@pytest.mark.parametrize(
    ("before", "step"),
    [("ready", dossiers.pause), ("paused", dossiers.ready), ("paused", dossiers.hand_over), ("returned", dossiers.ready), ("open", dossiers.reopen)],
)
def test_what_does_not_follow_is_refused(day: CenterDay, before: str, step: Any) -> None:
    made = received(day)
    steps: dict[str, Any] = {"ready": dossiers.ready, "returned": dossiers.hand_over}
    if before == "paused":
        made = do(day, dossiers.pause, made, PAPER)
    elif before in steps:
        made = do(day, steps[before], made)
    with pytest.raises(errors.TooLate) as refused:
        do(day, step, made, *([PAPER] if step is dossiers.pause else []))
    assert refused.value.state == before


def test_a_step_pressed_twice_is_one_event(day: CenterDay) -> None:
    made = received(day)
    for step in (dossiers.ready, dossiers.hand_over):
        assert do(day, step, made) == do(day, step, made)
    assert [event.kind for event in day.read(dossier_history.events, made.id)] == ["received", "ready", "returned"]


def test_another_center_does_not_find_it(day: CenterDay) -> None:
    assert day.read(dossiers.get, "elsewhere", received(day).id) is None


def test_the_lists_part_what_is_due(day: CenterDay) -> None:
    today = received(day, Time(kind="same_day"))
    tomorrow = received(day, Time(kind="working_days", amount=1))
    paused, done = do(day, dossiers.pause, received(day), PAPER), do(day, dossiers.ready, received(day))
    works = day.read(dossiers.works, CENTER, day.today)
    days = dossier_lists.days(day.today, works)
    assert days.tomorrow == dt.date(2026, 11, 25), "the 24th is a holiday"
    parts = {part: [one.id for one in day.read(dossier_lists.of_part, CENTER, part, days).rows] for part in dossier_lists.PARTS}
    assert parts["today"] == [today.id]
    assert parts["tomorrow"] == [tomorrow.id]
    assert (parts["paused"], parts["ready"], parts["overdue"]) == ([paused.id], [done.id], [])
    assert parts["all"][:2] == [today.id, tomorrow.id]
    assert day.read(dossier_lists.counts, CENTER, days)["all"] == 4
    later = dossier_lists.days(dt.date(2026, 11, 25), works)
    assert [one.id for one in day.read(dossier_lists.of_part, CENTER, "overdue", later).rows] == [today.id]
    assert dossier_lists.left(today, later.today, works) == -1


STEPS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "ready", "reopen", "late", "hand_over", "withdraw", "missed"]), st.integers(0, 6)), max_size=9
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_its_events_always_tell_the_row(day: CenterDay, steps: list[tuple[str, int]]) -> None:
    day.turn("9:00", dt.date(2026, 11, 23))
    made = received(day)
    for name, wait in steps:
        day.turn("9:00", day.today + dt.timedelta(days=wait))
        _try(day, made, name)
        kept = row(day, made)
        assert retold(day, kept) == kept
        assert kept.first_due == TUESDAY
    assert kept.state in (*dossiers.LIVE, "returned", "withdrawn") if steps else True


def _try(day: CenterDay, made: Dossier, name: str) -> None:
    new_date = working_days.here(day.today + dt.timedelta(days=9), lambda date: date.weekday() < 5)
    given_: dict[str, tuple[Any, ...]] = {"pause": (PAPER,), "withdraw": ("tự rút",), "late": ("việc khó", new_date)}
    try:
        if name == "missed":
            day.do(dossiers.note_missed, CENTER, actor="machine")
        else:
            do(day, getattr(dossiers, name), made, *given_.get(name, ()))
    except (errors.TooLate, ValueError):
        return
