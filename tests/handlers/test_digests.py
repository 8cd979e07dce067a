"""The end of a day: its numbers are those of the day, nothing is said where there is nothing, leads and managers are told once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlmodel import Session

from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.domain import centers, closing, counters, digest, feedback, paper, questions, staff
from bot.domain.digest import Digest
from bot.domain.digest_day import Facts
from bot.domain.feedback import Counter, Giver
from bot.domain.paper import Paper
from bot.domain.questions import Asker, Topic
from handlers import digest_duties, digest_words
from tests.center_day import CENTER, CENTER_OF_FILE, MONDAY, WEDNESDAY, CenterDay, minutes

THERE, THURSDAY = "dong-son", WEDNESDAY + dt.timedelta(days=1)


@pytest.fixture
def house(tiny: Premises) -> Premises:
    return dataclasses.replace(tiny, directory=centers.Directory((CENTER_OF_FILE,)))


@pytest.fixture
def two(day: CenterDay, tiny: Premises) -> Premises:
    return two_centers(day, tiny)


def two_centers(day: CenterDay, tiny: Premises) -> Premises:
    """The second one is set up now."""
    other = CENTER_OF_FILE.model_copy(update={"id": THERE, "place": "xã Đông Sơn"})
    day.do(centers.settle, (CENTER_OF_FILE, other))
    return dataclasses.replace(tiny, directory=centers.Directory((CENTER_OF_FILE, other)))


def hire(day: CenterDay, role: Role, name: str, scope: str = CENTER) -> None:
    """With a connected chat of that name."""
    number = day.do(staff.create, name, scope, role)
    code = day.do(staff.link, number, "connect")
    assert day.do(staff.connect, code, "telegram:1", name) is not None


def tick(day: CenterDay, house: Premises) -> None:
    for duty in digest_duties.DUTIES:
        day.do(duty, house)


def told(day: CenterDay, name: str) -> list[str]:
    return [plain.text(reply) for reply in day.told(name)]


def of(day: CenterDay, date: dt.date = MONDAY, center: str = CENTER) -> Digest:
    found = day.read(digest.of, center, date)
    assert found is not None
    return found


def furnish(day: CenterDay) -> None:
    """Seven visits: three served, three without the same paper, one who booked and never came; one question; three booked for Wednesday."""
    day.sit(1)
    day.book("vang", "9:00")
    for name in ("lan", "mai", "hoa", "cuc", "dao", "hue"):
        day.walk_in(name, procedure="1.000656")
    day.now += minutes(12)
    for number in range(6):
        called = day.called()
        day.finish(called, missing=("death_notice",) if number >= 3 else ())
        day.now += minutes(1)
    for name, hour in (("lan", "8:00"), ("mai", "8:30"), ("hoa", "14:00")):
        day.book(name, hour, day=WEDNESDAY)
    day.do(questions.ask, CENTER, Asker(), Topic())
    day.do(_close)
    day.turn("17:16")


def _close(session: Session, *, now: dt.datetime) -> None:
    closing.close(session, CENTER, MONDAY, actor="staff:1", now=now + dt.timedelta(hours=9))


def test_its_numbers_are_those_of_the_day(day: CenterDay, house: Premises) -> None:
    furnish(day)
    tick(day, house)
    made = of(day)
    facts = made.facts
    assert (facts.came, facts.done, facts.back, facts.absent) == (7, 3, 3, 1)
    assert (facts.wait, facts.next_day, facts.booked, facts.full_hour, facts.full) == (14, "2026-11-25", 3, 8, 2)
    lines = [(line.kind, line.number) for line in made.lines]
    assert lines == [("papers", 3), ("questions", 1)]
    assert made.lines[0].detail == {"procedure": "1.000656", "paper": "death_notice", "week": 3}
    assert made.state == "page"


def test_the_lead_is_told_once_the_clerk_never_and_the_message_says_it_all(day: CenterDay, house: Premises) -> None:
    for role in ("lead", "clerk", "auditor"):
        hire(day, role, role)
    furnish(day)
    tick(day, house)
    day.now += minutes(1)
    tick(day, house)
    (said,) = told(day, "lead")
    for words in (
        "xã Tam Hiệp, thứ Hai 23/11",
        "7 lượt.",
        "3 xong, 3 phải quay lại, 1 không gặp.",
        "1. 3 người thiếu giấy báo tử (Đăng ký khai",
        "2. 1 câu hỏi",
        "3 người đã hẹn",
    ):
        assert words in said
    assert f"/ban-lam-viec/{CENTER}/cuoi-ngay?ngay=2026-11-23" in said
    assert (told(day, "clerk"), told(day, "auditor"), of(day).state) == ([], [], "told")


def test_nothing_is_sent_of_a_day_without_obstacles(day: CenterDay, house: Premises) -> None:
    hire(day, "lead", "lead")
    hire(day, "manager", "manager", "*")
    day.sit(1)
    day.walk_in("lan")
    day.finish(day.called())
    day.turn("17:16")
    tick(day, house)
    assert (of(day).state, of(day).facts.came) == ("quiet", 1)
    assert (told(day, "lead"), told(day, "manager")) == ([], [])


def test_it_waits_for_who_is_still_being_served_and_for_the_morning(day: CenterDay, house: Premises) -> None:
    day.sit(1)
    day.walk_in("lan")
    called = day.called()
    day.turn("17:16")
    tick(day, house)
    assert day.read(digest.of, CENTER, MONDAY) is None
    day.finish(called)
    day.turn("21:30")
    tick(day, house)
    assert day.read(digest.of, CENTER, MONDAY) is None
    day.turn("7:01", MONDAY + dt.timedelta(days=1))
    tick(day, house)
    assert of(day).facts.came == 1


@pytest.mark.parametrize("entered", [False, True])
def test_a_new_center_has_no_digest_of_days_before_it_but_for_what_was_entered_of_them(day: CenterDay, tiny: Premises, entered: bool) -> None:
    day.turn("7:30", THURSDAY)
    premises = two_centers(day, tiny)
    if entered:
        group = day.read(counters.groups, THERE)[0]
        day.do(paper.enter, group, Paper(WEDNESDAY, 1, day.now - dt.timedelta(days=1), "done", "accepted"), actor="staff:1")
    tick(day, premises)
    assert [day.read(digest.of, center, WEDNESDAY) is not None for center in (CENTER, THERE)] == [True, entered]
    day.turn("17:16")
    tick(day, premises)
    assert of(day, THURSDAY, THERE).state == "quiet"


def test_a_manager_gets_all_centers_in_one_message_when_the_last_is_closed(day: CenterDay, two: Premises) -> None:
    hire(day, "manager", "manager", "*")
    furnish(day)
    late = dataclasses.replace(two, directory=centers.Directory((CENTER_OF_FILE,)))
    day.do(digest_duties.make_due, late)
    day.do(digest_duties.roll_up, two)
    assert told(day, "manager") == []
    for _ in range(2):
        tick(day, two)
    (said,) = told(day, "manager")
    assert "xã Tam Hiệp: 7 lượt, 3 phải quay lại." in said
    assert "Không vướng gì: xã Đông Sơn." in said
    assert "Nhắn 1 để xem và giao việc.\n\n1. xã Tam Hiệp\n2. Mở trang cuối ngày" in said


def test_a_line_is_ticked_and_reported_once_and_stands_in_the_next_roll_up(day: CenterDay, two: Premises) -> None:
    hire(day, "manager", "manager", "*")
    furnish(day)
    tick(day, two)
    line = of(day).lines[0]
    assert not day.do(digest.tick, THERE, line.id, done=True, actor="staff:1")
    assert [day.do(digest.tick, CENTER, line.id, done=True, actor="staff:1") for _ in range(2)] == [True, False]
    assert [day.do(digest.report, CENTER, line.id, "Cần in sẵn mẫu.", actor="staff:1") for _ in range(2)] == [True, False]
    assert (of(day).open, of(day).lines[0].done_by) == (1, "staff:1")
    day.turn("20:16", WEDNESDAY)  # those who booked are not closed yet
    tick(day, two)
    assert "Cần in sẵn mẫu." in told(day, "manager")[-1]
    assert len(told(day, "manager")) == 2


def test_what_somebody_said_is_not_kept_in_it(day: CenterDay, house: Premises) -> None:
    day.turn("10:00")
    row = day.do(feedback.at_counter, Counter(CENTER, 1), "the-token", Giver("web"), begun_at=day.now)
    day.do(feedback.rate, row, {"staff": 1})
    day.do(feedback.remark, row, "Chờ quá lâu")
    day.do(feedback.finish, row)
    day.turn("17:16")
    tick(day, house)
    (line,) = of(day).lines
    assert (line.kind, line.number, dict(line.detail)) == ("low", 1, {"ids": [row.id]})


def test_a_rating_of_a_visit_is_told_on_the_next_day(day: CenterDay, house: Premises) -> None:
    day.sit(1)
    day.walk_in("lan")
    given: Any = day.do(feedback.start, day.finish(day.called()), "ho-tich", Giver("telegram"))
    day.do(feedback.rate, given, {"staff": 2})
    day.do(feedback.finish, given)
    day.turn("17:16")
    tick(day, house)
    assert of(day).lines == ()
    day.turn("17:16", WEDNESDAY)
    tick(day, house)
    assert [(line.kind, line.number) for line in of(day, WEDNESDAY).lines] == [("low", 1)]


def test_shares_of_a_day_add_up_and_nobody_booked_is_said_in_words() -> None:
    for done, back, absent in ((1, 1, 1), (79, 12, 5), (0, 0, 3), (33, 33, 1)):
        facts = Facts(came=done + back + absent, done=done, back=back, absent=absent)
        assert sum(facts.shares) == 100
        assert all(abs(100 * part / facts.came - share) < 1 for part, share in zip((done, back, absent), facts.shares, strict=True))
    said = [digest_words.tomorrow(Facts(next_day="2026-11-24", booked=booked, free=free)) for booked, free in ((0, 9), (9, 0), (0, 0))]
    assert said == ["Thứ Ba 24/11: chưa ai hẹn, còn 9 chỗ.", "Thứ Ba 24/11: 9 người đã hẹn, hết chỗ.", "Thứ Ba 24/11: chưa ai hẹn."]
