"""Adds to the rollups: all that changed in one transaction, in the order of the keys, so that two writers never wait for each other in turn."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import text
from sqlmodel import Session

from bot.db import engines, locks
from bot.db.figures import KEY
from bot.db.last_word import LastWord
from bot.db.prepared import Prepared, connection_of
from bot.domain import levels
from bot.domain.contributions import Contribution, Detail
from bot.domain.levels import Key, Place

LOCK = ("figures",)  # shared by whoever adds, held by whoever counts anew
_LOCK = locks.number(LOCK)
_GIVEN = "(SELECT pg_advisory_xact_lock_shared(CAST(:lock AS bigint)), CAST(:numbers AS bigint[]) AS numbers) AS given"
Counts = dict[str, int]
Amounts = list[int]  # as contributions.Amount
AMOUNTS = ("n", "waits", "minutes")
_KEYS = {"figure": KEY, "figure_detail": ("kind", *KEY, "item")}
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

    def places(self) -> dict[Place, Counts]:
        """Where counters change, and by how much; what comes to nothing is left out."""
        changed = {place: {name: value for name, value in counts.items() if value} for place, counts in self._counts.items()}
        return {place: counts for place, counts in changed.items() if counts}

    def counts(self) -> dict[Key, Counts]:
        """By row of the table figure; what comes to nothing is left out. Not to be written into."""
        rows: dict[Key, Counts] = {}
        summed: set[Key] = set()  # rows of more than one place; what is added at one place only is the same for all its rows
        for place, changed in self.places().items():
            for key in levels.keys(place, "counts"):
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


def add(session: Session, change: Change, *, last: bool = False) -> None:
    """Add to what stands there, beside others who do, but not while anybody counts anew. `last`: the commit comes next."""
    places = change.places()
    add_rows(session, change.counts() if len(places) > 1 else {}, change.details())
    if len(places) == 1:  # as it is nearly always
        [(place, counts)] = places.items()
        _add_at(session, place, counts, last=last)


def add_rows(session: Session, counts: Mapping[Key, Counts], details: Mapping[DetailKey, Amounts]) -> None:
    """The same by row. The details come first, here as everywhere: the counts may be a transaction's last word."""
    if details:
        told = sorted(details)
        plain = [(kind, *_plain(key), item) for kind, key, item in told]
        _write(session, "figure_detail", plain, names=AMOUNTS, numbers=[details[one] for one in told])
    if counts:
        keys = sorted(counts)
        names = tuple(sorted(set().union(*counts.values())))
        numbers = [[counts[key].get(name, 0) for name in names] for key in keys]
        _write(session, "figure", [_plain(key) for key in keys], names=names, numbers=numbers)


def _plain(key: Key) -> tuple[str, ...]:
    level, grain, center, span, procedure, field, channel = key
    return level, grain, center, _date(span), procedure, field, channel


@lru_cache(maxsize=512)
def _date(span: dt.date) -> str:
    return span.isoformat()


# at one place


def _add_at(session: Session, place: Place, counts: Counts, *, last: bool) -> None:
    """All rows of a place change alike; PostgreSQL, which takes long for a list, is told the place and makes the keys itself."""
    names = tuple(sorted(counts))
    numbers = [counts[name] for name in names]
    if not engines.of_postgresql(session):
        rows = [(*_plain(key), *numbers) for key in levels.keys(place, "counts")]
        engines.driver(connection_of(session)).executemany(_sqlite("figure", names), rows)
        return
    center, day, procedure, field, channel = place
    where = {"center": center, "day": _date(day), "month": _date(day.replace(day=1)), "procedure": procedure, "field": field, "channel": channel}
    adding = _postgres_at(names)
    (adding.say if last else adding.at_once.run)(session, **where, numbers=_listed(numbers), lock=_LOCK)


@lru_cache(maxsize=256)
def _postgres_at(names: tuple[str, ...]) -> LastWord:
    """In the order of the keys, which is the same for every place."""
    rows = ", ".join([f"({_made(key)})" for key in sorted(levels.keys(_ANY, "counts"))])
    told = ", ".join([*(f"row.{name}" for name in KEY), *(f"given.numbers[{at}]" for at in range(1, len(names) + 1))])
    source = f"SELECT {told} FROM {_GIVEN}, (VALUES {rows}) AS row({', '.join(KEY)})"  # noqa: S608 (names of columns)
    return LastWord(text(f"INSERT INTO figure ({', '.join((*KEY, *names))}) {source} {_or_add('figure', names)}"))


_ANY = Place("center", dt.date.min, "procedure", "field", "channel")


def _made(key: Key) -> str:
    """Of a row of `_ANY`: the same row of the place a statement is given."""
    level, grain, _, _, *words = key
    given = [f"CAST(:{word} AS text)" if word else "''" for word in words]
    return ", ".join([f"'{level}'", f"'{grain}'", "CAST(:center AS text)", f"CAST(:{grain} AS date)", *given])


# at several


def _write(session: Session, table: str, keys: Sequence[tuple[str, ...]], *, names: tuple[str, ...], numbers: Sequence[Sequence[int]]) -> None:
    """In this order. `numbers` to be added to the columns `names` of each row."""
    if not engines.of_postgresql(session):
        engines.driver(connection_of(session)).executemany(_sqlite(table, names), [(*key, *row) for key, row in zip(keys, numbers, strict=True)])
        return
    for start in range(0, len(keys), AT_ONCE):
        words = zip(*keys[start : start + AT_ONCE], strict=True)
        arrays = {name: _array(listed) for name, listed in zip(_KEYS[table], words, strict=True)}
        listed = _listed(itertools.chain.from_iterable(numbers[start : start + AT_ONCE]))
        _postgres(table, names).run(session, **arrays, numbers=listed, lock=_LOCK)


def _array(words: Sequence[str]) -> str:
    joined = '","'.join(words)
    if "\\" in joined or joined.count('"') != 2 * (len(words) - 1):
        joined = '","'.join([word.replace("\\", "\\\\").replace('"', '\\"') for word in words])
    return f'{{"{joined}"}}'


@lru_cache(maxsize=256)
def _postgres(table: str, names: tuple[str, ...]) -> Prepared:
    """All rows, and the lock, in one trip to the server."""
    of = _KEYS[table]
    words = ", ".join(f"CAST(:{name} AS {'date' if name == 'span' else 'text'}[])" for name in of)
    numbers = (f"given.numbers[{len(names)} * (row.place - 1) + {at}]" for at in range(1, len(names) + 1))
    told = ", ".join([*(f"row.{name}" for name in of), *numbers])
    source = f"SELECT {told} FROM {_GIVEN}, unnest({words}) WITH ORDINALITY AS row({', '.join(of)}, place)"  # noqa: S608 (names of columns)
    return Prepared(text(f"INSERT INTO {table} ({', '.join((*of, *names))}) {source} {_or_add(table, names)}"))


# both


@lru_cache(maxsize=256)
def _sqlite(table: str, names: tuple[str, ...]) -> str:
    columns = (*_KEYS[table], *names)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) {_or_add(table, names)}"  # noqa: S608 (names of columns)


def _listed(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes an array; drivers take five times as long for a list."""
    return f"{{{','.join(map(str, numbers))}}}"


def _or_add(table: str, names: Sequence[str]) -> str:
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in names)
    return f"ON CONFLICT ({', '.join(_KEYS[table])}) DO UPDATE SET {added}"
