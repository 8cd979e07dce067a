"""Who is ahead, and how long it takes."""

from __future__ import annotations

from bot.domain import booking, line, queue
from tests.center_day import CENTER, CITIZEN, MONDAY, WEDNESDAY, CenterDay, minutes
from tests.domain.steps import step


def test_who_is_ahead_and_how_long_it_takes(day: CenterDay) -> None:
    tickets = [day.walk_in() for _ in range(4)]
    old = day.walk_in(priority="elderly")
    assert [one.ticket for one in day.do(queue.ahead, tickets[2])] == ["A005", "A001", "A002"]
    assert day.do(queue.ahead, old) == []
    group = day.groups["A"]
    assert day.read(queue.expected_wait, group, 3, MONDAY) == line.wait(3, 1, 10), "nobody has sat down yet"
    for number in (1, 2):
        day.sit(number, staff=number)
    assert day.read(queue.staffed, CENTER, group.id) == 2
    assert day.read(queue.staffed, CENTER, day.groups["C"].id) == 0
    assert day.read(queue.expected_wait, group, 3, MONDAY) == line.wait(3, 2, 10)


def test_who_is_not_in_line_has_everybody_ahead(day: CenterDay) -> None:
    booked = day.book("lan", "10:00")
    day.walk_in(), day.walk_in()
    assert len(day.do(queue.ahead, booked)) == 2


def test_todays_pace_replaces_the_usual_one(day: CenterDay) -> None:
    day.sit(1)
    for _ in range(5):
        visit = day.walk_in()
        step(day, queue.serve, day.call(visit))
        day.now += minutes(4)
        day.finish(visit)
    assert day.read(queue.expected_wait, day.groups["A"], 10, MONDAY) == line.wait(10, 1, 4)
    assert day.read(queue.expected_wait, day.groups["B"], 10, MONDAY) == line.wait(10, 1, 10)


def test_the_line_and_the_counts_of_a_day(day: CenterDay) -> None:
    early = day.book("lan", "9:00")
    day.check_in(early), day.walk_in(), day.walk_in(group="B")
    day.called(3)
    assert {one.ticket for one in day.read(queue.waiting, CENTER, MONDAY)} == {"A001", "A002"}
    assert [one.ticket for one in day.read(queue.waiting, CENTER, MONDAY, (day.groups["B"].id,))] == []
    assert day.read(queue.open_count, CENTER, MONDAY) == {"arrived": 1, "waiting": 1, "called": 1}
    assert day.read(queue.open_count, CENTER, WEDNESDAY) == {}


def test_who_gave_up_is_not_called(day: CenterDay) -> None:
    first, _ = day.walk_in("lan"), day.walk_in()
    day.do(booking.cancel, first, actor=CITIZEN)
    assert day.serve_all() == ["A002"]
