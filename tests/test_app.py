"""The service as it is wired: its centers have their rows, and hours changed elsewhere are noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app as service
from bot.app import App
from bot.db import upsert
from bot.db.figures import FIGURE
from bot.db.results import Recount
from bot.db.store import Store
from bot.domain import centers, counters, figures, hours, rebuilding, recounting
from bot.domain.hours import Span, Week
from bot.settings import Settings
from tests.center_day import CENTER_OF_FILE
from tests.fakes import NOON
from tests.figures.test_rollups import NOW, TODAY, a_rating

CENTER = "trung-tam"
MONDAYS = Week(((Span(450, 690),), *[()] * 6))


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    made = service.build(settings(database_url, tmp_path), channels=[])
    yield made
    made.store.close()


def settings(database_url: str, folder: Path) -> Settings:
    return Settings.model_validate({"data_dir": folder, "database_url": database_url})


async def test_a_built_service_has_its_centers_groups_and_counters(app: App) -> None:
    assert [group.letter for group in await app.store.read(counters.groups, CENTER)] == ["A", "B", "C", "D"]
    assert len(await app.store.read(counters.counters, CENTER)) == 7


async def test_a_service_started_again_keeps_the_hours_staff_set(app: App, database_url: str, tmp_path: Path) -> None:
    await app.store.write(hours.set_week, CENTER, MONDAYS, actor="staff:1", now=NOON)
    again = service.build(settings(database_url, tmp_path), channels=[])
    again.store.close()
    assert again.premises.center.week == MONDAYS


async def test_hours_changed_by_another_process_are_noticed(app: App, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "REFRESH_SECONDS", 0.02)
    other = Store(database_url)
    running = asyncio.create_task(app.run())
    try:
        await other.write(hours.set_week, CENTER, MONDAYS, actor="staff:1", now=NOON)
        for _ in range(500):
            if app.premises.center.week == MONDAYS:
                break
            await asyncio.sleep(0.02)
        assert app.premises.center.week == MONDAYS
    finally:
        app.stop()
        await running
        other.close()


async def test_figures_an_upgrade_left_are_counted_at_the_start(app: App) -> None:
    await app.store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    await app.store.write(a_rating, "a")
    with app.store.engine.begin() as connection:
        connection.execute(FIGURE.delete())
        connection.execute(upsert.table(Recount).insert().values(name=recounting.FIGURES))
    running = asyncio.create_task(app.run())
    try:
        for _ in range(500):
            if await app.store.read(recounting.left) is None:
                break
            await asyncio.sleep(0.02)
        assert (await app.store.read(figures.sums, TODAY)).ratings == 1
    finally:
        app.stop()
        await running


async def test_figures_that_cannot_be_counted_end_nothing_and_wait_for_the_next_start(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a row nobody can read")

    await app.store.write(centers.settle, (CENTER_OF_FILE,), now=NOW)
    await app.store.write(a_rating, "a")
    with app.store.engine.begin() as connection:
        connection.execute(upsert.table(Recount).insert().values(name=recounting.FIGURES))
    monkeypatch.setattr(rebuilding, "own", broken)
    await app._count_figures()
    assert await app.store.read(recounting.left) is not None
