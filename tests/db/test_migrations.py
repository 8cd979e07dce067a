"""Migrations go up, down and up again, and end at exactly the tables of the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from bot.db import columns, day, schema, staff, tables  # noqa: F401 (their tables belong to the metadata)
from bot.db.store import Store


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    store = Store(database_url)
    yield store.engine
    store.close()


def differences(engine: Engine) -> list[object]:
    def belongs(item: Any, *_: object) -> bool:
        return columns.is_on(engine.dialect.name, item)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": belongs})
        return list(compare_metadata(context, columns.metadata))


def test_migrations_end_at_the_tables_of_the_code(engine: Engine) -> None:
    assert differences(engine) == []


def test_down_removes_everything_and_up_brings_it_back(engine: Engine) -> None:
    schema.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade(engine)
    assert differences(engine) == []


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory("bot/db/migrations").get_current_head() == schema.HEAD


def test_a_migrated_database_is_known_to_be_current(engine: Engine) -> None:
    assert schema.is_current(engine)
    schema.downgrade(engine, "base")
    assert not schema.is_current(engine)
