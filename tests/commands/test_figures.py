"""`motcua figures rebuild` on this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli, errors
from bot.commands import figures as command
from bot.db import upsert
from bot.db.figures import FIGURE
from bot.db.results import Recount
from bot.db.store import Store
from bot.domain import centers, recounting
from tests.center_day import CENTER_OF_FILE
from tests.figures.test_rollups import NOW, a_rating


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    (tmp_path / "motcua.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'motcua.db'}")
    return Store(f"sqlite:///{tmp_path / 'motcua.db'}")


async def _fill(store: Store) -> None:
    await store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    await store.write(a_rating, "a")


def test_it_looks_puts_right_and_finds_nothing_any_more(store: Store) -> None:
    asyncio.run(_fill(store))
    run = CliRunner()
    assert run.invoke(command.app, ["rebuild", "--check"]).output == "figures: no difference\n"
    with store.engine.begin() as connection:
        connection.execute(FIGURE.delete().where(FIGURE.c.level == "a"))
        connection.execute(upsert.table(Recount).insert().values(name=recounting.FIGURES))
    looked = run.invoke(command.app, ["rebuild", "--check"])
    assert looked.exit_code == 1
    assert "ratings 0 instead of 1" in looked.output
    assert asyncio.run(store.read(recounting.left)) is not None
    assert "figures: 2 rows are not what was counted" in looked.output
    put_right = run.invoke(command.app, ["rebuild"])
    assert (put_right.exit_code, "2 rows were not what was counted, and are now" in put_right.output) == (0, True)
    assert asyncio.run(store.read(recounting.left)) is None
    assert run.invoke(command.app, ["rebuild", "--check"]).exit_code == 0
    store.close()


def test_without_a_database_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert isinstance(failed := CliRunner().invoke(command.app, ["rebuild"]).exception, errors.MotCuaError)
    assert "motcua db up" in str(failed)
    assert "figures" in cli.COMMANDS
