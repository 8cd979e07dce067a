"""The browser of a kiosk, and people with a booking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import counters, hours, visits
from bot.domain.devices import Device
from bot.domain.visits import Visit
from tests.channels.webchat.visitor import Page, Visitor

T = TypeVar("T")
CLERK = "staff:1"
_VISIT = upsert.table(Row)


class Kiosk(Visitor):
    """The browser of a kiosk. `device` is what its link stands for."""

    def __init__(self, app: App, client: httpx.AsyncClient, device: Device, token: str) -> None:
        super().__init__(client, f"/ki-ot/{token}")
        self.app, self.device = app, device

    async def go(self, path: str) -> Page:
        return await self.open(f"{self.home}/{path}")

    async def code(self, typed: str, **more: str) -> Page:
        await self.go("co-hen")
        return await self.send(self.page.form(f"{self.home}/co-hen"), [("so", typed), *more.items()])

    async def number(self, group: int = 0, priority: str = "") -> Page:
        await self.go(f"lay-so?nhom={group}")
        form = self.page.form(f"{self.home}/lay-so")
        return await self.send(form, [*form.fields, ("uu-tien", priority)])

    async def done(self) -> Page:
        return await self.press("Xong")

    async def asked(self) -> Visitor:
        """The chat in the frame, until the list is there."""
        page = await self.go("hoi")
        source = page.html.partition('<iframe src="')[2].partition('"')[0].replace("&amp;", "&")
        frame = Visitor(self.client, source)
        await frame.open()
        await frame.say("ba em mới mất")
        await frame.press("Có giấy báo tử")
        await frame.press("Trong 15 ngày")
        return frame

    async def read(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        return await self.app.store.read(work, *args, **named)

    async def visits(self) -> list[Visit]:
        return await self.read(visits.found, select(*visits.COLUMNS).order_by(_VISIT.c.id))

    async def kept(self) -> dict[str, int]:
        """How many rows there are about people."""
        return await self.read(_kept)


def _kept(session: Session) -> dict[str, int]:
    kinds = (Person, Account, Checklist, Inbox, Outbox)
    return {kind.__name__: session.execute(select(func.count()).select_from(upsert.table(kind))).scalar_one() for kind in kinds}


def open_all_day(session: Session, center: str, *, now: dt.datetime) -> None:
    """Yesterday, today and tomorrow."""
    for days in range(-1, 2):
        date = clock.today(now) + dt.timedelta(days=days)
        hours.set_exception(session, center, date, (hours.Span(0, hours.MIDNIGHT),), actor=CLERK, now=now)


async def booked(app: App, center: str = "", *, days: int = 0) -> Visit:
    """Somebody booked some days from now, at an hour to come; at the first center unless another is named."""
    there = center or app.premises.center.id

    def make(session: Session, *, now: dt.datetime) -> Visit:
        group = counters.groups(session, there)[0]
        starts_at = dt.datetime.combine(clock.today(now) + dt.timedelta(days=days), dt.time(23, 30), clock.VIETNAM)
        row = {"center_id": there, "group_id": group.id, "day": clock.today(starts_at), "state": "booked", "starts_at": starts_at}
        made = visits.add(session, "booked", actor="citizen", now=now, **row, ends_at=starts_at + dt.timedelta(minutes=30), seat=1)
        assert made is not None
        return made

    return await app.store.write(make, now=clock.now())


async def become(app: App, visit: Visit, **columns: Any) -> Visit:
    def change(session: Session) -> Visit | None:
        return visits.change(session, visit, "test", actor=CLERK, now=clock.now(), **columns)

    changed = await app.store.write(change)
    assert changed is not None
    return changed
