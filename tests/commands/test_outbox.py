"""`motcua outbox` on this machine."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bot import clock, errors
from bot.commands import outbox as command
from bot.db import upsert
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import outbox, senders
from bot.messages import Reply, Say

_TABLE = upsert.table(Outbox)


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    (tmp_path / "motcua.db").write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'motcua.db'}")
    return Store(f"sqlite:///{tmp_path / 'motcua.db'}")


async def _fill(store: Store) -> int:
    for address in ("lan", "mai"):
        await store.write(outbox.put, "telegram:1", address, Reply(blocks=(Say(text="chào"),)), now=clock.now() - dt.timedelta(seconds=90))
    await store.write(senders.pause, "telegram:1", clock.now() + dt.timedelta(seconds=50), "Flood")
    refused = update(_TABLE).where(_TABLE.c.address == "mai").values(state="refused", settled_at=clock.now()).returning(_TABLE.c.id)
    return int(await store.write(lambda session: session.execute(refused).scalar_one()))


def test_it_counts_tries_again_and_drops(store: Store) -> None:
    number = asyncio.run(_fill(store))
    run = CliRunner()
    said = run.invoke(command.app, []).output
    assert "queued   1" in said
    assert "refused  1" in said
    assert "telegram:1: 1 waiting, 0 on their way, the oldest for " in said
    assert "told to wait" in said
    assert run.invoke(command.app, ["retry", str(number)]).exit_code == 0
    assert run.invoke(command.app, ["drop", str(number)]).exit_code == 0
    assert "skipped  1" in run.invoke(command.app, []).output
    failed = run.invoke(command.app, ["drop", str(number)])
    assert isinstance(failed.exception, errors.MotCuaError)
    assert f"row {number}" in str(failed.exception)
    store.close()
