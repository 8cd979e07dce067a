"""The end of a center's day as it is kept: made once a day and center, its lines ticked off and reported upward."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, select, text, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.results import Digest as Row
from bot.db.results import DigestLine, DigestRoll
from bot.domain import audit, digest_day, threads
from bot.domain.digest_day import Facts
from bot.domain.obstacles import Evening, Kind, Obstacle

State = Literal["told", "page", "quiet"]
LONGEST = 300  # characters of what is said when a line is reported
MOST = 60  # earlier days shown

_TABLE, _LINE, _ROLL = (upsert.table(kind) for kind in (Row, DigestLine, DigestRoll))
_SOMEBODYS = text("digest_line.given_to != ''")  # as its index says it


@dataclass(frozen=True)
class Line:
    """One obstacle, as db.results.DigestLine describes it."""

    id: int
    place: int
    kind: Kind
    number: int
    weight: int
    detail: Mapping[str, Any]
    done_by: str
    done_at: dt.datetime | None
    reported_by: str
    reported_at: dt.datetime | None
    said: str
    given_to: str
    given_by: str
    given_at: dt.datetime | None

    @property
    def owner(self) -> int:
        """Who it was given to, by number; 0 nobody."""
        return int(self.given_to.removeprefix("staff:") or 0)


@dataclass(frozen=True)
class Digest:
    """One day of one center."""

    id: int
    center_id: str
    day: dt.date
    facts: Facts
    state: State
    made_at: dt.datetime
    lines: Sequence[Line] = field(default=())

    @property
    def weight(self) -> int:
        """What all of it costs people: what managers' centers are ranked by."""
        return sum(line.weight for line in self.lines)

    @property
    def open(self) -> int:
        """How many lines nobody ticked off."""
        return sum(line.done_at is None for line in self.lines)

    def line(self, line_id: int) -> Line | None:
        return next((line for line in self.lines if line.id == line_id), None)


def make(session: Session, evening: Evening, state: State, facts: Facts, found: Sequence[Obstacle], *, now: dt.datetime) -> Digest | None:
    """Keep it; None when somebody was first, and then nothing may be sent."""
    row = upsert.insert(session, Row, center_id=evening.center_id, day=evening.day, facts=facts.kept(), state=state, made_at=now)
    made = session.execute(row.on_conflict_do_nothing(index_elements=["center_id", "day"]).returning(_TABLE.c.id)).scalar()
    if made is None:
        return None
    for place, one in enumerate(found, start=1):
        said = {"kind": one.kind, "number": one.number, "weight": one.weight, "detail": json.dumps(one.detail)}
        session.execute(_LINE.insert().values(digest_id=made, place=place, done_by="", reported_by="", said="", given_to="", given_by="", **said))
    return of(session, evening.center_id, evening.day)


def of(session: Session, center_id: str, day: dt.date) -> Digest | None:
    return next(iter(_found(session, _TABLE.c.center_id == center_id, _TABLE.c.day == day)), None)


def get(session: Session, digest_id: int) -> Digest | None:
    return next(iter(_found(session, _TABLE.c.id == digest_id)), None)


def holding(session: Session, line_id: int) -> Digest | None:
    """The one this line stands in."""
    return next(iter(_found(session, _TABLE.c.id.in_(select(_LINE.c.digest_id).where(_LINE.c.id == line_id)))), None)


def newest(session: Session, center_id: str, *, before: dt.date | None = None) -> Digest | None:
    """The last one, or the last one before that day."""
    mine = [_TABLE.c.center_id == center_id, *([_TABLE.c.day < before] if before is not None else [])]
    return next(iter(_found(session, *mine, limit=1)), None)


def earlier(session: Session, center_id: str) -> list[Digest]:
    """The newest first."""
    return _found(session, _TABLE.c.center_id == center_id, limit=MOST)


def of_day(session: Session, centers: Collection[str], day: dt.date) -> list[Digest]:
    """Of these centers, the one furthest behind first."""
    found = _found(session, _TABLE.c.center_id.in_(list(centers)), _TABLE.c.day == day)
    return sorted(found, key=lambda one: (-one.weight, one.center_id))


def reported(session: Session, centers: Collection[str], since: dt.datetime) -> list[Digest]:
    """Those with lines reported upward since then, with these lines only; the newest day first."""
    lines = select(_LINE.c.digest_id).where(_LINE.c.reported_at >= since)
    found = _found(session, _TABLE.c.center_id.in_(list(centers)), _TABLE.c.id.in_(lines))
    return [_only(one, [line for line in one.lines if line.reported_at is not None and line.reported_at >= since]) for one in found]


def given(session: Session, center_id: str, actor: str) -> list[Digest]:
    """Those with lines that are this member's work, with these lines only; the newest day first."""
    lines = select(_LINE.c.digest_id).where(_LINE.c.given_to == actor, _SOMEBODYS)
    found = _found(session, _TABLE.c.center_id == center_id, _TABLE.c.id.in_(lines), limit=MOST)
    return [_only(one, [line for line in one.lines if line.given_to == actor]) for one in found]


_WAITING = Prepared(
    select(_TABLE.c.center_id)
    .join(_LINE, _LINE.c.digest_id == _TABLE.c.id)
    .where(_LINE.c.given_to == bindparam("actor"), _SOMEBODYS, _LINE.c.done_at.is_(None))
    .distinct()
)


def waiting(session: Session, actor: str) -> frozenset[str]:
    """The centers where lines that are this member's work stand open."""
    return frozenset(str(center) for (center,) in _WAITING.rows(session, actor=actor))


def _only(one: Digest, lines: Sequence[Line]) -> Digest:
    return Digest(one.id, one.center_id, one.day, one.facts, one.state, one.made_at, lines)


def _found(session: Session, *which: ColumnElement[bool], limit: int | None = None) -> list[Digest]:
    columns = [_TABLE.c[name] for name in ("id", "center_id", "day", "facts", "state", "made_at")]
    rows = session.execute(select(*columns).where(*which).order_by(_TABLE.c.day.desc(), _TABLE.c.id.desc()).limit(limit)).all()
    lines = _lines(session, [row.id for row in rows])
    return [Digest(row.id, row.center_id, row.day, digest_day.read(row.facts), row.state, row.made_at, lines.get(row.id, ())) for row in rows]


def _lines(session: Session, digests: Sequence[int]) -> dict[int, list[Line]]:
    c = _LINE.c
    names = ("id", "place", "kind", "number", "weight", "detail", "done_by", "done_at", "reported_by", "reported_at", "said")
    columns = [c[name] for name in (*names, "given_to", "given_by", "given_at")]
    found: dict[int, list[Line]] = {}
    for digest_id, *row in session.execute(select(c.digest_id, *columns).where(c.digest_id.in_(list(digests))).order_by(c.place)):
        row[5] = json.loads(row[5])
        found.setdefault(digest_id, []).append(Line(*row))
    return found


class _Change(NamedTuple):
    """`name`: in the audit log; `stands`: how the line is before; `values`: how it is afterwards; `told`: the audit log's before and after."""

    name: str
    stands: ColumnElement[bool]
    values: Mapping[str, Any]
    told: Mapping[str, Mapping[str, str]] = {}


def tick(session: Session, center_id: str, line_id: int, *, done: bool, actor: str, now: dt.datetime, own: bool = False) -> bool:
    """Tick a line off, or take the tick back; False when it stands so already, is not of this center, or (`own`) is not the actor's work."""
    change = _Change("tick", _LINE.c.done_at.is_(None), {"done_by": actor, "done_at": now})
    back = _Change("untick", _LINE.c.done_at.is_not(None), {"done_by": "", "done_at": None})
    chosen = change if done else back
    if own:
        chosen = chosen._replace(stands=and_(chosen.stands, _LINE.c.given_to == actor))
    return _changed(session, center_id, line_id, chosen, actor=actor, now=now)


def give(session: Session, center_id: str, line_id: int, to: str, was: str, *, actor: str, now: dt.datetime) -> bool:
    """Make it the work of `to`, "" nobody's. False when it is done, is not of this center, or is not the work of `was` any more."""
    if to == was:
        return False
    values = {"given_to": to, "given_by": actor if to else "", "given_at": now if to else None}
    stands = and_(_LINE.c.given_to == was, _LINE.c.done_at.is_(None))
    change = _Change("give", stands, values, {"before": {"owner": was}, "after": {"owner": to}})
    return _changed(session, center_id, line_id, change, actor=actor, now=now)


def report(session: Session, center_id: str, line_id: int, said: str, *, actor: str, now: dt.datetime) -> bool:
    """Report a line upward, once; with words or without."""
    values = {"reported_by": actor, "reported_at": now, "said": threads.tidy(said)[:LONGEST]}
    return _changed(session, center_id, line_id, _Change("report", _LINE.c.reported_at.is_(None), values), actor=actor, now=now)


def _changed(session: Session, center_id: str, line_id: int, change: _Change, *, actor: str, now: dt.datetime) -> bool:
    mine = _LINE.c.digest_id.in_(select(_TABLE.c.id).where(_TABLE.c.center_id == center_id))
    changing = update(_LINE).where(_LINE.c.id == line_id, mine, change.stands).values(**change.values)
    if session.execute(changing.returning(_LINE.c.id)).first() is None:
        return False
    subject = f"digest_line:{line_id}"
    audit.write(session, actor=actor, center_id=center_id, action=f"digest.{change.name}", subject=subject, **change.told, now=now)
    return True


def missing(session: Session, centers: Collection[str], day: dt.date) -> set[str]:
    """Those of the centers that have none of that day and were there already."""
    there = session.execute(select(_TABLE.c.center_id).where(_TABLE.c.center_id.in_(list(centers)), _TABLE.c.day == day)).scalars()
    without = set(centers) - set(there)
    return digest_day.known(session, without, day) if without else without


# managers


def rolled(session: Session, day: dt.date) -> set[int]:
    """Who was told of all their centers on that day."""
    return set(session.execute(select(_ROLL.c.staff_id).where(_ROLL.c.day == day)).scalars())


def roll(session: Session, day: dt.date, staff_id: int, *, now: dt.datetime) -> bool:
    """Note it; False when somebody was first."""
    row = upsert.insert(session, DigestRoll, day=day, staff_id=staff_id, at=now)
    return session.execute(row.on_conflict_do_nothing(index_elements=["day", "staff_id"]).returning(_ROLL.c.staff_id)).first() is not None


def rolled_before(session: Session, staff_id: int, day: dt.date) -> dt.datetime | None:
    """When this manager was last told before that day."""
    mine = select(_ROLL.c.at).where(_ROLL.c.staff_id == staff_id, _ROLL.c.day < day).order_by(_ROLL.c.day.desc()).limit(1)
    found: dt.datetime | None = session.execute(mine).scalar()
    return found
