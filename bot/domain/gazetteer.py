"""The table of places: today's units and the former communes, read on first use and found by their names without marks and spaces."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from procedures.text import fold

FOLDER = Path(__file__).parent / "data"
_SHORT_Y = re.compile(r"^(h|k|l|m|s|t|v|qu)y$")
_KINDS = {"xa": "xã", "phuong": "phường", "thitran": "thị trấn"}


class Unit(NamedTuple):
    """One commune of today."""

    code: str
    kind: str
    name: str
    province: str


class Place(NamedTuple):
    """A former commune and the units it lies in today: several when it was split. `today`: not a former one but such a unit itself."""

    code: str
    kind: str
    name: str
    district: str
    province: str
    units: tuple[Unit, ...]
    today: bool = False


class Named(NamedTuple):
    """A place under one of its names, and what it was then. `older`: a name that was gone before July 2025."""

    place: Place
    kind: str
    older: bool


class Area(NamedTuple):
    """A former district, or a former province: then without a district."""

    district: str
    province: str


class Source(NamedTuple):
    package: str
    version: str
    as_of: dt.date


class Table:
    """All places by key. Rows become objects only when they are asked for: reading ten thousand shall take no time."""

    def __init__(self) -> None:
        self.source = _source()
        self.areas: dict[str, list[Area]] = {}
        self._keys: dict[Area, frozenset[str]] = {}
        self._units = list(_rows("units.csv"))
        self._former = list(_rows("former.csv"))
        self._unit_at = {row[0]: index for index, row in enumerate(self._units)}
        self._own = _by_key(self._former, 6)
        self._today = _by_key(self._units[_provinces(self._units) :], 4)
        self._named: dict[str, Sequence[Named]] = {}
        self._older: dict[str, list[tuple[str, list[str]]]] = {}
        for row in self._former:
            if row[7]:
                self._add_older(row)
        for district, province, keys in _rows("areas.csv"):
            self._add_area(Area(district, province), keys.split())

    def _add_older(self, row: list[str]) -> None:
        for name in row[7].split():
            kind, _, key = name.partition("/")
            self._older.setdefault(key, []).append((kind, row))

    def _add_area(self, area: Area, keys: Sequence[str]) -> None:
        self._keys[area] = frozenset(keys)
        for key in keys:
            self.areas.setdefault(key, []).append(area)

    def place(self, code: str) -> Place | None:
        """Former communes have a code of their own; N before the code makes it one of today's."""
        if code.startswith("N"):
            return self._of_today(code[1:]) if len(code) == 6 and code[1:] in self._unit_at else None
        row = self._former_by_code.get(code)
        return self._place(row) if row is not None else None

    @cached_property
    def _former_by_code(self) -> Mapping[str, list[str]]:
        return {row[0]: row for row in self._former}

    def unit(self, code: str) -> Unit:
        _, kind, name, province, _ = self._units[self._unit_at[code]]
        _, province_kind, province_name, _, _ = self._units[self._unit_at[province]]
        return Unit(code, kind, name, f"{province_kind} {province_name}")

    def named(self, key: str) -> Sequence[Named]:
        """Every place that goes by this name, or went by it."""
        if key in self._named or not self.knows(key):
            return self._named.get(key, ())
        return self._named.setdefault(key, self._look_up(key))

    def _look_up(self, key: str) -> Sequence[Named]:
        own = [Named(self._place(row), row[1], older=False) for row in self._own.get(key, ())]
        # The same name under another kind is no older name: a xã that had become a phường before.
        older = [Named(self._place(row), _KINDS[kind], older=row[6] != key) for kind, row in self._older.get(key, ())]
        today = [Named(self._of_today(row[0]), row[1], older=False) for row in self._today.get(key, ())]
        return [*own, *older, *today]

    def knows(self, key: str) -> bool:
        return key in self._own or key in self._today or key in self._older

    @cached_property
    def names(self) -> Mapping[int, Sequence[str]]:
        """The keys of all names but the older ones and the numbers, by their length."""
        return _by_length({**self._own, **self._today})

    @cached_property
    def area_names(self) -> Mapping[int, Sequence[str]]:
        return _by_length(self.areas)

    def around(self, place: Place) -> Mapping[str, int]:
        """The keys of everything around a place, former district and province and today's provinces, and how many go by each."""
        found: Counter[str] = Counter()
        for area in {Area(place.district, place.province), Area("", place.province), *(Area("", unit.province) for unit in place.units)}:
            found.update(self._keys[area])
        return found

    def is_district_of(self, key: str, place: Place) -> bool:
        return bool(place.district) and key in self._keys[Area(place.district, place.province)]

    def is_former_province_of(self, key: str, place: Place) -> bool:
        return key in self._keys[Area("", place.province)]

    def keys_of(self, area: Area) -> frozenset[str]:
        """The keys of a district and its province, or of a province."""
        return self._keys[area] | self._keys[Area("", area.province)]

    def became(self, area: Area) -> list[Unit]:
        """Today's units of what was a district or province."""
        rows = [row for row in self._former if row[4] == area.province and area.district in ("", row[3])]
        return [self.unit(code) for code in sorted({part for row in rows for part in row[5].split()})]

    def made_of(self, unit: Unit) -> list[Place]:
        """The former communes that lie in a unit of today, whole or in part."""
        return [self._place(row) for row in self._former if unit.code in row[5]]

    def _place(self, row: list[str]) -> Place:
        code, kind, name, district, province, units, _, _ = row
        return Place(code, kind, name, district, province, tuple(self.unit(part) for part in units.split()))

    def _of_today(self, code: str) -> Place:
        unit = self.unit(code)
        return Place(f"N{code}", unit.kind, unit.name, "", unit.province, (unit,), today=True)


@cache
def table() -> Table:
    """The table, read once."""
    return Table()


def key(name: str) -> str:
    """Đắk R'Lấp: dakrlap."""
    return "".join(even(word) for word in fold(name.replace("'", "").replace("\u2019", "")).split())


def commune_key(kind: str, name: str) -> str:
    """As `key`; a number keeps its kind: phuong12."""
    return key(f"{kind} {name}") if name.isdecimal() else key(name)


@lru_cache(maxsize=5_000)
def even(word: str) -> str:
    """One spelling for ky and ki."""
    return f"{word[:-1]}i" if _SHORT_Y.match(word) else word


def _by_key(rows: Sequence[list[str]], column: int) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _by_length(keys: Iterable[str]) -> Mapping[int, Sequence[str]]:
    found: dict[int, list[str]] = {}
    for name in keys:
        if not name[-1].isdecimal():
            found.setdefault(len(name), []).append(name)
    return found


def _provinces(units: Sequence[list[str]]) -> int:
    """They stand first."""
    return next(index for index, row in enumerate(units) if row[3])


def _rows(file: str) -> Iterator[list[str]]:
    with (FOLDER / file).open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        next(rows)
        yield from rows


def _source() -> Source:
    read: Mapping[str, object] = yaml.safe_load((FOLDER / "source.yaml").read_text(encoding="utf-8"))
    as_of = read["as_of"]
    assert isinstance(as_of, dt.date)
    return Source(str(read["package"]), str(read["version"]), as_of)
