"""The first page of the figures: one sentence that says where it hurts, five figures, a map of waiting, obstacles in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot import clock, numbers
from bot.console import figures_more as more
from bot.console import figures_others as comparing
from bot.console import figures_pains as pains
from bot.console import figures_tables as tables
from bot.console import figures_words as words
from bot.console.figures_ground import Ground
from bot.console.figures_pains import INDICATORS, Sentence
from bot.console.figures_sections import weekdays
from bot.console.figures_tables import Table
from bot.console.figures_words import MANNERS
from bot.domain import figure_papers, indicators
from bot.domain.indicators import LEAST
from bot.texts import t

KPIS = {"wait": "thoi-gian", "completeness": "giay-to", "on_time": "ho-so", "satisfaction": "hai-long"}
SHORT = {**MANNERS, "satisfaction": MANNERS["satisfaction"]._replace(places=1)}  # large digits have little room
STEPS = (10, 20, 30, 45)  # minutes from which an hour gets a darker shade
MOST_PAPERS, MOST_OVER, MOST_MISSES = 5, 2, 2
POOR = 3.5  # of five: a factor below it is an obstacle
WIDTH, TOP, BOTTOM = 120, 4, 28


class Trend(NamedTuple):
    """`icon`: up, down, same. `tone`: good, bad or ""."""

    words: str
    icon: str
    tone: str


class Spark(NamedTuple):
    path: str
    x: float
    y: float


class Kpi(NamedTuple):
    """`value`, `unit` apart, as they are set apart. `n`: of how many, and what was left out."""

    name: str
    value: str
    unit: str
    trend: Trend | None
    spark: Spark | None
    n: str
    others: str
    hurts: bool
    link: str


class Shade(NamedTuple):
    """One hour of the map. `css`: h1 to h5, few, shut."""

    css: str
    text: str
    link: str = ""


class Obstacle(NamedTuple):
    """`share`: of the longest bar, in percent."""

    what: str
    number: int
    value: str
    kind: str
    advice: str
    link: str
    share: int = 100


@dataclass(frozen=True)
class Dash:
    """`compared`: every figure that can be has something beside it. `source`: of what the province published."""

    sentences: Sequence[Sentence]
    kpis: Sequence[Kpi]
    days: Sequence[str]
    heat: Sequence[tuple[int, Sequence[Shade]]]
    heat_table: Table
    obstacles: Sequence[Obstacle]
    open_now: Sequence[Obstacle]
    visits: int
    before: int
    compared: bool
    source: str


def look(ground: Ground, heat_table: Table) -> Dash:
    ranked = obstacles(ground)
    first = ranked[0] if ranked else None
    found = pains.sentences(ground.sums, ground.heat, _paper(ground)) if first or ground.sums.visits or ground.sums.ratings else []
    names = [clock.WEEKDAYS[day - 1].removeprefix("thứ ") for day in weekdays(ground)]
    figures, source = kpis(ground), comparing.sources(ground, (indicators.ALL[name] for name in KPIS))
    compared = all(one.others for one in figures[: len(KPIS)])
    counted = (ground.sums.visits, ground.before.visits)
    return Dash(found, figures, names, _heat(ground), heat_table, ranked, _open_now(ground), *counted, compared, source)


# five figures


def kpis(ground: Ground) -> list[Kpi]:
    worst = next((INDICATORS[one.kind] for one in pains.worst(ground.sums, ground.heat)), "")
    return [*(_kpi(ground, name, hurts=name == worst) for name in KPIS), _waiting(ground)]


def _kpi(ground: Ground, name: str, *, hurts: bool) -> Kpi:
    manner, indicator = SHORT[name], indicators.ALL[name]
    here = indicator(ground.sums)
    shown = words.value(here, manner)
    value = numbers.decimal(shown, manner.places) if shown is not None else words.said(here, manner)
    unit = t(f"figures.unit_{manner.unit}") if shown is not None else ""
    others = comparing.sentence(ground, indicator, manner)
    line = spark([words.value(indicator(one.sums), manner) for one in ground.trend])
    return Kpi(t(f"figures.is_{name}"), value, unit, _trend(ground, name), line, _n(ground, name), others, hurts, ground.link(KPIS[name]))


def _trend(ground: Ground, name: str) -> Trend | None:
    manner, indicator = SHORT[name], indicators.ALL[name]
    now, then = (words.value(indicator(sums), manner) for sums in (ground.sums, ground.before))
    if now is None:
        return None
    if then is None:
        return Trend(t("figures.trend_none"), "same", "")
    change = round(now - then, manner.places)
    if not change:
        return Trend(t("figures.trend_same"), "same", "")
    by = t(f"figures.by_{manner.unit}", value=numbers.decimal(abs(change), manner.places))
    tone = "" if not manner.better else "good" if (change > 0) == (manner.better > 0) else "bad"
    return Trend(t("figures.trend_up", by=by), "up", tone) if change > 0 else Trend(t("figures.trend_down", by=by), "down", tone)


def _n(ground: Ground, name: str) -> str:
    """Of how many, and what the figure does not say by itself."""
    sums, n = ground.sums, numbers.grouped
    match name:
        case "wait":
            spread = ground.distribution("wait")
            middle = f" {t('figures.n_spread', median=spread.median, p90=spread.p90)}" if spread.enough else ""
            return t("figures.n_wait", n=n(sums.wait_n), bad=n(sums.wait_bad)) + middle
        case "completeness":
            return t("figures.n_complete", part=_held(sums.first_complete, sums.firsts), whole=n(sums.firsts), back=n(sums.papers_missing))
        case "on_time":
            part = _held(sums.ready - sums.ready_late, sums.ready)
            return t("figures.n_on_time", part=part, whole=n(sums.ready), paused=n(ground.open.paused), overdue=n(ground.open.overdue))
    rate = words.said(indicators.response(sums), MANNERS["response"])
    return t("figures.n_satisfaction", n=n(sums.ratings), rate=rate)


def _held(part: int, whole: int) -> str:
    return numbers.grouped(part) if whole >= LEAST else t("figures.few")


def _waiting(ground: Ground) -> Kpi:
    """Questions without an answer: what is so this minute has no period before."""
    waiting, sums = ground.waiting, ground.sums
    oldest = t("figures.oldest", age=more.age(ground, waiting)) if waiting.oldest is not None else ""
    asked = t("figures.n_questions", asked=numbers.grouped(sums.questions), answered=numbers.grouped(sums.answered_questions))
    said = " ".join(part for part in (oldest, asked) if part)
    name, unit = t("figures.kpi_questions"), t("figures.unit_questions")
    now = Trend(t("figures.trend_now", hour=clock.hour(ground.now)), "clock", "")
    return Kpi(name, numbers.grouped(waiting.number), unit, now, None, said, "", hurts=False, link=ground.link("cau-hoi"))


def spark(values: Sequence[float | None]) -> Spark | None:
    """A line over equal steps from the lowest to the highest value; gaps where a period is held back. None of fewer than two."""
    there = [value for value in values if value is not None]
    if len(there) < 2:
        return None
    low, high = min(there), max(there)
    step = WIDTH / (len(values) - 1)
    points = [(place * step, BOTTOM - (BOTTOM - TOP) * ((value - low) / (high - low) if high > low else 0.5)) if value is not None else None
              for place, value in enumerate(values)]  # fmt: skip
    drawn, path = False, ""
    for point in points:
        path += f"{'L' if drawn else 'M'}{point[0]:.0f} {point[1]:.1f}" if point else ""
        drawn = point is not None
    last = next(point for point in reversed(points) if point)
    return Spark(path, round(last[0], 1), round(last[1], 1))


# the map of waiting


def _heat(ground: Ground) -> list[tuple[int, list[Shade]]]:
    highest = pains.peak(ground.heat)
    days = weekdays(ground)
    return [(at, [_shade(ground, (day, at), highest[0] if highest else None) for day in days]) for at in sorted({hour for _, hour in ground.heat})]


def _shade(ground: Ground, hour: tuple[int, int], highest: tuple[int, int] | None) -> Shade:
    cell = ground.heat.get(hour)
    if cell is None:
        return Shade("shut", words.NONE)
    link = ground.behind(thu=hour[0], gio=hour[1])
    if not cell.enough or cell.mean is None:
        return Shade("few", t("figures.few"), link)
    step = 1 + sum(cell.mean >= edge for edge in STEPS)
    return Shade(f"h{step}{' peak' if hour == highest and step > 1 else ''}", numbers.decimal(cell.mean, 0), link)


# obstacles


def obstacles(ground: Ground) -> list[Obstacle]:
    """Of the period, from most to fewest."""
    found = [*_missing(ground)[:MOST_PAPERS], *_over(ground)[:MOST_OVER], *_others(ground), *_searched(ground)]
    return _barred(sorted((one for one in found if one.number), key=lambda one: -one.number))


def _barred(found: Sequence[Obstacle]) -> list[Obstacle]:
    longest = max((one.number for one in found), default=1)
    return [one._replace(share=max(1, round(100 * one.number / longest))) for one in found]


def _obstacle(kind: str, what: str, count: int, link: str) -> Obstacle:
    value = t(f"figures.count_{kind}", count=numbers.grouped(count))
    return Obstacle(what, count, value, t(f"figures.kind_{kind}"), t(f"figures.advice_{kind}"), link)


def _missing(ground: Ground) -> list[Obstacle]:
    return [
        _obstacle("missing", _what(ground, procedure, paper), n, ground.behind(thu_tuc=procedure, giay=paper))
        for (procedure, paper), n in _together(ground)
    ]


def _together(ground: Ground) -> list[tuple[tuple[str, str], int]]:
    return list(figure_papers.lacked(ground.missing).items())


def _paper(ground: Ground) -> str:
    """The one most often missing, as it stands inside a sentence."""
    together = _together(ground)
    if not together:
        return ""
    (procedure, paper), n = together[0]
    names = (words.inside(ground.names.paper(procedure, paper)), words.inside(ground.names.procedure(procedure)))
    return t("figures.paper_inside", paper=names[0], procedure=names[1], count=t("figures.count_missing", count=numbers.grouped(n)))


def _what(ground: Ground, procedure: str, paper: str) -> str:
    return t("figures.paper_of", paper=ground.names.paper(procedure, paper), procedure=ground.names.procedure(procedure))


def _over(ground: Ground) -> list[Obstacle]:
    if ground.sums.ratings < LEAST:
        return []
    return [_obstacle("over", _what(ground, one.procedure, one.paper), one.n, ground.link("giay-to")) for one in ground.over_said]


def _others(ground: Ground) -> list[Obstacle]:
    sums = ground.sums
    found = [
        _obstacle("wrong_place", t("figures.wrong_place"), sums.wrong_place, ground.behind(ket_qua="wrong_place")),
        _obstacle("late", t("figures.late"), sums.ready_late, ground.behind(tre=1)),
    ]
    lowest = pains.weakest(sums)
    if lowest is not None and (lowest[1].shown or 5) < POOR:
        mean = words.said(lowest[1], MANNERS["satisfaction"])
        found.append(_obstacle("low", t("figures.low_factor", factor=t(f"feedback.{lowest[0]}"), mean=mean), sums.low, ground.link("hai-long")))
    highest = pains.peak(ground.heat)
    if highest is not None and pains.stands_out(highest[1], sums):
        (day, at), cell = highest
        what = t("figures.long_hour", when=words.capital(words.hour(day, at)), minutes=numbers.decimal(cell.mean or 0, 0))
        found.append(_obstacle("hour", what, cell.n, ground.behind(thu=day, gio=at)))
    return found


def _searched(ground: Ground) -> list[Obstacle]:
    """Nobody keeps of which field or channel they were."""
    searches = [] if ground.asked.filtered else ground.searches[:MOST_MISSES]
    return [_obstacle("misses", t("figures.searched", words=one.spellings[0]), one.times, ground.link("cau-hoi")) for one in searches]


def _open_now(ground: Ground) -> list[Obstacle]:
    """What stands open this minute, which no period holds."""
    found = [
        _obstacle("overdue", t("figures.overdue_now"), ground.open.overdue, ground.link("ho-so")),
        _obstacle("questions", t("figures.questions_open"), ground.waiting.number, ground.link("cau-hoi")),
    ]
    return [one for one in found if one.number]


def summary(ground: Ground) -> list[Table]:
    """The same as tables, for the report and spreadsheets."""
    listed = [[tables.text(one.what), tables.text(one.kind), tables.count(one.number)] for one in obstacles(ground)]
    now = [[tables.text(one.what), tables.text(one.kind), tables.count(one.number)] for one in _open_now(ground)]
    columns = tables.columns("obstacle", "kind", "count", head=2)
    live = t("figures.live", hour=clock.hour(ground.now))
    return [Table(t("figures.obstacles"), columns, listed, printed=10), Table(t("figures.open_now"), columns, now, live, printed=6)]
