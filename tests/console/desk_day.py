"""The console on a Monday morning, with people who booked: what tests of the desk's pages are written with."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.tables import Account, Outbox, Person
from bot.domain import audit, booking, counters, visits
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.visits import Visit
from bot.messages import Reply
from tests.channels.webchat.visitor import Page

if TYPE_CHECKING:
    from tests.console.conftest import Clerk

HERE = "trung-tam"
MONDAY = dt.date(2026, 11, 23)
WEDNESDAY = dt.date(2026, 11, 25)


def at(hour: str, day: dt.date = MONDAY) -> dt.datetime:
    """ "8:30" of that day at the center."""
    hours, _, minutes = hour.partition(":")
    return dt.datetime.combine(day, dt.time(int(hours), int(minutes)), clock.VIETNAM).astimezone(dt.UTC)


class DeskDay:
    """The day of the center behind the console; `now` can be turned."""

    def __init__(self, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.now = app, at("8:00")
        monkeypatch.setattr(clock, "now", lambda: self.now)

    async def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return await self.app.store.write(work, *given, **named, now=self.now)

    async def groups(self) -> dict[str, Group]:
        return {group.letter: group for group in await self.app.store.read(counters.groups, HERE)}

    async def book(self, hour: str, day: dt.date = WEDNESDAY, *, name: str = "", group: str = "A", **named: Any) -> Visit:
        """Somebody with a Telegram account of that name; without a name somebody on the phone."""
        person, account = await self.app.store.write(_somebody, name, self.now) if name else (None, None)
        found = (await self.groups())[group]
        made: Visit = await self.do(booking.take, found, at(hour, day), Wish(person, account, **named), actor="citizen")
        return made

    async def row(self, visit: Visit) -> Visit:
        found = await self.app.store.read(visits.get, visit.id)
        assert found is not None
        return found

    async def told(self, name: str) -> list[str]:
        """What was written to somebody, in words."""
        return [str(json.dumps(reply.model_dump(mode="json"), ensure_ascii=False)) for reply in await self.app.store.read(_told, name)]

    async def audit(self) -> Sequence[Any]:
        """The newest rows first."""
        return await self.app.store.read(audit.read, audit.Filter((HERE,)), limit=20)


def _somebody(session: Session, name: str, now: dt.datetime) -> tuple[int, int]:
    known = session.execute(select(Account).where(Account.address == name)).scalar_one_or_none()  # type: ignore[arg-type]
    if known is not None:
        assert known.id is not None
        return known.person_id, known.id
    person = Person(created_at=now)
    session.add(person)
    session.flush()
    assert person.id is not None
    account = Account(person_id=person.id, bot="telegram:1", address=name, created_at=now, last_seen_at=now)
    session.add(account)
    session.flush()
    assert account.id is not None
    return person.id, account.id


def _told(session: Session, name: str) -> list[Reply]:
    table = upsert.table(Outbox)
    bodies = session.execute(select(table.c.body).where(table.c.address == name).order_by(table.c.id)).scalars()
    return [Reply.model_validate_json(body) for body in bodies]


async def send(clerk: Clerk, path: str, deed: str, **fields: str) -> Page:
    """Post to a page of the center with the hidden field its own forms carry."""
    action = f"{HOME}/{HERE}/{path}"
    await clerk.open(action)
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    return await clerk.post(action.partition("?")[0], {"ma": token, "viec": deed} | {name.replace("_", "-"): value for name, value in fields.items()})
