"""Statements that run with every message: written in SQLAlchemy Core, compiled once, then handed straight to the driver.

The long way (cache key, execution context, result object) costs 30 to 100 µs a statement, this one 5 to 10. Errors are SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Dialect, Insert, TypeDecorator, exc
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine
from sqlmodel import Session

Statement = Any  # any Core statement that can be compiled
Convert = Callable[[Any], Any]
REMEMBERED = 512


class Prepared:
    """One statement with `bindparam`s, or an insert whose values are named when it runs. `statement` may depend on the dialect's name.

    Objects added to the session and not flushed yet are not seen by it. Rows are plain tuples.
    """

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def rows(self, session: Session, **values: Any) -> list[tuple[Any, ...]]:
        connection = connection_of(session)
        form = self._form(connection.dialect, values)
        return form.read(form.execute(connection, values))

    def first(self, session: Session, **values: Any) -> tuple[Any, ...] | None:
        rows = self.rows(session, **values)
        return rows[0] if rows else None

    def run(self, session: Session, **values: Any) -> int:
        """How many rows it changed."""
        connection = connection_of(session)
        changed: int = self._form(connection.dialect, values).execute(connection, values).rowcount
        return changed

    def _form(self, dialect: Dialect, values: Mapping[str, Any]) -> _Form:
        form = self._forms.get(dialect.name)
        if form is None:
            statement = self._statement if isinstance(self._statement, Executable) else self._statement(dialect.name)
            form = self._forms[dialect.name] = _Form(statement, dialect, list(values))
        return form


def connection_of(session: Session) -> Connection:
    """Of a savepoint the database hears only when the session is asked for its connection."""
    bind = session.bind
    return bind if isinstance(bind, Connection) and not session.in_nested_transaction() else session.connection()


class _Form:
    """The statement as one driver takes it."""

    def __init__(self, statement: Any, dialect: Dialect, names: list[str]) -> None:
        open_insert = isinstance(statement, Insert) and statement.select is None
        compiled: SQLCompiler = statement.compile(
            dialect=dialect, column_keys=names if open_insert else None, compile_kwargs={"render_postcompile": True}
        )
        self.sql = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if name not in names}
        self._order = _picker(compiled.positiontup)
        into = ((name, _into(bind.type, dialect)) for bind, name in compiled.bind_names.items())
        self._into = [(name, convert) for name, convert in into if convert is not None]
        out = (_out_of(column.type, dialect) for column in getattr(statement, "exported_columns", ()))
        self._out_of = [(place, convert) for place, convert in enumerate(out) if convert is not None]

    def execute(self, connection: Connection, values: dict[str, Any]) -> Any:
        """A cursor. `values` is written into."""
        values.update(self._constants)
        for name, convert in self._into:
            values[name] = convert(values[name])
        parameters = values if self._order is None else self._order(values)
        driver: Any = connection.connection.dbapi_connection
        try:
            return driver.execute(self.sql, parameters)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _told(connection, self.sql, parameters, error) from error

    def read(self, cursor: Any) -> list[tuple[Any, ...]]:
        rows: list[Any] = cursor.fetchall()
        return [self._row(list(row)) for row in rows] if self._out_of else rows

    def _row(self, row: list[Any]) -> tuple[Any, ...]:
        for place, convert in self._out_of:
            if row[place] is not None:
                row[place] = convert(row[place])
        return tuple(row)


def _picker(order: Sequence[str] | None) -> Callable[[Mapping[str, Any]], Sequence[Any]] | None:
    """From values by name to values in order, for a driver that counts them."""
    if order is None:
        return None
    if len(order) > 1:
        return itemgetter(*order)
    return lambda values: [values[name] for name in order]


def _told(connection: Connection, sql: str, parameters: Any, error: Any) -> BaseException:
    """The driver's error as SQLAlchemy raises it. A connection that was cut is not used again."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if lost:
        connection.invalidate(error)
    told: BaseException = exc.DBAPIError.instance(sql, parameters, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect)
    return told


def _into(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return _remembered(kind, kind.dialect_impl(dialect).bind_processor(dialect))


def _out_of(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return _remembered(kind, kind.dialect_impl(dialect).result_processor(dialect, None))


def _remembered(kind: TypeEngine[Any], convert: Convert | None) -> Convert | None:
    """Moments and dates come again and again, and cost more to convert than all the rest."""
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return lru_cache(maxsize=REMEMBERED)(convert) if convert is not None and isinstance(inner, Date | DateTime) else convert
