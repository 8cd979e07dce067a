"""What changed between two versions of the catalog, entry by entry: facts for a person to read, not lines of a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

from procedures import text
from procedures.catalog import Catalog
from procedures.models import Document, Procedure, Question

Kind = Literal["added", "removed", "expired", "changed"]
T = TypeVar("T")
_PLAIN = ("name", "short", "depth", "handled_by", "where")
_REST = ("summary", "looked_up", "submit", "who_may_go", "deadline", "result", "notes", "next")


class Detail(NamedTuple):
    """One fact that changed. `kind` names the sentence; `before` and `after` are what the models hold, None where there was none."""

    kind: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Difference:
    """One entry. `replaced_by` for what was removed or has expired."""

    kind: Kind
    entry: Procedure
    details: tuple[Detail, ...] = ()
    replaced_by: str | None = None


def between(old: Catalog, new: Catalog, *, today: dt.date) -> list[Difference]:
    """What was added, removed, expired by `today`, or changed: in that order, by code."""
    added = [Difference("added", new.procedures[code]) for code in sorted(new.procedures.keys() - old.procedures.keys())]
    removed = [_removed(old.procedures[code], new) for code in sorted(old.procedures.keys() - new.procedures.keys())]
    both = [(old.procedures[code], new.procedures[code]) for code in sorted(old.procedures.keys() & new.procedures.keys())]
    expired = [_expired(after, new) for before, after in both if before.in_force(today) and not after.in_force(today)]
    gone = {difference.entry.code for difference in expired}
    changed = [Difference("changed", after, found) for before, after in both if after.code not in gone and (found := tuple(details(before, after)))]
    return [*added, *removed, *expired, *changed]


def _removed(entry: Procedure, new: Catalog) -> Difference:
    newer = new.successor(entry.code)
    return Difference("removed", entry, replaced_by=newer if newer != entry.code else None)


def _expired(entry: Procedure, new: Catalog) -> Difference:
    newer = new.successor(entry.code)
    return Difference("expired", entry, (Detail("until", None, entry.valid.until),), newer if newer != entry.code else None)


def details(before: Procedure, after: Procedure) -> Iterator[Detail]:
    """Everything that changed in one entry, papers first. Only what no finer fact tells is summed up as `words`."""
    found = [*_documents(before.documents, after.documents), *_questions(before.questions, after.questions), *_terms(before, after)]
    yield from found
    left = [name for name in _REST if getattr(before, name) != getattr(after, name)]
    if left:
        yield Detail("words", tuple(left), None)
    if set(before.also) != set(after.also):
        yield Detail("phrases", len(set(before.also) - set(after.also)), len(set(after.also) - set(before.also)))


def _terms(before: Procedure, after: Procedure) -> Iterator[Detail]:
    """Fee, time, validity and source."""
    pairs: Mapping[str, Callable[[Procedure], object]] = {
        **{name: _reader(name) for name in (*_PLAIN, "fees", "time", "overlay")},
        "since": lambda entry: entry.valid.since,
        "until": lambda entry: entry.valid.until,
        "replaced_by": lambda entry: entry.valid.replaced_by,
        "decision": lambda entry: entry.checked.decision,
        "checked": lambda entry: entry.checked.on,
    }
    for kind, read in pairs.items():
        was, now = read(before), read(after)
        if was != now:
            yield Detail(kind, was, now)
    for kind, here, there in (("basis_added", after, before), ("basis_removed", before, after)):
        numbers = tuple(number for number in here.legal_basis if number not in there.legal_basis)
        if numbers:
            yield Detail(kind, *((None, numbers) if kind == "basis_added" else (numbers, None)))


def _reader(name: str) -> Callable[[Procedure], object]:
    return lambda entry: getattr(entry, name)


def _documents(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Detail]:
    kept, gone, new = _matched(before, after, lambda document: document.name)
    yield from (Detail("paper_added", None, document) for document in new)
    yield from (Detail("paper_removed", document, None) for document in gone)
    for was, now in kept:
        yield from _document(was, now)


def _document(was: Document, now: Document) -> Iterator[Detail]:
    if (was.originals, was.copies) != (now.originals, now.copies):
        yield Detail("paper_count", was, now)
    for kind, fields in (("paper_hand_in", ("hand_in",)), ("paper_name", ("name",)), ("paper_form", ("form",)), ("paper_when", ("when",))):
        if any(getattr(was, field) != getattr(now, field) for field in fields):
            yield Detail(kind, was, now)
    if (was.note, was.official) != (now.note, now.official):
        yield Detail("paper_note", was, now)


def _questions(before: Sequence[Question], after: Sequence[Question]) -> Iterator[Detail]:
    kept, gone, new = _matched(before, after, lambda question: question.ask)
    yield from (Detail("question_added", None, question) for question in new)
    yield from (Detail("question_removed", question, None) for question in gone)
    yield from (Detail("question_changed", was, now) for was, now in kept if was != now and was.ask == now.ask)
    yield from (Detail("question_asked", was, now) for was, now in kept if was.ask != now.ask)


def _matched(before: Sequence[T], after: Sequence[T], spoken: Callable[[T], str]) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """(kept pairs, gone, new): by id, and where an id was renamed by the words people read."""
    kept, gone, new = _paired(before, after, _id)
    more, gone, new = _paired(gone, new, lambda item: text.fold(spoken(item)))
    return [*kept, *more], gone, new


def _paired(before: Iterable[T], after: Iterable[T], key: Callable[[T], Hashable]) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    were, are = {key(item): item for item in before}, {key(item): item for item in after}
    kept = [(were[name], item) for name, item in are.items() if name in were]
    return kept, [item for name, item in were.items() if name not in are], [item for name, item in are.items() if name not in were]


def _id(item: Any) -> str:
    name: str = item.id
    return name
