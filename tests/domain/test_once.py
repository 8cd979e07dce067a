"""A form sent twice gives one number."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot import errors
from bot.domain import once, queue
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.center_day import CLERK, CenterDay


def press(day: CenterDay, key: str, actor: str = CLERK) -> Visit:
    return day.do(walk_in, day, key, actor)


def walk_in(session: Session, day: CenterDay, key: str, actor: str, *, now: dt.datetime) -> Visit:
    return once.visit(session, actor, key, lambda: queue.walk_in(session, day.groups["A"], Arrival(), actor=actor, now=now), now=now)


def test_the_same_form_gives_the_same_number_however_often_it_is_sent(day: CenterDay) -> None:
    one = once.key()
    assert [press(day, one).ticket for _ in range(3)] == ["A001"] * 3
    assert press(day, once.key()).ticket == "A002"
    assert len(day.rows()) == 2
    assert day.wrongs() == []


def test_another_clerk_with_the_same_key_has_a_form_of_their_own(day: CenterDay) -> None:
    assert press(day, "k").ticket == "A001"
    assert press(day, "k", "staff:2").ticket == "A002"


def test_the_number_is_told_as_it_is_now(day: CenterDay) -> None:
    visit = press(day, "k")
    day.called()
    assert (press(day, "k").id, press(day, "k").state) == (visit.id, "called")


def test_what_failed_can_be_sent_again(day: CenterDay) -> None:
    def fails(session: Session, *, now: dt.datetime) -> Visit:
        return once.visit(session, CLERK, "k", refuse, now=now)

    def refuse() -> Visit:
        raise errors.TooLate("closed")

    with pytest.raises(errors.TooLate):
        day.do(fails)
    assert press(day, "k").ticket == "A001"


def test_a_form_without_a_key_is_done_every_time(day: CenterDay) -> None:
    assert [press(day, "").ticket for _ in range(2)] == ["A001", "A002"]
