"""What a page asks of the database, noted while it is made; and the same asked again straight through the driver, to know its share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection


class Asked(NamedTuple):
    """SQLite tells a statement with its values inside."""

    sql: Any
    values: Any = None


@contextlib.contextmanager
def noted(connection: Connection) -> Iterator[list[Asked]]:
    """Every statement from now on, whichever way it goes to the driver."""
    driver: Any = connection.connection.dbapi_connection
    asked: list[Asked] = []
    if connection.dialect.name == "sqlite":
        driver.set_trace_callback(lambda sql: asked.append(Asked(sql)))
        try:
            yield asked
        finally:
            driver.set_trace_callback(None)
        return
    usual = driver.cursor_factory

    class Noting(usual):  # type: ignore[misc, valid-type]
        def execute(self, query: Any, params: Any = None, **named: Any) -> Any:
            asked.append(Asked(query, params))
            return super().execute(query, params, **named)

    driver.cursor_factory = Noting
    try:
        yield asked
    finally:
        driver.cursor_factory = usual


def again(connection: Connection, asked: Sequence[Asked]) -> float:
    """Seconds until the last row of the last answer is here."""
    driver: Any = connection.connection.dbapi_connection
    began = time.perf_counter()
    for sql, values in asked:
        if not str(sql).startswith("BEGIN"):
            (driver.execute(sql) if values is None else driver.execute(sql, values)).fetchall()
    return time.perf_counter() - began
