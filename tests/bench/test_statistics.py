"""The benchmark of figures: its rows are really there, its rollups agree with them, and it leaves nothing behind."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session

from bot.bench import manager_pages, ratings, statistics
from bot.bench.ratings import Size
from bot.db import upsert
from bot.db.results import Feedback
from bot.db.store import Store
from bot.domain import figures, rebuilding
from bot.domain.scopes import Scope
from bot.settings import Settings
from tests.bench.test_bench import databases

SMALL = Size(ratings=300, centers=5, days=40, last=dt.date(2026, 11, 22))
_TABLE = upsert.table(Feedback)


async def test_the_rows_of_the_bench_are_summed_up_as_they_are(store: Store) -> None:
    size = dataclasses.replace(SMALL, ratings=1200, centers=7)
    ratings.fill(store.engine, size)
    assert [difference async for difference in rebuilding.everything(store)]
    with Session(store.engine) as session:
        found = figures.sums(session, Scope(None, size.first, size.last))
        rows, levels, first = session.execute(select(func.count(), func.sum(_TABLE.c.staff), func.min(_TABLE.c.created_at))).one()
        assert (found.ratings, found.staff_sum) == (rows, levels) == (1200, levels)
        assert len(figures.by_center(session, Scope(None, size.first, size.last))) == 7
        assert (found.visits, found.received) == (120, 60)
        assert first < dt.datetime.combine(size.first, dt.time(12), dt.UTC)
        assert min(found.low, found.over_said, found.wait_n, found.papers_missing, found.ready_late, found.answered_questions) > 0


def test_every_page_is_measured_beside_the_raw_rows_and_a_rating_with_and_without_rollups(tmp_path: Path) -> None:
    measured = statistics.run(Settings(data_dir=tmp_path / "var", database_url=""), size=SMALL, looks=12, given=3)
    pages = {f"{page}_{kind}ms_p95" for page in manager_pages.PAGES for kind in ("", "queries_")}
    assert all(float(measured.figures[name]) > 0 for name in (*pages, "slowest_page_ms_p95", "rating_without_rollups_ms", "figure_rows"))
    assert {"added_to_a_rating_ms", "added_to_its_end_ms"} <= set(measured.figures)
    assert measured.baseline["raw_province_ms_p50"]
    assert set(measured.ratio) == {"slowest_page_to_raw_province"}
    assert not list((tmp_path / "var").iterdir()), "nothing is left on the disk"


def test_statistics_on_postgresql_use_a_database_of_their_own_and_drop_it(postgres: str) -> None:
    before = databases(postgres)
    ours, raw = statistics._on_postgresql(postgres, SMALL, 7, 2)
    assert float(ours["postgresql_slowest_page_ms_p95"]) > 0
    assert raw["postgresql_raw_province_ms_p50"]
    assert databases(postgres) == before
