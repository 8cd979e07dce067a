"""The center's day behind the web pages, at a time of the test's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest

from bot import clock
from bot.app import App
from bot.db.enums import LIVE
from bot.domain import booking, counters, slots, visits
from bot.domain.booking import Wish
from bot.domain.visits import Visit

MONDAY = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # eight in the morning there
CENTER = "trung-tam"


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A local time in November 2026."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=clock.VIETNAM).astimezone(dt.UTC)


class Day:
    """The center's day as tests move it."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.now = app, MONDAY
        monkeypatch.setattr(clock, "now", lambda: self.now)

    async def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return await self.app.store.write(work, *given, **named)

    async def group(self, letter: str = "A") -> counters.Group:
        found: list[counters.Group] = await self.do(counters.groups, CENTER)
        return next(group for group in found if group.letter == letter)

    async def fill(self, starts_at: dt.datetime, *, but: int = 0) -> None:
        """Take the seats of one time, as staff would for people without a phone."""
        group = await self.group()
        for _ in range(group.seats - but):
            await self.do(booking.take, group, starts_at, Wish(source="staff"), actor="staff:1", now=self.now)

    async def fill_day(self, day: int) -> None:
        date = dt.date(2026, 11, day)
        [found] = await self.do(slots.of_days, await self.group(), date, date, now=self.now)
        for slot in found.slots:
            await self.fill(slot.starts_at)

    async def all(self, states: Iterable[str] = LIVE) -> list[Visit]:
        found: list[Visit] = []
        for number in range(1, 31):
            found += await self.do(visits.of_day, CENTER, dt.date(2026, 11, number), tuple(states))
        return found
