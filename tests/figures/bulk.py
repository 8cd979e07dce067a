"""Rows of a generated province, straight into the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert, text

from tests.figures.province import FIELDS, Province, Row


def write(engine: Engine, province: Province) -> None:
    """Straight into the tables: no rollup knows of these rows."""
    with engine.begin() as connection:
        for code, field in FIELDS.items():
            connection.execute(text("INSERT INTO procedure_field (code, field) VALUES (:code, :field)"), {"code": code, "field": field})
        for table, rows in province.rows.items():
            _bulk(connection, table, rows)


def _bulk(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """PostgreSQL takes lines several times as fast as statements."""
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    names = list(rows[0])
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as lines:
            for row in rows:
                lines.write_row([row[name] for name in names])
        if isinstance(rows[0]["id"], int):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {len(rows)})")
