"""A message that did not arrive counts in the digest of the center it belongs to, and in no other."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.db import upsert
from bot.db.questions import ChatGroup
from bot.db.tables import Outbox
from bot.domain import booking, centers, counters, groups, misses, obstacles, outbox, questions, reminders
from bot.domain.obstacles import Evening
from bot.domain.questions import Asker, Topic
from bot.domain.visits import Visit
from bot.messages import OutgoingKind, Reply
from tests.center_day import BOT, CENTER, CENTER_OF_FILE, CITIZEN, MONDAY, SUNDAY, WEDNESDAY, CenterDay, at

THERE = "dong-son"
MAIN = Evening(CENTER, MONDAY, SUNDAY, alone=False, main=True)
OTHER = Evening(THERE, MONDAY, SUNDAY, alone=False)


@pytest.fixture
def two(day: CenterDay) -> CenterDay:
    """The main center, and another one where one can book as well."""
    day.do(centers.settle, (CENTER_OF_FILE, CENTER_OF_FILE.model_copy(update={"id": THERE, "place": "xã Đông Sơn"})))
    return day


def lose(session: Session, address: str, key: str = "", *, kind: OutgoingKind = "ticket", state: str = "refused", now: dt.datetime) -> int:
    number = outbox.put(session, BOT, address, Reply(key=key), now=now, kind=kind)
    table = upsert.table(Outbox)
    session.execute(update(table).where(table.c.id == number).values(state=state, settled_at=now))
    return number


def messages(day: CenterDay) -> list[tuple[int, int]]:
    """How many did not arrive, at the main center and at the other one."""
    found = [[one.number for one in day.do(obstacles.find, evening) if one.kind == "messages"] for evening in (MAIN, OTHER)]
    return [(sum(found[0]), sum(found[1]))]


def book_there(day: CenterDay, name: str) -> Visit:
    group = next(one for one in day.read(counters.groups, THERE) if one.letter == "A")
    visit: Visit = day.do(booking.take, group, at("9:00", WEDNESDAY), day.wish(name), actor=CITIZEN)
    return visit


def test_what_belongs_to_no_center_is_told_at_the_main_one(two: CenterDay) -> None:
    two.person("lan")
    for address in ("lan", "nobody"):
        two.do(lose, address)
    assert messages(two) == [(2, 0)]


def test_a_reply_belongs_where_its_reader_came_last(two: CenterDay) -> None:
    two.book("lan", "9:00", day=WEDNESDAY)
    two.do(lose, "lan", state="unknown")
    assert messages(two) == [(1, 0)]
    book_there(two, "lan")
    assert messages(two) == [(0, 1)]


@pytest.mark.parametrize("by", ["visit", "hold", "question", "reminder", "group", "digest"])
def test_it_belongs_to_what_it_is_about_wherever_its_reader_was_since(two: CenterDay, by: str) -> None:
    visit = book_there(two, "lan")
    two.book("lan", "10:00", day=WEDNESDAY)
    asked = two.do(questions.ask, THERE, Asker(), Topic()).question
    keys = {
        "visit": f"visit:{visit.id}:called",
        "hold": f"hold:{visit.id}",
        "question": f"question:{asked.id}:7",
        "digest": f"digest:{MONDAY}:{THERE}",
    }
    number = two.do(lose, "crowd" if by == "group" else "lan", keys.get(by, ""), kind="reminder")
    if by == "reminder":
        two.do(remind, visit, number)
    if by == "group":
        two.do(gather)
    assert messages(two) == [(0, 1)]


def remind(session: Session, visit: Any, outbox_id: int, *, now: dt.datetime) -> None:
    assert reminders.settle(session, visit, "evening", "queued", now=now)
    reminders.queued(session, visit, "evening", outbox_id)


def gather(session: Session, *, now: dt.datetime) -> None:
    groups.of(session, BOT, "crowd", now=now)
    session.execute(update(upsert.table(ChatGroup)).values(center_id=THERE))


def test_searches_that_found_nothing_count_from_three_a_day(two: CenterDay) -> None:
    for number in (1, 2, 3):
        two.do(misses.keep, f"bay lên trăng {number}", THERE)
        kinds = [[one.kind for one in two.do(obstacles.find, evening)] for evening in (MAIN, OTHER)]
        assert kinds == [[], ["misses"] * (number == 3)]
