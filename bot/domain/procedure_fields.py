"""Which field a procedure belongs to in the figures: what the catalog said when it was first seen, for what carries no field itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.figures import FIGURE, ProcedureField
from bot.domain import rollup_rows, rollups
from bot.domain.contributions import COUNTED
from bot.domain.rollup_rows import QUESTIONS, VISITS, Row

_TABLE = upsert.table(ProcedureField)


def settle(session: Session, fields: Mapping[str, str]) -> None:
    """Keep the field of every code that has none yet. What was counted without a field moves there."""
    known = set(session.execute(select(_TABLE.c.code)).scalars())
    new = {code: field for code, field in fields.items() if code not in known}
    if not new:
        return

    def add() -> None:
        for code, field in sorted(new.items()):
            session.execute(upsert.insert(session, ProcedureField, code=code, field=field).on_conflict_do_nothing())

    locks.hold(session, *rollups.LOCK)
    if session.execute(select(FIGURE.c.level).limit(1)).first() is None:  # nothing was counted yet
        add()
    else:
        rollups.in_other_fields(session, lambda: _about(session, VISITS.c.procedure.in_(new), QUESTIONS.c.about.in_(new)), add)


def regroup(session: Session, group_id: int, change: Callable[[], object]) -> None:
    """`change` gives a group of counters other fields: visits that are only known by their counter move along."""
    known = select(_TABLE.c.code)
    theirs = (VISITS.c.group_id == group_id) & VISITS.c.procedure.not_in(known)
    rollups.in_other_fields(session, lambda: _about(session, theirs, None), change)


def _about(session: Session, visits: ColumnElement[bool], questions: ColumnElement[bool] | None) -> Iterator[Row]:
    counted = rollup_rows.rows_of("visit").where(visits, VISITS.c.state.in_(COUNTED))
    yield from rollup_rows.found_by(session, "visit", counted)
    if questions is not None:
        yield from rollup_rows.found_by(session, "question", rollup_rows.rows_of("question").where(questions))
