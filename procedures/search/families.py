"""Who owns a phrase: procedures that replaced one another count as one, beside phrases that are ambiguous or mean nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from procedures.catalog import Catalog
from procedures.models import Procedure

Kind = Literal["procedure", "ambiguous", "life_event", "nothing"]


@dataclass(frozen=True)
class Owner:
    """`codes`: of a procedure, itself and what it replaced, newest first; else the choices to offer. `imported`: its title came
    with a list, and nobody wrote a phrase for it."""

    kind: Kind
    codes: tuple[str, ...]
    phrases: tuple[str, ...]
    name: str = ""
    imported: bool = False


def owners(catalog: Catalog) -> list[Owner]:
    """All owners: those that compete for a query's words first, procedures (imported ones before all) and what means nothing here."""
    procedures = sorted(_procedures(catalog), key=lambda owner: not owner.imported)
    return [*procedures, *_nothing(catalog), *_ambiguous(catalog), *_life_events(catalog)]


def competes(owner: Owner) -> bool:
    return owner.kind in ("procedure", "nothing")


def shown(catalog: Catalog, owner: Owner, today: dt.date) -> Procedure | None:
    """The newest entry of a procedure that may answer today, else the newest that has ended: nothing took its place, and it is
    better told so than sent to a neighbour."""
    entries = [catalog.procedures[code] for code in owner.codes]
    return next((entry for entry in entries if entry.in_force(today)), None) or next((entry for entry in entries if ended(entry, today)), None)


def ended(entry: Procedure, today: dt.date) -> bool:
    return entry.valid.until is not None and entry.valid.until <= today


def _procedures(catalog: Catalog) -> Iterator[Owner]:
    together: dict[str, list[Procedure]] = {}
    for code, entry in catalog.procedures.items():
        together.setdefault(catalog.successor(code), []).append(entry)
    for newest, entries in together.items():
        entries.sort(key=lambda entry: entry.code != newest)
        spoken = dict.fromkeys(phrase for entry in entries for phrase in (entry.name, entry.short or entry.name, *entry.also))
        imported = len(spoken) == 1 and all(entry.checked.imported for entry in entries)
        yield Owner("procedure", tuple(entry.code for entry in entries), tuple(spoken), imported=imported)


def _ambiguous(catalog: Catalog) -> Iterator[Owner]:
    together: dict[tuple[str, ...], list[str]] = {}
    for item in catalog.ambiguous:
        together.setdefault(item.choices, []).append(item.text)
    for choices, phrases in together.items():
        yield Owner("ambiguous", choices, tuple(phrases))


def _life_events(catalog: Catalog) -> Iterator[Owner]:
    for event in catalog.life_events.values():
        yield Owner("life_event", tuple(step.code for step in event.steps), (event.name, *event.also), event.id)


def _nothing(catalog: Catalog) -> Iterator[Owner]:
    if catalog.nothing:
        yield Owner("nothing", (), catalog.nothing)
