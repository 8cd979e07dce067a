"""Which papers somebody may have been asked for too many: what is offered to pick from when they say how it was."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sqlmodel import Session

from bot.domain import checklists
from bot.domain.feedback import Asked
from bot.domain.visits import Visit
from procedures.catalog import Catalog
from procedures.text import fold

MOST = 8


class Candidate(NamedTuple):
    """`why` it need not be brought: looked_up by the office, unlisted for this situation, counter (noted there as not required)."""

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
    counter itself noted as not required. Without a list only the last.
    """
    noted = [Candidate(paper.id, paper.name, "counter") for paper in visit.papers_missing if paper.why == "not_required"]
    found = [*noted, *_of_list(session, catalog, visit)]
    return list({fold(paper.name): paper for paper in reversed(found)}.values())[::-1][:MOST]


def _of_list(session: Session, catalog: Catalog, visit: Visit) -> list[Candidate]:
    row = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return []
    entry = catalog.get(row.code, visit.day)
    listed = {paper.id for paper in kept.papers} | {fold(paper.name) for paper in kept.papers}
    others = entry.documents if entry is not None else ()
    unlisted = [paper for paper in others if paper.id not in listed and fold(paper.name) not in listed]
    looked_up = [Candidate(paper.id, paper.name, "looked_up") for paper in kept.looked_up]
    return [*looked_up, *(Candidate(paper.id, paper.name, "unlisted") for paper in unlisted)]
