"""Adds to the rollups: all that changed in one transaction, in the order of the keys, so that two writers never wait for each other in turn."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

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
AT_ONCE = 500


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

    def counts(self, only: str = "") -> dict[Key, Counts]:
        """By row of the table figure, of `only` the center itself or all of them; what comes to nothing is left out."""
        rows: dict[Key, Counts] = {}
        for place, counts in self._counts.items():
            changed = {name: value for name, value in counts.items() if value}
            for key in levels.keys(place, "counts", only) if changed else ():
                row = rows.setdefault(key, {})
                for name, value in changed.items():
                    row[name] = row.get(name, 0) + value
        return {key: row for key, row in rows.items() if any(row.values())}

    def details(self, only: str = "") -> dict[DetailKey, Amounts]:
        """The same for the table figure_detail."""
        rows: dict[DetailKey, Amounts] = {}
        for place, details in self._details.items():
            for (kind, item), amounts in details.items():
                for key in levels.keys(place, levels.OF_KIND[kind], only) if any(amounts) else ():
                    row = rows.setdefault((kind, key, item), [0, 0, 0])
                    for at, value in enumerate(amounts):
                        row[at] += value
        return {key: row for key, row in rows.items() if any(row)}


def add(session: Session, counts: Mapping[Key, Counts], details: Mapping[DetailKey, Amounts]) -> None:
    """Add to what stands there, beside others who do, but not while anybody counts anew."""
    if counts:
        names = tuple(sorted({name for row in counts.values() for name in row}))
        _write(session, _Form("figure", KEY, names), [(_plain(key), tuple(counts[key].get(name, 0) for name in names)) for key in sorted(counts)])
    if details:
        rows = [((kind, *_plain(key), item), tuple(details[kind, key, item])) for kind, key, item in sorted(details)]
        _write(session, _Form("figure_detail", DETAIL_KEY, AMOUNTS), rows)


def _plain(key: Key) -> tuple[str, ...]:
    level, grain, center, span, procedure, field, channel = key
    return level, grain, center, span.isoformat(), procedure, field, channel


class _Form(NamedTuple):
    """Which columns of which table are added to."""

    table: str
    key: tuple[str, ...]
    names: tuple[str, ...]


Line = tuple[tuple[str, ...], tuple[int, ...]]  # a row's key, and what is added to its columns


def _write(session: Session, form: _Form, rows: Sequence[Line]) -> None:
    """In this order."""
    if (session.bind or session.get_bind()).dialect.name != "postgresql":
        engines.driver(session.connection()).executemany(_sqlite(form), [(*key, *values) for key, values in rows])
        return
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        place = {values: number for number, values in enumerate(dict.fromkeys(values for _, values in some))}
        vectors = [{"v": number, **dict(zip(form.names, values, strict=True))} for values, number in place.items()]
        keys = [(*key, place[values]) for key, values in some]
        _postgres(form).run(session, keys=json.dumps(keys), vectors=json.dumps(vectors), lock=locks.number(LOCK))


@lru_cache(maxsize=256)
def _sqlite(form: _Form) -> str:
    columns = (*form.key, *form.names)
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {form.table} ({', '.join(columns)}) VALUES ({places}) {_or_add(form)}"  # noqa: S608 (names of columns)


@lru_cache(maxsize=256)
def _postgres(form: _Form) -> Prepared:
    """All rows, and the lock, in one trip to the server. Most rows have the same numbers added, which are sent once."""
    key = ", ".join(f"CAST(k.one->>{at} AS {'date' if name == 'span' else 'text'})" for at, name in enumerate(form.key))
    values = ", ".join(f"v.{name}" for name in form.names)
    listed = "json_array_elements(CAST(:keys AS json)) WITH ORDINALITY AS k(one, at)"
    vectors = f"json_to_recordset(CAST(:vectors AS json)) AS v(v integer, {', '.join(f'{name} bigint' for name in form.names)})"
    held = "(SELECT pg_advisory_xact_lock_shared(CAST(:lock AS bigint))) AS held"
    told = f"SELECT {key}, {values} FROM {held}, {listed} JOIN {vectors} ON v.v = CAST(k.one->>{len(form.key)} AS integer) ORDER BY k.at"  # noqa: S608
    return Prepared(text(f"INSERT INTO {form.table} ({', '.join((*form.key, *form.names))}) {told} {_or_add(form)}"))


def _or_add(form: _Form) -> str:
    return f"ON CONFLICT ({', '.join(form.key)}) DO UPDATE SET {', '.join(f'{name} = {form.table}.{name} + excluded.{name}' for name in form.names)}"
