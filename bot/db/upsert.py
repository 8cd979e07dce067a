"""INSERT … ON CONFLICT for whichever database the session talks to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements where the ORM would cost too much."""
    found = model.__table__  # type: ignore[attr-defined]
    assert isinstance(found, Table)
    return found


def insert(session: Session, model: type[SQLModel], **values: Any) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be given `on_conflict_do_nothing` or `on_conflict_do_update`."""
    return into(session.get_bind().dialect.name, model).values(**values)


def into(dialect: str, model: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """The same for the dialect of that name, its values to be given when it runs."""
    return postgresql.insert(table(model)) if dialect == "postgresql" else sqlite.insert(table(model))
