"""What PostgreSQL goes through for a question about figures: the rows it is about, not those of all centers, and none of them by itself."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.bench import replay
from bot.db.store import Store
from bot.domain import figures, periods
from bot.domain.scopes import Scope

CENTERS, PROCEDURES, CHANNELS, MONTHS = 60, 40, 3, 12
YEAR = Scope("c7", dt.date(2025, 1, 1), dt.date(2025, 12, 31))
MADE = f"""
INSERT INTO figure (level, grain, center_id, span, procedure, field, channel, visits)
SELECT level, 'month', 'c' || center, make_date(2025, month, 1), 'p' || procedure, 'f' || procedure % 8,
    CASE level WHEN 'p' THEN '' ELSE 'k' || channel END, 1
FROM unnest(ARRAY['p', 'pc']) AS level, generate_series(1, {MONTHS}) AS month, generate_series(1, {CENTERS}) AS center,
    generate_series(1, {PROCEDURES}) AS procedure, generate_series(1, {CHANNELS}) AS channel
WHERE level = 'pc' OR channel = 1
"""


pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A year of many centers, procedures and channels."""
    store = Store(database_url)
    with store.engine.connect() as connection, Session(connection) as opened:
        connection.execute(text(MADE))
        connection.execute(text("ANALYZE figure"))
        yield opened
    store.close()


def plans(session: Session, ask: Callable[[], object]) -> list[dict[str, Any]]:
    """Of every statement, as it was carried out."""
    with replay.noted(session.connection()) as asked:
        ask()
    driver: Any = session.connection().connection.dbapi_connection
    explained = (driver.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", values).fetchone() for sql, values in asked)
    return [told[0]["Plan"] for (told,) in explained]


def searches(session: Session, ask: Callable[[], object]) -> int:
    """How often an index was gone down from its root."""
    return sum(step.get("Index Searches", 0) for plan in plans(session, ask) for step in _steps(plan))


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _steps(below)


def say(session: Session, *statements: str) -> None:
    for statement in statements:
        session.connection().execute(text(statement))


def test_all_centers_are_found_together_and_not_one_month_after_the_other(session: Session) -> None:
    def asked() -> int:
        return len(figures.by_center(session, replace(YEAR, procedure="p5", channel="k2")))

    assert asked() == CENTERS
    assert searches(session, asked) < CENTERS, "a few for each month"
    say(session, "DROP INDEX ix_figure_across")
    assert searches(session, asked) >= CENTERS, "by the key alone, which begins with the center"


def test_the_small_index_of_procedures_is_not_taken_for_other_questions(session: Session) -> None:
    def taken() -> bool:
        return "ix_figure_procedure" in json.dumps(plans(session, lambda: figures.by_procedure(session, replace(YEAR, field="f3"))))

    say(session, "ALTER TABLE figure DROP CONSTRAINT pk_figure", "DROP INDEX ix_figure_across", "SET LOCAL enable_seqscan = off")
    assert not taken(), "though there is no other"
    say(
        session,
        "DROP INDEX ix_figure_procedure",
        "CREATE INDEX ix_figure_procedure ON figure (span, procedure) WHERE level = 'p' AND grain = 'month'",
    )
    assert taken(), "as it was before it named the procedures it is for"


def test_procedures_of_a_period_are_those_of_the_months_it_touches(session: Session) -> None:
    say(session, "UPDATE figure SET procedure = '' WHERE procedure = 'p1'", "DELETE FROM figure WHERE procedure = 'p2' AND span <> '2025-03-01'")
    everything = {f"p{number}" for number in range(3, PROCEDURES + 1)}
    with replay.noted(session.connection()) as asked:
        assert figures.procedures(session, periods.between(YEAR.first, YEAR.last)) == everything | {"p2"}
    assert len(asked) == 1
    assert figures.procedures(session, periods.between(dt.date(2025, 3, 31), dt.date(2025, 4, 1))) == everything | {"p2"}
    assert figures.procedures(session, periods.between(dt.date(2025, 4, 1), dt.date(2025, 4, 30))) == everything
    assert figures.procedures(session, periods.between(dt.date(2024, 1, 1), dt.date(2024, 12, 31))) == set()
