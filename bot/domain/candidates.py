"""Candidates for simplification, which every commune has to look for: procedures ranked by what they cost people, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from sqlmodel import Session

from bot.db.sums import Sums
from bot.domain import figure_papers, figures, indicators
from bot.domain.figure_papers import Paper
from bot.domain.indicators import Indicator, Share
from bot.domain.scopes import Scope

Cause = Literal["papers_missing", "over_collected", "second_supplements", "late", "low"]
PAPERS_EACH = 12  # one may be there for several reasons


class Reason(NamedTuple):
    """`share`: of the visits, ratings or dossiers of this procedure."""

    kind: Cause
    share: Share

    @property
    def weight(self) -> float:
        """The lower end of the interval, in percent: what is there for certain, so that five people do not outweigh five hundred."""
        return self.share.interval[0] if self.share.interval is not None else 0.0


class Candidate(NamedTuple):
    """A procedure, the worst first. `score`: the weights of its reasons together; `papers`: most often missing or asked for too much."""

    procedure: str
    sums: Sums
    papers: Sequence[Paper]
    score: float
    reasons: Sequence[Reason]


def _late(sums: Sums) -> Share:
    return Share(sums.ready_late, sums.ready)


_CAUSES: Mapping[Cause, Indicator] = {
    "papers_missing": indicators.must_return, "over_collected": indicators.over_collected,
    "second_supplements": indicators.second_supplements, "late": _late, "low": indicators.low,
}  # fmt: skip


def candidates(session: Session, scope: Scope, limit: int = 10) -> list[Candidate]:
    """Procedures something speaks against, with enough people to say so."""
    found = figures.by_procedure(session, scope)
    ranked = [ranked for procedure, sums in found.items() if procedure and (ranked := _ranked(procedure, sums)).reasons]
    worst = sorted(ranked, key=lambda one: (-one.score, one.procedure))[:limit]
    papers = _papers(session, scope) if worst else {}
    return [one._replace(papers=papers.get(one.procedure, ())[:PAPERS_EACH]) for one in worst]


def _ranked(procedure: str, sums: Sums) -> Candidate:
    shares = [Reason(kind, share) for kind, indicator in _CAUSES.items() if isinstance(share := indicator(sums), Share)]
    reasons = sorted((one for one in shares if one.share.enough and one.share.part > 0), key=lambda one: -one.weight)
    return Candidate(procedure, sums, (), sum(one.weight for one in reasons), tuple(reasons))


def _papers(session: Session, scope: Scope) -> dict[str, list[Paper]]:
    """By procedure, most often first."""
    listed: dict[str, list[Paper]] = {}
    missing = figure_papers.papers(session, scope, "missing")
    for paper in sorted(missing + figure_papers.papers(session, scope, "over_said"), key=lambda one: (-one.n, one)):
        listed.setdefault(paper.procedure, []).append(paper)
    return listed
