"""A clerk's form sent by several processes at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session

from bot.db.tables import Inbox
from bot.domain import once, queue
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import NOW, Hall

CLERK = "staff:1"


def press(session: Session, group: Group, key: str, *, now: dt.datetime) -> str:
    return once.visit(session, CLERK, key, lambda: queue.walk_in(session, group, Arrival(), actor=CLERK, now=now), now=now).ticket


def pressed(crew: Crew, hall: Hall, key: str) -> list[Any]:
    return [outcome.result for outcome in crew.race(hall.url, *(deed(press, hall.three, key, now=NOW) for _ in range(3 * SIZE)))]


def test_a_form_sent_by_all_at_once_gives_one_number(crew: Crew, hall: Hall) -> None:
    assert pressed(crew, hall, "one page") == ["B001"] * 3 * SIZE
    assert (len(hall.visits()), hall.count(Inbox)) == (1, 1)
    assert hall.wrongs() == []


def test_control_without_its_key_it_gives_as_many_as_were_sent(crew: Crew, hall: Hall) -> None:
    assert len(set(pressed(crew, hall, ""))) == 3 * SIZE
