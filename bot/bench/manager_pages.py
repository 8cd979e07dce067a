"""What each page for managers asks of the figures, for `motcua bench statistics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlmodel import Session

from bot.domain import candidates, figure_papers, figure_times, figures, indicators, periods
from bot.domain.scopes import Scope

Page = Callable[[Session, Scope], None]
BACK = 7  # periods of a line in the dashboard


def _overview(session: Session, scope: Scope) -> None:
    """The dashboard of one center or of all: big figures with their line, waiting, the heat of the week, obstacles, and the province's middle."""
    figures.trend(session, scope, BACK)
    figure_times.distribution(session, scope, "wait")
    figure_times.heat(session, scope)
    figure_papers.papers(session, scope, "missing", 10)
    if scope.center is not None:
        everybody = figures.by_center(session, scope)
        for indicator in indicators.ALL.values():
            indicators.median_of_centers(everybody, indicator)


def _comparison(session: Session, scope: Scope) -> None:
    """All centers, with the period before."""
    figures.by_center(session, scope)
    earlier = periods.before(periods.between(scope.first, scope.last))
    figures.by_center(session, scope.at(earlier.first, earlier.last))
    figure_times.distributions(session, scope, "wait")


def _heat(session: Session, scope: Scope) -> None:
    figure_times.heat(session, scope)
    figure_times.distribution(session, scope, "wait")
    figure_times.distribution(session, scope, "serve")


def _papers(session: Session, scope: Scope) -> None:
    figure_papers.papers(session, scope, "missing")
    figure_papers.papers(session, scope, "over_said")


def _candidates(session: Session, scope: Scope) -> None:
    candidates.candidates(session, scope)


def _parts(session: Session, scope: Scope) -> None:
    figures.by_procedure(session, scope)
    figures.by_field(session, scope)
    figures.by_channel(session, scope)


# name → the queries, and whether of one center; the others are asked of all and of one in turn
PAGES: Mapping[str, tuple[Page, tuple[bool, ...]]] = {
    "center": (_overview, (True,)),
    "province": (_overview, (False,)),
    "comparison": (_comparison, (False,)),
    "heat": (_heat, (True, False)),
    "papers": (_papers, (True, False)),
    "candidates": (_candidates, (True, False)),
    "procedures": (_parts, (True, False)),
}
