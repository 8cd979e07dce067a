"""What the counters mean: shares and means with how sure one can be of them. Pure; no figure from fewer than LEAST is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import median
from typing import NamedTuple

from bot.db.sums import FACTORS, Sums

LEAST = 5  # with fewer a figure says more of single people than of the center
LEAST_CENTERS = 3  # a median of two would tell each of them the other's figure
SURE = 1.959964  # 95 % of a normal distribution


class Share(NamedTuple):
    """`part` of `whole`. Shown with `whole` beside it."""

    part: int
    whole: int

    @property
    def n(self) -> int:
        return self.whole

    @property
    def enough(self) -> bool:
        return self.whole >= LEAST

    @property
    def value(self) -> float | None:
        """In percent, whatever the number; None of nothing (QĐ 766 shows N/A for a denominator of zero)."""
        return 100 * self.part / self.whole if self.whole else None

    @property
    def percent(self) -> float | None:
        """The same with two decimals, held back where there are too few."""
        return round(100 * self.part / self.whole, 2) if self.enough else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """In percent, where the true share lies with 95 % (Wilson 1927: holds for small numbers and near 0 and 100 too)."""
        if not self.enough:
            return None
        share, spread = self.part / self.whole, SURE * SURE / self.whole
        middle = (share + spread / 2) / (1 + spread)
        half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
        return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


class Mean(NamedTuple):
    """Of `n` values with this sum and, where the spread is known, this sum of squares. `people`: how many gave them, where one gives several."""

    n: int
    total: int
    squares: int | None = None
    people: int | None = None

    @property
    def enough(self) -> bool:
        return (self.n if self.people is None else self.people) >= LEAST

    @property
    def value(self) -> float | None:
        """Whatever the number; None of nothing."""
        return self.total / self.n if self.n else None

    @property
    def shown(self) -> float | None:
        """Held back where there are too few."""
        return self.value if self.enough else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the true mean lies with 95 %, even if everybody gave only alike values; None without squares or with too few."""
        if not self.enough or self.squares is None:
            return None
        mean = self.total / self.n
        variance = max(0.0, (self.squares - self.total * mean) / (self.n - 1))
        half = SURE * math.sqrt(variance / (self.people or self.n))
        return mean - half, mean + half


Figure = Share | Mean
Indicator = Callable[[Sums], Figure]


def factor(sums: Sums, name: str) -> Mean:
    """One of the five factors: its levels 1 to 5; "does not apply" is left out."""
    return Mean(*(getattr(sums, f"{name}_{part}") for part in ("n", "sum", "squares")))


def satisfaction(sums: Sums) -> Mean:
    """All levels of all factors. Five levels of one person are still one person."""
    each = [factor(sums, name) for name in FACTORS]
    people = max(one.n for one in each)
    return Mean(sum(one.n for one in each), sum(one.total for one in each), sum(one.squares or 0 for one in each), people)


def response(sums: Sums) -> Share:
    """Who answered, of those who were asked; who rated unasked is in neither."""
    return Share(sums.answered, sums.asked)


def low(sums: Sums) -> Share:
    """Ratings with a level of 1 or 2."""
    return Share(sums.low, sums.ratings)


def flagged(sums: Sums) -> Share:
    """Doubtful ratings; they count all the same."""
    return Share(sums.flagged, sums.ratings)


def over_collected(sums: Sums) -> Share:
    """Ratings that name a paper which was asked for and does not stand in the list."""
    return Share(sums.over_ratings, sums.ratings)


def completeness(sums: Sums) -> Share:
    """First visits that had all papers."""
    return Share(sums.first_complete, sums.firsts)


def must_return(sums: Sums) -> Share:
    """Visits that ended because papers were missing."""
    return Share(sums.papers_missing, sums.served)


def no_show(sums: Sums) -> Share:
    return Share(sums.no_show, sums.booked)


def walk_in(sums: Sums) -> Share:
    """Served without having booked."""
    return Share(sums.walk_in, sums.served)


def wait(sums: Sums) -> Mean:
    """Minutes."""
    return Mean(sums.wait_n, sums.wait_minutes)


def serve(sums: Sums) -> Mean:
    """Minutes."""
    return Mean(sums.serve_n, sums.serve_minutes)


def wait_untrusted(sums: Sums) -> Share:
    """Served visits whose waiting time is left out because it cannot be trusted."""
    return Share(sums.wait_bad, sums.served)


def serve_untrusted(sums: Sums) -> Share:
    return Share(sums.serve_bad, sums.served)


def on_time(sums: Sums) -> Share:
    """Of the dossiers that became ready; late is a promise not kept, or papers asked for a second time (QĐ 766)."""
    return Share(sums.ready - sums.ready_late, sums.ready)


def second_supplements(sums: Sums) -> Share:
    """Of the dossiers received, those for which papers were asked for twice or more."""
    return Share(sums.second_supplements, sums.received)


def paused(sums: Sums) -> Share:
    """Of the dossiers received, those for which papers were asked for at least once."""
    return Share(sums.paused, sums.received)


def questions_answered(sums: Sums) -> Share:
    return Share(sums.answered_questions, sums.questions)


def answer_time(sums: Sums) -> Mean:
    """Minutes until a question was answered."""
    return Mean(sums.answered_questions, sums.answer_minutes)


# By name, for pages that compare.
ALL: Mapping[str, Indicator] = {
    "satisfaction": satisfaction, "response": response, "low": low, "flagged": flagged, "over_collected": over_collected,
    "completeness": completeness, "must_return": must_return, "no_show": no_show, "walk_in": walk_in, "wait": wait, "serve": serve,
    "wait_untrusted": wait_untrusted, "serve_untrusted": serve_untrusted, "on_time": on_time, "paused": paused,
    "second_supplements": second_supplements, "questions_answered": questions_answered, "answer_time": answer_time,
}  # fmt: skip


def shown(figure: Figure) -> float | None:
    """The number a page may show: percent, or the mean; None where it is held back."""
    return figure.percent if isinstance(figure, Share) else figure.shown


def median_of_centers(by_center: Mapping[str, Sums], indicator: Indicator) -> float | None:
    """The middle of the centers that have enough (of an even number the mean of the two in the middle); None of fewer than LEAST_CENTERS."""
    figures = (indicator(sums) for sums in by_center.values())
    values = [figure.value for figure in figures if figure.enough and figure.value is not None]
    return median(values) if len(values) >= LEAST_CENTERS else None
