"""Core statements where the ORM would cost too much, and INSERT … ON CONFLICT for whichever database the session talks to.

What runs with every message is a statement made once, with `bindparam`s, and run by `run`: building one anew takes five times
as long as running it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements where the ORM would cost too much."""
    found = model.__table__  # type: ignore[attr-defined]
    assert isinstance(found, Table)
    return found


def insert(session: Session, model: type[SQLModel], **values: Any) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be given `on_conflict_do_nothing` or `on_conflict_do_update`."""
    return into(dialect(session), model).values(**values)


def into(name: str, model: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """The same for the dialect of that name, its values to be given when it runs."""
    return postgresql.insert(table(model)) if name == "postgresql" else sqlite.insert(table(model))


def dialect(session: Session) -> str:
    return session.connection().dialect.name


def run(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Run a Core statement in the session's transaction. Objects added to the session and not flushed yet are not seen by it."""
    return session.connection().execute(statement, values)
