"""A province's year: after a rebuild from rows every figure equals what is computed from the rows themselves."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from sqlmodel import Session

from bot.db.store import Store
from bot.db.sums import FACTORS
from bot.domain import candidates, figure_papers, figure_times, figures, indicators, rebuilding
from bot.domain.scopes import Scope
from tests.figures import bulk, province, truth
from tests.figures.province import FIELDS, Province, Shape
from tests.figures.truth import Truth, Where

D = dt.date
YEAR = (D(2025, 1, 1), D(2025, 12, 31))
PERIODS = (
    (D(2025, 3, 17), D(2025, 3, 17)),  # a day
    (D(2025, 4, 28), D(2025, 5, 4)),  # a week over the end of a month
    (D(2025, 2, 1), D(2025, 2, 28)),
    (D(2025, 7, 1), D(2025, 9, 30)),
    YEAR,
    (D(2025, 5, 13), D(2025, 8, 20)),  # days, whole months, days
    (D(2025, 10, 2), D(2025, 10, 30)),  # within a month
    (D(2025, 12, 15), D(2026, 2, 10)),  # dossiers are still made ready
    (D(2024, 1, 1), D(2024, 6, 30)),  # nothing yet
)
VISITS = 2  # of a center in a month; more of them make every number larger, and take longer
FILTERS = tuple(itertools.product((None, "center"), ("", "field"), ("", "procedure"), ("", "channel")))


@functools.cache
def made(shape: Shape) -> Province:
    return province.made(shape)


async def rebuilt(store: Store, *, check: bool = False) -> list[rebuilding.Difference]:
    return [difference async for difference in rebuilding.everything(store, check=check)]


async def filled(store: Store, shape: Shape) -> Province:
    """The rows, and the figures made from them."""
    rows = made(shape)
    bulk.write(store.engine, rows)
    assert await rebuilt(store)
    return rows


def scopes(rows: Province) -> Iterator[Where]:
    """Every combination of filters in every kind of period, of drawn centers, fields, procedures and channels."""
    chance = random.Random(7)
    choices = {"center": rows.centers, "field": sorted(set(FIELDS.values())), "procedure": list(FIELDS), "channel": list(province.CHANNELS[:-1])}
    for (first, last), filters in itertools.product(PERIODS, FILTERS):
        drawn: dict[str, Any] = {name: chance.choice(choices[name]) for name in filters if name}
        if "procedure" in drawn and "field" in drawn:  # else there would be nothing to see
            drawn["field"] = FIELDS[drawn["procedure"]]
        yield Where(**{"center": None, **drawn}, first=first, last=last)


def scope_of(where: Where) -> Scope:
    return Scope(**where._asdict())


def counted(sums: Any) -> dict[str, int]:
    return {name: amount for name, amount in sums._asdict().items() if amount}


def counted_by(many: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {name: counts for name, sums in many.items() if (counts := counted(sums))}


BY = {"center": figures.by_center, "field": figures.by_field, "procedure": figures.by_procedure, "channel": figures.by_channel}


async def test_every_figure_of_a_year_of_a_province_equals_the_raw_rows(store: Store) -> None:
    rows = await filled(store, Shape(centers=100 if store.is_sqlite else 12, visits=VISITS))
    known = Truth(store.engine)
    with Session(store.engine) as session:
        for where in scopes(rows):
            assert counted(figures.sums(session, scope_of(where))) == known.sums(where), where
            assert_times(session, known, where)
            assert_papers(session, known, where)
        for where in [one for one in scopes(rows) if one[1:3] in (YEAR, PERIODS[1])]:
            for label, by in BY.items():
                assert_parts(session, known, where, label, by)
        assert_candidates(session, known, Where(None, *YEAR))
        assert_candidates(session, known, Where(province.PAPERLESS, *YEAR))
        assert_row_of_periods(session, known)
        assert_indicators(session, known)
        assert_nothing_to_mend(session, rows)


def assert_nothing_to_mend(session: Session, rows: Province) -> None:
    """Counted anew: drawn months of single centers."""
    chance, months = random.Random(8), rebuilding.months(session)
    assert (months[0], months[-1] > D(2025, 12, 1)) == (D(2025, 1, 1), True)
    for _ in range(40):
        assert rebuilding.own(session, chance.choice(rows.centers), chance.choice(months), check=True) == []


def assert_times(session: Session, known: Truth, where: Where) -> None:
    for kind in ("wait", "serve"):
        minutes = known.minutes(where, kind)
        found = figure_times.distribution(session, scope_of(where), kind)
        assert tuple(found) == (len(minutes), truth.middle(minutes, 50), truth.middle(minutes, 90)), (kind, where)
    waits = known.details(where, "heat")
    cells = {key: (visits, *waits.get(key, (0, 0))) for key, (visits, _) in known.details(where, "load").items()}
    heat = figure_times.heat(session, scope_of(where))
    assert {f"{weekday}-{hour:02}": tuple(cell) for (weekday, hour), cell in heat.items()} == cells, where


def assert_papers(session: Session, known: Truth, where: Where) -> None:
    for kind in ("missing", "over_said"):
        found = figure_papers.papers(session, scope_of(where), kind, limit=10_000)
        ordered = sorted(known.papers(where, kind).items(), key=lambda item: (-item[1], item[0]))
        assert [tuple(paper) for paper in found] == [(*paper, n) for paper, n in ordered], (kind, where)
        assert figure_papers.papers(session, scope_of(where), kind, limit=3) == found[:3]


def assert_parts(session: Session, known: Truth, where: Where, label: str, by: Callable[[Session, Scope], Mapping[str, Any]]) -> None:
    """Each part is right, and together they are the whole."""
    found = by(session, scope_of(where))
    open_ = where._replace(center=None) if label == "center" else where
    assert counted_by(found) == known.by(label, open_), (label, where)
    assert truth.added(counted_by(found).values()) == known.sums(open_), (label, where)


REASONS = {
    "papers_missing": ("papers_missing", "served"), "over_collected": ("over_ratings", "ratings"), "late": ("ready_late", "ready"),
    "second_supplements": ("second_supplements", "received"), "low": ("low", "ratings"),
}  # fmt: skip


def assert_candidates(session: Session, known: Truth, where: Where) -> None:
    expected = {}
    for procedure, counts in known.by("procedure", where).items():
        reasons = {kind: (counts.get(part, 0), counts.get(whole, 0)) for kind, (part, whole) in REASONS.items()}
        lower = {kind: 100 * truth.wilson(*share)[0] for kind, share in reasons.items() if share[0] and share[1] >= indicators.LEAST}
        if lower and procedure:
            expected[procedure] = lower
    found = candidates.candidates(session, scope_of(where), limit=100)
    assert [one.procedure for one in found] == sorted(expected, key=lambda code: -sum(expected[code].values()))
    for one in found:
        assert one.score == pytest.approx(sum(expected[one.procedure].values()), rel=1e-4)
        assert [reason.kind for reason in one.reasons] == sorted(expected[one.procedure], key=lambda kind: -expected[one.procedure][kind])
        assert counted(one.sums) == known.sums(where._replace(procedure=one.procedure))
        there = {paper: n for kind in ("missing", "over_said") for paper, n in known.papers(where, kind).items()}
        assert all(there[paper.procedure, paper.paper, paper.why] == paper.n and paper.procedure == one.procedure for paper in one.papers)


def assert_row_of_periods(session: Session, known: Truth) -> None:
    weeks = [(D(2025, 4, 14), D(2025, 4, 20)), (D(2025, 4, 21), D(2025, 4, 27)), (D(2025, 4, 28), D(2025, 5, 4))]
    months = [(D(2024, 12, 1), D(2024, 12, 31)), (D(2025, 1, 1), D(2025, 1, 31)), (D(2025, 2, 1), D(2025, 2, 28)), (D(2025, 3, 1), D(2025, 3, 31))]
    quarters = [(D(2025, 1, 1), D(2025, 3, 31)), (D(2025, 4, 1), D(2025, 6, 30)), (D(2025, 7, 1), D(2025, 9, 30))]
    tens = [(D(2025, 2, 20), D(2025, 3, 1)), (D(2025, 3, 2), D(2025, 3, 11)), (D(2025, 3, 12), D(2025, 3, 21))]
    for row, center in itertools.product((weeks, months, quarters, tens), (None, "c009")):
        found = figures.trend(session, Scope(center, *row[-1]), len(row) - 1)
        assert [(one.first, one.last, counted(one.sums)) for one in found] == [(*span, known.sums(Where(center, *span))) for span in row]


def assert_indicators(session: Session, known: Truth) -> None:
    """Means and shares from the single values."""
    where = Where("c010", *YEAR)
    sums = figures.sums(session, scope_of(where))
    for figure, factors in ((indicators.satisfaction(sums), FACTORS), *((indicators.factor(sums, name), (name,)) for name in FACTORS)):
        people = max(len(known.levels(where, name)) for name in factors)
        value, low, high = truth.mean(known.levels(where, *factors), people)
        assert figure.shown == pytest.approx(value, abs=0.005)
        assert figure.interval == pytest.approx((low, high), abs=0.006)
    answered = indicators.response(sums)
    counts = known.sums(where)
    interval = [100 * bound for bound in truth.wilson(counts["answered"], counts["asked"])]
    assert (answered.part, answered.whole) == (counts["answered"], counts["asked"])
    assert answered.interval == pytest.approx(interval, abs=0.006)
    parts = figures.by_center(session, Scope(None, *YEAR))
    shares = [100 * one["first_complete"] / one["firsts"] for one in known.by("center", Where(None, *YEAR)).values() if one["firsts"] >= 5]
    assert indicators.median_of_centers(parts, indicators.completeness) == pytest.approx(float(np.median(shares)), abs=0.006)
    assert len(shares) < len(parts), "the quiet center has too few to be compared"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_known_of_a_center_stands_at_its_top_and_small_numbers_are_held_back(store: Store) -> None:
    await filled(store, Shape(centers=9, months=3, visits=60))
    quarter = D(2025, 1, 1), D(2025, 3, 31)
    with Session(store.engine) as session:
        by_center = figures.by_center(session, Scope(None, *quarter))
        heat = figure_times.heat(session, Scope(province.MORNINGS, *quarter))
        worst = candidates.candidates(session, Scope(province.PAPERLESS, *quarter), limit=1)[0]
        few = figures.sums(session, Scope(province.QUIET, *quarter))
        quiet = figure_times.distribution(session, Scope(province.QUIET, *quarter), "wait")
    assert province.EMPTY not in by_center
    assert worst_of(by_center, indicators.on_time, least=True) == province.TARDY
    assert worst_of(by_center, lambda sums: indicators.factor(sums, "staff"), least=True) == province.DISLIKED
    assert worst_of(by_center, indicators.no_show) == province.ABSENT
    assert worst_of(by_center, indicators.wait_untrusted) == province.SLOPPY
    assert worst_of(by_center, indicators.over_collected) == province.GREEDY
    longest = max((cell for cell in heat if heat[cell].enough), key=lambda cell: heat[cell].mean or 0)
    assert longest[0] == 1
    assert longest[1] < 10
    assert (worst.procedure, worst.reasons[0].kind, worst.papers[0].paper) == (province.LACKING, "papers_missing", province.LACKED)
    assert few.visits == province.QUIET_VISITS
    assert {name: indicators.shown(indicator(few)) for name, indicator in indicators.ALL.items()} == dict.fromkeys(indicators.ALL)
    assert not quiet.enough


def worst_of(by_center: Mapping[str, Any], indicator: indicators.Indicator, *, least: bool = False) -> str:
    shown = {name: value for name, sums in by_center.items() if (value := indicators.shown(indicator(sums))) is not None}
    return (min if least else max)(shown, key=lambda name: shown[name])


async def test_figures_that_differ_from_the_rows_are_found_and_made_right(store: Store) -> None:
    rows = made(Shape(centers=2, months=2, visits=10))
    bulk.write(store.engine, rows)
    assert await rebuilt(store, check=True), "nothing was summed up yet"
    with Session(store.engine) as session:
        assert counted(figures.sums(session, Scope(None, *YEAR))) == {}
    assert await rebuilt(store)
    assert await rebuilt(store) == []
