"""Somebody with a ticket, and the clerks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlmodel import Session

from bot.db.staff import Staff
from bot.domain import booking, counters, queue
from bot.domain.booking import Wish
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.visitor import Page, Visitor

CLERK = "staff:1"
TEN = at(23, 10)


class Hall:
    def __init__(self, day: Day, visitor: Visitor) -> None:
        self.day, self.visitor = day, visitor

    async def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return await self.day.do(work, *given, actor=CLERK, now=self.day.now, **named)

    async def booked(self, starts_at: dt.datetime = TEN) -> Visit:
        made: Visit = await self.do(booking.take, await self.day.group(), starts_at, Wish(source="web"))
        return made

    async def came(self) -> Visit:
        made: Visit = await self.do(queue.walk_in, await self.day.group(), Arrival())
        return made

    async def desk(self, number: int = 1) -> counters.Desk:
        found: list[counters.Desk] = await self.day.do(counters.counters, CENTER)
        return next(desk for desk in found if desk.number == number)

    async def sit(self, number: int = 1) -> counters.Desk:
        desk = await self.desk(number)
        member = await self.day.do(_clerk, f"Clerk {number}", now=self.day.now)
        assert await self.day.do(counters.sit_down, desk.id, member, now=self.day.now)
        return desk

    async def call(self, number: int = 1) -> Visit | None:
        desk = await self.desk(number)
        called: Visit | None = await self.do(queue.call_next, desk.id)
        return called

    async def called(self) -> Visit:
        await self.came()
        called = await self.call()
        assert called is not None
        return called

    async def page(self, visit: Visit, path: str = "") -> Page:
        return await self.visitor.open(f"/phieu/{visit.token}{path}")


def _clerk(session: Session, name: str, *, now: dt.datetime) -> int:
    made = Staff(name=name, created_at=now)
    session.add(made)
    session.flush()
    assert made.id is not None
    return made.id
