"""Lists handed out to people: each pinned to the version it was made from, found again by an unguessable token."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.prepared import Prepared
from bot.db.tables import Checklist
from bot.messages import Papers

TOKEN_BYTES = 12


_TABLE = upsert.table(Checklist)


@dataclass
class Kept:
    """A list as it is stored. It is read and changed in most turns, hence not through the ORM."""

    id: int
    token: str
    person_id: int
    account_id: int | None
    code: str
    version: str
    told_version: str
    answers: str
    ticked: str
    pinned: str
    complete: bool
    created_at: dt.datetime
    updated_at: dt.datetime


_COLUMNS = [_TABLE.c[field.name] for field in fields(Kept)]
_START = Prepared(_TABLE.insert().returning(_TABLE.c.id))
_OF_PERSON = Prepared(select(*_COLUMNS).where(_TABLE.c.id == bindparam("row"), _TABLE.c.person_id == bindparam("person")))


def start(session: Session, code: str, version: str, *, person_id: int, account_id: int, now: dt.datetime) -> Kept:
    """A new list, its interview not begun yet."""
    made = Kept(
        id=0, token=secrets.token_urlsafe(TOKEN_BYTES), person_id=person_id, account_id=account_id, code=code, version=version,
        told_version=version, answers="{}", ticked="[]", pinned="", complete=False, created_at=now, updated_at=now,
    )  # fmt: skip
    row = {name: value for name, value in vars(made).items() if name != "id"}
    [(made.id,)] = _START.rows(session, **row)
    return made


def of_person(session: Session, checklist_id: int, person_id: int) -> Kept | None:
    """The list, if it is this person's: a number in a button opens nobody else's."""
    row = _OF_PERSON.first(session, row=checklist_id, person=person_id)
    return None if row is None else Kept(*row)


def get(session: Session, checklist_id: int) -> Kept | None:
    """Anybody's list, for staff who serve its holder."""
    return next(_found(session, select(*_COLUMNS).where(_TABLE.c.id == checklist_id)), None)


def by_token(session: Session, token: str) -> Kept | None:
    return next(_found(session, select(*_COLUMNS).where(_TABLE.c.token == token)), None)


def latest(session: Session, person_id: int, limit: int = 5) -> Sequence[Kept]:
    """The person's newest lists that were handed out, also those being corrected now."""
    mine = select(*_COLUMNS).where(_TABLE.c.person_id == person_id, _TABLE.c.pinned != "")
    return list(_found(session, mine.order_by(_TABLE.c.updated_at.desc()).limit(limit)))


def _found(session: Session, rows: Select[Any]) -> Iterator[Kept]:
    return (Kept(*row) for row in session.execute(rows))


@lru_cache(maxsize=8)
def _setting(names: tuple[str, ...]) -> Prepared:
    return Prepared(update(_TABLE).where(_TABLE.c.id == bindparam("row")).values({name: bindparam(f"new_{name}") for name in names}))


def _change(session: Session, checklist: Kept, **new: Any) -> None:
    """Write these columns and no others: another process may be changing the rest."""
    _setting(tuple(new)).run(session, row=checklist.id, **{f"new_{name}": value for name, value in new.items()})
    for name, value in new.items():
        setattr(checklist, name, value)


def answers(checklist: Kept) -> dict[str, str]:
    found = json.loads(checklist.answers)
    return {str(key): str(value) for key, value in found.items()}


def answer(session: Session, checklist: Kept, question: str, option: str, *, now: dt.datetime) -> None:
    """Give or change one answer; answering twice the same changes nothing. A changed list is finished when it is pinned anew."""
    given = answers(checklist)
    if given.get(question) != option:
        _change(session, checklist, answers=json.dumps({**given, question: option}), complete=False, updated_at=now)


def take_back(session: Session, checklist: Kept, question: str, *, now: dt.datetime) -> None:
    """Forget one answer."""
    left = {key: value for key, value in answers(checklist).items() if key != question}
    _change(session, checklist, answers=json.dumps(left), complete=False, updated_at=now)


def ticked(checklist: Kept) -> frozenset[str]:
    return frozenset(json.loads(checklist.ticked))


def tick(session: Session, checklist: Kept, have: Iterable[str], *, now: dt.datetime) -> None:
    """Set exactly which papers the person has."""
    _change(session, checklist, ticked=json.dumps(sorted(set(have))), updated_at=now)


def pin(session: Session, checklist: Kept, papers: Papers, version: str, *, now: dt.datetime) -> None:
    """Keep the list as it is handed out, with the version of its entry."""
    _change(session, checklist, pinned=papers.model_dump_json(), version=version, told_version=version, complete=True, updated_at=now)


def pinned(checklist: Kept) -> Papers | None:
    return Papers.model_validate_json(checklist.pinned) if checklist.pinned else None


def outdated(session: Session, versions: Mapping[str, str], *, since: dt.datetime) -> Sequence[Kept]:
    """Finished lists not older than `since` whose entry changed and whose holder was not told yet."""
    finished = select(*_COLUMNS).where(_TABLE.c.complete, _TABLE.c.updated_at >= since)
    return [row for row in _found(session, finished.order_by(_TABLE.c.id)) if versions.get(row.code, row.told_version) != row.told_version]


def told(session: Session, checklist: Kept, version: str) -> bool:
    """Note that its holder knows of this version; False when another process was first."""
    known = and_(_TABLE.c.id == checklist.id, _TABLE.c.told_version == checklist.told_version)
    return bool(getattr(session.execute(update(_TABLE).where(known).values(told_version=version)), "rowcount", 0))
