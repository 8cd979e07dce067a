"""Everything at once: what must hold holds, and nobody gets an error that is not about the center's day."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from bot import errors
from bot.domain import booking, closing, counters, queue, undoing, visits
from bot.domain.booking import Wish
from bot.domain.queue import Arrival
from handlers import visiting
from tests.races.crew import SIZE, Crew, deed
from tests.races.hall import CENTER, WEDNESDAY, Hall, slot

EACH = 25
MORNING = slot() - dt.timedelta(hours=1)


async def busy_hour(store: Any, seed: int, wishes: list[Wish], desks: list[int]) -> list[str]:
    """What one process did, at random: the kinds of its steps that went through."""
    chance = random.Random(seed)
    done = []
    for number in range(EACH):
        now = MORNING + dt.timedelta(minutes=number * 2)
        step = chance.choice(STEPS)
        try:
            await store.write(step, chance, wishes, desks, now)
        except errors.VisitError:
            continue
        done.append(step.__name__)
    return done


def book(session: Session, chance: random.Random, wishes: list[Wish], desks: list[int], now: dt.datetime) -> None:
    way = chance.choice((booking.hold, booking.take))
    way(session, chance.choice(counters.groups(session, CENTER)), slot(chance.randrange(8)), chance.choice(wishes), actor="citizen", now=now)


def draw(session: Session, chance: random.Random, wishes: list[Wish], desks: list[int], now: dt.datetime) -> None:
    wish = chance.choice([*wishes, Wish()])
    arrival = Arrival(wish.person_id, wish.account_id)
    queue.walk_in(session, chance.choice(counters.groups(session, CENTER)), arrival, actor="kiosk:1", now=now)


def call(session: Session, chance: random.Random, wishes: list[Wish], desks: list[int], now: dt.datetime) -> None:
    visiting.call_next(session, chance.choice(desks), actor="staff:1", now=now)


def change(session: Session, chance: random.Random, wishes: list[Wish], desks: list[int], now: dt.datetime) -> None:
    """Something is done to one visit of the day, whatever state it is in."""
    there = visits.of_day(session, CENTER, WEDNESDAY)
    if not there:
        return
    visit, group = chance.choice(there), chance.choice(counters.groups(session, CENTER))
    ways: list[Callable[[], object]] = [
        lambda: booking.confirm(session, visit, actor="citizen", now=now),
        lambda: visiting.cancel(session, visit, actor="citizen", now=now),
        lambda: visiting.move(session, visit, group, slot(chance.randrange(8)), actor="staff:1", now=now),
        lambda: visiting.check_in(session, visit, actor="kiosk:1", now=now),
        lambda: queue.serve(session, visit, actor="staff:1", now=now),
        lambda: queue.miss(session, visit, actor="staff:1", now=now),
        lambda: queue.park(session, visit, actor="staff:1", now=now),
        lambda: queue.back(session, visit, actor="citizen", now=now),
        lambda: visiting.transfer(session, visit, group, actor="staff:1", now=now),
        lambda: visiting.finish(session, visit, "accepted", actor="staff:1", now=now),
        lambda: undoing.undo(session, "staff:1", now=now),
        lambda: booking.expire(session, now=now),
        lambda: visiting.offer_free(session, now=now),
    ]
    chance.choice(ways)()


STEPS = (book, book, draw, call, change, change, change)


def test_whatever_eight_processes_do_at_once_the_rules_of_the_house_hold(crew: Crew, hall: Hall) -> None:
    wishes = hall.people(10)
    outcomes = crew.race(hall.url, *(deed(busy_hour, number, wishes, hall.desks[:3]) for number in range(SIZE)))
    done = {kind for outcome in outcomes for kind in outcome.result}
    assert done == {"book", "draw", "call", "change"}
    assert not hall.wrongs()
    hall.do(visiting.close, CENTER, WEDNESDAY, actor="machine", now=MORNING + dt.timedelta(hours=12))
    assert not hall.do(closing.hanging, CENTER, WEDNESDAY)
    assert not hall.wrongs()
