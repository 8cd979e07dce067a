"""A seat is held, confirmed, moved and given back; nobody gets two, and no seat is given twice. (Races: tests/races.)"""

from __future__ import annotations

import datetime as dt

import pytest

from bot import errors
from bot.domain import booking, queue, visits
from bot.domain.visits import Visit
from tests.center_day import CENTER, CITIZEN, HOLIDAY, MONDAY, SUNDAY, WEDNESDAY, CenterDay, at, free, minutes

THURSDAY = WEDNESDAY + dt.timedelta(days=1)


def taken(day: CenterDay, hour: str, date: dt.date = MONDAY) -> list[int]:
    return sorted(row.seat for row in day.rows() if row.starts_at == at(hour, date) and row.seat is not None)


def test_a_held_seat_is_kept_for_five_minutes_and_confirmed(day: CenterDay) -> None:
    held = day.hold("lan", "8:00", procedure="1.001193")
    assert (held.state, held.seat, held.hold_until, held.number, held.ticket) == ("held", 1, day.now + minutes(5), None, "")
    assert (held.starts_at, held.ends_at, held.day, held.center_id) == (at("8:00"), at("8:30"), MONDAY, CENTER)
    day.now += minutes(5)
    booked = day.confirm(held)
    assert (booked.state, booked.seat, booked.hold_until, booked.procedure) == ("booked", 1, None, "1.001193")
    assert day.kinds(held) == ["held", "booked"]
    assert day.row(held) == booked


def test_the_code_has_six_digits_and_the_link_cannot_be_guessed(day: CenterDay) -> None:
    made = [day.book(name, "8:00", group=group) for name, group in (("lan", "A"), ("mai", "A"), ("hoa", "C"))]
    assert len({one.code for one in made}) == len({one.token for one in made}) == 3
    assert all(one.code.isdigit() and len(one.code) == 6 and one.code[0] != "0" and len(one.token) >= 16 for one in made)


def test_the_same_wish_twice_is_the_same_visit(day: CenterDay) -> None:
    held = day.hold("lan", "8:00")
    day.now += minutes(2)
    again = day.hold("lan", "8:00")
    assert again == held, "and it is not held any longer by asking again"
    assert day.confirm(held) == day.confirm(again) == day.hold("lan", "8:00") == day.book("lan", "8:00")
    assert taken(day, "8:00") == [1]
    assert day.kinds(held) == ["held", "booked"]


def test_a_hold_is_booked_by_taking_it(day: CenterDay) -> None:
    held = day.hold("lan", "8:00")
    assert day.book("lan", "8:00").id == held.id
    assert day.state(held) == "booked"


def test_a_hold_that_ran_out_cannot_be_confirmed_and_its_seat_is_free(day: CenterDay) -> None:
    first, _ = day.hold("lan", "8:00"), day.book("mai", "8:00")
    with pytest.raises(errors.SlotTaken):
        day.hold("hoa", "8:00")
    day.now += minutes(5) + dt.timedelta(seconds=1)
    with pytest.raises(errors.TooLate) as caught:
        day.confirm(first)
    assert caught.value.state == "expired"
    other = day.hold("hoa", "8:00")
    assert other.seat == 1, "nobody had swept the hold away"
    assert (day.state(first), day.row(first).seat) == ("expired", None)
    with pytest.raises(errors.TooLate):
        day.confirm(first)


def test_holding_again_what_ran_out_makes_a_new_hold(day: CenterDay) -> None:
    first = day.hold("lan", "8:00")
    day.now += minutes(6)
    second = day.hold("lan", "8:00")
    assert (second.id != first.id, day.state(first), second.seat) == (True, "expired", 1)


def test_one_person_holds_one_seat(day: CenterDay) -> None:
    first = day.hold("lan", "8:00")
    second = day.hold("lan", "9:00", day=WEDNESDAY)
    assert (day.state(first), day.state(second)) == ("expired", "held")
    assert taken(day, "8:00") == []


@pytest.mark.parametrize("other", ["full", "closed", "own day"])
def test_who_cannot_have_another_time_keeps_the_seat_they_hold(day: CenterDay, other: str) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    held = day.hold("lan", "8:00")
    day.book("mai", "9:00"), day.book("hoa", "9:00")
    hour, date = {"full": ("9:00", MONDAY), "closed": ("12:00", MONDAY), "own day": ("9:00", WEDNESDAY)}[other]
    with pytest.raises(errors.VisitError):
        day.hold("lan", hour, day=date)
    assert day.state(held) == "held"
    assert day.confirm(held).state == "booked"


def test_the_last_seat_one_holds_can_be_held_for_somebody_else(day: CenterDay) -> None:
    held = day.hold("lan", "8:00", group="B")
    other = day.hold("lan", "8:00", group="B", behalf="relative")
    assert (other.id != held.id, other.party, other.seat, day.state(held)) == (True, 1, 1, "expired")


@pytest.mark.parametrize(
    ("hour", "date"),
    [("6:00", MONDAY), ("7:00", MONDAY), ("11:30", MONDAY), ("8:05", MONDAY), ("8:00", SUNDAY), ("8:00", HOLIDAY), ("8:00", dt.date(2027, 1, 11))],
)
def test_past_closed_crooked_and_far_times_are_refused(day: CenterDay, hour: str, date: dt.date) -> None:
    for ask in (day.hold, day.book):
        with pytest.raises(errors.SlotClosed):
            ask("lan", hour, day=date)
    assert day.rows() == []


def test_what_staff_open_or_close_counts(day: CenterDay) -> None:
    free(day, HOLIDAY, "8:00-9:00")
    free(day, WEDNESDAY, "nghỉ")
    assert day.book("lan", "8:30", day=HOLIDAY).state == "booked"
    with pytest.raises(errors.SlotClosed):
        day.book("mai", "8:30", day=WEDNESDAY)


def test_a_full_time_is_refused_and_a_freed_seat_is_given_again(day: CenterDay) -> None:
    first, second = day.book("lan", "8:00"), day.book("mai", "8:00")
    assert (first.seat, second.seat) == (1, 2)
    with pytest.raises(errors.SlotTaken):
        day.book("hoa", "8:00")
    day.cancel(first)
    assert day.book("hoa", "8:00").seat == 1
    assert taken(day, "8:00") == [1, 2]
    assert day.wrongs() == []


@pytest.mark.parametrize("group", ["A", "C"])
def test_one_live_booking_a_person_and_day(day: CenterDay, group: str) -> None:
    first = day.book("lan", "8:00")
    for ask in (day.hold, day.book):
        with pytest.raises(errors.AlreadyBooked) as caught:
            ask("lan", "9:00", group=group)
        assert caught.value.visit_id == first.id
    assert day.book("lan", "9:00", group=group, day=WEDNESDAY).state == "booked"
    day.cancel(first)
    assert day.book("lan", "9:00", group=group).state == "booked"


def test_who_holds_a_number_today_does_not_book_for_today(day: CenterDay) -> None:
    ticket = day.walk_in("lan")
    with pytest.raises(errors.AlreadyBooked) as caught:
        day.book("lan", "9:00")
    assert caught.value.visit_id == ticket.id


def test_nobody_books_more_than_five_days(day: CenterDay) -> None:
    open_days = [MONDAY, WEDNESDAY, THURSDAY, dt.date(2026, 11, 27), dt.date(2026, 11, 28), dt.date(2026, 11, 30)]
    made = [day.book("lan", "9:00", day=date) for date in open_days[: booking.MOST_DAYS]]
    with pytest.raises(errors.TooMany):
        day.book("lan", "9:00", day=open_days[-1])
    day.cancel(made[0])
    assert day.book("lan", "9:00", day=open_days[-1]).state == "booked"


@pytest.mark.parametrize(("behalf", "most"), [("relative", 3), ("volunteer", 30), ("hamlet", 30)])
def test_for_others_there_is_a_cap_a_day(day: CenterDay, behalf: str, most: int) -> None:
    assert booking.OTHERS[behalf] == most
    times = [(hour, group) for group in "AC" for hour in ("8:00", "8:30", "9:00", "9:30", "10:00", "10:30", "11:00") for _ in range(2)]
    times += [(f"{hour}:00", "A") for hour in (14, 15, 16) for _ in range(2)]
    own = day.book("lan", "7:30")
    made = [day.book("lan", hour, group=group, behalf=behalf) for hour, group in times[:most]]
    assert [one.party for one in made] == list(range(1, most + 1))
    assert {one.behalf for one in made} == {behalf}
    with pytest.raises(errors.TooMany):
        day.book("lan", "16:30", behalf=behalf)
    assert day.book("lan", "16:30", day=WEDNESDAY, behalf=behalf).party == 1, "another day counts by itself"
    day.cancel(made[1])
    assert day.book("lan", "16:30", behalf=behalf).party == 2
    assert day.row(own).party == 0


def test_nobody_books_for_strangers_without_saying_who(day: CenterDay) -> None:
    with pytest.raises(errors.TooMany):
        day.book("lan", "8:00", behalf="anybody")


def test_staff_book_for_anybody_as_often_as_there_are_seats(day: CenterDay) -> None:
    made = [day.book("", "8:00", source="staff") for _ in range(2)]
    assert [one.seat for one in made] == [1, 2]
    assert {(one.person_id, one.party, one.source) for one in made} == {(None, 0, "staff")}
    with pytest.raises(errors.SlotTaken):
        day.book("", "8:00")


def test_a_move_keeps_visit_code_and_link_and_frees_the_old_seat(day: CenterDay) -> None:
    first, _, _ = day.book("lan", "8:00"), day.book("mai", "8:00"), day.book("hoa", "9:00")
    moved = day.move(first, "9:00")
    assert (moved.id, moved.code, moved.token, moved.seat, moved.ends_at) == (first.id, first.code, first.token, 2, at("9:30"))
    assert (taken(day, "8:00"), taken(day, "9:00")) == ([2], [1, 2])
    later = day.move(first, "14:00", day=WEDNESDAY)
    assert (later.day, later.starts_at, later.state) == (WEDNESDAY, at("14:00", WEDNESDAY), "booked")
    assert day.kinds(first) == ["booked", "moved", "moved"]
    assert day.wrongs() == []


def test_moving_to_the_same_time_changes_nothing(day: CenterDay) -> None:
    first = day.book("lan", "8:00")
    assert day.move(first, "8:00") == first
    assert day.kinds(first) == ["booked"]


@pytest.mark.parametrize(
    ("hour", "date", "error"),
    [
        ("9:00", MONDAY, errors.SlotTaken),
        ("12:00", MONDAY, errors.SlotClosed),
        ("7:00", MONDAY, errors.SlotClosed),
        ("9:00", HOLIDAY, errors.SlotClosed),
        ("9:30", WEDNESDAY, errors.AlreadyBooked),
    ],
)
def test_a_move_that_fails_leaves_the_old_time(day: CenterDay, hour: str, date: dt.date, error: type[errors.VisitError]) -> None:
    first = day.book("lan", "8:00")
    day.book("mai", "9:00"), day.book("hoa", "9:00"), day.book("lan", "9:00", day=WEDNESDAY)
    with pytest.raises(error):
        day.move(first, hour, day=date)
    assert day.row(first) == first


def test_a_move_to_a_day_where_the_code_is_taken_draws_another(day: CenterDay) -> None:
    first, other = day.book("lan", "8:00"), day.book("mai", "8:00", day=WEDNESDAY)
    day.do(visits.change, other, "test", actor="machine", code=first.code)
    moved = day.move(first, "9:00", day=WEDNESDAY)
    assert moved.code != first.code
    found = day.read(visits.by_code, CENTER, WEDNESDAY, moved.code)
    assert found is not None
    assert found.id == first.id


def test_a_late_word_is_forgotten_by_a_move(day: CenterDay) -> None:
    first = day.book("lan", "8:00")
    day.do(booking.late, first, 15, actor=CITIZEN)
    assert day.move(first, "9:00").late_until is None


def test_a_party_is_moved_beside_ones_own_booking(day: CenterDay) -> None:
    day.book("lan", "8:00", day=WEDNESDAY)
    mother = day.book("lan", "8:00", behalf="relative")
    assert day.move(mother, "9:00", day=WEDNESDAY).party == 1


def brought(day: CenterDay, state: str) -> Visit:
    """A visit in this state."""
    visit = day.hold("lan", "8:00") if state in ("held", "expired") else day.book("lan", "8:00")
    if state == "expired":
        day.now += minutes(6)
        assert day.do(booking.expire) == 1
    if state in ("held", "booked", "expired"):
        return day.row(visit)
    if state == "cancelled":
        return day.cancel(visit)
    day.turn("7:10" if state == "arrived" else "8:00")
    visit = day.check_in(visit)
    if state in ("arrived", "waiting"):
        return visit
    visit = day.called()
    if state in STEPS:
        return day.do(STEPS[state], visit, actor="staff:1")
    return visit if state == "called" else day.finish(visit, missing=("Giấy A",) if state == "must_return" else ())


STEPS = {"serving": queue.serve, "missed": queue.miss, "parked": queue.park}
STATES = ("held", "booked", "arrived", "waiting", "called", "serving", "missed", "parked", "done", "must_return", "cancelled", "expired")


@pytest.mark.parametrize("state", STATES)
def test_until_the_call_a_visit_can_be_given_up_and_its_seat_is_free(day: CenterDay, state: str) -> None:
    visit = brought(day, state)
    assert visit.state == state
    if state in booking.BEFORE_CALL:
        ended = day.cancel(visit)
        assert (ended.state, ended.seat, ended.hold_until, ended.ended_at) == ("cancelled", None, None, day.now)
        assert day.cancel(visit) == ended, "cancelled twice it stays so"
        assert day.kinds(visit).count("cancelled") == 1
    elif state == "cancelled":
        assert day.cancel(visit) == visit
    else:
        with pytest.raises(errors.TooLate) as caught:
            day.cancel(visit)
        assert caught.value.state == state
    assert day.wrongs() == []


@pytest.mark.parametrize("state", [state for state in STATES if state != "booked"])
def test_only_a_booking_is_moved_confirmed_or_late(day: CenterDay, state: str) -> None:
    visit = brought(day, state)
    for work, *args in ((booking.move, day.groups["A"], at("10:00")), (booking.late, 15)):
        with pytest.raises(errors.TooLate) as caught:
            day.do(work, visit, *args, actor=CITIZEN)
        assert caught.value.state == state
    if state != "held":
        with pytest.raises(errors.TooLate):
            day.confirm(visit)


def test_a_visit_that_is_gone_is_too_late_for_everything(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    gone = visits.Visit(**{**vars(visit), "id": visit.id + 99})
    for work, *args in ((booking.confirm,), (booking.cancel,), (booking.late, 15), (booking.move, day.groups["A"], at("10:00"))):
        with pytest.raises(errors.TooLate, match="gone"):
            day.do(work, gone, *args, actor=CITIZEN)


def test_why_a_visit_was_cancelled_is_kept(day: CenterDay) -> None:
    ended = day.do(booking.cancel, day.book("lan", "8:00"), actor="staff:1", note="Mất điện")
    assert ended.note == "Mất điện"


def test_running_late_keeps_the_place_that_long(day: CenterDay) -> None:
    visit = day.book("lan", "8:00")
    assert day.do(booking.late, visit, 15, actor=CITIZEN).late_until == at("8:15")
    assert day.do(booking.late, visit, 30, actor=CITIZEN).late_until == at("8:30")
    assert day.kinds(visit) == ["booked", "late", "late"]


def test_expiry_gives_back_what_ran_out_and_only_that(day: CenterDay) -> None:
    old = [day.hold(name, "8:00", group="C") for name in ("lan", "mai", "hoa")]
    day.now += minutes(4)
    young, booked = day.hold("vân", "8:30"), day.book("đào", "8:30")
    day.now += minutes(2)
    assert day.do(booking.expire, limit=2) == 2
    assert day.do(booking.expire) == 1
    assert day.do(booking.expire) == 0
    assert [day.state(visit) for visit in (*old, young, booked)] == ["expired"] * 3 + ["held", "booked"]
    assert day.wrongs() == []


def test_a_hold_is_given_back_once(day: CenterDay) -> None:
    held = day.hold("lan", "8:00")
    assert day.do(booking.release, held, actor="machine") is True
    assert day.do(booking.release, held, actor="machine") is False
    again = day.hold("lan", "8:00")
    day.confirm(again)
    assert day.do(booking.release, again, actor="machine") is False, "confirmed meanwhile"
    assert day.state(again) == "booked"


@pytest.mark.parametrize(("seconds", "holds"), [(0, True), (300, True), (301, False)])
def test_a_hold_holds_to_its_last_second(day: CenterDay, seconds: int, holds: bool) -> None:
    held = day.hold("lan", "8:00")
    assert booking.alive(held, day.now + dt.timedelta(seconds=seconds)) is holds
    assert not booking.alive(day.confirm(held), day.now)


def test_all_that_can_be_given_up_is_given_up_before_a_person_is_forgotten(day: CenterDay) -> None:
    mine = [day.book("lan", "8:00"), day.book("lan", "9:00", behalf="relative"), day.hold("lan", "9:00", day=WEDNESDAY)]
    other = day.book("mai", "8:00")
    day.turn("8:00")
    called = day.check_in(mine[0])
    assert day.called().id == called.id
    person, _ = day.person("lan")
    assert day.do(booking.cancel_all, person, actor=CITIZEN) == 2
    assert [day.state(visit) for visit in (*mine, other)] == ["called", "cancelled", "cancelled", "booked"]
    assert day.do(booking.cancel_all, person, actor=CITIZEN) == 0
