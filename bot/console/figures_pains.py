"""Where it hurts: what weighs most in the figures of a center, in one order for its own page and for the list of all centers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from bot import numbers
from bot.console import figures_words as words
from bot.console.figures_words import MANNERS
from bot.db.sums import FACTORS, Sums
from bot.domain import indicators
from bot.domain.figure_times import Cell
from bot.domain.indicators import Figure, Mean, Share
from bot.texts import t

Kind = Literal["wait", "papers_missing", "late", "low", "over_collected"]
Heat = Mapping[tuple[int, int], Cell]
PATIENT = 15  # minutes nobody minds; each one more weighs like one percent of people who were sent home
WORTH = 3.0  # what weighs less is not worth the first sentence of a page
PEAK, PEAK_MINUTES = 1.5, 15  # an hour is named when it is so many times the mean, and so long
INDICATORS: Mapping[Kind, str] = {
    "wait": "wait", "papers_missing": "completeness", "late": "on_time", "low": "satisfaction", "over_collected": "over_collected",
}  # fmt: skip


class Pain(NamedTuple):
    """`weight`: percent points that are there for certain (the lower end of the interval), or minutes beyond PATIENT."""

    kind: Kind
    weight: float
    figure: Figure


def of(sums: Sums) -> list[Pain]:
    """The worst first; nothing from too few."""
    late = Share(sums.ready_late, sums.ready)
    shares: dict[Kind, Figure] = {
        "papers_missing": indicators.must_return(sums), "late": late, "low": indicators.low(sums), "over_collected": indicators.over_collected(sums),
    }  # fmt: skip
    found = [Pain(kind, one.interval[0], one) for kind, one in shares.items() if one.interval is not None]
    wait = indicators.wait(sums)
    if wait.shown is not None:
        found.append(Pain("wait", wait.shown - PATIENT, wait))
    return sorted((one for one in found if one.weight > 0), key=lambda one: (-one.weight, one.kind))


def score(pains: list[Pain]) -> float:
    return sum(one.weight for one in pains)


def brief(pain: Pain) -> str:
    """ "61 trong 412 lượt thiếu giấy" """
    if isinstance(pain.figure, Mean):
        return t("figures.pain_wait", minutes=numbers.decimal(pain.figure.shown or 0, 0))
    return t(f"figures.pain_{pain.kind}", part=numbers.grouped(pain.figure.part), whole=numbers.grouped(pain.figure.whole))


def peak(heat: Heat) -> tuple[tuple[int, int], Cell] | None:
    """The hour of the week with the longest waiting."""
    enough = {hour: cell for hour, cell in heat.items() if cell.enough}
    return max(enough.items(), key=lambda item: (item[1].mean or 0, item[0]), default=None)


def stands_out(cell: Cell, sums: Sums) -> bool:
    mean = indicators.wait(sums).shown
    return mean is not None and (cell.mean or 0) >= max(PEAK * mean, PEAK_MINUTES)


def weakest(sums: Sums) -> tuple[str, Mean] | None:
    """The factor with the lowest mean of those with enough."""
    each = [(name, factor) for name in FACTORS if (factor := indicators.factor(sums, name)).enough]
    return min(each, key=lambda one: one[1].shown or 0, default=None)


class Sentence(NamedTuple):
    """`strong` is what the eye shall find."""

    strong: str
    rest: str


def sentences(sums: Sums, heat: Heat, paper: str) -> list[Sentence]:
    """One or two: what hurts most. `paper`: the one most often missing, with its number, in words."""
    return [_sentence(one, sums, heat, paper) for one in worst(sums, heat)]


def worst(sums: Sums, heat: Heat) -> list[Pain]:
    """One or two, the worst first, of what is worth a sentence. An hour that stands out is one of them."""
    found = [one for one in of(sums) if one.weight >= WORTH]
    highest = peak(heat)
    if highest is not None and stands_out(highest[1], sums):
        hour = Pain("wait", (highest[1].mean or 0) - PATIENT, indicators.wait(sums))
        others = [one for one in found if one.kind != "wait"]
        found = sorted([*others[:1], hour], key=lambda one: -one.weight)
    return found[:2]


def _sentence(pain: Pain, sums: Sums, heat: Heat, paper: str) -> Sentence:
    highest, rest = peak(heat), ""
    if pain.kind == "wait" and highest is not None and stands_out(highest[1], sums):
        mean = indicators.wait(sums).shown or 1
        longest = highest[1].mean or 0
        strong = t("figures.hurt_hour", when=words.capital(words.hour(*highest[0])), minutes=numbers.decimal(longest, 0))
        return Sentence(strong, t("figures.hurt_times", times=numbers.decimal(longest / mean, 1), n=numbers.grouped(highest[1].n)))
    if pain.kind == "papers_missing" and paper:
        rest = t("figures.hurt_paper", paper=paper)
    lowest = weakest(sums) if pain.kind == "low" else None
    if lowest is not None:
        rest = t("figures.hurt_factor", factor=words.inside(t(f"feedback.{lowest[0]}")), mean=words.said(lowest[1], MANNERS["satisfaction"]))
    return Sentence(brief(pain), rest)
