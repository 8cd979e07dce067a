"""Numbers given on paper while the screens are dark, and entered afterwards."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, exc
from sqlmodel import Session

from bot import errors
from bot.db import upsert
from bot.db.day import Series
from bot.domain import queue, visits
from bot.domain.counters import Group
from bot.domain.visits import Missing, Visit

_SERIES = upsert.table(Series)


def reserve(session: Session, center_id: str, letter: str, day: dt.date, count: int) -> tuple[int, int]:
    """Numbers for paper, first and last: the series goes on after them, so that no screen ever gives them again."""
    first = queue.next_number(session, center_id, letter, day)
    last = first + count - 1
    _raise_series(session, center_id, letter, day, last)
    return first, last


def _raise_series(session: Session, center_id: str, letter: str, day: dt.date, number: int) -> None:
    """The series stands at `number` at least."""
    first = upsert.insert(session, Series, center_id=center_id, letter=letter, day=day, last=number)
    higher = case((_SERIES.c.last < number, number), else_=_SERIES.c.last)
    session.execute(first.on_conflict_do_update(index_elements=["center_id", "letter", "day"], set_={"last": higher}))


@dataclass(frozen=True)
class Paper:
    """A number that was given on paper, and what became of it. `state`: waiting, done, must_return or no_show. `visit`: who had booked."""

    day: dt.date
    number: int
    arrived_at: dt.datetime
    state: str
    outcome: str = ""
    missing: Sequence[Missing] = ()
    visit: Visit | None = None


def enter(session: Session, group: Group, paper: Paper, *, actor: str, now: dt.datetime) -> Visit:
    """Enter a paper number afterwards. When it was served is not known and stays open. Raises TooLate when the number or visit is taken."""
    listed = json.dumps([one._asdict() for one in paper.missing], ensure_ascii=False)
    new: dict[str, Any] = {
        "letter": group.letter, "number": paper.number, "state": paper.state, "outcome": paper.outcome, "missing": listed,
        "arrived_at": paper.arrived_at, "due_at": paper.arrived_at,
    }  # fmt: skip
    try:
        with session.begin_nested():
            _raise_series(session, group.center_id, group.letter, paper.day, paper.number)
            if paper.visit is not None:
                return queue.take(session, paper.visit, ("booked", "no_show"), "paper", actor=actor, now=now, **new)
            made = visits.add(
                session, "paper", actor=actor, now=now, **new, center_id=group.center_id, group_id=group.id, day=paper.day, source="paper"
            )
            if made is None:
                raise errors.TooLate("taken")
            return made
    except exc.IntegrityError:  # the unique key: somebody has this number
        raise errors.TooLate("taken") from None
