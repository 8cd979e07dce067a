"""Three years of a province for `motcua bench statistics`, made inside the database: millions of rows never pass through Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from bot.db import upsert
from bot.db.day import Center, CounterGroup

AT_ONCE = 200_000  # rows of one statement
PICKS = 997  # a prime: what is picked by remainders does not fall into step with the centers
CHANNELS = ("telegram", "telegram", "zalo_oa", "zalo_oa", "web", "kiosk")
FIELDS = ("ho-tich", "chung-thuc", "cu-tru", "dat-dai", "bao-tro-xa-hoi", "ho-kinh-doanh", "xay-dung", "nguoi-co-cong")
PROCEDURES = tuple((f"1.{number:06}", FIELDS[number % len(FIELDS)]) for number in range(40))
_DAY = 86_400
_OPENS, _OPEN_FOR = 1800, 34_200  # 7:30 in Vietnam, seconds from midnight in Greenwich; until 17:00


@dataclass(frozen=True)
class Size:
    """`last`: the newest local day. For every ten ratings there is one visit with its times, for every twenty a dossier."""

    ratings: int
    centers: int
    days: int
    last: dt.date

    @property
    def first(self) -> dt.date:
        return self.last - dt.timedelta(days=self.days - 1)

    @property
    def names(self) -> list[str]:
        """Of the centers."""
        return [f"c{number:03}" for number in range(self.centers)]


def fill(engine: Engine, size: Size) -> None:
    """Into an empty, migrated database."""
    with engine.begin() as connection:
        _furnish(connection, size)
    for statement, rows in _kinds(engine.dialect.name, size):
        for first in range(0, rows, AT_ONCE):
            with engine.begin() as connection:
                _quick(connection)
                last = min(first + AT_ONCE, rows) - 1
                connection.execute(text(statement), {"first": first, "last": last})
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE bench_pick"))
        connection.execute(text("ANALYZE"))


def _quick(connection: Connection) -> None:
    """What a power cut takes is made again."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL synchronous_commit = off"))


def _furnish(connection: Connection, size: Size) -> None:
    then = dt.datetime.combine(size.first, dt.time(0), dt.UTC)
    about = {"place": "Bench", "week": "{}", "created_at": then}
    connection.execute(insert(upsert.table(Center)), [{"id": name, "name": name, **about} for name in size.names])
    group = {"letter": "A", "name": "A", "fields": "[]", "seats": 4, "slot_minutes": 30, "service_minutes": 10, "active": True}
    connection.execute(insert(upsert.table(CounterGroup)), [{"id": number + 1, "center_id": name, **group} for number, name in enumerate(size.names)])
    connection.execute(text("INSERT INTO procedure_field (code, field) VALUES (:code, :field)"), [{"code": c, "field": f} for c, f in PROCEDURES])
    connection.execute(text("CREATE TABLE bench_pick (place INTEGER PRIMARY KEY, procedure TEXT, field TEXT, channel TEXT)"))
    connection.execute(text("INSERT INTO bench_pick VALUES (:place, :procedure, :field, :channel)"), list(_picks()))


def _picks() -> Iterator[Mapping[str, Any]]:
    """The first procedures come often and the last ones hardly, as in a real center."""
    weights = [1 / (number + 1) for number in range(len(PROCEDURES))]
    often = [round(sum(weights[: number + 1]) / sum(weights) * PICKS) for number in range(len(PROCEDURES))]
    for place in range(PICKS):
        code, field = PROCEDURES[next(number for number, until in enumerate(often) if place < until)]
        yield {"place": place, "procedure": code, "field": field, "channel": CHANNELS[place % len(CHANNELS)]}


def _kinds(dialect: str, size: Size) -> Iterable[tuple[str, int]]:
    """Statement and how many rows it is for."""
    yield _insert(dialect, size, "feedback", _RATING, size.ratings), size.ratings
    yield _insert(dialect, size, "visit", _VISIT, size.ratings // 10), size.ratings // 10
    yield _insert(dialect, size, "dossier", _DOSSIER, size.ratings // 20), size.ratings // 20
    yield _insert(dialect, size, "question", _QUESTION, size.ratings // 500), size.ratings // 500


def _insert(dialect: str, size: Size, table: str, columns: Mapping[str, str], rows: int) -> str:
    """Row n of `rows`: the days one after another, the centers in turn. `h` is a number as good as drawn."""
    began = int(dt.datetime.combine(size.first, dt.time(0), dt.UTC).timestamp())
    epoch = f"{began} + (n * {size.days} / {max(rows, 1)}) * {_DAY} + {_OPENS} + (h / 7) % {_OPEN_FOR}"
    center = f"'c' || substr('000' || (n % {size.centers}), -3)" if dialect == "sqlite" else f"'c' || lpad((n % {size.centers})::text, 3, '0')"
    values = {name: _said(dialect, value) for name, value in ({"center_id": "{center}"} | dict(columns)).items()}
    chosen = ", ".join(value.replace("{center}", center).replace("{group}", f"n % {size.centers} + 1") for value in values.values())
    rows_of = _NUMBERS[dialect]
    return (
        f"INSERT INTO {table} ({', '.join(values)}) WITH {rows_of}, "  # noqa: S608 (nothing of a person's in it)
        f"hashed AS (SELECT n, (n * 2654435761 + 40503) % 4294967291 AS h FROM numbers), drawn AS (SELECT n, h, {epoch} AS s FROM hashed) "
        f"SELECT {chosen} FROM drawn JOIN bench_pick ON place = (h / 3) % {PICKS}"
    )


_NUMBERS = {
    "sqlite": "RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)",
    "postgresql": "numbers AS (SELECT n FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS made(n))",
}
_TRUE = {"sqlite": "0", "postgresql": "FALSE"}


def _said(dialect: str, value: str) -> str:
    """`@x` is the moment x seconds after 1970, `#x` its day: as the dialect's tables hold them."""
    if value[0] not in "@#":
        return {"false": _TRUE[dialect]}.get(value, value)
    if dialect == "sqlite":
        shape = "%Y-%m-%d %H\\:%M\\:%S.000000" if value[0] == "@" else "%Y-%m-%d"
        return f"strftime('{shape}', {value[1:]}, 'unixepoch')"
    moment = f"to_timestamp({value[1:]})"
    return moment if value[0] == "@" else f"CAST({moment} AT TIME ZONE 'UTC' AS date)"


def _level(salt: int) -> str:
    """0 (does not apply) to 5, mostly good."""
    return f"CAST(substr('0122334444455555', CAST((h / {salt}) % 16 AS integer) + 1, 1) AS integer)"


_RATING = {
    "token": "'r' || n", "procedure": "procedure", "field": "field", "channel": "channel", "origin": "'visit'", "comment": "''", "device": "''",
    "reply": "''", "flags": "CASE WHEN (h / 11) % 50 = 0 THEN '[\"seconds\"]' ELSE '[]' END",
    "papers": "CASE WHEN (h / 13) % 40 = 0 THEN '[{\"id\"\\: \"photo' || ((h / 17) % 5) || '\", \"name\"\\: \"Ảnh\"}]' ELSE '[]' END",
    "access": _level(19), "procedures": _level(23), "staff": _level(29), "results": _level(31), "handling": _level(37),
    "asked_at": "@s", "begun_at": "@s + 60", "done_at": "@s + 120", "created_at": "@s",
}  # fmt: skip
_PAPER = '\'[{"id"\\: "paper\' || ((h / 17) % 12) || \'", "name"\\: "", "why"\\: "missing"}]\''
_STAYED_AWAY, _LACKS = "(h / 11) % 12 = 0", "(h / 13) % 6 = 0"
_VISIT = {
    "group_id": "{group}", "day": "#s", "token": "'v' || n", "code": "CAST(n AS text)", "source": "channel", "procedure": "procedure",
    "state": f"CASE WHEN {_STAYED_AWAY} THEN 'no_show' WHEN {_LACKS} THEN 'must_return' ELSE 'done' END",
    "outcome": f"CASE WHEN {_STAYED_AWAY} THEN '' WHEN {_LACKS} THEN 'papers_missing' ELSE 'accepted' END",
    "missing": f"CASE WHEN {_LACKS} THEN {_PAPER} ELSE '[]' END",
    "party": "0", "behalf": "''", "priority": "''", "returned": "false", "calls": "1", "note": "''", "due_at": "@s", "created_at": "@s",
    "called_at": "@s + (h / 41) % 5400", "serving_at": "@s + (h / 41) % 5400 + 60", "ended_at": "@s + (h / 41) % 5400 + 60 + (h / 43) % 1800",
}  # fmt: skip
_DOSSIER = {
    "receipt": "'H' || n", "receipt_key": "'H' || n", "procedure": "procedure", "field": "field", "source": "'visit'", "state": "'returned'",
    "received_at": "@s", "counts_from": "#s", "used_days": "0", "cutoff": "''", "missing": "'[]'", "supplements": "(h / 11) % 4", "changed_at": "@s",
    "missed_due": "#CASE WHEN (h / 13) % 9 = 0 THEN s END", "ready_at": "@s + (h / 17) % 2000000",
}  # fmt: skip
_QUESTION = {
    "group_message_id": "''", "state": "'closed'", "cause": "''", "about": "procedure", "knows": "'{}'", "asked_at": "@s", "due_at": "@s",
    "answered_at": "@s + (h / 11) % 200000", "closed_by": "''", "changed_at": "@s",
}  # fmt: skip
