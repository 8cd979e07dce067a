"""`motcua bench booking`: 200 people at once book 20 times with 100 seats each, beside the raw driver; and the free times of a month."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import itertools
import queue
import random
import secrets
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from bot import clock, errors, late
from bot.bench import databases, measure
from bot.bench.measure import Figures, Measured
from bot.db import schema, store, upsert
from bot.db.day import DayException, Visit
from bot.db.store import Store
from bot.db.tables import Account, Person
from bot.domain import booking, centers, counters, hours, slots
from bot.domain.booking import Wish
from bot.domain.counters import Group
from bot.domain.hours import Span
from bot.settings import Settings
from procedures import loader

AT_ONCE = 200
TIMES, SEATS = 20, 100
ROUNDS = 5
LOOKS = 200
SEED = 20261122
CENTER = "bench"
LOAD = 0.7  # how full the month is that is looked at
_BOTH = "7:30-11:30, 13:30-17:00"
_ALL_DAY = (Span(7 * 60, 17 * 60),)
# The booking group, and four as a busy center has them.
_PLAN = {
    "id": CENTER, "name": "Bench", "place": "Bench", "address": "Bench", "week": {"mon-fri": _BOTH, "sat": "7:30-11:30"},
    "groups": [
        {"letter": letter, "name": letter, "seats": seats, "slot_minutes": 30} for letter, seats in zip("ABCDZ", (6, 4, 4, 4, SEATS), strict=True)
    ],
    "counters": [{"number": 1, "serves": list("ABCDZ")}],
}  # fmt: skip
_VISIT, _PERSON, _ACCOUNT, _EXCEPTION = (upsert.table(kind) for kind in (Visit, Person, Account, DayException))


class Spent(NamedTuple):
    """What the seats of one day took to sell."""

    seconds: float
    cpu_seconds: float


class Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def stop(self) -> Spent:
        return Spent(time.perf_counter() - self._began, time.process_time() - self._worked)


def _rates(prefix: str, spent: Sequence[Spent]) -> dict[str, float]:
    """`per_cpu_s` leaves out the time other processes took, a database server too, and the waiting for the disk. Medians."""
    return {
        f"{prefix}bookings_per_s": round(TIMES * SEATS / statistics.median(one.seconds for one in spent), 1),
        f"{prefix}bookings_per_cpu_s": round(TIMES * SEATS / statistics.median(one.cpu_seconds for one in spent), 1),
    }


def run(settings: Settings, _data: Path = loader.DATA, *, rounds: int = ROUNDS, looks: int = LOOKS) -> Measured:
    """Bookings committed a second, the median of `rounds`, on SQLite on the disk of the data folder; also on PostgreSQL when that is configured."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as place:
        figures = asyncio.run(_measure(f"sqlite:///{place}/booking.db", rounds, looks))
        baseline = _rates("raw_sqlite_", [_raw_sqlite(Path(place) / f"raw{number}.db") for number in range(rounds)])
    if settings.database.startswith("postgresql"):
        try:
            ours, raw = _on_postgresql(settings.database, rounds, looks)
        except SQLAlchemyError as error:
            ours, raw = {"postgresql": f"no database of its own can be made there: {str(error).splitlines()[0]}"}, {}
        figures, baseline = {**figures, **ours}, {**baseline, **raw}
    ratio = {name: round(float(figures[name.removeprefix("raw_").removeprefix("sqlite_")]) / value, 3) for name, value in baseline.items()}
    return Measured("booking", {**figures, "load_average": measure.load_average()}, baseline, ratio)


def _on_postgresql(database: str, rounds: int, looks: int) -> tuple[Figures, dict[str, float]]:
    with databases.fresh(database) as url:
        ours = asyncio.run(_measure(url, rounds, looks))
        raw = _rates("raw_postgresql_", [_raw_postgresql(url) for _ in range(rounds)])
    return {f"postgresql_{name}": value for name, value in ours.items()}, raw


async def _measure(url: str, rounds: int, looks: int) -> Figures:
    now = clock.now()
    opened = Store(url)
    try:
        schema.upgrade(opened.engine)
        *busy, group = await opened.write(_furnish, rounds, now=now)
        sold = [await _round(opened, group, number, now) for number in range(rounds)]
        await opened.write(_fill, busy, now=now)
        month = [await _look(opened, group, now) for group in itertools.islice(itertools.cycle(busy), looks)]
    finally:
        opened.close()
    waits = [wait for _, its in sold for wait in its]
    return {
        "at_once": AT_ONCE,
        "bookings": len(waits),
        "overbooked": 0,  # checked after every round
        **_rates("", [spent for spent, _ in sold]),
        "p50_ms": measure.percentile_ms(waits, 0.5),
        "p99_ms": measure.percentile_ms(waits, 0.99),
        "month_ms_p50": measure.percentile_ms(month, 0.5),
        "month_ms_p95": measure.percentile_ms(month, 0.95),
    }


def _day(number: int, now: dt.datetime) -> dt.date:
    """One day for each round, from tomorrow on."""
    return clock.today(now) + dt.timedelta(days=1 + number)


def _furnish(session: Session, rounds: int, *, now: dt.datetime) -> list[Group]:
    """The center, open all day on the days of the rounds."""
    centers.settle(session, (centers.Center.model_validate(_PLAN),), now=now)
    for number in range(rounds):
        hours.set_exception(session, CENTER, _day(number, now), _ALL_DAY, "bench", actor="bench", now=now)
    return counters.groups(session, CENTER)


def _people(session: Session, count: int, *, now: dt.datetime) -> list[Wish]:
    """So many people with an account each."""
    first = (session.execute(select(func.max(_PERSON.c.id))).scalar() or 0) + 1
    ids = range(first, first + count)
    session.execute(_PERSON.insert(), [{"id": number, "created_at": now} for number in ids])
    about = {"bot": "bench", "active": True, "inactive_reason": "", "created_at": now, "last_seen_at": now}
    session.execute(_ACCOUNT.insert(), [{"id": number, "person_id": number, "address": str(number), **about} for number in ids])
    return [Wish(number, number) for number in ids]


async def _round(opened: Store, group: Group, number: int, now: dt.datetime) -> tuple[Spent, list[float]]:
    """Sell every seat of one day, then ask for one more at each time: what it took, and the seconds of each booking until its commit."""
    wishes = iter(await opened.write(_people, TIMES * SEATS + TIMES, now=now))
    opens = slots.midnight(_day(number, now)) + dt.timedelta(minutes=_ALL_DAY[0].opens)
    starts = [opens + dt.timedelta(minutes=30 * place) for place in range(TIMES)]
    wanted = iter(random.Random(SEED + number).sample(starts * SEATS, TIMES * SEATS))  # noqa: S311 (not a secret)
    waits: list[float] = []

    async def book() -> None:
        for starts_at in wanted:
            began = time.perf_counter()
            await opened.write(booking.take, group, starts_at, next(wishes), actor="citizen", now=now)
            waits.append(time.perf_counter() - began)

    watch = Watch()
    await asyncio.gather(*(book() for _ in range(AT_ONCE)))
    spent = watch.stop()
    one_more = [opened.write(booking.take, group, starts_at, next(wishes), actor="citizen", now=now) for starts_at in starts]
    refused = await asyncio.gather(*one_more, return_exceptions=True)
    assert all(isinstance(outcome, errors.SlotTaken) for outcome in refused), refused
    sold = await opened.read(_sold, group, _day(number, now))
    assert sold == dict.fromkeys(starts, (SEATS, SEATS)), "every seat sold once, and none that is not there"
    return spent, waits


def _sold(session: Session, group: Group, day: dt.date) -> dict[dt.datetime, tuple[int, int]]:
    """time → how many bookings, and how many different seats."""
    counted = select(_VISIT.c.starts_at, func.count(), func.count(_VISIT.c.seat.distinct()))
    there = counted.where(_VISIT.c.group_id == group.id, _VISIT.c.day == day, _VISIT.c.state == "booked")
    return {at: (bookings, seats) for at, bookings, seats in session.execute(there.group_by(_VISIT.c.starts_at))}


def _fill(session: Session, busy: list[Group], *, now: dt.datetime) -> None:
    """Bookings as on the next thirty days of a busy center."""
    chance, today = random.Random(SEED), clock.today(now)  # noqa: S311 (not a secret)
    rows = []
    for group in busy:
        for day in slots.of_days(session, group, today, today + dt.timedelta(days=29), now=now):
            for slot, seat in itertools.product(day.slots, range(1, group.seats + 1)):
                if chance.random() < LOAD:
                    rows.append(_booked(group, day.date, slot.starts_at, seat) | {"created_at": now})
    session.execute(_VISIT.insert(), rows)


def _booked(group: Group, day: dt.date, starts_at: dt.datetime, seat: int) -> dict[str, Any]:
    columns: dict[str, Any] = {"center_id": CENTER, "group_id": group.id, "day": day, "state": "booked", "starts_at": starts_at, "seat": seat}
    code = f"{group.letter}{clock.hour(starts_at)}{seat}"
    fresh: dict[str, Any] = {"source": "", "party": 0, "behalf": "", "procedure": "", "priority": "", "returned": False, "calls": 0}
    return {**fresh, **columns, "outcome": "", "missing": "[]", "note": "", "code": code, "token": secrets.token_urlsafe(12)}


async def _look(opened: Store, group: Group, now: dt.datetime) -> float:
    """Seconds until the free times of thirty days are there."""
    today = clock.today(now)
    began = time.perf_counter()
    await opened.read(slots.of_days, group, today, today + dt.timedelta(days=29), now=now)
    return time.perf_counter() - began


def _raw_sqlite(file: Path) -> Spent:
    """What the bare driver takes for one round in one thread, committing as many together as the store does, synchronous FULL."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE visit (id INTEGER PRIMARY KEY, starts_at INTEGER, seat INTEGER, person INTEGER, UNIQUE (starts_at, seat));"
        )
        watch = Watch()
        for person in range(TIMES * SEATS):
            if person % store.GROUP == 0:
                base.execute("BEGIN IMMEDIATE")
            [(taken,)] = base.execute("SELECT count(*) FROM visit WHERE starts_at = ?", (person % TIMES,)).fetchall()
            assert taken < SEATS
            base.execute("INSERT INTO visit (starts_at, seat, person) VALUES (?, ?, ?)", (person % TIMES, taken + 1, person))
            if person % store.GROUP == store.GROUP - 1 or person == TIMES * SEATS - 1:
                base.execute("COMMIT")
        return watch.stop()


def _raw_postgresql(url: str) -> Spent:
    """What the bare driver takes for one round, as many threads as the store has: lock, count, insert, a transaction each."""
    psycopg = late.load("psycopg")
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("DROP TABLE IF EXISTS raw_visit")
        base.execute("CREATE TABLE raw_visit (id BIGSERIAL PRIMARY KEY, starts_at INT, seat INT, person INT, UNIQUE (starts_at, seat))")
    people: queue.SimpleQueue[int] = queue.SimpleQueue()
    for person in range(TIMES * SEATS):
        people.put(person)
    ready = threading.Barrier(store.POSTGRES_THREADS + 1)
    threads = [threading.Thread(target=_raw_clerk, args=(url, people, ready)) for _ in range(store.POSTGRES_THREADS)]
    for thread in threads:
        thread.start()
    ready.wait()
    watch = Watch()
    for thread in threads:
        thread.join()
    spent = watch.stop()
    with psycopg.connect(url) as base:
        assert base.execute("SELECT count(*) FROM raw_visit").fetchone() == (TIMES * SEATS,)
    return spent


def _raw_clerk(url: str, people: queue.SimpleQueue[int], ready: threading.Barrier) -> None:
    with late.load("psycopg").connect(url) as base:
        ready.wait()
        with contextlib.suppress(queue.Empty):
            while True:
                person = people.get_nowait()
                base.execute("SELECT pg_advisory_xact_lock(%s)", (person % TIMES,))
                [(taken,)] = base.execute("SELECT count(*) FROM raw_visit WHERE starts_at = %s", (person % TIMES,)).fetchall()
                assert taken < SEATS
                base.execute("INSERT INTO raw_visit (starts_at, seat, person) VALUES (%s, %s, %s)", (person % TIMES, taken + 1, person))
                base.commit()
