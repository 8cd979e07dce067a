"""A small center with a clock one can turn, and people who come: what tests about a center's day are written with."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Series
from bot.db.day import Visit as Row
from bot.db.enums import AT_COUNTER, LIVE, SEATLESS
from bot.db.staff import Staff
from bot.db.tables import Account, Outbox, Person
from bot.domain import booking, centers, counters, hours, queue, visits, waitlist
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from bot.messages import Reply

T = TypeVar("T")

CENTER = "tam-hiep"
SUNDAY, MONDAY = dt.date(2026, 11, 22), dt.date(2026, 11, 23)
HOLIDAY, WEDNESDAY = dt.date(2026, 11, 24), dt.date(2026, 11, 25)
BOT = "terminal"
PLAN = {
    "id": CENTER, "name": "Trung tâm Tam Hiệp", "place": "xã Tam Hiệp", "address": "thôn Đông",
    "week": {"mon-fri": "7:30-11:30, 13:30-17:00", "sat": "7:30-11:30"},
    "groups": [
        {"letter": "A", "name": "Hộ tịch", "seats": 2, "fields": ["ho-tich"]},
        {"letter": "B", "name": "Đất đai", "seats": 1, "fields": ["dat-dai"]},
        {"letter": "C", "name": "Việc khác", "seats": 3},
    ],
    "counters": [{"number": 1, "serves": ["A"]}, {"number": 2, "serves": ["A", "B"]}, {"number": 3, "serves": ["B", "C"]}],
}  # fmt: skip
CENTER_OF_FILE = centers.Center.model_validate(PLAN)
TOLD = ("visit", "visit_event", "series", "wait", "counter", "reminder", "outbox")
CLERK, CITIZEN = "staff:1", "citizen"


def at(hour: str, day: dt.date = MONDAY) -> dt.datetime:
    """ "8:30" on the center's clock."""
    hours_, _, minutes = hour.partition(":")
    return dt.datetime.combine(day, dt.time(int(hours_), int(minutes)), clock.VIETNAM).astimezone(dt.UTC)


def minutes(number: float) -> dt.timedelta:
    return dt.timedelta(minutes=number)


class CenterDay:
    """Monday, seven o'clock, at a center with three groups and three counters. Times are "8:30" of `today`."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now = engine, at("7:00")
        self.do(centers.settle, (CENTER_OF_FILE,))
        self.groups: dict[str, Group] = {group.letter: group for group in self.read(counters.groups, CENTER)}
        self.desks: dict[int, int] = {desk.number: desk.id for desk in self.read(counters.counters, CENTER)}
        self._people: dict[str, tuple[int, int]] = {}

    @property
    def today(self) -> dt.date:
        return clock.today(self.now)

    def turn(self, hour: str, day: dt.date | None = None) -> None:
        """The clock shows this now."""
        self.now = at(hour, day or self.today)

    def do(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """In a transaction of its own, at this moment. What is refused must have changed nothing."""
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                result = work(session, *args, now=self.now, **named)
            except errors.VisitError:
                left = snapshot(session)
                session.rollback()
                assert left == snapshot(session), "it was refused, and yet something changed"
                raise
            session.commit()
            return result

    def read(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        """Without a moment."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **named)

    def snapshot(self) -> dict[str, list[Any]]:
        return self.read(snapshot)

    # people

    def person(self, name: str, bot: str = BOT) -> tuple[int, int]:
        """Person and account of that name."""
        if name not in self._people:
            self._people[name] = self.read(self._new_person, name, bot)
        return self._people[name]

    def _new_person(self, session: Session, name: str, bot: str) -> tuple[int, int]:
        person = Person(created_at=self.now)
        session.add(person)
        session.flush()
        assert person.id is not None
        account = Account(person_id=person.id, bot=bot, address=name, created_at=self.now, last_seen_at=self.now)
        session.add(account)
        session.flush()
        assert account.id is not None
        return person.id, account.id

    def wish(self, name: str = "", **named: Any) -> Wish:
        """Without a name somebody whom staff book for."""
        person, account = self.person(name) if name else (None, None)
        return Wish(person, account, **named)

    # before the day

    def hold(self, name: str, hour: str, *, day: dt.date | None = None, group: str = "A", **named: Any) -> Visit:
        return self.do(booking.hold, self.groups[group], at(hour, day or self.today), self.wish(name, **named), actor=CITIZEN)

    def book(self, name: str, hour: str, *, day: dt.date | None = None, group: str = "A", **named: Any) -> Visit:
        return self.do(booking.take, self.groups[group], at(hour, day or self.today), self.wish(name, **named), actor=CITIZEN)

    def confirm(self, visit: Visit) -> Visit:
        return self.do(booking.confirm, visit, actor=CITIZEN)

    def cancel(self, visit: Visit) -> Visit:
        return self.do(booking.cancel, visit, actor=CITIZEN)

    def move(self, visit: Visit, hour: str, *, day: dt.date | None = None, group: str = "A") -> Visit:
        return self.do(booking.move, visit, self.groups[group], at(hour, day or self.today), actor=CITIZEN)

    def wait_for(self, name: str, *, day: dt.date | None = None, group: str = "A") -> waitlist.Waiting:
        return self.do(waitlist.join, self.groups[group], day or self.today, self.wish(name))

    # in the hall

    def walk_in(self, name: str = "", *, group: str = "A", actor: str = "kiosk:1", **named: Any) -> Visit:
        person, account = self.person(name) if name else (None, None)
        return self.do(queue.walk_in, self.groups[group], Arrival(person, account, **named), actor=actor)

    def check_in(self, visit: Visit, **named: Any) -> Visit:
        current = self.row(visit)
        group = next(group for group in self.groups.values() if group.id == current.group_id)
        return self.do(queue.check_in, current, group, actor="kiosk:1", **named)

    def sit(self, counter: int, staff: int = 1) -> None:
        self.read(self._hire, staff)
        assert self.do(counters.sit_down, self.desks[counter], staff)

    def _hire(self, session: Session, staff: int) -> None:
        if session.get(Staff, staff) is None:
            session.add(Staff(id=staff, name=f"Cán bộ {staff}", created_at=self.now))

    def call_next(self, counter: int = 1, actor: str = CLERK) -> Visit | None:
        return self.do(queue.call_next, self.desks[counter], actor=actor)

    def called(self, counter: int = 1, actor: str = CLERK) -> Visit:
        """Somebody is called for certain."""
        visit = self.call_next(counter, actor)
        assert visit is not None
        return visit

    def call(self, visit: Visit, counter: int = 1, actor: str = CLERK) -> Visit:
        return self.do(queue.call, visit, self.desks[counter], actor=actor)

    def finish(self, visit: Visit, outcome: str = "accepted", *, missing: tuple[str, ...] = (), actor: str = CLERK) -> Visit:
        papers = [visits.Missing(name, name) for name in missing]
        return self.do(queue.finish, visit, "papers_missing" if papers else outcome, actor=actor, missing=papers)

    def serve_all(self, counter: int = 1) -> list[str]:
        """The tickets in the order they are called at this counter until nobody waits."""
        tickets = []
        while (visit := self.call_next(counter)) is not None:
            tickets.append(visit.ticket)
            self.finish(visit)
        return tickets

    # what came of it

    def row(self, visit: Visit) -> Visit:
        found = self.read(visits.get, visit.id)
        assert found is not None
        return found

    def state(self, visit: Visit) -> str:
        return self.row(visit).state

    def kinds(self, visit: Visit) -> list[str]:
        return [event.kind for event in self.read(visits.events, [visit.id])]

    def rows(self) -> list[Visit]:
        return self.read(_rows)

    def streak(self, counter: int = 1) -> int:
        return self.read(queue.counter, self.desks[counter]).streak

    def told(self, name: str = "lan") -> list[Reply]:
        """What was written to somebody, oldest first."""
        table = upsert.table(Outbox)
        bodies = self.read(lambda session: list(session.execute(select(table.c.body).where(table.c.address == name).order_by(table.c.id)).scalars()))
        return [Reply.model_validate_json(body) for body in bodies]

    def wrongs(self) -> list[str]:
        """What must never be, in words; nothing when all is well."""
        return self.read(self._wrongs)

    def _wrongs(self, session: Session) -> list[str]:
        rows = _rows(session)
        series = {(one.letter, one.day): one.last for one in session.execute(select(*upsert.table(Series).c))}
        return [*_wrong_history(session, rows), *self._wrong_seats(rows), *_wrong_people(rows), *_wrong_numbers(rows, series)]

    def _wrong_seats(self, rows: list[Visit]) -> Iterator[str]:
        seats: dict[tuple[int, dt.datetime | None], list[int]] = defaultdict(list)
        for row in rows:
            if row.seat is not None:
                seats[row.group_id, row.starts_at].append(row.seat)
            elif row.state in ("held", "booked"):
                yield f"{row.id} is {row.state} without a seat"
            if row.state in SEATLESS and row.seat is not None:
                yield f"{row.id} is {row.state} and keeps its seat"
        size = {group.id: group.seats for group in self.groups.values()}
        for (group, when), taken in seats.items():
            if not set(taken) <= set(range(1, size[group] + 1)) or len(set(taken)) < len(taken):
                yield f"seats {taken} of {size[group]} at {when}"


def _wrong_history(session: Session, rows: list[Visit]) -> Iterator[str]:
    for date in {row.day for row in rows}:
        yield from (f"the events of {number} tell another story" for number in visits.untrue(session, CENTER, date))


def _wrong_people(rows: list[Visit]) -> Iterator[str]:
    live = Counter((row.person_id, row.day, row.party) for row in rows if row.state in LIVE and row.person_id is not None)
    yield from (f"{who} has {count} live visits" for who, count in live.items() if count > 1)
    there = Counter(row.counter_id for row in rows if row.state in AT_COUNTER)
    yield from (f"{count} people at counter {counter}" for counter, count in there.items() if count > 1 or counter is None)


def _wrong_numbers(rows: list[Visit], series: dict[tuple[str, dt.date], int]) -> Iterator[str]:
    given: dict[tuple[str, dt.date], list[int]] = defaultdict(list)
    for row in rows:
        if row.number is not None:
            given[row.letter or "", row.day].append(row.number)
    for key in given.keys() | series.keys():
        if sorted(given[key]) != list(range(1, series.get(key, 0) + 1)):
            yield f"series {key}: {sorted(given[key])} of {series.get(key)}"


def _rows(session: Session) -> list[Visit]:
    return visits.found(session, select(*visits.COLUMNS).order_by(upsert.table(Row).c.id))


def snapshot(session: Session) -> dict[str, list[Any]]:
    """Everything a step of the day may change, as the driver gives it."""
    connection = session.connection()
    return {name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2, 3")] for name in TOLD}


def free(day: CenterDay, date: dt.date, spans: str, reason: str = "") -> None:
    """These hours on that day."""
    day.do(hours.set_exception, CENTER, date, hours.parse(spans), reason, actor=CLERK)
