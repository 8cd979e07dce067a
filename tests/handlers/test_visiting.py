"""One way for chat, pages and staff: the deed and what people are told commit together."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from bot import errors
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.day import Counter, Reminder
from bot.db.tables import Outbox
from bot.domain import centers, hours, outbox, undoing, waitlist
from bot.domain.visits import Missing, Visit
from bot.texts import t
from handlers import visiting
from tests.center_day import CENTER, CENTER_OF_FILE, CITIZEN, CLERK, HOLIDAY, MONDAY, WEDNESDAY, CenterDay, at, free, minutes


@pytest.fixture
def house(tiny: Premises) -> Premises:
    return dataclasses.replace(tiny, directory=centers.Directory((CENTER_OF_FILE,)))


def told(day: CenterDay, name: str = "lan") -> list[str]:
    return [plain.text(reply) for reply in day.told(name)]


def rows(day: CenterDay) -> list[Any]:
    table = upsert.table(Outbox)
    return list(day.read(lambda session: session.execute(table.select().order_by(table.c.id)).all()))


def reminded(day: CenterDay) -> list[Any]:
    table = upsert.table(Reminder)
    return list(day.read(lambda session: session.execute(table.select().order_by(table.c.visit_id, table.c.at)).all()))


def finish(day: CenterDay, visit: Visit, outcome: str = "accepted", *papers: Missing) -> Visit:
    return day.do(visiting.finish, visit, outcome, actor=CLERK, missing=papers)


def called(day: CenterDay, counter: int = 1) -> Visit:
    visit = day.do(visiting.call_next, day.desks[counter], actor=CLERK)
    assert visit is not None
    return visit


# cancelled and moved


@pytest.mark.parametrize(("actor", "messages"), [(CITIZEN, 0), (CLERK, 1)])
def test_who_cancelled_it_themselves_is_not_told(day: CenterDay, actor: str, messages: int) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    assert day.do(visiting.cancel, visit, actor=actor, note="Mất điện cả buổi.").state == "cancelled"
    assert len(told(day)) == messages
    if messages:
        assert "Trung tâm phải hủy lịch hẹn thứ Tư 25/11, 08:00" in told(day)[0]
        assert "Mất điện cả buổi." in told(day)[0]


def test_cancelled_twice_it_is_told_once(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    for _ in range(2):
        day.do(visiting.cancel, visit, actor=CLERK)
    assert len(told(day)) == 1


def test_somebody_without_an_account_is_cancelled_in_silence(day: CenterDay) -> None:
    day.do(visiting.cancel, day.book("", "8:00"), actor=CLERK)
    assert rows(day) == []


@pytest.mark.parametrize("deed", ["cancel", "move"])
def test_a_seat_that_gets_free_is_offered_at_once(day: CenterDay, deed: str) -> None:
    free(day, WEDNESDAY, "8:00-8:30")
    visit = day.book("mai", "8:00", day=WEDNESDAY, group="B")
    day.wait_for("lan", day=WEDNESDAY, group="B")
    if deed == "cancel":
        day.do(visiting.cancel, visit, actor=CITIZEN)
    else:
        day.do(visiting.move, visit, day.groups["B"], at("9:00"), actor=CITIZEN)
    (said,) = told(day)
    assert "Có chỗ trống thứ Tư 25/11, 08:00" in said
    assert "giữ chỗ này cho anh/chị đến 07:30" in said
    assert rows(day)[0].not_after == day.now + waitlist.OFFER


@pytest.mark.parametrize(("actor", "messages"), [(CITIZEN, 0), (CLERK, 1)])
def test_who_moved_it_themselves_is_not_told(day: CenterDay, actor: str, messages: int) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    moved = day.do(visiting.move, visit, day.groups["A"], at("9:00", WEDNESDAY), actor=actor)
    assert moved.starts_at == at("9:00", WEDNESDAY)
    assert len(told(day)) == messages
    if messages:
        assert "Giờ cũ: thứ Tư 25/11, 08:00. Giờ mới: thứ Tư 25/11, 09:00." in told(day)[0]


def test_a_move_that_is_refused_tells_nobody(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    with pytest.raises(errors.SlotClosed):
        day.do(visiting.move, visit, day.groups["A"], at("12:00"), actor=CLERK)
    assert rows(day) == []


# groups


def test_a_visit_knows_its_group_and_says_when_that_is_gone(day: CenterDay) -> None:
    visit = day.walk_in(group="B")
    assert day.read(visiting.group_of, visit) == day.groups["B"]
    with pytest.raises(errors.TooLate, match="group"):
        day.read(visiting.group_of, dataclasses.replace(visit, group_id=999))


@pytest.mark.parametrize(("procedure", "letter"), [("1.000656", "A"), ("2.000815", "C"), ("", "C"), ("9.999999", "C")])
def test_the_procedure_decides_the_group(day: CenterDay, house: Premises, procedure: str, letter: str) -> None:
    assert day.read(visiting.group_for, house, CENTER, procedure, today=MONDAY).letter == letter


# in the hall


def test_checking_in_finds_the_group_itself(day: CenterDay) -> None:
    booked = day.book("lan", "7:30", group="B")
    assert day.do(visiting.check_in, booked, actor="kiosk:1", priority="elderly").ticket == "B001"
    assert day.row(booked).priority == "elderly"


def test_the_call_names_the_counter_and_is_of_no_use_later(day: CenterDay) -> None:
    day.walk_in("lan")
    visit = called(day, 2)
    assert told(day) == ["Mời số A001 đến Quầy 2\n\nLỡ lượt không mất số. Quay lại báo quầy là được gọi tiếp."]
    assert (rows(day)[0].kind, rows(day)[0].not_after) == ("ticket", day.now + minutes(15))
    day.do(visiting.recall, visit, actor=CLERK)
    assert "Mời lại số A001, đến Quầy 2" in told(day)[1]


def test_calling_by_name_tells_too_and_an_empty_line_tells_nobody(day: CenterDay) -> None:
    assert day.do(visiting.call_next, day.desks[1], actor=CLERK) is None
    visit = day.walk_in("lan")
    day.do(visiting.call, visit, day.desks[1], actor=CLERK)
    assert "Mời số A001 đến Quầy 1" in told(day)[0]


def test_with_two_people_left_before_them_somebody_is_told_once(day: CenterDay) -> None:
    day.walk_in(), day.walk_in(), day.walk_in(), day.walk_in("lan")
    visit = called(day)
    (said,) = told(day)
    assert "Sắp đến lượt A004" in said
    assert "Còn 2 người trước anh/chị." in said
    day.do(undoing.undo, CLERK)
    assert called(day) == dataclasses.replace(visit, called_at=day.now)
    assert len(told(day)) == 1


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("accepted", "Hồ sơ đã được nhận."),
        ("done_now", "Kết quả đã trả tại quầy."),
        ("wrong_place", "Việc này không làm ở trung tâm."),
        ("other", ""),
    ],
)
def test_the_end_is_told_in_a_sentence(day: CenterDay, outcome: str, says: str) -> None:
    visit = day.walk_in("lan")
    called(day)
    for _ in range(2):
        finish(day, visit, outcome)
    said = told(day)[1:]
    assert len(said) == (1 if says else 0)
    assert not said or ("A001 đã xong" in said[0] and says in said[0])


def test_missing_papers_come_in_writing_with_the_counter_to_return_to(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    called(day, 2)
    papers = Missing("a", "Giấy chứng sinh"), Missing("b", "Giấy kết hôn", "outdated"), Missing("c", "Hộ chiếu", "incorrect")
    finish(day, visit, "papers_missing", *papers)
    said = told(day)[1]
    assert "A001 còn thiếu 3 giấy" in said
    assert "– Giấy chứng sinh\n" in said
    assert "– Giấy kết hôn (đã quá hạn)" in said
    assert "– Hộ chiếu (ghi chưa đúng)" in said
    assert "Khi quay lại, báo Quầy 2, không phải lấy số." in said


def test_a_counter_closed_meanwhile_does_not_keep_the_visit_from_ending(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    called(day)
    day.do(lambda session, now: session.execute(upsert.table(Counter).update().values(active=False)) and None)
    day.do(visiting.recall, visit, actor=CLERK)
    finish(day, visit, "papers_missing", Missing("a", "Giấy A"))
    assert "báo Quầy 1" in told(day)[-1]


def test_an_end_that_is_refused_tells_nobody(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    with pytest.raises(errors.TooLate):
        finish(day, visit)
    with pytest.raises(ValueError, match="which ones"):
        finish(day, visit, "papers_missing")
    assert rows(day) == []


def test_a_transfer_is_told_with_the_same_number(day: CenterDay) -> None:
    visit = day.walk_in("lan")
    called(day)
    assert day.do(visiting.transfer, visit, day.groups["B"], actor=CLERK).ticket == "A001"
    assert "A001 chuyển sang Đất đai" in told(day)[1]
    assert "Giữ nguyên số, không phải xếp hàng lại." in told(day)[1]


def test_who_was_not_served_is_told_what_they_keep_and_others_are_not(day: CenterDay) -> None:
    waiting, _, _ = day.walk_in("lan"), day.book("mai", "8:00"), day.hold("hoa", "8:30")
    day.turn("17:30")
    ended = day.do(visiting.close, CENTER, MONDAY, actor=CLERK)
    assert len(ended) == 3
    (said,) = told(day)
    assert "Hôm nay trung tâm chưa gọi tới A001" in said
    assert f"{waiting.code[:3]} {waiting.code[3:]}" in said
    assert (told(day, "mai"), told(day, "hoa")) == ([], [])
    day.do(visiting.close, CENTER, MONDAY, actor=CLERK)
    assert len(told(day)) == 1


# what comes by itself


def tick(day: CenterDay, house: Premises) -> None:
    """What comes due by itself."""
    for duty in visiting.DUTIES:
        day.do(duty, house)


def test_a_hold_that_ran_out_is_offered_to_who_waits(day: CenterDay, house: Premises) -> None:
    free(day, WEDNESDAY, "8:00-8:30")
    held = day.hold("mai", "8:00", day=WEDNESDAY, group="B")
    waiting = day.wait_for("lan", day=WEDNESDAY, group="B")
    tick(day, house)
    assert (day.state(held), told(day)) == ("held", [])
    day.now += minutes(6)
    tick(day, house)
    assert day.state(held) == "expired"
    assert "Có chỗ trống" in told(day)[0]
    tick(day, house)
    assert len(told(day)) == 1
    day.now += waitlist.OFFER + minutes(1)
    tick(day, house)
    assert day.read(waitlist.of_person, waiting.person_id) == []
    assert day.do(visiting.offer_free) == 0


def test_reminders_go_out_with_the_papers_and_only_once(day: CenterDay, house: Premises) -> None:
    visit = day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("19:05", HOLIDAY)
    for _ in range(2):
        tick(day, house)
    (said,) = told(day)
    assert "Mai anh/chị có hẹn" in said
    assert "thứ Tư 25/11, 08:00, tại Trung tâm Tam Hiệp, thôn Đông." in said
    assert f"đọc mã {visit.code[:3]} {visit.code[3:]}" in said
    (row,) = rows(day)
    assert (row.kind, row.state, row.not_after) == ("reminder", "queued", at("22:00", HOLIDAY))
    assert [(one.kind, one.state, one.outbox_id) for one in reminded(day)] == [("evening", "queued", row.id)]
    day.turn("7:10", WEDNESDAY)
    tick(day, house)
    assert "Một giờ nữa anh/chị có hẹn" in told(day)[1]
    assert day.do(outbox.skip_late) == 1, "the evening's was never sent and is of no use now"


def test_a_web_visitor_is_not_rung_and_the_ledger_says_why(day: CenterDay, house: Premises) -> None:
    day.person("lan", bot="web")
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("19:00", HOLIDAY)
    tick(day, house)
    (row,), (one,) = rows(day), reminded(day)
    assert (row.state, row.reason) == ("skipped", t("visits.reminder_skipped_web"))
    assert (one.state, one.reason, one.outbox_id) == ("skipped", t("visits.reminder_skipped_web"), row.id)
    assert "Mai anh/chị có hẹn" in told(day)[0], "it still stands in the conversation"


def test_what_nobody_can_be_told_is_skipped_with_its_reason(day: CenterDay, house: Premises) -> None:
    day.book("", "8:00", day=WEDNESDAY)
    day.turn("19:00", HOLIDAY)
    day.now += dt.timedelta(seconds=1)
    day.book("lan", "9:00", day=WEDNESDAY)
    tick(day, house)
    assert rows(day) == []
    assert [(one.state, one.reason) for one in reminded(day)] == [
        ("skipped", t("visits.reminder_skipped_gone")),
        ("skipped", t("visits.reminder_skipped_late_booking")),
    ]


def test_a_late_reminder_is_counted_and_not_sent(day: CenterDay, house: Premises) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    day.turn("22:30", HOLIDAY)
    tick(day, house)
    assert rows(day) == []
    assert [(one.kind, one.state) for one in reminded(day)] == [("evening", "late")]


@pytest.mark.parametrize(("spans", "closes"), [("7:30-11:30, 13:30-17:00", "20:00"), ("7:30-11:30", "14:30")])
def test_a_day_nobody_closes_is_closed_three_hours_after_the_last_one(day: CenterDay, house: Premises, spans: str, closes: str) -> None:
    free(day, MONDAY, spans)
    visit = day.walk_in("lan")
    day.turn(closes)
    day.now -= dt.timedelta(seconds=1)
    tick(day, house)
    assert day.state(visit) == "waiting"
    day.turn(closes)
    tick(day, house)
    assert (day.state(visit), day.row(visit).outcome) == ("must_return", "not_served")
    assert "Hôm nay trung tâm chưa gọi tới A001" in told(day)[0]


def test_a_day_that_was_shut_is_closed_after_midnight_and_nobody_stayed_away_from_it(day: CenterDay, house: Premises) -> None:
    visit = day.book("lan", "8:00")
    day.do(hours.set_exception, CENTER, MONDAY, (), "Bão", actor=CLERK)
    day.turn("23:59")
    tick(day, house)
    assert day.state(visit) == "booked"
    day.turn("3:00", HOLIDAY)
    tick(day, house)
    assert day.state(visit) == "cancelled"
    assert "Trung tâm phải hủy lịch hẹn thứ Hai 23/11, 08:00" in told(day)[-1]


def test_a_tick_with_nothing_to_do_changes_nothing(day: CenterDay, house: Premises) -> None:
    day.book("lan", "8:00", day=WEDNESDAY), day.walk_in()
    before = day.snapshot()
    tick(day, house)
    assert day.snapshot() == before
