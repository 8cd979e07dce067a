"""The tables behind the pictures: named sections, one function each. Page, spreadsheet and report are made from the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bot import clock, numbers
from bot.console import figures_more as more
from bot.console import figures_others as others
from bot.console import figures_papers as listing
from bot.console import figures_tables as tables
from bot.console import figures_words as words
from bot.console.figures_ground import Ground
from bot.console.figures_papers import Together
from bot.console.figures_tables import Cell, Table
from bot.console.figures_words import MANNERS
from bot.db.sums import FACTORS, Sums
from bot.domain import indicators, periods
from bot.domain.figure_papers import Paper
from bot.domain.indicators import Indicator, Mean, Share
from bot.texts import t

MOST_PAPERS = 50


def overview(ground: Ground) -> list[Table]:
    """Every indicator, with the period before and the middle of the other centers."""
    listed = [_compared(ground, t(f"figures.is_{name}"), name, indicators.ALL[name]) for name in MANNERS]
    columns = tables.columns("figure", "value", "n", "interval", "before", "others")
    source = others.sources(ground, (indicators.ALL[name] for name in MANNERS))
    return [Table(t("figures.all_figures"), columns, listed, t("figures.interval_note"), len(listed), source)]


def _compared(ground: Ground, name: str, manner_of: str, indicator: Indicator) -> list[Cell]:
    manner, here = MANNERS[manner_of], ground.figure(indicator)
    ends = tables.text(words.interval(here, manner))
    return [
        tables.text(name), tables.figure(here, manner), tables.text(words.whole(here)), ends,
        tables.figure(indicator(ground.before), manner), others.cell(ground, indicator, manner),
    ]  # fmt: skip


def satisfaction(ground: Ground) -> list[Table]:
    """The five factors, who answered, and by procedure. Never by who served."""
    named: list[tuple[str, str, Indicator]] = [(t(f"feedback.{name}"), "satisfaction", _factor(name)) for name in FACTORS]
    named += [(t(f"figures.is_{name}"), name, indicators.ALL[name]) for name in ("satisfaction", "response", "low", "flagged")]
    factors = [_compared(ground, *one) for one in named]
    columns = tables.columns("factor", "value", "n", "interval", "before", "others")
    return [
        Table(t("figures.factors"), columns, factors, t("figures.not_sipas"), len(factors), others.sources(ground, (one for *_, one in named))),
        _by_procedure(ground, t("figures.satisfaction_by"), ("ratings",), ("satisfaction", "low", "over_collected"), t("figures.not_sipas")),
    ]


def _factor(name: str) -> Indicator:
    return lambda sums: indicators.factor(sums, name)


def _by_procedure(ground: Ground, title: str, counted: Sequence[str], named: Sequence[str], note: str = "") -> Table:
    """The procedures where the first counter is not zero, most first."""
    there = {code: sums for code, sums in ground.by_procedure.items() if getattr(sums, counted[0])}
    rows = [
        [_procedure(ground, code), *(tables.count(getattr(sums, name)) for name in counted), *(_figure(sums, name) for name in named)]
        for code, sums in sorted(there.items(), key=lambda item: (-getattr(item[1], counted[0]), item[0]))
    ]
    return Table(title, tables.columns("procedure", *counted, *named), rows, note)


def _procedure(ground: Ground, code: str) -> Cell:
    return tables.text(ground.names.procedure(code), ground.behind(thu_tuc=code) if code else "")


def _figure(sums: Sums, name: str) -> Cell:
    return tables.figure(indicators.ALL[name](sums), MANNERS[name])


def papers(ground: Ground) -> list[Table]:
    """Complete at the first visit, what was missing, and what was asked for without need."""
    missing = [[*_paper(ground, one), tables.text(one.reasons), tables.count(one.n, ground.behind(thu_tuc=one.procedure, giay=one.paper))]
               for one in listing.together(ground.missing)[:MOST_PAPERS]]  # fmt: skip
    few = not Share(0, ground.sums.ratings).enough
    over = [[*_paper(ground, one), tables.text(t("figures.few")) if few else tables.count(one.n)] for one in ground.over_said]
    columns = tables.columns("paper", "procedure", "why", "times", head=3)
    return [
        _by_procedure(ground, t("figures.completeness_by"), ("served", "firsts", "first_complete"), ("completeness", "must_return")),
        Table(t("figures.papers_missing"), columns, missing, t("figures.papers_missing_note"), printed=10),
        Table(t("figures.papers_over"), tables.columns("paper", "procedure", "ratings_said", head=2), over, t("figures.papers_over_note"), printed=6),
    ]


def _paper(ground: Ground, one: Paper | Together) -> list[Cell]:
    return [tables.text(ground.names.paper(one.procedure, one.paper)), tables.text(ground.names.procedure(one.procedure))]


def times(ground: Ground) -> list[Table]:
    """How long people waited and were served, when, and how much of it cannot be trusted."""
    rows = []
    for kind in ("wait", "serve"):
        manner, spread, mean = MANNERS[kind], ground.distribution(kind), indicators.ALL[kind]
        held = [tables.figure(Mean(spread.n, spread.n * (middle or 0)), manner._replace(places=0)) for middle in (spread.median, spread.p90)]
        bad, other = indicators.ALL[f"{kind}_untrusted"](ground.sums), others.cell(ground, mean, manner)
        rows.append([
            tables.text(t(f"figures.is_{kind}")), tables.count(spread.n), tables.figure(mean(ground.sums), manner), *held,
            tables.figure(mean(ground.before), manner), other, tables.figure(bad, MANNERS["wait_untrusted"]),
        ])  # fmt: skip
    columns = tables.columns("time", "n", "mean", "median", "p90", "before", "others", "untrusted")
    by = _by_procedure(ground, t("figures.times_by"), ("served",), ("wait", "serve", "wait_untrusted"))
    source = others.sources(ground, (indicators.wait, indicators.serve))
    return [Table(t("figures.times"), columns, rows, t("figures.untrusted_note"), 2, source), hours(ground), by]


def hours(ground: Ground) -> Table:
    """The table under the map of waiting: minutes and n by weekday and hour."""
    days = weekdays(ground)
    rows = [[tables.text(t("figures.hour", hour=at)), *(_hour(ground, day, at) for day in days)] for at in sorted({at for _, at in ground.heat})]
    columns = [*tables.columns("hour"), *(tables.Column(clock.WEEKDAYS[day - 1], numeric=True) for day in days)]
    return Table(t("figures.wait_by_hour"), columns, rows, t("figures.heat_note"), printed=12)


_WHOLE = MANNERS["wait"]._replace(places=0)


def _hour(ground: Ground, day: int, at: int) -> Cell:
    cell = ground.heat.get((day, at))
    if cell is None:
        return tables.text(words.NONE)
    shown = words.value(Mean(cell.n, cell.minutes), _WHOLE)
    return Cell(t("figures.with_n", value=t("figures.few") if shown is None else numbers.decimal(shown, 0), n=cell.n), shown)


def weekdays(ground: Ground) -> list[int]:
    """Monday to Friday, and others on which somebody came."""
    return sorted({*range(1, 6), *(day for day, _ in ground.heat)})


def dossiers(ground: Ground) -> list[Table]:
    """On time as QĐ 766 counts, and what stands open this minute."""
    now = ground.open
    rows = [[tables.text(t(f"figures.now_{name}")), tables.count(getattr(now, name))] for name in ("open", "overdue", "paused")]
    counted = ("received", "paused", "second_supplements", "ready", "ready_late")
    columns = tables.columns("period", "received", "paused_count", *counted[2:], "paused", "on_time")
    totals = [[tables.text(words.period(periods.between(one.first, one.last))), *(tables.count(getattr(one.sums, name)) for name in counted),
               _figure(one.sums, "paused"), _figure(one.sums, "on_time")] for one in reversed(ground.trend)]  # fmt: skip
    by = _by_procedure(ground, t("figures.dossiers_by"), ("received", "ready", "ready_late"), ("on_time", "paused", "second_supplements"))
    return [
        Table(t("figures.dossiers_now"), tables.columns("state", "count"), rows, t("figures.live", hour=clock.hour(ground.now)), printed=3),
        Table(t("figures.dossiers_row"), columns, totals, t("figures.dossiers_note"), printed=3),
        by._replace(printed=8),
    ]


class Section(NamedTuple):
    """`slug` in the address, `name` of its sentences: figures.section_…, figures.intro_…"""

    slug: str
    name: str
    tables: Callable[[Ground], list[Table]]


SECTIONS: Mapping[str, Section] = {
    section.slug: section
    for section in (
        Section("tong-hop", "overview", overview),
        Section("hai-long", "satisfaction", satisfaction),
        Section("giay-to", "papers", papers),
        Section("thoi-gian", "times", times),
        Section("ho-so", "dossiers", dossiers),
        Section("luong-viec", "load", more.load),
        Section("cau-hoi", "questions", more.questions),
        Section("thong-bao", "notices", more.notices),
        Section("don-gian", "candidates", more.candidates),
    )
}
