"""Brings a database to the tables this code expects."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from bot import errors, late
from bot.db.store import StoreErrors

HEAD = "0015"


def is_current(engine: Engine) -> bool:
    """Whether the database stands at HEAD; needs no alembic, which takes a second to import."""
    with StoreErrors(), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to `revision`. Safe to call from several processes at once: on PostgreSQL under an advisory lock."""
    _run(engine, "upgrade", revision)


def downgrade(engine: Engine, revision: str) -> None:
    _run(engine, "downgrade", revision)


def _run(engine: Engine, direction: str, revision: str) -> None:
    command, config = late.load("alembic.command"), late.load("alembic.config").Config()
    config.set_main_option("script_location", "bot.db:migrations")
    try:
        with StoreErrors(), engine.begin() as connection:
            _lock(connection)
            config.attributes["connection"] = connection
            getattr(command, direction)(config, revision)
    except late.load("alembic.util").CommandError as error:
        raise errors.MotCuaError(str(error)) from error


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(774411)"))
