"""A small center with people, and what must hold in it whatever happened."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Series
from bot.db.day import Visit as Row
from bot.db.enums import AT_COUNTER, LIVE
from bot.db.store import Store
from bot.db.tables import Account, Outbox, Person
from bot.domain import centers, counters, queue, visits
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.fakes import NOON

T = TypeVar("T")

CENTER = "dong"
NOW = NOON
TODAY = dt.date(2026, 11, 23)
WEDNESDAY = dt.date(2026, 11, 25)  # the 24th is a holiday
COUNTERS = 8
PLAN = {
    "id": CENTER, "name": "Trung tâm Đông", "place": "xã Đông", "address": "thôn Đông", "week": {"mon-fri": "7:30-11:30, 13:30-17:00"},
    "groups": [{"letter": "A", "name": "Một", "seats": 1, "fields": ["ho-tich"]}, {"letter": "B", "name": "Hai", "seats": 3}],
    "counters": [{"number": number, "serves": ["A", "B"]} for number in range(1, COUNTERS + 1)],
}  # fmt: skip
_VISIT, _SERIES, _OUTBOX = (upsert.table(kind) for kind in (Row, Series, Outbox))


def slot(number: int = 0, day: dt.date = WEDNESDAY) -> dt.datetime:
    """The morning's times, from 7:30 on."""
    return dt.datetime.combine(day, dt.time(0, 30), dt.UTC) + number * dt.timedelta(minutes=30)


class Hall:
    """The center in one database: one seat at a time in group `one`, three in group `three`."""

    def __init__(self, store: Store) -> None:
        self.store, self.url = store, store.url.render_as_string(hide_password=False)
        self.do(centers.settle, (centers.Center.model_validate(PLAN),), now=NOW)
        self.one, self.three = self.do(counters.groups, CENTER)
        self.desks: list[int] = [desk.id for desk in self.do(counters.counters, CENTER)]

    def do(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """In a transaction of the test's own."""
        with Session(self.store.engine, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **kwargs)

    def people(self, count: int) -> list[Wish]:
        """So many wishes of different people, each with a chat account."""

        def make(session: Session) -> list[Wish]:
            made = []
            for _ in range(count):
                person = Person(created_at=NOW)
                session.add(person)
                session.flush()
                assert person.id is not None
                account = Account(person_id=person.id, bot="b", address=f"a{person.id}", created_at=NOW, last_seen_at=NOW)
                session.add(account)
                session.flush()
                made.append(Wish(person.id, account.id))
            return made

        return self.do(make)

    def walk_in(self, *, group: Group | None = None, wish: Wish | None = None, now: dt.datetime = NOW) -> Visit:
        arrival = Arrival(wish.person_id, wish.account_id) if wish else Arrival()
        return self.do(queue.walk_in, group or self.one, arrival, actor="kiosk:1", now=now)

    def row(self, visit: Visit) -> Visit:
        found = self.do(visits.get, visit.id)
        assert found is not None
        return found

    def history(self, visit: Visit) -> list[str]:
        return [event.kind for event in self.do(visits.events, [visit.id])]

    def visits(self) -> list[Visit]:
        return self.do(visits.found, select(*visits.COLUMNS).order_by(_VISIT.c.id))

    def seated(self, starts_at: dt.datetime, group: Group) -> list[Visit]:
        return [visit for visit in self.visits() if (visit.starts_at, visit.group_id) == (starts_at, group.id) and visit.seat is not None]

    def told(self) -> list[str]:
        """To which addresses something went out."""
        return self.do(lambda session: list(session.execute(select(_OUTBOX.c.address).order_by(_OUTBOX.c.id)).scalars()))

    def wrongs(self) -> list[str]:
        """What must not be, in words; nothing when all is well."""
        rows = self.visits()
        groups = {group.id: group for group in (self.one, self.three)}
        found = [f"events of {number} tell another story" for day in {row.day for row in rows} for number in self.do(visits.untrue, CENTER, day)]
        seats: dict[tuple[int, dt.datetime | None], list[int]] = defaultdict(list)
        for row in rows:
            if row.seat is not None:
                seats[row.group_id, row.starts_at].append(row.seat)
        found += [f"oversold: {at} {taken}" for at, taken in seats.items() if len(taken) > groups[at[0]].seats or len(set(taken)) < len(taken)]
        found += [f"{row.id} is {row.state} with a seat" for row in rows if row.state in ("cancelled", "expired") and row.seat is not None]
        found += [f"{row.id} is {row.state} without a seat" for row in rows if row.state in ("held", "booked") and row.seat is None]
        days = Counter((row.person_id, row.day, row.party) for row in rows if row.state in LIVE and row.person_id is not None)
        found += [f"twice on a day: {who}" for who, count in days.items() if count > 1]
        desks = Counter(row.counter_id for row in rows if row.state in AT_COUNTER)
        found += [f"several at counter {desk}" for desk, count in desks.items() if count > 1]
        return found + self._wrong_numbers(rows)

    def _wrong_numbers(self, rows: list[Visit]) -> list[str]:
        given: dict[tuple[str, dt.date], list[int]] = defaultdict(list)
        for row in rows:
            if row.number is not None:
                given[row.letter or "", row.day].append(row.number)
        last = self.do(lambda session: {(s, d): n for s, d, n in session.execute(select(_SERIES.c.letter, _SERIES.c.day, _SERIES.c.last))})
        found = [f"numbers {numbers}" for numbers in given.values() if sorted(numbers) != list(range(1, len(numbers) + 1))]
        return found + [f"series {name} ends at {last.get(name)}" for name, numbers in given.items() if last.get(name) != len(numbers)]

    def count(self, model: Any) -> int:
        return self.do(lambda session: int(session.execute(select(func.count()).select_from(upsert.table(model))).scalar_one()))
