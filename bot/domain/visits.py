"""A visit's row and its history: every change is a conditional update and an event, in one transaction."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, bindparam, literal_column, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.day import VisitEvent
from bot.db.engines import of_postgresql
from bot.db.enums import LIVE
from bot.db.prepared import Prepared
from bot.domain import rollups
from bot.domain.contributions import COUNTED

TOKEN_BYTES = 12
CODE_DIGITS = 6
CODE_TRIES = 8
# For so long somebody may come back with the code of an earlier day; nobody books farther ahead.
COMES_BACK, AHEAD = dt.timedelta(days=30), dt.timedelta(days=60)


class Missing(NamedTuple):
    """A paper that was not there: `why` is missing, incorrect, outdated, or not_required by law although asked for."""

    id: str
    name: str
    why: str = "missing"


@dataclass(frozen=True)
class Visit:
    """One row, as db.day.Visit describes it. Never changed in place: `change` returns the new one."""

    id: int
    center_id: str
    group_id: int
    day: dt.date
    state: str
    token: str
    code: str
    source: str = ""
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    seat: int | None = None
    hold_until: dt.datetime | None = None
    person_id: int | None = None
    account_id: int | None = None
    party: int = 0
    behalf: str = ""
    procedure: str = ""
    checklist_id: int | None = None
    letter: str | None = None
    number: int | None = None
    priority: str = ""
    returned: bool = False
    due_at: dt.datetime | None = None
    late_until: dt.datetime | None = None
    counter_id: int | None = None
    arrived_at: dt.datetime | None = None
    called_at: dt.datetime | None = None
    serving_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    calls: int = 0
    outcome: str = ""
    missing: str = "[]"
    lacked: str = "[]"
    note: str = ""
    follows_id: int | None = None
    created_at: dt.datetime = dt.datetime.min

    @property
    def ticket(self) -> str:
        """A012, or nothing before a number was given."""
        return f"{self.letter}{self.number:03d}" if self.number is not None else ""

    @property
    def papers_missing(self) -> tuple[Missing, ...]:
        return tuple(Missing(**item) for item in json.loads(self.missing))

    @property
    def papers_lacked(self) -> tuple[Missing, ...]:
        """What was missing in any turn of this visit, the earliest first; none twice for the same reason."""
        return tuple(dict.fromkeys((*(Missing(**item) for item in json.loads(self.lacked)), *self.papers_missing)))


_TABLE, EVENTS = upsert.table(Row), upsert.table(VisitEvent)
_NAMES = tuple(field.name for field in fields(Visit))
COLUMNS = tuple(_TABLE.c[name] for name in _NAMES)
_FRESH: dict[str, Any] = {field.name: field.default for field in fields(Visit) if field.name not in ("id", "created_at")}
_WRITTEN: dict[str, Any] = {name: value for name, value in _FRESH.items() if isinstance(value, str | int)}
_TIMES = frozenset(field.name for field in fields(Visit) if "dt." in str(field.type))
_TOLD = json.JSONEncoder(ensure_ascii=False)
# What a person can be recognised by stays out of the history, so that it can be deleted.
_UNTOLD = frozenset(("token", "person_id", "account_id", "checklist_id"))


def among(states: Collection[str]) -> ColumnElement[bool]:
    """The state is one of these. Written out: for a value given later SQLite plans the statement anew every time, because of its partial indexes."""
    return _TABLE.c.state.in_([literal_column(f"'{state}'") for state in states])


_TELL = Prepared(EVENTS.insert())
_BY_ID = select(*COLUMNS).where(_TABLE.c.id == bindparam("row"))
_GET, _LOCKED = Prepared(_BY_ID), Prepared(_BY_ID.with_for_update())
_BY_TOKEN = Prepared(select(*COLUMNS).where(_TABLE.c.token == bindparam("token")))
_BY_CODE = Prepared(
    select(*COLUMNS).where(_TABLE.c.center_id == bindparam("center"), _TABLE.c.day == bindparam("day"), _TABLE.c.code == bindparam("code"))
)


def get(session: Session, visit_id: int, *, lock: bool = False) -> Visit | None:
    """With `lock` nobody else changes it before this transaction ends."""
    row = (_LOCKED if lock else _GET).first(session, row=visit_id)
    return None if row is None else Visit(*row)


def by_token(session: Session, token: str) -> Visit | None:
    row = _BY_TOKEN.first(session, token=token)
    return None if row is None else Visit(*row)


def by_code(session: Session, center_id: str, day: dt.date, code: str) -> Visit | None:
    """The visit of that day whose code was read out, with or without blanks."""
    row = _BY_CODE.first(session, center=center_id, day=day, code="".join(filter(str.isdigit, code)))
    return None if row is None else Visit(*row)


def recognise(session: Session, center_id: str, code: str, today: dt.date) -> Visit | None:
    """Whose code this is: of several days today's, else one that may come back, else the next one."""
    digits = "".join(filter(str.isdecimal, code))
    if len(digits) != CODE_DIGITS:
        return None
    there = (_TABLE.c.center_id == center_id, _TABLE.c.code == digits, _TABLE.c.day.between(today - COMES_BACK, today + AHEAD))
    same = found(session, select(*COLUMNS).where(*there))
    return min(same, key=lambda visit: (visit.day != today, visit.state != "must_return", visit.day < today, abs(visit.day - today)), default=None)


def found(session: Session, statement: Select[Any]) -> list[Visit]:
    """The visits of a statement over COLUMNS."""
    return [Visit(*row) for row in session.execute(statement)]


def of_person(session: Session, person_id: int, *, live: bool = True) -> list[Visit]:
    """The person's visits, the next one first."""
    mine = select(*COLUMNS).where(_TABLE.c.person_id == person_id)
    return found(session, (mine.where(_TABLE.c.state.in_(LIVE)) if live else mine).order_by(_TABLE.c.day, _TABLE.c.starts_at, _TABLE.c.id))


def of_day(session: Session, center_id: str, day: dt.date, states: Collection[str] = ()) -> list[Visit]:
    """The visits of one center and day, in the order they were made."""
    there = select(*COLUMNS).where(_TABLE.c.center_id == center_id, _TABLE.c.day == day)
    return found(session, (there.where(_TABLE.c.state.in_(states)) if states else there).order_by(_TABLE.c.id))


_TOLD_OF = ("kind", "actor", "at", "changes")  # an event's columns that are not the visit's


@lru_cache(maxsize=128)
def _adding(names: tuple[str, ...]) -> Prepared:
    """The row alone; on PostgreSQL, where every statement is a trip to the server, its first event with it."""

    def statement(dialect: str) -> Any:
        row = upsert.into(dialect, Row).on_conflict_do_nothing().returning(_TABLE.c.id)
        if dialect != "postgresql":
            return row
        made = row.values({name: bindparam(name) for name in names}).cte("made")
        told = [bindparam(f"told_{name}", type_=EVENTS.c[name].type) for name in _TOLD_OF]
        center = bindparam("center_id", type_=String)
        event = EVENTS.insert().from_select(["visit_id", "center_id", *_TOLD_OF], select(made.c.id, center, *told))
        return event.returning(EVENTS.c.visit_id)

    return Prepared(statement)


def add(session: Session, kind: str, *, actor: str, now: dt.datetime, **columns: Any) -> Visit | None:
    """A new visit and its first event; None when one of the table's rules stood against it."""
    for _ in range(CODE_TRIES):
        new = {**columns, "token": secrets.token_urlsafe(TOKEN_BYTES), "code": _code(), "created_at": now}
        event = {"kind": kind, "actor": actor, "at": now, "changes": _json({name: (None, value) for name, value in _set(new)})}
        number = _inserted(session, {name: value for name, value in new.items() if value is not None}, event)
        if number is not None:
            if new["state"] in COUNTED:
                rollups.born(session, "visit", number)
            return _made({**_FRESH, **new, "id": number})
        if by_code(session, new["center_id"], new["day"], new["code"]) is None:
            return None
    return None


def _inserted(session: Session, new: Mapping[str, Any], event: Mapping[str, Any]) -> int | None:
    """The number of a new row that has its first event; None when a rule of the table stood against it."""
    columns = {**_WRITTEN, **new}
    adding = _adding(tuple(columns))
    if of_postgresql(session):
        row = adding.first(session, **columns, **{f"told_{name}": value for name, value in event.items()})
        return None if row is None else int(row[0])
    row = adding.first(session, **columns)
    if row is not None:
        _TELL.run(session, visit_id=row[0], center_id=new["center_id"], **event)
    return None if row is None else int(row[0])


def _made(values: Mapping[str, Any]) -> Visit:
    """Visit(**values) for a whole row: setting the columns of something frozen one by one takes ten times as long."""
    visit = object.__new__(Visit)
    visit.__dict__.update(values)
    return visit


def _code() -> str:
    """Digits that can be read out over the phone, the first one never 0."""
    lowest: int = 10 ** (CODE_DIGITS - 1)
    return str(lowest + secrets.randbelow(9 * lowest))


def code_on(session: Session, visit: Visit, day: dt.date) -> str:
    """The visit's code, or another one where somebody has it on that day."""
    code = visit.code
    while day != visit.day and by_code(session, visit.center_id, day, code) is not None:
        code = _code()
    return code


def _set(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return ((name, value) for name, value in values.items() if name not in _UNTOLD and (name not in _FRESH or _FRESH[name] != value))


@lru_cache(maxsize=256)
def _changing(expected: str, names: tuple[str, ...]) -> Prepared:
    here = (_TABLE.c.id == bindparam("row"), among((expected,)))
    return Prepared(update(_TABLE).where(*here).values({name: bindparam(f"new_{name}") for name in names}))


def change(session: Session, visit: Visit, kind: str, *, actor: str, now: dt.datetime, **new: Any) -> Visit | None:
    """The visit with these columns changed, and an event; None when its state is not any more what `visit` says.

    Raises IntegrityError when a rule of the table stands against it.
    """
    if visit.state in COUNTED:
        rollups.touch(session, "visit", visit.id)
    values = {f"new_{name}": value for name, value in new.items()}
    if _changing(visit.state, tuple(new)).run(session, row=visit.id, **values) != 1:
        return None
    if new.get("state", visit.state) in COUNTED:
        rollups.born(session, "visit", visit.id)
    changes = {name: (getattr(visit, name), value) for name, value in new.items() if name not in _UNTOLD and getattr(visit, name) != value}
    _TELL.run(session, visit_id=visit.id, center_id=visit.center_id, kind=kind, actor=actor, at=now, changes=_json(changes))
    return replace(visit, **new)


def _json(changes: Mapping[str, tuple[Any, Any]]) -> str:
    """{"state": [null, "held"], …}. The moments of a day come again and again; an encoder takes four times as long with them."""
    return "{" + ", ".join([f'"{name}": [{_word(old)}, {_word(new)}]' for name, (old, new) in changes.items()]) + "}"


def _word(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, dt.date):
        return _moment(value, getattr(value, "tzinfo", None))
    return _TOLD.encode(value)


@lru_cache(maxsize=1024)
def _moment(value: dt.date, _zone: dt.tzinfo | None) -> str:
    """The same moment in another zone is equal, and written differently."""
    return f'"{value.isoformat()}"'


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


@dataclass(frozen=True)
class Event:
    """One thing that happened; `changes`: column → (before, after) as JSON holds them."""

    id: int
    visit_id: int
    kind: str
    actor: str
    at: dt.datetime
    changes: dict[str, list[Any]]


def events(session: Session, visit_ids: Sequence[int]) -> list[Event]:
    """What happened to these visits, oldest first."""
    columns = (EVENTS.c.id, EVENTS.c.visit_id, EVENTS.c.kind, EVENTS.c.actor, EVENTS.c.at, EVENTS.c.changes)
    rows = session.execute(select(*columns).where(EVENTS.c.visit_id.in_(visit_ids)).order_by(EVENTS.c.id))
    return [Event(number, visit_id, kind, actor, at, json.loads(changes)) for number, visit_id, kind, actor, at, changes in rows]


def before(event: Event) -> dict[str, Any]:
    """The columns as they were before it, for `change`."""
    return {name: _read(name, old) for name, (old, _) in event.changes.items()}


def _read(name: str, value: Any) -> Any:
    if value is None or name not in _TIMES:
        return value
    return dt.date.fromisoformat(value) if name == "day" else dt.datetime.fromisoformat(value)


def rebuilt(history: Iterable[Event]) -> dict[int, dict[str, Any]]:
    """The visits as their events tell them: id → columns as JSON holds them."""
    told: dict[int, dict[str, Any]] = {}
    for event in history:
        told.setdefault(event.visit_id, {}).update({name: after for name, (_, after) in event.changes.items()})
    return told


def untrue(session: Session, center_id: str, day: dt.date) -> list[int]:
    """The visits of a day whose row and events tell different stories; empty when all is well."""
    rows = {visit.id: visit for visit in of_day(session, center_id, day)}
    told = rebuilt(events(session, list(rows)))
    return [number for number, visit in rows.items() if _as_told(visit) != {**_default_told(), **told.get(number, {})}]


def _as_told(visit: Visit) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(json.dumps({name: getattr(visit, name) for name in _NAMES if name not in _UNTOLD | {"id"}}, default=_plain))
    return shown


def _default_told() -> dict[str, Any]:
    return {name: value for name, value in _FRESH.items() if name not in _UNTOLD}


def newest_event(session: Session, center_ids: Sequence[str]) -> dict[str, int]:
    """center id → number of its newest event, for pages that wait for something new."""
    from_center = select(EVENTS.c.id).where(EVENTS.c.center_id == bindparam("center")).order_by(EVENTS.c.id.desc()).limit(1)
    ids = {center_id: session.execute(from_center, {"center": center_id}).scalar() for center_id in center_ids}
    return {center_id: number or 0 for center_id, number in ids.items()}
