"""Who changed what, when, before and after: rows chained by their digests, so that a changed or missing one is found."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.staff import Audit

# Who acts when nobody is signed in: the command line of this machine, and the service by itself.
CLI, SYSTEM = "cli", "system"

_TABLE = upsert.table(Audit)
_IN_ORDER = (_TABLE.c.at, _TABLE.c.actor, _TABLE.c.center_id, _TABLE.c.action, _TABLE.c.subject, _TABLE.c.before, _TABLE.c.after)
_AT_ONCE = 1000


def write(
    session: Session,
    *,
    actor: str,
    center_id: str,
    action: str,
    subject: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    now: dt.datetime,
) -> int:
    """Keep what was done, in the transaction that does it; returns the row's id. Call it last: others wait until that transaction ends.

    `actor` is "staff:3", CLI or SYSTEM; `before` and `after` hold what changed. No token and nothing of a citizen belongs in here.
    """
    locks.hold(session, "audit")
    row = (now, actor, center_id, action, subject, _canonical(before), _canonical(after))
    previous = newest(session)
    values = {column.name: value for column, value in zip(_IN_ORDER, row, strict=True)}
    made = _TABLE.insert().values(**values, previous=previous, digest=_digest(previous, row)).returning(_TABLE.c.id)
    return int(session.execute(made).scalar_one())


def newest(session: Session) -> str:
    """The digest of the last row, nothing when there is none: whoever notes it elsewhere can prove later that no row before it is gone."""
    return str(session.execute(select(_TABLE.c.digest).order_by(_TABLE.c.id.desc()).limit(1)).scalar() or "")


@dataclass(frozen=True)
class Filter:
    """What to read. `centers`: rows of these, "" are those of no one center; the rest narrows it down, empty does not."""

    centers: tuple[str, ...]
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    actor: str = ""
    action: str = ""


def read(session: Session, chosen: Filter, *, below: int = 0, limit: int) -> list[Audit]:
    """The newest rows first; `below` goes on after a row that was shown."""
    where = list(_conditions(chosen))
    if below:
        where.append(_TABLE.c.id < below)
    return list(session.execute(select(Audit).where(*where).order_by(_TABLE.c.id.desc()).limit(limit)).scalars())


def _conditions(chosen: Filter) -> Iterator[ColumnElement[bool]]:
    yield _TABLE.c.center_id.in_(chosen.centers)
    if chosen.since is not None:
        yield _TABLE.c.at >= chosen.since
    if chosen.until is not None:
        yield _TABLE.c.at < chosen.until
    if chosen.actor:
        yield _TABLE.c.actor == chosen.actor
    if chosen.action:
        yield _TABLE.c.action == chosen.action


def met(session: Session, centers: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The actors and the actions there are to choose from."""
    here = _TABLE.c.center_id.in_(centers)
    actors, actions = (
        session.execute(select(column).where(here).distinct().order_by(column)).scalars() for column in (_TABLE.c.actor, _TABLE.c.action)
    )
    return list(actors), list(actions)


def verify(session: Session, noted: str = "") -> int | None:
    """The id of the first row that is not as it was written, or does not follow the one before it; None when all do.

    `noted`: a digest written down earlier, or how it begins. When no row has it any more, rows at the end were taken away: the answer is 0.
    """
    previous, seen = "", not noted
    columns = select(_TABLE.c.id, _TABLE.c.previous, _TABLE.c.digest, *_IN_ORDER).order_by(_TABLE.c.id)
    with session.execute(columns, execution_options={"yield_per": _AT_ONCE}) as rows:
        for number, follows, digest, *row in rows:
            if follows != previous or digest != _digest(previous, tuple(row)):
                return int(number)
            previous, seen = digest, seen or digest.startswith(noted)
    return None if seen else 0


def _canonical(values: Mapping[str, Any] | None) -> str:
    """One way only to write the same values."""
    return "" if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(previous: str, row: tuple[Any, ...]) -> str:
    at, *words = row
    text = json.dumps([previous, at.astimezone(dt.UTC).isoformat(timespec="microseconds"), *words], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
