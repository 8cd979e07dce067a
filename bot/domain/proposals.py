"""What answers teach the catalog: phrases people type and notes, kept for whoever edits its files. The service writes no file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from sqlalchemy import Select, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.questions import Proposal as Row
from bot.domain import audit, misses, threads

KINDS = ("also", "note")
LONGEST_NOTE = 400

_TABLE = upsert.table(Row)


class Wish(NamedTuple):
    """`kind`: also (a phrase) or note; `code`: of the procedure it belongs to."""

    center_id: str
    question_id: int | None
    code: str
    kind: str
    words: str


@dataclass(frozen=True)
class Proposal:
    """One as it is stored."""

    id: int
    center_id: str
    question_id: int | None
    code: str
    kind: str
    words: str
    state: str
    author: str
    created_at: dt.datetime

    def facts(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "center": self.center_id,
            "code": self.code,
            "kind": self.kind,
            "words": self.words,
            "on": self.created_at.date().isoformat(),
        }


_COLUMNS = [_TABLE.c[one.name] for one in fields(Proposal)]


def make(session: Session, wish: Wish, *, author: str, now: dt.datetime) -> int:
    """Keep a proposal, without what points to somebody."""
    words = misses.without_traces(wish.words) if wish.kind == "also" else threads.tidy(wish.words)[:LONGEST_NOTE]
    row = wish._replace(words=words)._asdict()
    made = _TABLE.insert().values(**row, state="new", author=author, created_at=now, settled_by="").returning(_TABLE.c.id)
    number = int(session.execute(made).scalar_one())
    told = {"code": wish.code, "kind": wish.kind}
    audit.write(session, actor=author, center_id=wish.center_id, action="question.propose", subject=f"proposal:{number}", after=told, now=now)
    return number


def of_question(session: Session, question_id: int) -> Sequence[Proposal]:
    return _found(session, select(*_COLUMNS).where(_TABLE.c.question_id == question_id).order_by(_TABLE.c.id))


def waiting(session: Session) -> Sequence[Proposal]:
    """Those nobody decided about, by procedure."""
    return _found(session, select(*_COLUMNS).where(_TABLE.c.state == "new").order_by(_TABLE.c.code, _TABLE.c.kind, _TABLE.c.id))


def settle(session: Session, ids: Sequence[int], state: str, by: str, *, now: dt.datetime) -> int:
    """Taken into the catalog, or dropped; how many were still waiting."""
    mine = update(_TABLE).where(_TABLE.c.id.in_(list(ids)), _TABLE.c.state == "new").values(state=state, settled_by=by, settled_at=now)
    return len(session.execute(mine.returning(_TABLE.c.id)).all())


def by_code(found: Sequence[Proposal]) -> Mapping[str, Mapping[str, list[str]]]:
    """As the file of an entry wants them: {code: {also: […], notes: […]}}."""
    lines: dict[str, dict[str, list[str]]] = {}
    for one in found:
        lines.setdefault(one.code, {}).setdefault("also" if one.kind == "also" else "notes", []).append(one.words)
    return lines


def _found(session: Session, rows: Select[Any]) -> list[Proposal]:
    return [Proposal(*row) for row in session.execute(rows)]
