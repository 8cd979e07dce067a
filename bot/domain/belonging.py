"""To which center a reply, ticket or reminder belongs: by its visit or question, its group, or what its reader came for last. Notices know it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Table, func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Reminder, Visit
from bot.db.leaving import Consent
from bot.db.questions import ChatGroup, Question
from bot.db.results import Dossier
from bot.db.tables import Account, Outbox

AT_ONCE = 500

_OUTBOX, _ACCOUNT, _GROUP = (upsert.table(kind) for kind in (Outbox, Account, ChatGroup))
_VISIT, _REMINDER, _QUESTION, _DOSSIER, _CONSENT = (upsert.table(kind) for kind in (Visit, Reminder, Question, Dossier, Consent))
_OF_VISIT, _OF_QUESTION = re.compile(r"(?:visit|hold):(\d{1,18})\b"), re.compile(r"question:(\d{1,18})\b")
_OF_DIGEST = re.compile(r"digest:[\d-]+:(.+)")


class Sent(NamedTuple):
    """`center_id`: "" where nothing says which."""

    center_id: str
    state: str


def of(session: Session, *which: ColumnElement[bool]) -> list[Sent]:
    """These rows of the outbox but for those of notices, each with its center."""
    mine = (_ACCOUNT.c.bot == _OUTBOX.c.bot) & (_ACCOUNT.c.address == _OUTBOX.c.address)
    columns = (_OUTBOX.c.key, _OUTBOX.c.state, _exactly(), _roughly())
    chosen = select(*columns).select_from(_OUTBOX.outerjoin(_ACCOUNT, mine)).where(_OUTBOX.c.notice_id.is_(None), *which)
    rows = session.execute(chosen).all()
    keys = [str(key) for key, *_ in rows if key]
    by_key = dict(_named(session, keys))
    return [Sent(exactly or by_key.get(key) or roughly or "", state) for key, state, exactly, roughly in rows]


def _exactly() -> ColumnElement[str | None]:
    reminded = _VISIT.join(_REMINDER, _REMINDER.c.visit_id == _VISIT.c.id)
    by_reminder = select(_VISIT.c.center_id).select_from(reminded).where(_REMINDER.c.outbox_id == _OUTBOX.c.id).limit(1)
    there = (_GROUP.c.bot == _OUTBOX.c.bot, _GROUP.c.address == _OUTBOX.c.address, _GROUP.c.center_id != "")
    by_group = select(_GROUP.c.center_id).where(*there)
    return func.coalesce(by_reminder.scalar_subquery(), by_group.scalar_subquery())


def _roughly() -> ColumnElement[str | None]:
    """Where the person was last, or asked, or handed in, or agreed to be written to by."""
    return func.coalesce(*(_last(table) for table in (_VISIT, _QUESTION, _DOSSIER, _CONSENT)))


def _last(table: Table) -> ScalarSelect[str]:
    return select(table.c.center_id).where(table.c.person_id == _ACCOUNT.c.person_id).order_by(table.c.id.desc()).limit(1).scalar_subquery()


def _named(session: Session, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The key of a row and its center, where the key says it."""
    for pattern, table in ((_OF_VISIT, _VISIT), (_OF_QUESTION, _QUESTION)):
        numbers = {key: int(found[1]) for key in keys if (found := pattern.match(key))}
        centers = _centers(session, table, sorted(set(numbers.values())))
        yield from ((key, centers[number]) for key, number in numbers.items() if number in centers)
    yield from ((key, found[1]) for key in keys if (found := _OF_DIGEST.fullmatch(key)) and found[1] != "*")


def _centers(session: Session, table: Table, ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        named = select(table.c.id, table.c.center_id).where(table.c.id.in_(ids[start : start + AT_ONCE]))
        found |= {row.id: row.center_id for row in session.execute(named)}
    return found
