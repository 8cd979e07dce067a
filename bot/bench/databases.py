"""A database of a benchmark's own beside the configured one, which is not touched."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextlib.contextmanager
def fresh(database: str) -> Iterator[str]:
    """The URL of a new one on the same PostgreSQL server; it is dropped at the end. Raises SQLAlchemyError where none can be made."""
    name = f"motcua_bench_{secrets.token_hex(4)}"
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            try:
                yield make_url(database).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
            finally:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
