"""The last statement of a transaction, which PostgreSQL is told together with the COMMIT: one trip instead of two (db.one_trip)."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import TextClause
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from bot.db.prepared import Prepared, connection_of

PENDING = "last_word"  # in what a connection keeps
_NUMBERED: Any = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Word(NamedTuple):
    """A statement with $1, $2 and so on, and their values as they are written."""

    statement: bytes
    values: list[bytes]


class LastWord:
    """A statement that returns nothing and has a CAST around every value. `at_once`: the same in the middle of a transaction."""

    def __init__(self, statement: TextClause) -> None:
        self.at_once = Prepared(statement)
        compiled: Any = statement.compile(dialect=_NUMBERED)
        self._statement, self._order = str(compiled).encode(), tuple(compiled.positiontup)

    def say(self, session: Session, **values: Any) -> None:
        """Right before the commit (db.ending): nothing sees what it did any more. Its errors are those of the commit."""
        connection = connection_of(session)
        if getattr(connection.dialect, "takes_last_word", False) and PENDING not in connection.info:
            connection.info[PENDING] = Word(self._statement, [str(values[name]).encode() for name in self._order])
        else:
            self.at_once.run(session, **values)
