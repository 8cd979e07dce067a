"""Clerks and other people at the center of the running service, as of now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from playwright.sync_api import ViewportSize
from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.staff import Staff
from bot.db.tables import Account
from bot.domain import booking, counters, devices, hours, queue, slots, visits
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.browser.live import CENTER, Live

CLERK, PATH = "staff:1", f"/bang/{CENTER}"
SCREENS: list[ViewportSize] = [{"width": 1920, "height": 1080}, {"width": 1280, "height": 720}]
KIOSKS: list[ViewportSize] = [{"width": 1080, "height": 1920}, {"width": 1280, "height": 800}, {"width": 390, "height": 844}]


class Hall:
    def __init__(self, live: Live) -> None:
        self.live, self.do, self.read = live, live.do, live.read
        self.do(_sit)

    def deed(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.do(work, *given, actor=CLERK, **named)

    def group(self, letter: str = "A") -> Group:
        found: list[Group] = self.read(counters.groups, CENTER)
        return next(group for group in found if group.letter == letter)

    def comes(self, letter: str = "A") -> Visit:
        made: Visit = self.deed(queue.walk_in, self.group(letter), Arrival(procedure="1.000656"))
        return made

    def free(self, group: Group, days: int = 1) -> list[slots.Slot]:
        """What can be booked on the first day with free seats, so many days from now or later."""
        today = clock.today(clock.now())
        found: list[slots.Day] = self.do(slots.of_days, group, today + dt.timedelta(days=days), today + slots.AHEAD)
        return next(free for day in found if (free := [slot for slot in day.slots if slot.free]))

    def books(self, letter: str = "A", days: int = 1) -> Visit:
        group = self.group(letter)
        made: Visit = self.deed(booking.take, group, self.free(group, days)[0].starts_at, Wish(source="web", procedure="1.000656"))
        return made

    def calls(self, place: int = 0) -> Visit:
        """At the first or second counter; whoever stood there is done."""
        desk = self.read(counters.counters, CENTER)[place]
        if (there := self.read(queue.at_counter, desk.id)) is not None:
            self.deed(queue.finish, there, "accepted")
        called: Visit = self.deed(queue.call_next, desk.id)
        return called

    def clears(self) -> None:
        """Nobody waits any more."""
        while self.calls() is not None:
            pass

    def opens(self) -> None:
        """All of today."""
        self._today((hours.Span(0, hours.MIDNIGHT),))

    def shuts(self) -> None:
        """Whoever is left goes home, and the hours of today are the usual ones."""
        for visit in self.read(visits.of_day, CENTER, clock.today(clock.now()), ("called", "serving", "waiting")):
            self.deed(visits.change, visit, "closed", state="done", counter_id=None)
        self._today(None)

    def _today(self, spans: tuple[hours.Span, ...] | None) -> None:
        self.deed(hours.set_exception, CENTER, clock.today(clock.now()), spans)
        self.read(self.live.app.premises.directory.refresh)

    def kiosk(self) -> str:
        """The link of a new one."""
        _, token = self.do(devices.create, CENTER, "Cửa chính")
        return f"/ki-ot/{token}"

    def people(self) -> int:
        """How many are kept who stood at a kiosk."""
        account = upsert.table(Account)
        counted = select(func.count()).select_from(account).where(account.c.address.startswith("kiosk-"))
        found: int = self.read(lambda session: session.execute(counted).scalar_one())
        return found


def _sit(session: Session, *, now: dt.datetime) -> None:
    """Somebody at the first counter; the same for all tests of a run."""
    desk = next(desk for desk in counters.counters(session, CENTER) if desk.number == 1)
    if desk.staff_id is None:
        made = Staff(name="Hạnh", created_at=now)
        session.add(made)
        session.flush()
        assert made.id is not None
        counters.sit_down(session, desk.id, made.id, now=now)
