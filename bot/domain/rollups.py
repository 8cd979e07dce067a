"""Keeps the figures true: whoever changes a row that counts says so before, and what it counts for changes with it, in the same transaction.

`touch` before a row changes, `born` when it was made, and `became` to spare the end a look at it. What the rows counted for before is
compared with what they count for at the end, once a transaction (db.ending); a path that touches is right whatever it changes. Nothing
happens when nothing that counts changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlmodel import Session

from bot.db import ending, locks
from bot.db.ending import Kept
from bot.domain import rollup_rows, rollup_writes
from bot.domain.contributions import Question, Visit
from bot.domain.rollup_rows import Fields, Kind, Row
from bot.domain.rollup_writes import Change

LOCK = rollup_writes.LOCK
WITHOUT_FIELD = (Visit, Question)
KINDS: tuple[Kind, ...] = ("visit", "feedback", "dossier", "question")


def touch(session: Session, kind: Kind, *ids: int) -> None:
    """These rows may change, or go. Locks them: what they count for now must not change before this transaction does it."""
    kept, known = ending.notes(session, _finish)
    for number in ids:
        known.pop((kind, number), None)
    new = [number for number in ids if (kind, number) not in kept]
    if new:
        rows = rollup_rows.read(session, kind, new, lock=True)
        kept.update({(kind, number): rows.get(number) for number in new})


def born(session: Session, kind: Kind, *ids: int) -> None:
    """These rows are new, or were changed from what counted for nothing."""
    kept, known = ending.notes(session, _finish)
    for number in ids:
        kept.setdefault((kind, number), None)
        known.pop((kind, number), None)


def became(session: Session, kind: Kind, row: Row) -> None:
    """A row that was touched says this now, as the statement that changed it returned it. Whoever changes it after that touches it again."""
    ending.notes(session, _finish).known[kind, row.id] = row


def _finish(session: Session, kept: Kept, known: Kept) -> None:
    """The end of the transaction: add the difference between what the rows counted for and what they count for now."""
    pairs = _changed(session, kept, known)
    if not pairs:
        return
    if any(isinstance(row, WITHOUT_FIELD) for pair in pairs for row in pair):
        locks.share(session, *LOCK)  # before their fields are looked up: these change only while nobody adds
    fields = Fields(session)
    change = Change()
    for before, after in pairs:
        change.take(rollup_rows.all_of(_there(before), fields), -1)
        change.take(rollup_rows.all_of(_there(after), fields))
    rollup_writes.add(session, change, last=True)


def _changed(session: Session, kept: Kept, known: Kept) -> list[tuple[Row | None, Row | None]]:
    after = dict(known)
    for kind in KINDS:
        unknown = [number for of, number in kept if of == kind and (of, number) not in known]
        if unknown:
            after |= {(kind, number): row for number, row in rollup_rows.read(session, kind, unknown).items()}
    return [(row, after.get(key)) for key, row in kept.items() if row != after.get(key)]


def _there(row: Row | None) -> Iterable[Row]:
    return () if row is None else (row,)


def in_other_fields(session: Session, rows: Callable[[], Iterable[Row]], change: Callable[[], object]) -> None:
    """`change` gives rows that exist another field: move what they count for, while nobody else adds anything.

    They are not locked: whoever changes one of them now adds the difference afterwards, and by the new fields.
    """
    locks.hold(session, *LOCK)
    moved, found = Change(), list(rows())
    moved.take(rollup_rows.all_of(found, Fields(session)), -1)
    change()
    moved.take(rollup_rows.all_of(found, Fields(session)))
    rollup_writes.add(session, moved)
