"""What the tables are made of: moments, ids, references. Times are aware UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, Text, TypeDecorator
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[dt.datetime]):
    """An aware moment; SQLite keeps it without a zone, so it goes in and comes out as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(dt.UTC) if dialect.name != "sqlite" else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# SQLite numbers rows by itself only for INTEGER, PostgreSQL wants 64 bits for rows that never stop coming.
BigId = BigInteger().with_variant(Integer, "sqlite")
# SQLite gives the number of a deleted newest row to the next one, unless told not to. Workers, open pages and buttons hold such
# numbers, and a person may delete everything at any instant.
NEVER_AGAIN = {"sqlite_autoincrement": True}


def row_id() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def moment(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None if null else ..., sa_column=Column(Moment, nullable=null, index=index))


def belongs_to(target: str, *, on_delete: str, null: bool = False, primary: bool = False, index: bool = True, kind: Any = BigId) -> Any:
    """A reference to another row; `kind` is the type of its key."""
    key = ForeignKey(target, ondelete=on_delete)
    column = Column(kind, key, nullable=null, primary_key=primary, index=index and not primary, autoincrement=False)
    return Field(default=None if null else ..., sa_column=column)


def text(default: str = "") -> Any:
    """Text of any length, or JSON a domain module reads and writes."""
    return Field(default=default, sa_column=Column(Text, nullable=False))


def only_on(dialect: str, index: Index) -> Index:
    """What the other kind of database does without."""
    index.info["only"] = dialect
    return index.ddl_if(dialect)


def is_on(dialect: str, item: Any) -> bool:
    """Whether this part of the metadata is there on this kind of database; alembic does not ask `ddl_if`."""
    return bool(item.info.get("only", dialect) == dialect)
