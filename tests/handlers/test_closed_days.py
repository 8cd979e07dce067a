"""A day that closes, or ends early: who waits for it or was to come is told in the same transaction, with what is nearest."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot import errors
from bot.conversation import plain
from bot.db.enums import LIVE
from bot.domain import booking, diary, displaced, hours, waitlist
from bot.domain.hours import Change
from bot.domain.visits import Visit
from handlers import displacing, payloads, visiting
from handlers.displacing import Decisions
from tests.center_day import CENTER, CLERK, MONDAY, WEDNESDAY, CenterDay, at

THURSDAY, FRIDAY = WEDNESDAY + dt.timedelta(days=1), WEDNESDAY + dt.timedelta(days=2)


def change_hours(day: CenterDay, date: dt.date, spans: str, reason: str = "Mất điện") -> None:
    """As the page of the hours does it: everybody who is displaced is cancelled."""

    def change(session: Session) -> Change:
        return hours.set_exception(session, CENTER, date, hours.parse(spans), reason, actor=CLERK, now=day.now)

    def apply(session: Session, *, now: dt.datetime) -> None:
        decided = Decisions(every="cancel", why="Mất điện cả buổi.")
        try:
            displacing.apply(session, CENTER, change, decided, actor=CLERK, now=now)
        except displacing.Undecided as undecided:
            sealed = Decisions(displaced.seal(undecided.proposals), "cancel", why=decided.why)
            displacing.apply(session, CENTER, change, sealed, actor=CLERK, now=now)

    day.do(apply)


def full(day: CenterDay, spans: str = "8:00-9:00") -> list[Visit]:
    """Wednesday with two times of group B, one seat each, both taken."""
    day.do(hours.set_exception, CENTER, WEDNESDAY, hours.parse(spans), "", actor=CLERK)
    return [day.book(name, hour, day=WEDNESDAY, group="B") for name, hour in (("a", "8:00"), ("b", "8:30"))]


def told(day: CenterDay, name: str = "lan") -> list[str]:
    return [plain.text(reply) for reply in day.told(name)]


def waits(day: CenterDay, name: str = "lan") -> list[str]:
    return [wait.state for wait in day.read(waitlist.of_person, day.person(name)[0])]


def test_who_waits_for_a_day_that_closes_is_told_why_and_what_is_nearest(day: CenterDay) -> None:
    full(day)
    for name in ("lan", "mai"):
        day.wait_for(name, day=WEDNESDAY, group="B")
    change_hours(day, WEDNESDAY, "")
    assert (waits(day), waits(day, "mai")) == ([], [])
    (said,) = told(day)
    assert "Thứ Tư 25/11 không còn giờ hẹn nào" in said
    assert "Nghỉ: thứ Tư 25/11 (Mất điện)." in said
    assert "Gần nhất còn chỗ: thứ Hai 23/11, thứ Năm 26/11, thứ Sáu 27/11." in said
    assert len(told(day, "mai")) == 1
    day.do(visiting.offer_free)
    assert len(told(day)) == 1, "once"


def test_the_button_opens_the_other_days_of_that_center(day: CenterDay) -> None:
    full(day)
    day.wait_for("lan", day=WEDNESDAY, group="B")
    change_hours(day, WEDNESDAY, "")
    choice = day.told("lan")[0].choices[0]
    assert payloads.CODEC.decode(choice.payload) == payloads.BookAt(0, CENTER)


def test_a_day_on_which_the_person_comes_anyway_is_not_named(day: CenterDay) -> None:
    full(day)
    day.wait_for("lan", day=WEDNESDAY, group="B")
    day.book("lan", "8:00", day=THURSDAY)
    change_hours(day, WEDNESDAY, "")
    assert "thứ Hai 23/11, thứ Sáu 27/11" in told(day)[0]


def test_who_waits_goes_on_waiting_while_a_time_is_left(day: CenterDay) -> None:
    full(day, "8:00-9:00, 14:00-14:30")
    day.book("c", "14:00", day=WEDNESDAY, group="B")
    day.wait_for("lan", day=WEDNESDAY, group="B")
    change_hours(day, WEDNESDAY, "14:00-14:30")
    assert (waits(day), told(day)) == (["waiting"], [])


@pytest.mark.parametrize(("left", "state", "messages"), [("14:00-14:30", ["waiting"], 1), ("", [], 2)])
def test_an_offer_the_center_takes_away_leaves_the_place_in_line_or_is_told(day: CenterDay, left: str, state: list[str], messages: int) -> None:
    first, _ = full(day, "8:00-9:00, 14:00-14:30")
    day.book("c", "14:00", day=WEDNESDAY, group="B")
    day.wait_for("lan", day=WEDNESDAY, group="B")
    day.do(visiting.cancel, first, actor="citizen")
    assert waits(day) == ["offered"]
    change_hours(day, WEDNESDAY, left)
    assert (waits(day), len(told(day))) == (state, messages)
    assert day.wrongs() == []


def test_a_change_that_is_not_committed_tells_nobody(day: CenterDay) -> None:
    full(day)
    day.wait_for("lan", day=WEDNESDAY, group="B")

    def failing(session: Session, *, now: dt.datetime) -> None:
        hours.set_exception(session, CENTER, WEDNESDAY, (), "Bão", actor=CLERK, now=now)
        visiting.offer_free(session, now=now)
        raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError):
        day.do(failing)
    assert (waits(day), told(day)) == (["waiting"], [])


# ending today before its hours are over


def close(day: CenterDay) -> tuple[Visit, ...]:
    return day.do(visiting.close, CENTER, MONDAY, actor=CLERK)


def test_closing_early_nobody_who_was_to_come_counts_as_staying_away(day: CenterDay) -> None:
    gone, late, coming = day.book("gone", "8:00"), day.book("late", "14:30"), day.book("lan", "16:00")
    day.turn("14:35")
    close(day)
    assert [day.state(visit) for visit in (gone, late, coming)] == ["no_show", "cancelled", "cancelled"]
    assert day.read(diary.sums, CENTER, MONDAY, MONDAY) == {MONDAY: {"no_show": 1, "cancelled": 2}}
    (said,) = told(day)
    assert "Trung tâm phải hủy lịch hẹn thứ Hai 23/11, 16:00" in said
    assert "Hôm nay trung tâm phải nghỉ sớm. Trung tâm xin lỗi anh/chị." in said
    assert "Gần nhất còn: thứ Tư 25/11, 07:30; thứ Tư 25/11, 08:00; thứ Tư 25/11, 08:30." in said
    assert (len(told(day, "late")), told(day, "gone")) == (1, [])
    assert day.wrongs() == []


def test_who_said_they_come_later_did_not_stay_away_either(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    day.do(booking.late, visit, 30, actor="citizen")
    day.turn("8:20")
    close(day)
    assert day.state(visit) == "cancelled"


def test_at_the_usual_end_who_did_not_come_stayed_away(day: CenterDay) -> None:
    visit = day.book("lan", "16:00")
    day.turn("17:00")
    close(day)
    assert (day.state(visit), told(day)) == ("no_show", [])
    assert hours.typed(day.read(hours.of_days, CENTER, MONDAY, MONDAY)[MONDAY].spans) == "7:30-11:30, 13:30-17:00"


@pytest.mark.parametrize(("hour", "left"), [("7:00", ""), ("12:00", "7:30-11:30"), ("14:35", "7:30-11:30, 13:30-14:35")])
def test_after_closing_early_nothing_of_the_day_can_be_booked(day: CenterDay, hour: str, left: str) -> None:
    day.turn(hour)
    close(day)
    today = day.read(hours.of_days, CENTER, MONDAY, MONDAY)[MONDAY]
    assert (hours.typed(today.spans), today.reason) == (left, "nghỉ sớm")
    with pytest.raises(errors.SlotClosed):
        day.book("lan", "16:00")
    close(day)
    assert day.read(hours.of_days, CENTER, MONDAY, MONDAY)[MONDAY] == today


def test_who_waits_for_today_is_told_when_it_ends_early_also_with_an_offer_in_hand(day: CenterDay) -> None:
    day.do(hours.set_exception, CENTER, MONDAY, hours.parse("14:00-15:00"), "", actor=CLERK)
    first = day.book("a", "14:00", group="B")
    day.book("b", "14:30", group="B")
    for name in ("lan", "mai"):
        day.wait_for(name, group="B")
    day.do(visiting.cancel, first, actor="citizen")
    assert (waits(day), waits(day, "mai")) == (["offered"], ["waiting"])
    day.turn("9:00")
    close(day)
    assert [waits(day, name) for name in ("lan", "mai")] == [[], []]
    assert ["không còn giờ hẹn nào" in told(day, name)[-1] for name in ("lan", "mai")] == [True, True]
    assert [visit.state for visit in day.rows() if visit.state in LIVE] == []
    assert day.wrongs() == []


def test_a_seat_freed_by_closing_is_offered_to_nobody(day: CenterDay) -> None:
    day.do(hours.set_exception, CENTER, MONDAY, hours.parse("14:00-14:30"), "", actor=CLERK)
    day.book("a", "14:00", group="B")
    day.wait_for("lan", group="B")
    day.turn("9:00")
    close(day)
    assert [visit.state for visit in day.rows()] == ["cancelled"]
    assert at("9:00") == day.rows()[0].ended_at
