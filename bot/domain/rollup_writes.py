"""Adds to the rollups: all that changed in one transaction, in the order of the keys, so that two writers never wait for each other in turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import text
from sqlmodel import Session

from bot.db import engines, locks
from bot.db.figures import KEY
from bot.db.prepared import Prepared
from bot.domain import levels
from bot.domain.contributions import Contribution, Detail
from bot.domain.levels import Key, Place

LOCK = ("figures",)  # shared by whoever adds, held by whoever counts anew
Counts = dict[str, int]
Amounts = list[int]  # as contributions.Amount
AMOUNTS = ("n", "waits", "minutes")
DETAIL_KEY = ("kind", *KEY, "item")
DetailKey = tuple[str, Key, str]
AT_ONCE = 2_000


class Change:
    """What is to be added: by place, later by row."""

    def __init__(self) -> None:
        self._counts: dict[Place, Counts] = {}
        self._details: dict[Place, dict[Detail, Amounts]] = {}

    def take(self, contributions: Iterable[Contribution], times: int = 1) -> None:
        """Add these; `times` -1 takes them away."""
        for place, counts, details in contributions:
            mine = self._counts.setdefault(place, {})
            for name, value in counts.items():
                if value:
                    mine[name] = mine.get(name, 0) + times * value
            if details:
                its = self._details.setdefault(place, {})
                for detail, amount in details.items():
                    before = its.get(detail, (0, 0, 0))
                    its[detail] = [old + times * new for old, new in zip(before, amount, strict=True)]

    def counts(self) -> dict[Key, Counts]:
        """By row of the table figure; what comes to nothing is left out. Not to be written into."""
        rows: dict[Key, Counts] = {}
        summed: set[Key] = set()  # rows of more than one place; what is added at one place only is the same for all its rows
        for place, counts in self._counts.items():
            changed = {name: value for name, value in counts.items() if value}
            for key in levels.keys(place, "counts") if changed else ():
                if key not in rows:
                    rows[key] = changed
                    continue
                if key not in summed:
                    summed.add(key)
                    rows[key] = dict(rows[key])
                row = rows[key]
                for name, value in changed.items():
                    row[name] = row.get(name, 0) + value
        return {key: row for key, row in rows.items() if key not in summed or any(row.values())}

    def details(self) -> dict[DetailKey, Amounts]:
        """The same for the table figure_detail."""
        rows: dict[DetailKey, Amounts] = {}
        for place, details in self._details.items():
            for (kind, item), amounts in details.items():
                for key in levels.keys(place, levels.OF_KIND[kind]) if any(amounts) else ():
                    row = rows.setdefault((kind, key, item), [0, 0, 0])
                    for at, value in enumerate(amounts):
                        row[at] += value
        return {key: row for key, row in rows.items() if any(row)}


def add(session: Session, counts: Mapping[Key, Counts], details: Mapping[DetailKey, Amounts]) -> None:
    """Add to what stands there, beside others who do, but not while anybody counts anew."""
    if counts:
        names = sorted({name for row in counts.values() for name in row})
        summed: list[Line] = [(*_plain(key), *[counts[key].get(name, 0) for name in names]) for key in sorted(counts)]
        _write(session, "figure", (*KEY, *names), summed)
    if details:
        amounts: list[Line] = [(kind, *_plain(key), item, *details[kind, key, item]) for kind, key, item in sorted(details)]
        _write(session, "figure_detail", (*DETAIL_KEY, *AMOUNTS), amounts)


def _plain(key: Key) -> tuple[str, ...]:
    level, grain, center, span, procedure, field, channel = key
    return level, grain, center, span.isoformat(), procedure, field, channel


Line = tuple[str | int, ...]  # a row's key, and what is added to its columns


def _write(session: Session, table: str, columns: tuple[str, ...], rows: Sequence[Line]) -> None:
    """In this order."""
    if (session.bind or session.get_bind()).dialect.name != "postgresql":
        engines.driver(session.connection()).executemany(_sqlite(table, columns), rows)
        return
    for start in range(0, len(rows), AT_ONCE):
        given = dict(zip(columns, zip(*rows[start : start + AT_ONCE], strict=True), strict=True))
        alike = {name: values[0] for name, values in given.items() if isinstance(values[0], int) and len(set(values)) == 1}
        listed = {name: _array(values) for name, values in given.items() if name not in alike}
        _postgres(table, columns, tuple(alike)).run(session, **listed, **alike, lock=locks.number(LOCK))


def _array(values: Iterable[str | int]) -> str:
    """As PostgreSQL writes one; drivers take five times as long for a list."""
    return "{" + ",".join(str(value) if isinstance(value, int) else _quoted(value) for value in values) + "}"


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@lru_cache(maxsize=256)
def _sqlite(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {_or_add(table, columns)}"  # noqa: S608 (names of columns)


@lru_cache(maxsize=256)
def _postgres(table: str, columns: tuple[str, ...], alike: tuple[str, ...]) -> Prepared:
    """All rows, and the lock, in one trip to the server. `alike`: the numbers that are the same in every row, and said once."""
    values = ", ".join(f"CAST(:{name} AS integer)" if name in alike else f"k.{name}" for name in columns)
    listed = [name for name in columns if name not in alike]
    kinds = {name: "date" if name == "span" else "text" for name in DETAIL_KEY}
    arrays = ", ".join(f"CAST(:{name} AS {kinds.get(name, 'integer')}[])" for name in listed)
    held = "(SELECT pg_advisory_xact_lock_shared(CAST(:lock AS bigint))) AS held"
    told = f"SELECT {values} FROM {held}, unnest({arrays}) AS k({', '.join(listed)})"  # noqa: S608 (names of columns)
    return Prepared(text(f"INSERT INTO {table} ({', '.join(columns)}) {told} {_or_add(table, columns)}"))


def _or_add(table: str, columns: Sequence[str]) -> str:
    key = [name for name in columns if name in DETAIL_KEY]
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in columns if name not in DETAIL_KEY)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
