"""The two kinds of database, as the store wants them: SQLite with its pragmas and quick savepoints, PostgreSQL with quick commits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlmodel import Session

from bot import errors
from bot.db import ending

BUSY_TIMEOUT_MS = 15_000
# secure_delete: what a person had deleted is overwritten, not only unlinked.
_PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON")


def postgres(url: URL, connections: int) -> Engine:
    engine = create_engine(url.set(drivername="postgresql+quick"), pool_size=connections, max_overflow=4)
    ending.watch(engine)
    return engine


def sqlite(url: URL, begin: str) -> Engine:
    path = url.database
    if path and path != ":memory:":
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.StoreUnavailable(f"{path}: {error.strerror}") from error
    arguments = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = create_engine(url.set(drivername="sqlite+quick"), connect_args=arguments)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3 must not open transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    ending.watch(engine)
    return engine


class _QuickSavepoints(SQLiteDialect_pysqlite):
    """Savepoints said straight to the driver: through the statement compiler each takes ten times as long."""

    supports_statement_cache = True

    def do_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"RELEASE {name}")

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"ROLLBACK TO {name}")


def _say(connection: Connection, words: str) -> None:
    driver(connection).execute(words)


def of_postgresql(session: Session) -> bool:
    return bool((session.bind or session.get_bind()).dialect.name == "postgresql")


def driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


registry.register("sqlite.quick", __name__, _QuickSavepoints.__name__)
registry.register("postgresql.quick", "bot.db.one_trip", "OneTrip")
