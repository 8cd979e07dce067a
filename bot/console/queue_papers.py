"""The papers a clerk may mark as missing: those of the person's own list, or what the procedure can ask for at all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import checklists
from bot.domain.visits import Visit
from handlers import presenting
from procedures.models import Document

PAPER_KEYS = "QWEDS"
WHYS = ("missing", "incorrect", "outdated")


@dataclass(frozen=True)
class Paper:
    """A paper that may be missing; the first ones have a key."""

    id: str
    name: str
    key: str
    had: bool


def papers(session: Session, premises: Premises, visit: Visit) -> tuple[Paper, ...]:
    """The papers of the person's own list; without one those the procedure can ask for at all."""
    row = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is not None and kept is not None:
        had = checklists.ticked(row)
        named = [(paper.id, paper.name, paper.id in had) for paper in kept.papers]
    else:
        entry = premises.catalog.get(visit.procedure, visit.day) if visit.procedure else None
        named = [(document.id, document.name, False) for document in entry.documents if _at_counter(document)] if entry is not None else []
    keys = [*PAPER_KEYS, *[""] * len(named)]
    return tuple(Paper(id, name, key, had) for (id, name, had), key in zip(named, keys, strict=False))  # noqa: A001


def _at_counter(document: Document) -> bool:
    """Whether somebody who stands at the counter can be asked for it."""
    return not document.when or any(presenting.COUNTER in dict(line).get(presenting.HOW, (presenting.COUNTER,)) for line in document.when)
