"""The centers this installation serves: what the operator's file says of them, and the hours staff keep in the console."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import or_, select, update
from sqlmodel import Session

from bot import clock, errors, numbers
from bot.db import day as tables
from bot.db import upsert
from bot.domain import gazetteer, hours
from bot.domain.hours import DayHours, Exception_, Week
from bot.texts import t

SAMPLE_FILE = Path(__file__).parent / "sample_center.yaml"
DEFAULT_ID = "trung-tam"
EARTH_METRES = 6_371_000
MAP = "https://www.google.com/maps/search/?"  # https://developers.google.com/maps/documentation/urls/get-started#search-action

_CENTER, _GROUP = upsert.table(tables.Center), upsert.table(tables.CounterGroup)
_COUNTER, _EXCEPTION = upsert.table(tables.Counter), upsert.table(tables.DayException)


def _week(value: object) -> object:
    """{mon-fri: "7:30-11:30, 13:30-17:00", sat: …}; a day that is not named is closed."""
    if isinstance(value, Week):
        return value
    if not isinstance(value, dict):
        raise ValueError('wants days with their hours, such as {mon-fri: "7:30-11:30, 13:30-17:00"}')
    spans: dict[str, hours.Spans] = {}
    for key, typed in value.items():
        for day in _days(str(key)):
            if day in spans:
                raise ValueError(f"{day} is named twice")
            spans[day] = _typed(key, typed)
    return Week(tuple(spans.get(day, ()) for day in hours.DAYS))


def _days(key: str) -> Sequence[str]:
    first, _, last = (part.strip().lower() for part in key.partition("-"))
    names = hours.DAYS
    if first not in names or (last or first) not in names or names.index(last or first) < names.index(first):
        raise ValueError(f"{key!r} is no day or range of days: mon, tue, wed, thu, fri, sat, sun, such as mon-fri")
    return names[names.index(first) : names.index(last or first) + 1]


def _typed(key: object, typed: object) -> hours.Spans:
    if not isinstance(typed, str | None):
        raise ValueError(f'{key}: wants text in quotes, such as "7:30-11:30, 13:30-17:00"')
    try:
        return hours.parse(typed or "")
    except hours.NotHours as error:
        raise ValueError(f"{key}: {error}") from None


def _not_from_a_file(_value: object) -> object:
    raise ValueError("Extra inputs are not permitted")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Model):
    """Where a map shows it, in degrees."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class GroupPlan(_Model):
    """Counters that share one series of tickets, as they are set up the first time (domain.counters.Group)."""

    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    name: Annotated[str, Field(min_length=1)]
    fields: tuple[str, ...] = ()
    seats: Annotated[int, Field(ge=1, le=500)] = 4
    slot_minutes: Annotated[int, Field(ge=5, le=240)] = 30
    service_minutes: Annotated[int, Field(ge=1, le=240)] = 10


class CounterPlan(_Model):
    """A counter, as it is set up the first time. `serves`: letters of groups."""

    number: Annotated[int, Field(ge=1, le=999)]
    serves: Annotated[tuple[str, ...], Field(min_length=1)]


class Center(_Model):
    """One center, as its sign says. A sample is labelled as such wherever its name stands. `police`, `military`: where those offices sit.

    `week` and `different` are what staff last set, a few seconds old at most; the file's week is only where they begin.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)] = DEFAULT_ID
    name: Annotated[str, Field(min_length=1)]
    place: Annotated[str, Field(min_length=1)]
    address: Annotated[str, Field(min_length=1)]
    phone: str = ""
    police: str = ""
    military: str = ""
    sample: bool = False
    commune: str = ""
    map: Position | None = None
    week: Annotated[Week, BeforeValidator(_week)]
    groups: tuple[GroupPlan, ...] = (GroupPlan(letter="A", name="Tiếp nhận hồ sơ"),)
    counters: tuple[CounterPlan, ...] = (CounterPlan(number=1, serves=("A",)),)
    different: Annotated[Mapping[dt.date, Exception_], BeforeValidator(_not_from_a_file)] = {}

    @property
    def hours(self) -> str:
        """The week in words."""
        return f"{hours.text(self.week)} {t('hours.holidays')}"

    def day(self, date: dt.date) -> DayHours:
        return hours.of_day(self.week, self.different, date)

    def now_line(self, now: dt.datetime) -> str:
        """ "Đang mở đến 11:30." """
        today = clock.today(now)
        dates = [today + dt.timedelta(days=days) for days in range(hours.AHEAD)]
        return hours.now_line({date: self.day(date) for date in dates}, now=now)


def read(file: Path | None, fields: Collection[str] | None = None) -> tuple[Center, ...]:
    """The centers described in `file`, or the sample one; `fields` are those of the catalog. Raises SettingsInvalid, a line a mistake."""
    source = file or SAMPLE_FILE
    try:
        documents = [document for document in yaml.safe_load_all(source.read_text(encoding="utf-8")) if document is not None]
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise errors.SettingsInvalid(f"MOTCUA_CENTER_FILE {source}: cannot be read: {' '.join(str(error).split())}") from error
    found: list[Center] = []
    mistakes: list[str] = []
    for number, document in enumerate(documents or [None], start=1):
        where = f"{number}. center: " if len(documents) > 1 else ""
        try:
            center = Center.model_validate(document)
        except ValidationError as error:
            mistakes += [f"{where}{'.'.join(map(str, item['loc']))}: {_said(item)}" for item in error.errors()]
            continue
        found.append(center)
        mistakes += [f"{where}{mistake}" for mistake in _mistakes(center, fields)]
    mistakes += [f"id: {name!r} is the id of {count} centers" for name, count in Counter(center.id for center in found).items() if count > 1]
    if mistakes:
        raise errors.SettingsInvalid("\n".join(f"MOTCUA_CENTER_FILE {source}: {mistake}" for mistake in mistakes))
    return tuple(found)


def _said(item: Any) -> str:
    if item["loc"] == ("hours",):
        return 'is now `week`, such as {mon-fri: "7:30-11:30, 13:30-17:00"}; see bot/domain/sample_center.yaml'
    return str(item["msg"]).removeprefix("Value error, ")


def _mistakes(center: Center, fields: Collection[str] | None) -> Iterator[str]:
    """What no single field shows."""
    letters = [group.letter for group in center.groups]
    named = [field for group in center.groups for field in group.fields]
    yield from (f"groups: {letter} stands twice" for letter in _twice(letters))
    yield from (f"groups: field {field!r} stands twice" for field in _twice(named))
    yield from (f"groups: {field!r} is no field of the catalog" for field in named if fields is not None and field not in fields)
    yield from (f"counters: {number} stands twice" for number in _twice(counter.number for counter in center.counters))
    served = {letter for counter in center.counters for letter in counter.serves}
    yield from (f"counters: there is no group {letter!r}" for letter in sorted(served - set(letters)))
    yield from (f"counters: none serves group {letter}" for letter in letters if letter not in served)
    if center.commune and gazetteer.table().place(f"N{center.commune}") is None:
        yield f"commune: {center.commune!r} is the code of no commune of today (bot/domain/data/units.csv)"


def _twice(values: Iterable[Any]) -> list[Any]:
    return [value for value, count in Counter(values).items() if count > 1]


def settle(session: Session, found: Sequence[Center], *, now: dt.datetime) -> None:
    """Give every center its rows: week, groups and counters the first time its id is seen, name and place always.

    What staff changed since then stays. Two processes may do it at once: the one that adds the center adds all of it.
    """
    for center in found:
        row = {"name": center.name, "place": center.place, "week": hours.dump_week(center.week), "created_at": now}
        add = upsert.insert(session, tables.Center, id=center.id, **row).on_conflict_do_nothing(index_elements=["id"])
        if session.execute(add.returning(_CENTER.c.id)).first() is not None:
            _furnish(session, center)
            continue
        renamed = or_(_CENTER.c.name != center.name, _CENTER.c.place != center.place)
        session.execute(update(_CENTER).where(_CENTER.c.id == center.id, renamed).values(name=center.name, place=center.place))


def _furnish(session: Session, center: Center) -> None:
    ids: dict[str, int] = {}
    for group in center.groups:
        row = {**group.model_dump(), "fields": json.dumps(group.fields), "center_id": center.id, "active": True}
        ids[group.letter] = session.execute(_GROUP.insert().values(**row).returning(_GROUP.c.id)).scalar_one()
    for counter in center.counters:
        serves = json.dumps([ids[letter] for letter in counter.serves])
        session.execute(_COUNTER.insert().values(center_id=center.id, number=counter.number, serves=serves, active=True, streak=0))


class Directory:
    """The centers of this process with their hours as they are now. The first of the file is the default."""

    def __init__(self, found: Sequence[Center]) -> None:
        self._centers = {center.id: center for center in found}
        self._default = found[0].id

    @property
    def default(self) -> Center:
        return self._centers[self._default]

    @property
    def all(self) -> tuple[Center, ...]:
        return tuple(self._centers.values())

    def get(self, center_id: str) -> Center | None:
        return self._centers.get(center_id)

    def of_commune(self, code: str) -> Center | None:
        """The center that serves this commune of today."""
        return next((center for center in self._centers.values() if code and center.commune == code), None)

    def refresh(self, session: Session) -> None:
        """Read again what staff set. Readers in other threads see the old centers or the new ones, never a mixture."""
        weeks = {center: hours.read_week(week) for center, week in session.execute(select(_CENTER.c.id, _CENTER.c.week))}
        different: dict[str, dict[dt.date, Exception_]] = {}
        columns = (_EXCEPTION.c.center_id, _EXCEPTION.c.date, _EXCEPTION.c.spans, _EXCEPTION.c.reason)
        for center, date, spans, reason in session.execute(select(*columns)):
            different.setdefault(center, {})[date] = Exception_(hours.read_spans(spans), reason)
        self._centers = {key: _live(center, weeks.get(key), different.get(key, {})) for key, center in self._centers.items()}


def _live(center: Center, week: Week | None, different: Mapping[dt.date, Exception_]) -> Center:
    week = center.week if week is None else week
    return center if (week, different) == (center.week, center.different) else center.model_copy(update={"week": week, "different": different})


class Near(NamedTuple):
    center: Center
    metres: float


def nearest(directory: Directory, lat: float, lon: float, limit: int = 3) -> list[Near]:
    """The closest centers that have a place on the map, as the crow flies."""
    placed = [Near(center, _metres(center.map, lat, lon)) for center in directory.all if center.map is not None]
    return sorted(placed, key=lambda near: near.metres)[:limit]


def _metres(there: Position, lat: float, lon: float) -> float:
    """Haversine."""
    north, south = math.radians(there.lat), math.radians(lat)
    half = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(math.radians(there.lon - lon) / 2) ** 2
    return 2 * EARTH_METRES * math.asin(math.sqrt(min(1.0, half)))


def distance(metres: float) -> str:
    """850 m, 2,4 km, 31 km."""
    if metres < 950:
        return f"{max(50, round(metres / 50) * 50)}\u00a0m"
    kilometres = metres / 1000
    return numbers.decimal(kilometres) + "\u00a0km" if kilometres < 9.95 else f"{kilometres:.0f}\u00a0km"


def map_link(center: Center) -> str:
    """Opens the map of the phone or the browser; without a position it searches for the address."""
    query = f"{center.map.lat},{center.map.lon}" if center.map else f"{center.address}, {center.place.partition(' (')[0]}"
    return MAP + urlencode({"api": 1, "query": query})
