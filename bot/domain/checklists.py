"""Lists handed out to people: each pinned to the version it was made from, found again by an unguessable token."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, select, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.tables import Checklist
from bot.messages import Papers

TOKEN_BYTES = 12


def start(session: Session, code: str, version: str, *, person_id: int, account_id: int, now: dt.datetime) -> Checklist:
    """A new list, its interview not begun yet."""
    made = Checklist(
        token=secrets.token_urlsafe(TOKEN_BYTES), person_id=person_id, account_id=account_id, code=code, version=version,
        told_version=version, answers="{}", created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def of_person(session: Session, checklist_id: int, person_id: int) -> Checklist | None:
    """The list, if it is this person's: a number in a button opens nobody else's."""
    found = session.get(Checklist, checklist_id)
    return found if found is not None and found.person_id == person_id else None


def by_token(session: Session, token: str) -> Checklist | None:
    return session.execute(select(Checklist).where(col(Checklist.token) == token)).scalar_one_or_none()


def latest(session: Session, person_id: int, limit: int = 5) -> Sequence[Checklist]:
    """The person's newest lists that were handed out, also those being corrected now."""
    mine = select(Checklist).where(col(Checklist.person_id) == person_id, col(Checklist.pinned) != "")
    return session.execute(mine.order_by(col(Checklist.updated_at).desc()).limit(limit)).scalars().all()


def answers(checklist: Checklist) -> dict[str, str]:
    found = json.loads(checklist.answers)
    return {str(key): str(value) for key, value in found.items()}


def answer(checklist: Checklist, question: str, option: str, *, now: dt.datetime) -> None:
    """Give or change one answer; answering twice the same changes nothing. A changed list is finished when it is pinned anew."""
    given = answers(checklist)
    if given.get(question) != option:
        checklist.answers = json.dumps({**given, question: option})
        checklist.complete = False
        checklist.updated_at = now


def take_back(checklist: Checklist, question: str, *, now: dt.datetime) -> None:
    """Forget one answer."""
    checklist.answers = json.dumps({key: value for key, value in answers(checklist).items() if key != question})
    checklist.complete = False
    checklist.updated_at = now


def ticked(checklist: Checklist) -> frozenset[str]:
    return frozenset(json.loads(checklist.ticked))


def tick(checklist: Checklist, have: Iterable[str], *, now: dt.datetime) -> None:
    """Set exactly which papers the person has."""
    checklist.ticked = json.dumps(sorted(set(have)))
    checklist.updated_at = now


def pin(checklist: Checklist, papers: Papers, version: str, *, now: dt.datetime) -> None:
    """Keep the list as it is handed out, with the version of its entry."""
    checklist.pinned = papers.model_dump_json()
    checklist.version = checklist.told_version = version
    checklist.complete = True
    checklist.updated_at = now


def pinned(checklist: Checklist) -> Papers | None:
    return Papers.model_validate_json(checklist.pinned) if checklist.pinned else None


def outdated(session: Session, versions: Mapping[str, str], *, since: dt.datetime) -> Sequence[Checklist]:
    """Finished lists not older than `since` whose entry changed and whose holder was not told yet."""
    rows = select(Checklist).where(col(Checklist.complete), col(Checklist.updated_at) >= since).order_by(col(Checklist.id))
    return [row for row in session.execute(rows).scalars() if versions.get(row.code, row.told_version) != row.told_version]


def told(session: Session, checklist: Checklist, version: str) -> bool:
    """Note that its holder knows of this version; False when another process was first."""
    table = upsert.table(Checklist)
    known = and_(table.c.id == checklist.id, table.c.told_version == checklist.told_version)
    return bool(getattr(session.execute(update(table).where(known).values(told_version=version)), "rowcount", 0))
