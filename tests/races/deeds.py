"""What citizens and clerks do in the races, where it is more than one function of the domain."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session

from bot import errors
from bot.domain import booking, queue, slots
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.slots import Slot
from bot.domain.visits import Visit
from tests.races.hall import NOW


async def take_or_nearest(store: Any, group: Group, starts_at: dt.datetime, wish: Wish) -> Visit | list[Slot]:
    """The seat, or the free times nearest to it."""
    try:
        taken: Visit = await store.write(booking.take, group, starts_at, wish, actor="citizen", now=NOW)
    except errors.SlotTaken:
        nearest: list[Slot] = await store.read(free_times, group, starts_at)
        return nearest
    return taken


def free_times(session: Session, group: Group, wanted: dt.datetime) -> list[Slot]:
    day = wanted.date()
    return slots.nearest(slots.of_days(session, group, day, day, now=NOW), wanted)


def walk_in_and_leave(session: Session, group: Group, *, now: dt.datetime) -> None:
    """A number is given, and then something fails: it must not be missing afterwards."""
    queue.walk_in(session, group, queue.Arrival(), actor="kiosk:1", now=now)
    raise errors.TooLate("paper jam")
