"""`motcua bench search`: one question over the shipped catalog and over 6,000 entries, beside three searches off the shelf."""

from __future__ import annotations

import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from rapidfuzz import fuzz, process

from bot import clock, late
from bot.bench import measure, queries
from bot.bench.measure import Figures, Measured
from bot.settings import Settings
from procedures import cache, loader, search, text
from procedures.catalog import Catalog

ENTRIES = 6_000
QUESTIONS = 1_000
WARM_UP = 50
BASELINE_SECONDS = 8.0
HITS = 5
SEED = 20261121

Search = Callable[[str], object]


def run(_settings: Settings, data: Path = loader.DATA, *, entries: int = ENTRIES, questions: int = QUESTIONS) -> Measured:
    """Milliseconds a question (`_cpu`: without waiting for other processes), seconds to load, megabytes it then takes."""
    with tempfile.TemporaryDirectory() as folder:
        cache_dir = Path(folder)
        began = time.perf_counter()
        shipped = loader.load(data, cache_dir=cache_dir)
        index = search.build(shipped, cache_dir)
        cold = time.perf_counter() - began
        many = queries.enlarged(shipped, entries, SEED)
        began = time.perf_counter()
        large = search.build(many, cache_dir)
        cold_large = time.perf_counter() - began
        cache.write(cache_dir, many)
        figures = {
            "shipped_entries": len(shipped.procedures),
            **_ours("shipped", index, shipped, questions),
            "shipped_load_cold_s": round(cold, 3),
            **_warm("shipped", cache_dir, shipped.version),
            "entries": len(many.procedures),
            **_ours("large", large, many, questions),
            "large_index_cold_s": round(cold_large, 3),
            **_warm("large", cache_dir, many.version),
            "load_average": measure.load_average(),
        }
    baseline = _baselines(many, questions)
    ours = float(figures["large_p50_ms"])
    ratio = {name: round(value / ours, 1) for name, value in baseline.items() if isinstance(value, float) and name.endswith("_p50_ms")}
    return Measured("search", figures, baseline, ratio)


def _ours(label: str, index: search.Index, catalog: Catalog, questions: int) -> Figures:
    today = clock.today(clock.now())
    asked = queries.typed(catalog, questions + WARM_UP, SEED)
    seconds, cpu = _timed(lambda question: index.find(question, today=today), asked)
    return {
        f"{label}_p50_ms": measure.percentile_ms(seconds, 0.5),
        f"{label}_p99_ms": measure.percentile_ms(seconds, 0.99),
        f"{label}_p50_cpu_ms": measure.percentile_ms(cpu, 0.5),
        f"{label}_p99_cpu_ms": measure.percentile_ms(cpu, 0.99),
        f"{label}_questions": len(seconds),
    }


def _timed(find: Search, asked: Sequence[str], at_most: float = 60.0) -> tuple[list[float], list[float]]:
    """Wall and processor seconds of each question after some to warm up, until the time is up."""
    for question in asked[:WARM_UP]:
        find(question)
    wall: list[float] = []
    cpu: list[float] = []
    end = time.perf_counter() + at_most
    for question in asked[WARM_UP:]:
        began, worked = time.perf_counter(), time.thread_time()
        find(question)
        wall.append(time.perf_counter() - began)
        cpu.append(time.thread_time() - worked)
        if began > end:
            break
    return wall, cpu


def _warm(label: str, cache_dir: Path, version: str) -> Figures:
    """Load from the cache in a process of its own, so that nothing else is in its memory."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        seconds, before, after = fresh.submit(_load, cache_dir, version).result()
    return {f"{label}_load_warm_s": round(seconds, 3), f"{label}_memory_mb": round(after - before, 1)}


def _load(cache_dir: Path, version: str) -> tuple[float, float, float]:
    """Seconds, and megabytes before and after."""
    before, began = measure.memory_mb(), time.perf_counter()
    catalog = cache.read(cache_dir, version)
    assert catalog is not None, "written a moment ago"
    index = search.build(catalog, cache_dir)
    index.find("khai sinh", today=clock.today(clock.now()))
    return time.perf_counter() - began, before, measure.memory_mb()


def _baselines(catalog: Catalog, questions: int) -> Figures:
    titles = [text.fold(entry.name) for entry in catalog.procedures.values()]
    asked = [text.fold(question) for question in queries.typed(catalog, questions + WARM_UP, SEED)]
    made: dict[str, float | int | str] = {}
    for name, build in (("rapidfuzz_wratio", _wratio), ("sqlite_fts5", _fts5), ("tantivy", _tantivy)):
        try:
            with build(titles) as find:
                seconds, _ = _timed(find, asked, BASELINE_SECONDS)
        except ImportError:
            made[name] = "not installed: pip install -e '.[dev]'"
            continue
        made[f"{name}_p50_ms"], made[f"{name}_p99_ms"] = measure.percentile_ms(seconds, 0.5), measure.percentile_ms(seconds, 0.99)
        made[f"{name}_questions"] = len(seconds)
    return made


@contextmanager
def _wratio(titles: Sequence[str]) -> Iterator[Search]:
    yield lambda question: process.extract(question, titles, scorer=fuzz.WRatio, limit=HITS)


@contextmanager
def _fts5(titles: Sequence[str]) -> Iterator[Search]:
    with closing(sqlite3.connect(":memory:")) as base:
        base.execute("CREATE VIRTUAL TABLE title USING fts5(name)")
        base.executemany("INSERT INTO title VALUES (?)", ((title,) for title in titles))
        statement = "SELECT rowid FROM title WHERE title MATCH ? ORDER BY bm25(title) LIMIT ?"
        yield lambda question: base.execute(statement, (_any_word(question), HITS)).fetchall()


@contextmanager
def _tantivy(titles: Sequence[str]) -> Iterator[Search]:
    tantivy = late.load("tantivy")
    schema = tantivy.SchemaBuilder().add_text_field("name", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer()
    for title in titles:
        writer.add_document(tantivy.Document(name=title))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    yield lambda question: searcher.search(index.parse_query(_any_word(question), ["name"]), HITS)


def _any_word(question: str) -> str:
    return " OR ".join(f'"{word}"' for word in question.split())
