"""Helpers who practise: the exercise somebody has before them, what came of it, and who has practised what."""

from __future__ import annotations

import datetime as dt
import json
import random
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, delete, func, select, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.questions import Practice
from bot.domain import exercises
from bot.domain.exercises import Correction, Exercise
from procedures.catalog import Catalog
from procedures.models import Procedure

HERE = "commune_center"

_TABLE = upsert.table(Practice)


@dataclass(frozen=True)
class Kept:
    """One exercise of one helper, as it is stored."""

    id: int
    staff_id: int
    code: str
    version: str
    pinned: str
    picked: str
    right: int
    wrong: int
    missed: int
    begun_at: dt.datetime
    done_at: dt.datetime | None

    @property
    def exercise(self) -> Exercise:
        return Exercise.model_validate_json(self.pinned)

    @property
    def taken(self) -> frozenset[int]:
        """What is picked so far, or was in the end."""
        return frozenset(json.loads(self.picked or "[]"))

    @property
    def correction(self) -> Correction | None:
        return exercises.correct(self.exercise, self.taken) if self.done_at is not None else None

    @property
    def marks(self) -> int:
        """Of 100."""
        return exercises.marks(self.right, self.wrong, self.missed)


_COLUMNS = tuple(_TABLE.c[name] for name in Kept.__dataclass_fields__)


def begin(session: Session, catalog: Catalog, staff_id: int, code: str, *, now: dt.datetime, seed: int | None = None) -> Kept | None:
    """A new exercise with this procedure; one that was begun and not finished is dropped for it. None where there is none today."""
    made = exercises.invent(catalog, code, clock.today(now), secrets.randbits(32) if seed is None else seed)
    if made is None:
        return None
    session.execute(delete(_TABLE).where(_TABLE.c.staff_id == staff_id, _TABLE.c.done_at.is_(None)))
    row = {"staff_id": staff_id, "code": made.code, "version": made.version, "pinned": made.model_dump_json(), "picked": "[]", "begun_at": now}
    counts = {"right": 0, "wrong": 0, "missed": 0}
    return _one(session.execute(_TABLE.insert().values(**row, **counts).returning(*_COLUMNS)).first())


def get(session: Session, staff_id: int, practice_id: int, *, lock: bool = False) -> Kept | None:
    """The exercise, if it is this helper's."""
    mine = select(*_COLUMNS).where(_TABLE.c.id == practice_id, _TABLE.c.staff_id == staff_id)
    return _one(session.execute(mine.with_for_update() if lock else mine).first())


def _one(row: Iterable[object] | None) -> Kept | None:
    return None if row is None else Kept(*row)  # type: ignore[arg-type]


def entry_of(catalog: Catalog, kept: Kept, today: dt.date) -> Procedure | None:
    """The entry in the version the exercise was made from; None when the catalog has another one by now."""
    entry = catalog.get(kept.code, today)
    same = entry is not None and entry.code == kept.code and entry.version == kept.version and exercises.suits(entry, today)
    return entry if same else None


def pick(session: Session, kept: Kept, places: Collection[int], *, now: dt.datetime) -> bool:
    """Exactly these papers are picked; False when it is corrected already."""
    known = sorted({place for place in places if 0 <= place < len(kept.exercise.papers)})
    changing = update(_TABLE).where(_TABLE.c.id == kept.id, _TABLE.c.done_at.is_(None)).values(picked=json.dumps(known))
    return session.execute(changing.returning(_TABLE.c.id)).first() is not None


def finish(session: Session, catalog: Catalog, kept: Kept, *, now: dt.datetime) -> Kept | None:
    """Correct what is picked; twice it is the same correction. None, and the exercise is gone, when its entry changed meanwhile."""
    current = get(session, kept.staff_id, kept.id, lock=True)
    if current is None or current.done_at is not None:
        return current
    if entry_of(catalog, current, clock.today(now)) is None:
        session.execute(delete(_TABLE).where(_TABLE.c.id == current.id, _TABLE.c.done_at.is_(None)))
        return None
    found = exercises.correct(current.exercise, current.taken)
    counts = {"right": len(found.right), "wrong": len(found.wrong), "missed": len(found.missed)}
    ending = update(_TABLE).where(_TABLE.c.id == current.id, _TABLE.c.done_at.is_(None)).values(**counts, done_at=now)
    return _one(session.execute(ending.returning(*_COLUMNS)).first()) or get(session, kept.staff_id, kept.id)


# who has practised what


class Record(NamedTuple):
    """How somebody stands with one procedure: how often, when last, and what came of that (of 100)."""

    code: str
    times: int
    last_at: dt.datetime
    marks: int


def records(session: Session, staff_ids: Collection[int]) -> dict[int, list[Record]]:
    """Of each of these helpers, what they practised last first."""
    done = select(_TABLE.c.staff_id, _TABLE.c.code, func.count().label("times"), func.max(_TABLE.c.id).label("newest"))
    each = done.where(_TABLE.c.staff_id.in_(staff_ids), _TABLE.c.done_at.is_not(None)).group_by(_TABLE.c.staff_id, _TABLE.c.code).subquery()
    found: dict[int, list[Record]] = {}
    for staff_id, code, times, last_at, right, wrong, missed in session.execute(_newest(each)):
        found.setdefault(staff_id, []).append(Record(code, times, last_at, exercises.marks(right, wrong, missed)))
    return found


def _newest(each: object) -> Select[tuple[int, str, int, dt.datetime, int, int, int]]:
    columns = each.c  # type: ignore[attr-defined]
    figures = (_TABLE.c.done_at, _TABLE.c.right, _TABLE.c.wrong, _TABLE.c.missed)
    chosen = select(columns.staff_id, columns.code, columns.times, *figures).join(_TABLE, _TABLE.c.id == columns.newest)
    return chosen.order_by(columns.staff_id, _TABLE.c.done_at.desc(), _TABLE.c.id.desc())


def suggest(session: Session, catalog: Catalog, staff_id: int, *, now: dt.datetime, seed: int | None = None) -> str:
    """A procedure worth practising: done at the center, and never practised before where there is one; else the weakest. "" for an empty catalog."""
    today = clock.today(now)
    fit = sorted(entry.code for entry in catalog.current(today) if exercises.suits(entry, today))
    here = [code for code in fit if catalog.procedures[code].handled_by == HERE] or fit
    known: Mapping[str, Record] = {record.code: record for record in records(session, [staff_id]).get(staff_id, ())}
    chance = random.Random(secrets.randbits(32) if seed is None else seed)  # noqa: S311 (nothing secret)
    fresh = [code for code in here if code not in known]
    if fresh:
        return chance.choice(fresh)
    return min(here, key=lambda code: (known[code].marks, known[code].last_at), default="")
