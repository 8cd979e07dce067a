"""What people complain about at such centers, told as it happens, and how each trouble is solved here."""

from __future__ import annotations

import dataclasses

import pytest

from bot import errors
from bot.conversation import plain
from bot.domain import centers, counters, queue, visits
from handlers import visiting
from tests.center_day import CENTER, CENTER_OF_FILE, CLERK, MONDAY, WEDNESDAY, CenterDay, minutes

SEVEN = "ABCDEFG"


def board(day: CenterDay) -> dict[int, str]:
    """What the display shows: counter → ticket."""
    standing = {number: day.read(queue.at_counter, desk) for number, desk in day.desks.items()}
    return {number: visit.ticket for number, visit in standing.items() if visit is not None}


def said(day: CenterDay, name: str) -> str:
    """The newest message to somebody."""
    return plain.text(day.told(name)[-1])


def test_seven_desks_do_not_share_one_series(day: CenterDay) -> None:
    """Before: one series for seven desks, so that nobody knew which desk a number was for, and land matters held up birth certificates."""
    house = centers.Center.model_validate(
        {
            **CENTER_OF_FILE.model_dump(exclude={"different", "groups", "counters", "week"}), "id": "bay-quay", "week": {"mon-fri": "7:30-11:30"},
            "groups": [{"letter": letter, "name": f"Nhóm {letter}"} for letter in SEVEN],
            "counters": [{"number": number, "serves": [letter]} for number, letter in enumerate(SEVEN, start=1)],
        }
    )  # fmt: skip
    day.do(centers.settle, (house,))
    groups = {group.letter: group for group in day.read(counters.groups, "bay-quay")}
    desks = {desk.number: desk.id for desk in day.read(counters.counters, "bay-quay")}

    # Twenty people come for land (D), then a mother for a birth certificate (A).
    for _ in range(20):
        day.do(queue.walk_in, groups["D"], queue.Arrival(), actor="kiosk:1")
    mother = day.do(queue.walk_in, groups["A"], queue.Arrival(), actor="kiosk:1")
    assert mother.ticket == "A001", "her number says which counters it is for"
    assert day.do(queue.ahead, mother) == [], "and land is not ahead of her"

    # Every desk calls its own number; the board never has to be explained.
    called = {number: day.do(queue.call_next, desk, actor=CLERK) for number, desk in desks.items()}
    assert {number: visit.ticket for number, visit in called.items() if visit} == {1: "A001", 4: "D001"}

    # The desk for land has twenty waiting, desk 7 none: from tomorrow desk 7 serves land too, and the series stays one.
    seven = next(desk for desk in day.read(counters.counters, "bay-quay") if desk.number == 7)
    day.do(counters.save_counter, dataclasses.replace(seven, serves=(groups["D"].id, groups["G"].id)), actor=CLERK)
    helped = day.do(queue.call_next, desks[7], actor=CLERK)
    assert helped is not None
    assert helped.ticket == "D002"


def test_a_matter_for_two_desks_is_one_number(day: CenterDay) -> None:
    """Before: the second desk meant a second number and a second line."""
    visit = day.walk_in("lan", group="A")
    day.walk_in(group="B")
    day.do(visiting.call_next, day.desks[1], actor=CLERK)
    day.do(visiting.transfer, visit, day.groups["B"], actor=CLERK)
    assert "A001 chuyển sang Đất đai" in said(day, "lan")
    assert "Giữ nguyên số, không phải xếp hàng lại." in said(day, "lan")
    day.call_next(3)
    assert board(day) == {3: "A001"}, "before B001"


def test_nobody_holds_several_numbers_and_empty_calls_cost_nobody_the_turn(day: CenterDay) -> None:
    """Before: some drew five numbers at dawn to be sure; the desk called into the empty hall, and who had stepped out lost the turn."""
    # Lan takes a number with her phone, then tries for another, for another desk, and for a booking today.
    first = day.walk_in("lan")
    for group in "AB":
        with pytest.raises(errors.AlreadyBooked) as caught:
            day.walk_in("lan", group=group)
        assert caught.value.visit_id == first.id, "she is shown the number she has"
    with pytest.raises(errors.AlreadyBooked):
        day.book("lan", "9:00")

    # Mai booked from home: at the kiosk her code gives that one number, however often she shows it.
    booked = day.book("mai", "7:30")
    assert day.check_in(booked).ticket == day.check_in(booked).ticket == "A002"

    # Somebody without a phone did draw two slips of paper. The second call costs a moment: miss, next.
    slip, spare = day.walk_in(), day.walk_in()
    day.turn("7:30")
    assert [day.called(1).ticket, day.called(2).ticket] == ["A002", "A001"]
    for counter, visit in ((1, booked), (2, first)):
        day.finish(visit, actor=f"staff:{counter}")
    day.finish(day.called(1))
    missed = day.do(queue.miss, day.called(1), actor=CLERK)
    assert (missed.id, day.state(slip)) == (spare.id, "done")
    assert board(day) == {}, "the counter is free at once"

    # Who was only outside for a moment keeps the number and is called next.
    day.walk_in()
    assert day.check_in(spare).returned
    assert day.called(1).ticket == "A004"

    # What is left of such slips ends with the day and is counted as nobody who came.
    day.do(queue.miss, day.row(spare), actor=CLERK)
    day.do(visiting.close, CENTER, MONDAY, actor=CLERK)
    assert day.state(spare) == "no_show"


def test_a_wrong_form_does_not_send_anybody_to_the_end_of_the_line(day: CenterDay) -> None:
    """Before: one paper wrong, go home, come back, draw a new number, wait the whole morning again, be told of the next paper."""
    visit = day.walk_in("lan", procedure="1.000656")
    for _ in range(5):
        day.walk_in()

    # 7:40: two papers are not right. Both are named at once, with the reason, and in writing.
    day.turn("7:40")
    day.do(visiting.call_next, day.desks[1], actor=CLERK)
    papers = visits.Missing("to-khai", "Tờ khai đăng ký khai tử", "incorrect"), visits.Missing("bao-tu", "Giấy báo tử")
    day.do(visiting.finish, visit, "papers_missing", actor=CLERK, missing=papers)
    assert "A001 còn thiếu 2 giấy" in said(day, "lan")
    assert "– Tờ khai đăng ký khai tử (ghi chưa đúng)" in said(day, "lan")
    assert "Khi quay lại, báo Quầy 1, không phải lấy số." in said(day, "lan")

    # 8:30: she is back; the same number, before the five who still wait.
    day.turn("8:30")
    assert day.check_in(visit).ticket == "A001"
    assert [other.ticket for other in day.do(queue.ahead, visit)] == []
    assert day.called(1).id == visit.id

    # The death notice is at the hospital: she comes on Wednesday, and is before that day's line too. Once.
    day.finish(visit, missing=("Giấy báo tử",))
    day.turn("9:00", WEDNESDAY)
    day.walk_in(), day.walk_in()
    again = day.check_in(visit)
    assert (again.ticket, again.follows_id, day.check_in(visit).id) == ("A003", visit.id, again.id)
    assert day.serve_all() == ["A003", "A001", "A002"]
    with pytest.raises(errors.TooLate):
        day.check_in(visit)


def test_nobody_has_to_come_at_four_in_the_morning(day: CenterDay) -> None:
    """Before: a number was only to be had at the door, so people queued from the night on."""
    # A seat is booked from home; who comes on time is called before those who came at dawn, but not before all of them.
    booked = [day.book(name, "9:00") for name in ("lan", "mai")]
    dawn = [day.walk_in() for _ in range(3)]
    day.turn("8:55")
    for visit in booked:
        day.check_in(visit)
    day.turn("9:00")
    assert day.serve_all() == ["A004", "A005", "A001", "A002", "A003"]
    assert all(day.state(visit) == "done" for visit in dawn)

    # And who was not reached by the end of the day does not begin at four the next day.
    late = day.walk_in("hoa")
    day.now += minutes(60 * 9)
    day.do(visiting.close, CENTER, MONDAY, actor=CLERK)
    assert f"đọc mã {late.code[:3]} {late.code[3:]} ở quầy là được gọi trước" in said(day, "hoa")
