"""Benchmarks: the shape of what they print, and that their numbers come from work that was really done."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import sys
from pathlib import Path

import pytest
from rapidfuzz import fuzz
from sqlalchemy import create_engine, make_url, text
from typer.testing import CliRunner

from bot import errors
from bot.bench import booking, measure, notices, queries, search, start, turns, webhook
from bot.bench.measure import Measured
from bot.commands import bench
from bot.conversation.context import Premises
from bot.settings import Settings
from procedures.catalog import Catalog
from procedures.text import fold
from tests.conftest import TINY

CHANCE = random.Random(1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "var", cache_dir=tmp_path / "cache", database_url="")


def positive(measured: Measured, *names: str) -> bool:
    found = {**measured.figures, **measured.baseline, **measured.ratio}
    return all(float(found[name]) > 0 for name in names)


def test_a_percentile_is_the_smallest_time_that_many_do_not_exceed() -> None:
    seconds = [number / 1000 for number in range(100, 0, -1)]
    assert (measure.percentile_ms(seconds, 0.5), measure.percentile_ms(seconds, 0.99), measure.percentile_ms(seconds, 1)) == (50, 99, 100)
    assert measure.percentile_ms([0.007], 0.99) == 7


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind threads to cores")
def test_one_core_is_one_core_and_is_given_back() -> None:
    before = os.sched_getaffinity(0)
    with measure.one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_the_same_questions_are_made_in_every_run_and_none_twice(tiny_catalog: Catalog) -> None:
    asked = queries.typed(tiny_catalog, 60, 7)
    assert asked == queries.typed(tiny_catalog, 60, 7)
    assert len(set(asked)) == 60
    assert asked != queries.typed(tiny_catalog, 60, 8)


def test_raw_telex_is_the_keys_pressed() -> None:
    assert queries.telex("Đăng ký khai sinh", CHANCE) == "ddawng kys khai sinh"
    assert queries.telex("giấy chứng nhận độc thân", CHANCE) == "giaays chuwngs nhaanj ddoocj thaan"


def test_marks_come_off_and_a_slip_stays_near() -> None:
    assert queries.bare("Đăng ký khai sinh", CHANCE) == "dang ky khai sinh"
    phrase = "đăng ký khai sinh"
    assert all(fuzz.ratio(phrase, queries.slipped(phrase, CHANCE)) > 85 for _ in range(50))


def test_an_enlarged_catalog_keeps_its_entries_and_adds_different_titles(tiny_catalog: Catalog) -> None:
    many = queries.enlarged(tiny_catalog, len(tiny_catalog.procedures) + 20, 7)
    assert len(many.procedures) == len(tiny_catalog.procedures) + 20
    assert all(many.procedures[code] is entry for code, entry in tiny_catalog.procedures.items())
    assert len({fold(entry.name) for entry in many.procedures.values()}) >= 20
    assert all(entry.checked.imported for code, entry in many.procedures.items() if code not in tiny_catalog.procedures)
    assert many.version != tiny_catalog.version


def test_search_times_every_question_on_both_catalogs_and_beside_each_baseline(settings: Settings, tiny_catalog: Catalog) -> None:
    entries = len(tiny_catalog.procedures) + 20
    measured = search.run(settings, TINY, entries=entries, questions=20)
    assert measured.figures["shipped_questions"] == measured.figures["large_questions"] == 20
    assert measured.figures["entries"] == entries
    kinds = [f"{label}_{figure}" for label in ("shipped", "large") for figure in ("p50_ms", "p99_ms", "p99_cpu_ms", "load_warm_s", "memory_mb")]
    assert positive(measured, *kinds, "shipped_load_cold_s", "large_index_cold_s")
    assert measured.baseline["rapidfuzz_wratio_questions"] == measured.baseline["sqlite_fts5_questions"] == 20
    assert set(measured.ratio) == {name for name in measured.baseline if name.endswith("_p50_ms")}


def test_a_baseline_that_is_not_installed_is_said_to_be_so(tiny_catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tantivy", None)
    found = search._baselines(tiny_catalog, 5)
    assert "not installed" in str(found["tantivy"])
    assert "sqlite_fts5_p50_ms" in found


def test_the_database_of_a_baseline_is_closed_when_its_time_is_up() -> None:
    with search._fts5(["dang ky khai sinh", "dang ky khai tu"]) as find:
        assert find("khai sinh") == [(1,), (2,)]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        find("khai sinh")


def test_turns_are_counted_from_answers_committed_beside_both_baselines(settings: Settings) -> None:
    measured = turns.run(settings, TINY, seconds=0.3)
    rates = [f"{name}{rate}" for name in ("", "aiogram_echo_", "raw_sqlite_") for rate in ("turns_per_s", "turns_per_cpu_s")]
    assert positive(measured, *rates, "p50_ms", "p99_ms")
    assert int(measured.figures["turns"]) >= turns.AT_ONCE + 30, "everybody once, and 0.3 s at 100 a second"
    assert set(measured.ratio) == {*rates} - {"turns_per_s", "turns_per_cpu_s"}
    assert not list(settings.data_dir.iterdir()), "nothing is left on the disk"


def test_turns_on_postgresql_use_a_database_of_their_own_and_drop_it(postgres: str, tiny: Premises) -> None:
    before = databases(postgres)
    found = turns._on_postgresql(postgres, tiny, 0.2)
    assert float(found["postgresql_turns_per_s"]) > 0
    assert databases(postgres) == before


def test_bookings_are_counted_when_committed_and_every_seat_is_sold_once(settings: Settings) -> None:
    measured = booking.run(settings, rounds=1, looks=8)
    assert measured.figures["bookings"] == booking.TIMES * booking.SEATS
    rates = [f"{name}{rate}" for name in ("", "raw_sqlite_") for rate in ("bookings_per_s", "bookings_per_cpu_s")]
    assert positive(measured, *rates, "p50_ms", "p99_ms", "month_ms_p50", "month_ms_p95")
    assert set(measured.ratio) == {"raw_sqlite_bookings_per_s", "raw_sqlite_bookings_per_cpu_s"}
    assert not list(settings.data_dir.iterdir()), "nothing is left on the disk"


def test_bookings_on_postgresql_use_a_database_of_their_own_and_drop_it(postgres: str) -> None:
    before = databases(postgres)
    ours, raw = booking._on_postgresql(postgres, 1, 4)
    assert ours["postgresql_bookings"] == booking.TIMES * booking.SEATS
    assert float(ours["postgresql_bookings_per_s"]) > 0
    assert raw["raw_postgresql_bookings_per_s"] > 0
    assert databases(postgres) == before


async def test_a_seat_sold_twice_is_found_by_the_bench_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking, "_sold", lambda *_: {})
    with pytest.raises(AssertionError, match="every seat sold once"):
        await booking._measure(f"sqlite:///{settings.data_dir}/b.db", 1, 1)


def test_a_notice_is_measured_from_its_ledger_to_its_last_fate(settings: Settings) -> None:
    measured = notices.run(settings, people=60, alone=40)
    assert measured.figures["people"] == 60
    assert positive(measured, "ledger_s", "messages_per_s", "cpu_ms_a_message", "memory_mb_at_a_tenth", "memory_mb_at_the_end")
    assert set(measured.ratio) == {"own_to_library_cpu"}
    assert not list(settings.data_dir.iterdir()), "nothing is left on the disk"


def test_notices_on_postgresql_use_a_database_of_their_own_and_drop_it(postgres: str) -> None:
    before = databases(postgres)
    found = notices._on_postgresql(postgres, 50, 30)
    assert float(found["postgresql_processes_messages_per_s"]) > 0
    assert databases(postgres) == before


def databases(url: str) -> set[str]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = set(connection.execute(text("SELECT datname FROM pg_database")).scalars())
    engine.dispose()
    return found


def test_the_echo_gives_every_update_back() -> None:
    assert asyncio.run(turns._echo(0.1)).turns > 0


def test_the_first_line_is_waited_for_and_a_command_that_says_none_is_named_with_its_reason() -> None:
    slow = "import sys, time; time.sleep(0.2); print(sys.stdin.readline())"
    assert start.first_line([sys.executable, "-c", slow], os.environ) >= 0.2
    with pytest.raises(errors.MotCuaError, match="the catalog is broken"):
        start.first_line([sys.executable, "-c", "raise SystemExit('the catalog is broken')"], os.environ)


def test_a_service_is_ready_when_its_health_check_answers() -> None:
    port = start.free_port()
    server = (
        "import time, http.server as h\n"
        "class Handler(h.BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200 if self.path == '/suc-khoe' else 404)\n"
        "        self.end_headers()\n"
        f"time.sleep(0.2)\nh.HTTPServer(('127.0.0.1', {port}), Handler).serve_forever()\n"
    )
    assert start.until_healthy([sys.executable, "-c", server], port, os.environ) >= 0.2
    with pytest.raises(errors.MotCuaError, match="cannot start"):
        start.until_healthy([sys.executable, "-c", "raise SystemExit('cannot start')"], port, os.environ)


def test_json_is_one_object_of_the_four_parts_and_the_table_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Measured("start", {"ask_s": 0.5}, {"import_s": 4.0}, {"ask_s": 0.12})
    monkeypatch.setattr(start, "run", lambda *_: measured)
    printed = CliRunner().invoke(bench.app, ["start", "--json"])
    assert json.loads(printed.output) == {"name": "start", "figures": {"ask_s": 0.5}, "baseline": {"import_s": 4.0}, "ratio": {"ask_s": 0.12}}
    table = CliRunner().invoke(bench.app, ["start"]).output
    assert all(word in table for word in ("Measured", "0.5", "Baseline", "4.0", "Ratio", "0.12"))


def test_an_unknown_name_is_one_line_with_the_names_there_are() -> None:
    result = CliRunner().invoke(bench.app, ["bookings"])
    assert isinstance(result.exception, errors.MotCuaError)
    assert str(result.exception) == "no benchmark is called bookings; there are search, turns, booking, notices, statistics, start, webhook"


def test_events_posted_while_the_database_is_busy_are_all_kept_and_bad_ones_change_nothing(settings: Settings) -> None:
    measured = webhook.run(settings, TINY, seconds=5)
    figures = {name: float(value) for name, value in measured.figures.items()}
    assert figures["events"] == 5 * webhook.PER_SECOND
    assert (figures["lost"], figures["kept_but_bad"], figures["wrongly_answered"]) == (0, 0, 0)
    assert figures["kept"] >= 0.7 * figures["events"]
    assert figures["writes_beside_per_s"] > 0
    if figures["provider_behind_s"] < 0.05:  # else the machine had no time for the one who posts, and says nothing about the service
        assert figures["p99_ms"] < 200
