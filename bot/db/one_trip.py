"""PostgreSQL as the store speaks to it: a commit takes the last statement of its transaction along (db.last_word).

Done with libpq's pipeline as psycopg wraps it. psycopg's own pipeline makes two trips of it: it waits for the COMMIT, and once more when it
is left. Imported only where there is a PostgreSQL.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Generator
from typing import Any

from psycopg import errors, generators, pq
from sqlalchemy import Connection, PoolProxiedConnection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from bot.db.last_word import PENDING, Word

_PREPARED = "last_words"  # in what a connection keeps: the names of those the server knows
_numbers = itertools.count(1)
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)


class Forgotten(errors.OperationalError):
    """The server was made to forget what was prepared by somebody else than a rollback (psycopg does it after a DROP). To be tried again."""

    sqlstate = errors.InvalidSqlStatementName.sqlstate


class OneTrip(PGDialect_psycopg):
    supports_statement_cache = True
    takes_last_word = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """What a transaction that failed had left to say is not this one's."""
        dbapi_connection.info.pop(PENDING, None)

    def do_rollback(self, dbapi_connection: PoolProxiedConnection) -> None:
        super().do_rollback(dbapi_connection)  # type: ignore[no-untyped-call]
        _forget(dbapi_connection)

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        super().do_rollback_to_savepoint(connection, name)  # type: ignore[no-untyped-call]
        _forget(connection.connection)

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        word = dbapi_connection.info.pop(PENDING, None)
        if word is None:
            super().do_commit(dbapi_connection)  # type: ignore[no-untyped-call]
            return
        try:
            _commit_with(dbapi_connection, word)
        except BaseException:  # the transaction is still open at the database, and the connection is used again
            with contextlib.suppress(Exception):
                self.do_rollback(dbapi_connection)
            raise


def _forget(connection: PoolProxiedConnection) -> None:
    """With whatever is rolled back psycopg lets the server forget all that was prepared, ours too."""
    with contextlib.suppress(NotImplementedError):  # the first of all, before there is a pool
        connection.info.pop(_PREPARED, None)


def _commit_with(connection: PoolProxiedConnection, word: Word) -> None:
    """Raises psycopg's errors. One of a connection that broke leaves open whether it was committed, as with every COMMIT."""
    driver: Any = connection.dbapi_connection
    prepared: dict[bytes, bytes] = connection.info.setdefault(_PREPARED, {})
    known = prepared.get(word.statement)
    name = known or b"last_word_%d" % next(_numbers)
    try:
        with driver.lock:
            answers = driver.wait(_trip(driver.pgconn, name, word, prepare=known is None))
    except BaseException:  # it may be in the middle of an answer
        driver.close()
        raise
    if known is None and answers[0].status not in _FAILED:
        prepared[word.statement] = name
    for answer in answers:
        if answer.status in _FAILED:
            error = errors.error_from_result(answer, encoding=driver.info.encoding)
            raise Forgotten(*error.args) if error.sqlstate == Forgotten.sqlstate else error


def _trip(libpq: Any, name: bytes, word: Word, *, prepare: bool) -> Generator[Any, Any, list[Any]]:
    """The answers in order; after one that failed the others are none."""
    libpq.enter_pipeline_mode()
    if prepare:
        libpq.send_prepare(name, word.statement)
    libpq.send_query_prepared(name, word.values)
    libpq.send_query_params(b"COMMIT", None)
    libpq.pipeline_sync()
    yield from generators.send(libpq)
    answers: list[Any] = []
    for _ in range(4 if prepare else 3):
        answers += yield from generators.fetch_many(libpq)
    libpq.exit_pipeline_mode()
    return answers
