"""Every kind of obstacle is found where it is, with its number, and the costliest first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.db import upsert
from bot.db.results import Feedback
from bot.db.tables import Outbox
from bot.domain import closing, dossiers, feedback, obstacles, outbox, queue
from bot.domain.dossiers import Slip
from bot.domain.feedback import Counter, Giver
from bot.domain.obstacles import Evening, Obstacle
from bot.domain.visits import Missing
from bot.domain.working_days import Promise
from bot.messages import Reply
from tests.center_day import CENTER, MONDAY, SUNDAY, WEDNESDAY, CenterDay, at, minutes

EVENING = Evening(CENTER, MONDAY, SUNDAY, alone=True)


def found(day: CenterDay, evening: Evening = EVENING) -> list[Obstacle]:
    return day.do(obstacles.find, evening)


def fill_an_hour(day: CenterDay) -> None:
    """Six come at eight and wait for forty minutes; two more are never called."""
    day.sit(1)
    day.turn("8:00")
    for _ in range(6):
        day.walk_in()
    day.now += minutes(40)
    for _ in range(6):
        day.finish(day.called())
    for _ in range(2):
        day.walk_in()
    day.turn("17:20")
    day.do(closing.close, CENTER, MONDAY, actor="staff:1")


def send(session: Session, state: str, *, now: dt.datetime) -> None:
    number = outbox.put(session, "telegram:1", "lan", Reply(), now=now)
    table = upsert.table(Outbox)
    session.execute(update(table).where(table.c.id == number).values(state=state, settled_at=now))


def make_remark_late(session: Session, row: Any, *, now: dt.datetime) -> None:
    session.execute(update(upsert.table(Feedback)).where(upsert.table(Feedback).c.id == row.id).values(reply_due=SUNDAY))


def test_nothing_is_found_on_an_empty_day(day: CenterDay) -> None:
    assert found(day) == []


def test_a_full_hour_and_those_never_called(day: CenterDay) -> None:
    fill_an_hour(day)
    assert (
        found(day)
        == [
            Obstacle("unserved", 2, {}, 12),
            Obstacle("hour", 8, {"hour": 8, "minutes": 40, "room": 18}, 16),
        ][::-1]
    )


@pytest.mark.parametrize(("why", "number"), [("outdated", 1), ("not_required", 0)])
def test_a_paper_people_came_without_counts_unless_no_law_asks_for_it(day: CenterDay, why: str, number: int) -> None:
    day.sit(1)
    for _ in range(3):
        visit = day.walk_in(procedure="1.000656")
        day.do(queue.finish, day.call(visit), "papers_missing", actor="staff:1", missing=[Missing("household", "Sổ hộ khẩu", why)])
    assert [one.kind for one in found(day)] == ["papers"] * number


def test_dossiers_that_should_be_ready_and_those_that_follow(day: CenterDay) -> None:
    for due in (dt.date(2026, 11, 20), MONDAY, WEDNESDAY, dt.date(2026, 12, 1)):
        slip = Slip("1.000656", "ho-tich", Promise(dt.date(2026, 11, 18), 2, due))
        day.do(dossiers.receive, CENTER, slip, at("8:00", dt.date(2026, 11, 18)), actor="staff:1")
    assert found(day) == [Obstacle("late", 2, {"tomorrow": 1}, 10)]


def test_messages_that_did_not_arrive_count_where_no_other_center_shares_the_bots(day: CenterDay) -> None:
    for state in ("sent", "refused", "unknown", "retry"):
        day.do(send, state)
    assert found(day) == [Obstacle("messages", 2, {"unknown": 1}, 2)]
    assert found(day, EVENING._replace(alone=False)) == []


def test_a_remark_that_waits_longer_than_the_law_allows(day: CenterDay) -> None:
    row = day.do(feedback.at_counter, Counter(CENTER, 1), "the-token", Giver("web"), begun_at=day.now - dt.timedelta(days=9))
    day.do(feedback.remark, row, "Thiếu ghế")
    day.do(make_remark_late, row)
    assert found(day) == [Obstacle("remarks", 1, {"since": "2026-11-14", "fresh": 1}, 4)]


def test_old_remarks_stand_on_one_line_below_what_the_day_itself_brought(day: CenterDay) -> None:
    for number in range(25):
        row = day.do(feedback.at_counter, Counter(CENTER, 1), f"token-{number}", Giver("web"), begun_at=day.now - dt.timedelta(days=30 + number))
        day.do(feedback.remark, row, "Thiếu ghế")
        day.do(make_remark_late, row)
    day.do(send, "refused")
    later = EVENING._replace(since=MONDAY)  # the digest of Sunday told of them
    remarks = Obstacle("remarks", 25, {"since": "2026-09-30", "fresh": 0}, 1)
    assert found(day, later) == [Obstacle("messages", 1, {"unknown": 0}, 1), remarks]
    assert found(day)[0].weight == 100, "on the day they become overdue they are that day's"
