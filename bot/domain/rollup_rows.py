"""The rows figures are made of, read as domain.contributions wants them, and the fields they belong to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, bindparam, or_, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import CounterGroup
from bot.db.day import Visit as VisitRow
from bot.db.figures import ProcedureField
from bot.db.prepared import Prepared
from bot.db.questions import Question as QuestionRow
from bot.db.results import Dossier as DossierRow
from bot.db.results import Feedback as FeedbackRow
from bot.db.tables import Account
from bot.domain import contributions
from bot.domain.contributions import Contribution, Dossier, Feedback, Question, Visit

Kind = Literal["visit", "feedback", "dossier", "question"]
Row = Visit | Feedback | Dossier | Question
AT_ONCE = 500

VISITS, FEEDBACK, DOSSIERS, QUESTIONS, _ACCOUNTS, _GROUPS, _FIELDS = (
    upsert.table(kind) for kind in (VisitRow, FeedbackRow, DossierRow, QuestionRow, Account, CounterGroup, ProcedureField)
)


class _Source(NamedTuple):
    table: Table
    rows: Select[Any]
    made: type[Row]
    one: Prepared
    locked: Prepared


def _source(table: Table, rows: Select[Any], made: type[Row]) -> _Source:
    one = rows.where(table.c.id == bindparam("row"))
    return _Source(table, rows, made, Prepared(one), Prepared(one.with_for_update(of=table)))


def _columns(table: Table, made: type[Row]) -> list[Any]:
    return [table.c[name] for name in made._fields if name in table.c]


_SOURCES: dict[Kind, _Source] = {
    "visit": _source(VISITS, select(*_columns(VISITS, Visit)), Visit),
    "feedback": _source(FEEDBACK, select(*_columns(FEEDBACK, Feedback)), Feedback),
    "dossier": _source(DOSSIERS, select(*_columns(DOSSIERS, Dossier)), Dossier),
    "question": _source(
        QUESTIONS,
        select(*_columns(QUESTIONS, Question), _ACCOUNTS.c.bot).select_from(QUESTIONS).outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == QUESTIONS.c.account_id),
        Question,
    ),
}


def read(session: Session, kind: Kind, ids: Sequence[int], *, lock: bool = False) -> dict[int, Row]:
    """Those of the rows that are there. With `lock` nobody else changes them before this transaction ends."""
    source = _SOURCES[kind]
    if len(ids) == 1:
        found = (source.locked if lock else source.one).rows(session, row=ids[0])
        return {row[0]: source.made._make(row) for row in found}
    many: dict[int, Row] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = sorted(ids)[start : start + AT_ONCE]
        rows = source.rows.where(source.table.c.id.in_(some)).order_by(source.table.c.id)
        many |= {row.id: row for row in found_by(session, kind, rows.with_for_update(of=source.table) if lock else rows)}
    return many


def columns(kind: Kind) -> Sequence[ColumnElement[Any]]:
    """What a row of `kind` is made of, in this order: for a statement that returns the rows it changes."""
    return _columns(_SOURCES[kind].table, _SOURCES[kind].made)


def rows_of(kind: Kind) -> Select[Any]:
    """To be narrowed down with `where`."""
    return _SOURCES[kind].rows


def found_by(session: Session, kind: Kind, rows: Select[Any]) -> Iterator[Row]:
    """The rows of a statement made from `rows_of`, whoever called: inside the store, a test, or the end of a transaction."""
    made = _SOURCES[kind].made
    return (made._make(row) for row in session.connection().execute(rows))


def came_by(channel: str) -> ColumnElement[bool]:
    """Visits that count for this channel, as contributions.channel tells it."""
    return or_(VISITS.c.source == channel, VISITS.c.source.startswith(f"{channel}:", autoescape=True))


class Fields:
    """The field of what carries none itself, looked up once each."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._of_code: dict[str, str] = {"": ""}
        self._of_group: dict[int, str] = {}

    def of_procedure(self, code: str) -> str:
        if code not in self._of_code:
            row = _OF_CODE.first(self._session, code=code)
            self._of_code[code] = row[0] if row is not None else ""
        return self._of_code[code]

    def of_group(self, group_id: int) -> str:
        """Of counters that serve one field only."""
        if group_id not in self._of_group:
            row = _OF_GROUP.first(self._session, group=group_id)
            listed = json.loads(row[0]) if row is not None else []
            self._of_group[group_id] = listed[0] if len(listed) == 1 else ""
        return self._of_group[group_id]


_OF_CODE = Prepared(select(_FIELDS.c.field).where(_FIELDS.c.code == bindparam("code")))
_OF_GROUP = Prepared(select(_GROUPS.c.fields).where(_GROUPS.c.id == bindparam("group")))


def contributions_of(row: Row, fields: Fields) -> Iterator[Contribution]:
    """What the row counts for."""
    match row:
        case Visit():
            return contributions.of_visit(row, fields.of_procedure(row.procedure) or fields.of_group(row.group_id))
        case Feedback():
            return contributions.of_feedback(row)
        case Dossier():
            return contributions.of_dossier(row)
        case Question():
            return contributions.of_question(row, fields.of_procedure(row.about))


def all_of(rows: Iterable[Row], fields: Fields) -> Iterator[Contribution]:
    return (one for row in rows for one in contributions_of(row, fields))
