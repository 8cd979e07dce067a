"""A member of a group who asks many times at once is answered once."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from sqlalchemy import select
from sqlmodel import Session

from bot.db.questions import ChatGroup
from bot.domain import groups
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall

LATER = NOW + dt.timedelta(seconds=30)


def asks(session: Session, sender: str, now: dt.datetime) -> str:
    """Without the lock of a turn, so that only slow mode itself is in the way."""
    group = session.execute(select(ChatGroup)).scalar_one()
    return groups.ask(session, group, sender, "key", now=now)


def meet(hall: Hall) -> None:
    hall.do(groups.of, "telegram:1", "-100", now=NOW)


def said(crew: Crew, hall: Hall, *, now: dt.datetime, off: tuple[str, ...] = ()) -> Counter[str]:
    outcomes = crew.race(hall.url, *(deed(asks, "lan", now) for _ in range(SIZE)), off=off)
    return Counter(outcome.result for outcome in outcomes)


def test_of_questions_at_once_one_is_taken_and_one_is_told_to_wait(crew: Crew, hall: Hall) -> None:
    meet(hall)
    for now in (NOW, LATER):
        assert said(crew, hall, now=now) == {"taken": 1, "hint": 1, "ignored": SIZE - 2}


def test_control_when_the_member_is_looked_up_first_several_are_taken(crew: Crew, hall: Hall) -> None:
    meet(hall)
    assert said(crew, hall, now=NOW, off=("asker",))["taken"] > 1
