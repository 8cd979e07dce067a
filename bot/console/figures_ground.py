"""What every section of the figures is made from: a session, what is asked, the names of things; each figure is read once a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlmodel import Session

from bot.console import figures_live as live
from bot.console.figures_asked import Asked
from bot.console.figures_words import Names
from bot.db.sums import Sums
from bot.domain import candidates, figure_papers, figure_times, figures, misses, periods, province_figures
from bot.domain.candidates import Candidate
from bot.domain.figure_papers import Paper
from bot.domain.figure_times import Distribution
from bot.domain.figure_times import Kind as TimeKind
from bot.domain.figures import Span
from bot.domain.indicators import ALL, LEAST_CENTERS, Figure, Indicator
from bot.domain.indicators import median_of_centers as median_of
from bot.domain.misses import Group
from bot.domain.province_figures import Told
from bot.domain.scopes import Scope

BACK = 6  # earlier periods in a line
MOST_MISSES = 20
MOST_PAPERS = 50


@dataclass(frozen=True)
class Ground:
    """Of one center. `address`: of its pages of figures."""

    session: Session
    asked: Asked
    names: Names
    center: str
    address: str
    now: dt.datetime

    @cached_property
    def scope(self) -> Scope:
        return self.asked.scope(self.center)

    @cached_property
    def trend(self) -> list[Span]:
        return figures.trend(self.session, self.scope, BACK)

    @property
    def sums(self) -> Sums:
        return self.trend[-1].sums

    @property
    def before(self) -> Sums:
        return self.trend[-2].sums

    @cached_property
    def others(self) -> dict[str, Sums]:
        """Of the other centers of this installation; nothing when there are too few to compare with."""
        if len(self.names.premises.directory.all) <= LEAST_CENTERS:
            return {}
        found = figures.by_center(self.session, self.scope)
        return {center: sums for center, sums in found.items() if center != self.center}

    @cached_property
    def by_procedure(self) -> Mapping[str, Sums]:
        return figures.by_procedure(self.session, self.scope)

    @cached_property
    def offered(self) -> list[str]:
        """Procedures one can choose: those of this period, most visits first, and the one chosen."""
        anything = self.by_procedure if not self.asked.procedure else figures.by_procedure(self.session, replace(self.scope, procedure=""))
        known = sorted((code for code in anything if code), key=lambda code: (-anything[code].visits, code))
        chosen = self.asked.procedure
        return known if not chosen or chosen in known else [chosen, *known]

    @cached_property
    def heat(self) -> dict[tuple[int, int], figure_times.Cell]:
        return figure_times.heat(self.session, self.scope)

    @cached_property
    def missing(self) -> list[Paper]:
        """Every one, as one paper may be there for several reasons."""
        return figure_papers.papers(self.session, self.scope, "missing")

    @cached_property
    def over_said(self) -> list[Paper]:
        return figure_papers.papers(self.session, self.scope, "over_said", MOST_PAPERS)

    @cached_property
    def open(self) -> live.Open:
        return live.dossiers(self.session, self.scope, self.names.today)

    @cached_property
    def waiting(self) -> live.Waiting:
        return live.questions(self.session, self.scope)

    @cached_property
    def searches(self) -> list[Group]:
        """That found nothing, the most frequent first; nobody keeps what else they were about."""
        scope = self.scope
        return misses.group(misses.of_period(self.session, self.center, scope.first, scope.last, 5 * MOST_MISSES))[:MOST_MISSES]

    def distribution(self, kind: TimeKind) -> Distribution:
        return figure_times.distribution(self.session, self.scope, kind)

    def candidates(self) -> list[Candidate]:
        return candidates.candidates(self.session, self.scope)

    def median(self, indicator: Indicator) -> float | None:
        """Of the other centers; None of fewer than three with enough."""
        if indicator not in self._medians:
            self._medians[indicator] = median_of(self.others, indicator)
        return self._medians[indicator]

    @cached_property
    def _medians(self) -> dict[Indicator, float | None]:
        return {}

    def province(self, indicator: Indicator) -> Told | None:
        """What it published instead, where there is no median."""
        return self._published.get(indicator) if self.median(indicator) is None else None

    @cached_property
    def _published(self) -> dict[Indicator, Told]:
        """Nobody publishes what a filter asks for, or a day or week."""
        period = self.asked.period
        if self.asked.filtered or period.name not in periods.MONTHS:
            return {}
        found = province_figures.of_period(self.session, self.center, period.first, period.last)
        return {ALL[name]: told for name, told in found.items() if name in ALL}

    def figure(self, indicator: Indicator) -> Figure:
        return indicator(self.sums)

    def link(self, page: str = "", **more: object) -> str:
        """A page of these figures with the same period and filters."""
        return f"{self.address}{f'/{page}' if page else ''}?{self.asked.query(**more)}"

    def behind(self, **more: object) -> str:
        """The list of visits a figure comes from."""
        return self.link("luot", **more)
