"""Which entries a person has to look at: unchecked for long, ending soon, resting on a repealed document, without a successor."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from procedures import dialect
from procedures.catalog import Catalog
from procedures.models import Model, Procedure, Text

REPEALED = Path(__file__).parents[1] / "data" / "repealed.yaml"
UNCHECKED_DAYS, ENDING_DAYS = 180, 120


class Repealed(Model):
    """A document that no longer applies from `since` on. `proof`: where that stands, and how sure it is."""

    number: Text
    repealed_by: Text
    since: dt.date
    proof: Text


class Unchecked(NamedTuple):
    entry: Procedure
    days: int


class Ending(NamedTuple):
    """`days` until the first day the entry may no longer be used; 0 and less: it is out of use already."""

    entry: Procedure
    until: dt.date
    days: int
    replaced_by: str | None


class Resting(NamedTuple):
    """An entry whose source is repealed. `days` until the repeal; 0 and less: it has happened."""

    entry: Procedure
    document: Repealed
    days: int


@dataclass(frozen=True)
class Report:
    """`imported`: rows of imported lists, which nobody has compared with their record; counted, not listed."""

    unchecked: tuple[Unchecked, ...]
    ending: tuple[Ending, ...]
    resting: tuple[Resting, ...]
    imported: int

    @property
    def unreplaced(self) -> tuple[Ending, ...]:
        """What ends, or has ended, with nothing to take its place."""
        return tuple(item for item in self.ending if item.replaced_by is None)


def report(
    catalog: Catalog, repealed: Sequence[Repealed], *, today: dt.date, unchecked_days: int = UNCHECKED_DAYS, ending_days: int = ENDING_DAYS
) -> Report:
    """What to look at on `today`, the most urgent first."""
    entries = [entry for entry in catalog.procedures.values() if not entry.checked.imported]
    age = [Unchecked(entry, (today - entry.checked.on).days) for entry in entries]
    ending = [Ending(entry, until, (until - today).days, _newer(catalog, entry)) for entry in entries if (until := entry.valid.until)]
    resting = [
        Resting(entry, document, (document.since - today).days) for entry in entries for document in repealed if _names(entry, document.number)
    ]
    return Report(
        unchecked=tuple(sorted((item for item in age if item.days >= unchecked_days), key=lambda item: (-item.days, item.entry.code))),
        ending=tuple(sorted((item for item in ending if item.days <= ending_days), key=lambda item: (item.days, item.entry.code))),
        resting=tuple(
            sorted((item for item in resting if item.days <= ending_days), key=lambda item: (item.days, item.document.number, item.entry.code))
        ),
        imported=len(catalog.procedures) - len(entries),
    )


def documents(file: Path = REPEALED) -> tuple[Repealed, ...]:
    """The repealed documents known; the file says where each stands. Raises pydantic's ValidationError."""
    return TypeAdapter(tuple[Repealed, ...]).validate_python(dialect.parse(file.read_text(encoding="utf-8")))


def _newer(catalog: Catalog, entry: Procedure) -> str | None:
    newer = catalog.successor(entry.code)
    return newer if newer != entry.code else None


def _names(entry: Procedure, number: str) -> bool:
    """Whether a source of the entry is this document: "20/2021/NĐ-CP" is not part of "120/2021/NĐ-CP"."""
    pattern = re.compile(rf"(?<![\w/]){re.escape(number)}(?![\w/-])", re.IGNORECASE)
    return any(pattern.search(source) for source in _sources(entry))


def _sources(entry: Procedure) -> Iterator[str]:
    yield from entry.legal_basis
    yield from filter(None, (entry.checked.decision, entry.overlay))
