"""Steps of a visit as clerks take them, on a day at the small center."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain import queue, undoing
from bot.domain.visits import Visit
from tests.center_day import CLERK, CenterDay

OTHER = "staff:2"


def step(day: CenterDay, work: Callable[..., Visit], visit: Visit, actor: str = CLERK) -> Visit:
    return day.do(work, visit, actor=actor)


def transfer(day: CenterDay, visit: Visit, group: str = "B") -> Visit:
    return day.do(queue.transfer, visit, day.groups[group], actor=CLERK)


def undo(day: CenterDay, actor: str = CLERK) -> Visit:
    return day.do(undoing.undo, actor).visit


def sent_home(day: CenterDay, name: str = "", **named: str) -> Visit:
    visit = day.walk_in(name, **named)
    return day.finish(day.call(visit), missing=("Giấy A",))
