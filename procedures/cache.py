"""A proven catalog kept on disk by the hash of its files, so that a start does not prove it again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from procedures.catalog import Catalog
from procedures.models import Ambiguous, LifeEvent, Procedure

# Raise when the models or the refusals change: an older copy was proven by other rules.
FORMAT = 1


class _Kept(BaseModel):
    version: str
    procedures: tuple[Procedure, ...]
    fields: dict[str, str]
    life_events: tuple[LifeEvent, ...]
    ambiguous: tuple[Ambiguous, ...]
    nothing: tuple[str, ...]
    concepts: tuple[tuple[str, ...], ...]
    abbreviations: dict[str, str]


def version(roots: Iterable[Path]) -> str:
    """Twelve hex digits over the names and bytes of every file of the catalog and of the code that proves it."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    code = [Path(__file__).parent / name for name in ("models.py", "rules.py", "checklist.py", "loader.py", "listed.py", "dialect.py")]
    for root in [*roots, *code]:
        for file in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if file.suffix in (".yaml", ".csv", ".py") and file.is_file():
                digest.update(str(file.relative_to(root)).encode() + b"\0" + _bytes(file) + b"\0")
    return digest.hexdigest()[:12]


def _bytes(file: Path) -> bytes:
    """A file that cannot be read is for the loader to name."""
    try:
        return file.read_bytes()
    except OSError:
        return b"unreadable"


def entry_version(entry: Procedure) -> str:
    """Eight hex digits over everything an entry tells a citizen; phrases for the search do not count."""
    told = entry.model_copy(update={"also": (), "version": ""})
    return hashlib.sha256(told.model_dump_json().encode()).hexdigest()[:8]


def read(folder: Path, wanted: str) -> Catalog | None:
    """The kept catalog of this version; None when there is none that can be read."""
    try:
        kept = _Kept.model_validate_json((folder / f"catalog-{wanted}.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return Catalog(
        version=kept.version,
        procedures={entry.code: entry for entry in kept.procedures},
        fields=kept.fields,
        life_events={event.id: event for event in kept.life_events},
        ambiguous=kept.ambiguous,
        nothing=kept.nothing,
        concepts=kept.concepts,
        abbreviations=kept.abbreviations,
    )


def write(folder: Path, catalog: Catalog) -> None:
    """Keep the catalog; a folder that cannot be written only costs time at the next start."""
    kept = _Kept(
        version=catalog.version,
        procedures=tuple(catalog.procedures.values()),
        fields=dict(catalog.fields),
        life_events=tuple(catalog.life_events.values()),
        ambiguous=catalog.ambiguous,
        nothing=catalog.nothing,
        concepts=catalog.concepts,
        abbreviations=dict(catalog.abbreviations),
    )
    target = folder / f"catalog-{catalog.version}.json"
    partial = target.with_suffix(f".{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_text(kept.model_dump_json(by_alias=True, exclude_defaults=True), encoding="utf-8")
        partial.replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
