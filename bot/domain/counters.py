"""Counters, the groups that share a series of tickets, and who sits where."""

from __future__ import annotations

import datetime as dt
import json
import string
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, case, exc, select, update
from sqlmodel import Session

from bot.db import day as tables
from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.staff import Staff
from bot.domain import procedure_fields
from bot.domain.hours import Change
from bot.texts import t

LETTERS = frozenset(string.ascii_uppercase)
MOST_SEATS = 500

_CENTER, _GROUP, _COUNTER = upsert.table(tables.Center), upsert.table(tables.CounterGroup), upsert.table(tables.Counter)
_STAFF = upsert.table(Staff)
_G, _C = _GROUP.c, _COUNTER.c
_GROUPS = Prepared(
    select(_G.id, _G.center_id, _G.letter, _G.name, _G.fields, _G.seats, _G.slot_minutes, _G.service_minutes, _G.active)
    .where(_G.center_id == bindparam("center"))
    .order_by(_G.letter)
)
_COUNTERS = Prepared(
    select(_C.id, _C.center_id, _C.number, _C.serves, _C.active, _C.staff_id, _C.staffed_at)
    .where(_C.center_id == bindparam("center"))
    .order_by(_C.number)
)


@dataclass(frozen=True)
class Group:
    """Counters with one series of tickets. `fields` of the catalog; none takes what no other group names. `id` 0: not saved yet."""

    id: int
    center_id: str
    letter: str
    name: str
    fields: tuple[str, ...] = ()
    seats: int = 4
    slot_minutes: int = 30
    service_minutes: int = 10
    active: bool = True


@dataclass(frozen=True)
class Desk:
    """A counter. `serves`: ids of groups. `id` 0: not saved yet."""

    id: int
    center_id: str
    number: int
    serves: tuple[int, ...] = ()
    active: bool = True
    staff_id: int | None = None
    staffed_at: dt.datetime | None = None


class NotPossible(ValueError):
    """Groups or counters would not fit together; the message is for the person who changes them."""


def groups(session: Session, center_id: str) -> list[Group]:
    """By letter, closed ones too."""
    rows = _GROUPS.rows(session, center=center_id)
    return [Group(row[0], row[1], row[2], row[3], tuple(json.loads(row[4])), row[5], row[6], row[7], bool(row[8])) for row in rows]


def group_for(groups: Sequence[Group], field: str) -> Group:
    """The open group that names the field, else the one for everything else, else the first. Raises LookupError without any."""
    usable = [group for group in groups if group.active] or list(groups)
    if not usable:
        raise LookupError("a center without counter groups")
    named = (group for group in usable if field in group.fields)
    rest = (group for group in usable if not group.fields)
    return next(named, None) or next(rest, None) or usable[0]


def counters(session: Session, center_id: str) -> list[Desk]:
    """By number, closed ones too."""
    rows = _COUNTERS.rows(session, center=center_id)
    return [Desk(row[0], row[1], row[2], tuple(json.loads(row[3])), bool(row[4]), row[5], row[6]) for row in rows]


def sitting(session: Session, center_id: str) -> dict[int, str]:
    """Who sits where: counter id → name."""
    there = select(_C.id, _STAFF.c.name).where(_C.center_id == center_id, _C.staff_id == _STAFF.c.id)
    return {int(number): str(name) for number, name in session.execute(there)}


def save_group(session: Session, group: Group, *, actor: str, now: dt.datetime) -> Change:
    """Make or change a group; a letter is never changed, because tickets carry it. Raises NotPossible."""
    _lock(session, group.center_id)
    others = [other for other in groups(session, group.center_id) if other.id != group.id]
    _check_group(group, others)
    values = {**_columns(group, "name", "seats", "slot_minutes", "service_minutes", "active"), "fields": json.dumps(group.fields)}
    if not group.id:
        session.execute(_GROUP.insert().values(center_id=group.center_id, letter=group.letter, **values))
        return Change({}, _told(group))
    before = next((one for one in groups(session, group.center_id) if one.id == group.id), None)
    if before is None or before.letter != group.letter:
        raise LookupError(group.id)
    changing = update(_GROUP).where(_G.id == group.id).values(**values)
    if before.fields == group.fields:
        session.execute(changing)
    else:
        procedure_fields.regroup(session, group.id, lambda: session.execute(changing))
    return _difference(_told(before), _told(group))


def _check_group(group: Group, others: Sequence[Group]) -> None:
    if group.letter not in LETTERS:
        raise NotPossible(t("hours.group_letter"))
    if any(other.letter == group.letter for other in others):
        raise NotPossible(t("hours.group_taken", letter=group.letter))
    if not group.name.strip():
        raise NotPossible(t("hours.group_name"))
    if not (1 <= group.seats <= MOST_SEATS and 5 <= group.slot_minutes <= 240 and 1 <= group.service_minutes <= 240):
        raise NotPossible(t("hours.group_numbers"))
    for other in others:
        both = set(group.fields) & set(other.fields)
        if both and group.active and other.active:
            raise NotPossible(t("hours.group_fields", letter=other.letter))


def save_counter(session: Session, desk: Desk, *, actor: str, now: dt.datetime) -> Change:
    """Make a counter, or change what it serves and whether it is in use; whoever sits there stays. Raises NotPossible."""
    _lock(session, desk.center_id)
    letters = {group.id: group.letter for group in groups(session, desk.center_id)}
    if desk.number < 1 or not desk.serves or not set(desk.serves) <= set(letters):
        raise NotPossible(t("hours.counter_serves"))
    values = {"number": desk.number, "active": desk.active, "serves": json.dumps(desk.serves)}
    before = next((one for one in counters(session, desk.center_id) if one.id == desk.id), None) if desk.id else None
    if desk.id and before is None:
        raise LookupError(desk.id)
    try:
        with session.begin_nested():
            if desk.id:
                session.execute(update(_COUNTER).where(_C.id == desk.id).values(**values))
            else:
                session.execute(_COUNTER.insert().values(center_id=desk.center_id, streak=0, **values))
    except exc.IntegrityError:
        raise NotPossible(t("hours.counter_taken", number=desk.number)) from None
    return _difference(_of_desk(before, letters) if before else {}, _of_desk(desk, letters))


def sit_down(session: Session, counter_id: int, staff_id: int, *, now: dt.datetime, instead_of: int | None = None) -> bool:
    """Take a counter, and leave any other; False when it is closed or somebody else sits there.

    `instead_of`: the colleague seen there who went without standing up; only from them it is taken over.
    """
    _lock_person(session, staff_id)
    free = _C.staff_id.is_(None) | _C.staff_id.in_([staff_id] if instead_of is None else [staff_id, instead_of])
    since = case((_C.staff_id == staff_id, _C.staffed_at), else_=bindparam("now", now, type_=_C.staffed_at.type))
    took = update(_COUNTER).where(_C.id == counter_id, _C.active, free).values(staff_id=staff_id, staffed_at=since)
    if _changed(session, took) == 0:
        return False
    _changed(session, update(_COUNTER).where(_C.staff_id == staff_id, _C.id != counter_id).values(staff_id=None, staffed_at=None))
    return True


def stand_up(session: Session, counter_id: int, staff_id: int, *, now: dt.datetime) -> bool:
    """Leave the counter; False when this person does not sit there."""
    left = update(_COUNTER).where(_C.id == counter_id, _C.staff_id == staff_id).values(staff_id=None, staffed_at=None)
    return _changed(session, left) > 0


def _lock_person(session: Session, staff_id: int) -> None:
    """One person sits down once at a time."""
    session.execute(select(_STAFF.c.id).where(_STAFF.c.id == staff_id).with_for_update())


def _changed(session: Session, statement: Any) -> int:
    return int(getattr(session.execute(statement), "rowcount", 0))


def _lock(session: Session, center_id: str) -> None:
    """One change of a center's set-up after another."""
    session.execute(select(_CENTER.c.id).where(_CENTER.c.id == center_id).with_for_update())


def _columns(row: Group, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _told(group: Group) -> dict[str, Any]:
    return {name: value for name, value in asdict(group).items() if name not in ("id", "center_id")}


def _of_desk(desk: Desk, letters: dict[int, str]) -> dict[str, Any]:
    return {"number": desk.number, "active": desk.active, "serves": [letters[group] for group in desk.serves if group in letters]}


def _difference(before: dict[str, Any], after: dict[str, Any]) -> Change:
    """Only what differs."""
    names: Iterable[str] = [name for name in after if before.get(name) != after[name]]
    return Change({name: before[name] for name in names if name in before}, {name: after[name] for name in names})
