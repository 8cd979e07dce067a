"""Which papers were missing, at the counter or in a dossier, and which were asked for beyond the list: read from the rollups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db.figures import FIGURE_DETAIL
from bot.domain import levels, scopes
from bot.domain.contributions import TYPED
from bot.domain.indicators import LEAST
from bot.domain.scopes import Part, Scope
from procedures.text import fold

Kind = Literal["missing", "over_said"]
_D = FIGURE_DETAIL.c


class Paper(NamedTuple):
    """How often it was so: in visits that ended and dossiers received, or in ratings. `paper`: its id in the catalog, or its name as most people
    typed it. `why`: missing, incorrect, outdated or not_required; "" for one that was asked for too much.
    """

    procedure: str
    paper: str
    why: str
    n: int


def papers(session: Session, scope: Scope, kind: Kind, limit: int | None = None) -> list[Paper]:
    """Most often first, all of them without a limit. What fewer than LEAST typed is held back: such words may say who they were."""
    counted = _counted(session, scope, kind)
    known = [_paper(procedure, item, kind, n) for (procedure, item), n in counted.items() if n and not item.startswith(TYPED)]
    found = [*known, *(one for one in _typed(counted) if one.n >= LEAST)]
    return sorted(found, key=lambda paper: (-paper.n, paper))[:limit]


def lacked(found: Iterable[Paper]) -> dict[tuple[str, str], int]:
    """(procedure, paper) → how often it was missing, whatever was wrong with it, most often first; not those no law asks for."""
    together: Counter[tuple[str, str]] = Counter()
    for one in found:
        if one.why != "not_required":
            together[one.procedure, one.paper] += one.n
    return dict(sorted(together.items(), key=lambda item: (-item[1], item[0])))


def _paper(procedure: str, item: str, kind: Kind, n: int) -> Paper:
    why, _, paper = item.partition(":") if kind == "missing" else ("", "", item)
    return Paper(procedure, paper, why, n)


def _typed(counted: Counter[tuple[str, str]]) -> Iterator[Paper]:
    """However they were spelled."""
    alike: dict[tuple[str, str], Counter[str]] = {}
    for (procedure, item), n in counted.items():
        if n and item.startswith(TYPED):
            name = item.removeprefix(TYPED)
            alike.setdefault((procedure, fold(name)), Counter())[name] += n
    for (procedure, _), spelled in alike.items():
        yield Paper(procedure, min(spelled, key=lambda name: (-spelled[name], name)), "", spelled.total())


def _counted(session: Session, scope: Scope, kind: Kind) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    by: Sequence[str] = ("procedure",)
    of = scopes.centers(session, FIGURE_DETAIL, scope)
    for grain, listed in scopes.spans(scope.first, scope.last).by_grain():
        level = scopes.level(levels.PAPERS, scope, grain, by)
        assert level is not None
        there = (_D.kind == kind, *scopes.rows(FIGURE_DETAIL, scope, Part(level, grain, listed), of))
        wanted = select(_D.procedure, _D.item, func.sum(_D.n)).where(*there).group_by(_D.procedure, _D.item)
        for procedure, item, n in session.execute(wanted):
            found[procedure, item] += n
    return found
