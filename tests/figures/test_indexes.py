"""What a database goes through for a question about figures: the rows it is about, found together, not those of all centers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlmodel import Session

from bot.bench import replay
from bot.db.figures import ACROSS, FIGURE, KEY
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


ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    store = Store(database_url)
    with store.engine.connect() as connection, Session(connection) as opened:
        yield opened
    store.close()


@pytest.fixture
def year(session: Session) -> Session:
    """Of many centers, procedures and channels."""
    say(session, MADE, "ANALYZE figure")
    return session


def plans(session: Session, ask: Callable[[], object]) -> list[dict[str, Any]]:
    """Of every statement, as it was carried out."""
    with replay.noted(session.connection()) as asked:
        ask()
    driver: Any = session.connection().connection.dbapi_connection
    explained = (driver.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values).fetchone() for sql, values in asked)
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


@ON_POSTGRESQL
def test_all_centers_are_found_together_and_not_one_month_after_the_other(year: Session) -> None:
    def asked() -> int:
        return len(figures.by_center(year, replace(YEAR, procedure="p5", channel="k2")))

    assert asked() == CENTERS
    assert searches(year, asked) < CENTERS, "a few for each month"
    say(year, "DROP INDEX ix_figure_across")
    assert searches(year, asked) >= CENTERS, "by the key alone, which begins with the center"


@ON_POSTGRESQL
def test_one_center_is_not_looked_for_procedure_after_procedure(year: Session) -> None:
    """A key that has grown is bigger than the index for all centers, which then is taken for one of them too."""
    week = Scope("c7", dt.date(2025, 3, 1), dt.date(2025, 3, 7), field="f3", channel="k2")

    def asked() -> int:
        return figures.sums(year, week).visits

    say(year, "UPDATE figure SET grain = 'day'", "ALTER TABLE figure DROP CONSTRAINT pk_figure")
    say(year, f"ALTER TABLE figure ADD CONSTRAINT pk_figure PRIMARY KEY ({', '.join(KEY)}) WITH (fillfactor = 50)", "ANALYZE figure")
    assert asked() == PROCEDURES / 8
    assert searches(year, asked) <= 7, "one for a day"
    say(year, "DROP INDEX ix_figure_across", f"CREATE INDEX ix_figure_across ON figure ({', '.join(ACROSS)}, center_id)", "ANALYZE figure")
    assert searches(year, asked) > PROCEDURES, "one for a procedure, when that index knew the centers"


@ON_POSTGRESQL
def test_the_small_index_of_procedures_is_not_taken_for_other_questions(year: Session) -> None:
    def taken() -> bool:
        return "ix_figure_procedure" in json.dumps(plans(year, lambda: figures.by_procedure(year, replace(YEAR, field="f3"))))

    say(year, "ALTER TABLE figure DROP CONSTRAINT pk_figure", "DROP INDEX ix_figure_across", "SET LOCAL enable_seqscan = off")
    assert not taken(), "though there is no other"
    say(
        year,
        "DROP INDEX ix_figure_procedure",
        "CREATE INDEX ix_figure_procedure ON figure (span, procedure) WHERE level = 'p' AND grain = 'month'",
    )
    assert taken(), "as it was before it named the procedures it is for"


def test_procedures_of_a_period_are_those_of_the_months_it_touches(session: Session) -> None:
    march, april = dt.date(2025, 3, 1), dt.date(2025, 4, 1)
    there = [("c1", march, "p1"), ("c2", march, "p1"), ("c2", march, "p2"), ("c1", april, ""), ("c1", april, "p3"), ("c2", april, "p1")]
    rest = {"level": "p", "grain": "month", "field": "f", "channel": ""}
    session.connection().execute(insert(FIGURE), [{"center_id": one[0], "span": one[1], "procedure": one[2], **rest} for one in there])

    def found(first: dt.date, last: dt.date) -> set[str]:
        with replay.noted(session.connection()) as asked:
            procedures = figures.procedures(session, periods.between(first, last))
        assert len([one for one in asked if "figure" in str(one.sql)]) == 1
        return procedures

    assert found(YEAR.first, YEAR.last) == {"p1", "p2", "p3"}
    assert found(march, march) == {"p1", "p2"}
    assert found(dt.date(2025, 3, 31), april) == {"p1", "p2", "p3"}
    assert found(april, dt.date(2025, 4, 30)) == {"p1", "p3"}
    assert found(dt.date(2024, 1, 1), dt.date(2024, 12, 31)) == set()
