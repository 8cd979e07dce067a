"""`motcua bench statistics`: every page of figures over ten million ratings, beside the same numbers from the raw rows; and what a rating pays."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import itertools
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError
from sqlmodel import Session

from bot import clock
from bot.bench import databases, manager_pages, measure, ratings, replay
from bot.bench.manager_pages import PAGES, Look, Page
from bot.bench.measure import Figures, Measured
from bot.bench.ratings import Size
from bot.console.figures_asked import KINDS, Asked
from bot.console.figures_words import Names
from bot.db import schema, upsert
from bot.db.columns import Moment
from bot.db.day import Visit as VisitRow
from bot.db.store import Store
from bot.domain import feedback, periods, rebuilding, rollups, visits
from bot.domain.feedback import FACTORS, Giver
from bot.domain.visits import Visit
from bot.settings import Settings
from procedures import loader

RATINGS = 10_000_000
CENTERS, DAYS = 100, 3 * 365
LOOKS = 90  # at each page: every kind of period with every kind of filter three times
RAW_LOOKS = 3
GIVEN = 500  # ratings with rollups, and as many without
SEED = 20261122
_FILTERS = ((), ("field",), ("procedure",), ("channel",), ("field", "channel"), ("procedure", "channel"))
_VISITS = upsert.table(VisitRow)


def run(settings: Settings, _data: Path = loader.DATA, *, size: Size | None = None, looks: int = LOOKS, given: int = GIVEN) -> Measured:
    """On SQLite in the data folder; also on PostgreSQL when that is configured. The rows and their rollups are made first."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    size = size or Size(RATINGS, CENTERS, DAYS, clock.today(clock.now()))
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as place:
        figures_, baseline = _measured(f"sqlite:///{place}/statistics.db", size, looks, given)
    if settings.database.startswith("postgresql"):
        ours, raw = _on_postgresql(settings.database, size, looks, given)
        figures_, baseline = {**figures_, **ours}, {**baseline, **raw}
    return Measured("statistics", {**figures_, "load_average": measure.load_average()}, baseline, _ratio(figures_, baseline))


def _ratio(ours: Figures, raw: Figures) -> Figures:
    """The queries of the slowest page beside the raw numbers of the province over all years."""
    found = {}
    for kind in ("", "postgresql_"):
        if f"{kind}raw_province_ms_p50" in raw:
            share = float(ours[f"{kind}slowest_page_queries_ms_p95"]) / float(raw[f"{kind}raw_province_ms_p50"])
            found[f"{kind}slowest_page_to_raw_province"] = round(share, 5)
    return found


def _on_postgresql(database: str, size: Size, looks: int, given: int) -> tuple[Figures, Figures]:
    try:
        with databases.fresh(database) as url:
            found = _measured(url, size, looks, given)
    except SQLAlchemyError as error:
        return {"postgresql": f"no database of its own can be made there: {str(error).splitlines()[0]}"}, {}
    ours, raw = ({f"postgresql_{name}": value for name, value in part.items()} for part in found)
    return ours, raw


def _measured(url: str, size: Size, looks: int, given: int) -> tuple[Figures, Figures]:
    store = Store(url)
    try:
        schema.upgrade(store.engine)
        fill_s = _seconds(lambda: ratings.fill(store.engine, size))
        rebuild_s = _seconds(lambda: asyncio.run(_rebuild(store)))
        memory = measure.memory_mb()
        _tidy(store.engine)
        with store.engine.connect() as connection:
            rows = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("figure", "figure_detail")}  # noqa: S608
        made: Figures = {"ratings": size.ratings, "fill_s": round(fill_s, 1), "rebuild_s": round(rebuild_s, 1), "rebuild_memory_mb": memory}
        pages = _pages(store.engine, size, looks)
        paid = _paid(store.engine, given)
        return {**made, **{f"{name}_rows": number for name, number in rows.items()}, **pages, **paid}, _raw(store.engine, size)
    finally:
        store.close()


def _tidy(engine: Engine) -> None:
    """As a database in service is: PostgreSQL would clean up after so many new rows, and write them down, in the middle of what is measured."""
    if engine.dialect.name != "postgresql":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        with contextlib.suppress(ProgrammingError):  # not everybody may ask for it
            connection.execute(text("CHECKPOINT"))


async def _rebuild(store: Store) -> None:
    """As the command does it; here every number is a difference."""
    async for _ in rebuilding.everything(store):
        pass


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# pages


class Spent(NamedTuple):
    """Seconds, and those of them this process was at work: a busy machine does not change the latter, and a database server is not in it."""

    wall: float
    cpu: float


class _Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began, self._worked = time.perf_counter(), time.process_time()

    def stop(self) -> Spent:
        return Spent(time.perf_counter() - self._began, time.process_time() - self._worked)


def _pages(engine: Engine, size: Size, looks: int) -> Figures:
    found: dict[str, float | int | str] = {}
    slowest: list[tuple[float, str]] = []
    names = manager_pages.names(size)
    for name, page in PAGES.items():
        seen = [(*_look(engine, page, look, names), look) for look in itertools.islice(_looks(size), looks)]
        for kind, seconds in (("", [spent.wall for spent, _, _ in seen]), ("queries_", [queries for _, queries, _ in seen])):
            found |= {f"{name}_{kind}ms_p50": measure.percentile_ms(seconds, 0.5), f"{name}_{kind}ms_p95": measure.percentile_ms(seconds, 0.95)}
        slowest.append(max((spent.wall, f"{name}: {look}") for spent, _, look in seen))
    worst = {f"slowest_page_{kind}ms_p95": max(float(found[f"{name}_{kind}ms_p95"]) for name in PAGES) for kind in ("", "queries_")}
    return {**found, **worst, "slowest_look_ms": round(max(slowest)[0] * 1000, 3), "slowest_look": max(slowest)[1]}


def _looks(size: Size) -> Iterator[Look]:
    """Periods of every kind with filters of every kind, in turn and without end; which center, when and of what is drawn."""
    chance = random.Random(SEED)  # noqa: S311 (not a secret)
    for kind, wanted in itertools.cycle(itertools.product(KINDS, _FILTERS)):
        period = periods.of(KINDS[kind], size.first + dt.timedelta(days=chance.randrange(size.days)))
        code, field = chance.choice(ratings.PROCEDURES[:20])
        drawn = {"field": field, "procedure": code, "channel": chance.choice(ratings.CHANNELS)}
        yield Look(chance.choice(size.names), Asked(kind, period, **{name: drawn[name] for name in wanted}))


def _look(engine: Engine, page: Page, look: Look, names: Names) -> tuple[Spent, float]:
    """For the whole page, and then the seconds of its queries alone."""
    with engine.connect() as connection, Session(connection) as session:
        with replay.noted(connection) as asked:
            watch = _Watch()
            page(session, look, names)
            spent = watch.stop()
        return spent, replay.again(connection, asked)


# the same from the raw rows

_MEANS = ", ".join(f"count(NULLIF({factor}, 0)), sum({factor}), sum({factor} * {factor})" for factor in FACTORS)
_RAW = (
    f"SELECT center_id, count(done_at), count(asked_at), {_MEANS} FROM feedback WHERE created_at >= :first AND created_at < :until GROUP BY center_id"  # noqa: S608
)


def _raw(engine: Engine, size: Size) -> Figures:
    """Ratings alone, of every center: one statement of the several a page needs."""
    found: dict[str, float | int | str] = {}
    for name, days in (("raw_province", size.days), ("raw_province_year", 365), ("raw_province_week", 7)):
        first = size.last - dt.timedelta(days=days - 1)
        seconds = [_seconds(functools.partial(_aggregate, engine, first, size.last)) for _ in range(RAW_LOOKS)]
        found[f"{name}_ms_p50"] = measure.percentile_ms(seconds, 0.5)
    return found


def _aggregate(engine: Engine, first: dt.date, last: dt.date) -> None:
    asked = text(_RAW).bindparams(bindparam("first", type_=Moment), bindparam("until", type_=Moment))
    with engine.connect() as connection:
        connection.execute(asked, {"first": _midnight(first), "until": _midnight(last + dt.timedelta(days=1))}).all()


def _midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(0), clock.VIETNAM).astimezone(dt.UTC)


# what a rating pays


def _paid(engine: Engine, given: int) -> Figures:
    """Milliseconds of a whole rating (begun, five levels, ended) and of its end alone, with rollups and without, in turn; medians.

    Nothing waits for the disk here: that a rating pays either way.
    """
    with engine.connect() as connection, _unsynced(connection):
        with Session(connection) as session:
            newest = select(*visits.COLUMNS).where(_VISITS.c.state == "done").order_by(_VISITS.c.id.desc()).limit(4 * given)
            unrated = visits.found(session, newest)
            session.rollback()
        spent: dict[str, list[Spent]] = {"whole": [], "whole_without": [], "end": [], "end_without": []}
        for number, visit in enumerate(unrated):
            with contextlib.nullcontext() if number % 2 == 0 else _without_rollups():
                name = ("whole", "whole_without", "end", "end_without")[number % 4]
                spent[name].append(_rate(connection, visit, end_only=name.startswith("end")))
    walls = {name: measure.percentile_ms([one.wall for one in many], 0.5) for name, many in spent.items()}
    cpus = {name: measure.percentile_ms([one.cpu for one in many], 0.5) for name, many in spent.items()}
    return {
        "rating_ms": walls["whole"],
        "rating_without_rollups_ms": walls["whole_without"],
        "added_to_a_rating_ms": round(walls["whole"] - walls["whole_without"], 3),
        "added_to_a_rating_cpu_ms": round(cpus["whole"] - cpus["whole_without"], 3),
        "added_to_its_end_ms": round(walls["end"] - walls["end_without"], 3),
        "added_to_its_end_cpu_ms": round(cpus["end"] - cpus["end_without"], 3),
    }


def _rate(connection: Connection, visit: Visit, *, end_only: bool) -> Spent:
    now = clock.now()
    levels = {factor: 1 + (visit.id + place) % 5 for place, factor in enumerate(FACTORS)}
    watch = _Watch()
    with Session(connection) as session, session.begin():
        row = feedback.start(session, visit, ratings.FIELDS[0], Giver("web"), now=now)
        feedback.rate(session, row, levels, now=now)
        if not end_only:
            feedback.finish(session, row, now=now)
    if end_only:
        watch = _Watch()
        with Session(connection) as session, session.begin():
            feedback.finish(session, row, now=now)
    return watch.stop()


@contextlib.contextmanager
def _without_rollups() -> Iterator[None]:
    """What the rows count for is nobody's concern."""
    kept = {name: getattr(rollups, name) for name in ("touch", "born")}
    for name in kept:
        setattr(rollups, name, lambda *_rows: None)
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(rollups, name, function)


@contextlib.contextmanager
def _unsynced(connection: Connection) -> Iterator[None]:
    """A commit of this connection does not wait for the disk."""
    driver: Any = connection.connection.dbapi_connection
    said = "PRAGMA synchronous=" if connection.dialect.name == "sqlite" else "SET synchronous_commit="
    driver.execute(f"{said}OFF")
    driver.commit()
    try:
        yield
    finally:
        driver.execute(f"{said}{'FULL' if connection.dialect.name == 'sqlite' else 'ON'}")
        driver.commit()
