"""Which papers were missing at the counter, and which were asked for beyond the list: read from the rollups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db.figures import FIGURE_DETAIL
from bot.domain import levels, scopes
from bot.domain.scopes import Part, Scope

Kind = Literal["missing", "over_said"]
_D = FIGURE_DETAIL.c


class Paper(NamedTuple):
    """How often it was so, in visits that ended or in ratings. `paper`: its id in the catalog. `why`: missing, incorrect, outdated or
    not_required; "" for one that was asked for too much.
    """

    procedure: str
    paper: str
    why: str
    n: int


def papers(session: Session, scope: Scope, kind: Kind, limit: int = 20) -> list[Paper]:
    """Those the catalog has, most often first."""
    found = [_paper(procedure, item, kind, n) for (procedure, item), n in _counted(session, scope, kind).items() if n]
    return sorted(found, key=lambda paper: (-paper.n, paper))[:limit]


def _paper(procedure: str, item: str, kind: Kind, n: int) -> Paper:
    why, _, paper = item.partition(":") if kind == "missing" else ("", "", item)
    return Paper(procedure, paper, why, n)


def _counted(session: Session, scope: Scope, kind: Kind) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    by: Sequence[str] = ("procedure",)
    for grain, listed in scopes.spans(scope.first, scope.last).by_grain():
        level = scopes.level(levels.PAPERS, scope, grain, by)
        assert level is not None
        there = (_D.kind == kind, *scopes.rows(FIGURE_DETAIL, scope, Part(level, grain, listed), by))
        wanted = select(_D.procedure, _D.item, func.sum(_D.n)).where(*there).group_by(_D.procedure, _D.item)
        for procedure, item, n in session.execute(wanted):
            found[procedure, item] += n
    return found
