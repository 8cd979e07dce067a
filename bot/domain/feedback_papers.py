"""Which papers somebody may have been asked for too many: what is offered to pick from when they say how it was."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import Session

from bot.domain import checklists, figures, paper_names, periods
from bot.domain.feedback import Asked
from bot.domain.scopes import Scope
from bot.domain.visits import Visit
from procedures.catalog import Catalog
from procedures.text import fold

MOST = 8
MOST_PROCEDURES = 40


class Candidate(NamedTuple):
    """`why` it need not be brought: looked_up by the office, unlisted for this situation, counter (noted there as not required); or procedure:
    one of its papers, where nobody knows the situation.
    """

    id: str
    name: str
    why: str

    @property
    def mark(self) -> str:
        return hashlib.blake2s(self.name.encode(), digest_size=4).hexdigest()

    @property
    def asked(self) -> Asked:
        return Asked(self.id, self.name)


def of_visit(session: Session, catalog: Catalog, visit: Visit) -> list[Candidate]:
    """Papers of the visit's list that the office looks up itself, those of the procedure that this situation does not need, and what the
    counter itself noted as not required. Without a list all papers of the procedure.
    """
    noted = [Candidate(paper.id, paper.name, "counter") for paper in visit.papers_missing if paper.why == "not_required"]
    listed = _of_list(session, catalog, visit)
    if listed is None:
        return _each([*noted, *of_procedure(catalog, visit.procedure, visit.day)])
    return _each([*noted, *listed])[:MOST]


def of_procedure(catalog: Catalog, procedure: str, day: dt.date) -> list[Candidate]:
    """All of them; nothing where the procedure is not known."""
    entry = catalog.get(procedure, day) if procedure else None
    return [Candidate(paper.id, paper.name, "procedure") for paper in entry.documents] if entry is not None else []


def procedures(session: Session, catalog: Catalog, center_id: str, today: dt.date) -> list[str]:
    """What people came for there in this month and the one before, the most frequent: for somebody who has no ticket to say it."""
    month = periods.of("month", today)
    counted = figures.by_procedure(session, Scope(center_id, periods.before(month).first, month.last))
    known = [code for code, sums in counted.items() if code and sums.visits and catalog.get(code, today) is not None]
    return sorted(known, key=lambda code: (-counted[code].visits, code))[:MOST_PROCEDURES]


def recognised(catalog: Catalog, procedure: str, day: dt.date, asked_for: Iterable[Asked]) -> list[Asked]:
    """What was typed, as the paper of the procedure it names; any other stays as it was typed."""
    return [_recognised(catalog, procedure, day, paper) for paper in asked_for]


def _recognised(catalog: Catalog, procedure: str, day: dt.date, paper: Asked) -> Asked:
    found = paper_names.document(catalog, procedure, paper.name, day) if not paper.id else None
    return paper if found is None else Asked(found.id, found.name)


def _each(found: list[Candidate]) -> list[Candidate]:
    """Every paper once, by its first reason."""
    return list({fold(paper.name): paper for paper in reversed(found)}.values())[::-1]


def _of_list(session: Session, catalog: Catalog, visit: Visit) -> list[Candidate] | None:
    """None without a list."""
    row = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return None
    entry = catalog.get(row.code, visit.day)
    listed = {paper.id for paper in kept.papers} | {fold(paper.name) for paper in kept.papers}
    others = entry.documents if entry is not None else ()
    unlisted = [paper for paper in others if paper.id not in listed and fold(paper.name) not in listed]
    looked_up = [Candidate(paper.id, paper.name, "looked_up") for paper in kept.looked_up]
    return [*looked_up, *(Candidate(paper.id, paper.name, "unlisted") for paper in unlisted)]
