"""The loaded catalog: every entry by code, what replaced what, and the words search is built from."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from procedures.models import Ambiguous, LifeEvent, Procedure


@dataclass(frozen=True)
class Catalog:
    """Read-only after loading. `version` changes when any file of it changes."""

    version: str
    procedures: Mapping[str, Procedure]
    fields: Mapping[str, str]
    life_events: Mapping[str, LifeEvent] = field(default_factory=dict)
    ambiguous: tuple[Ambiguous, ...] = ()
    nothing: tuple[str, ...] = ()
    concepts: tuple[tuple[str, ...], ...] = ()
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    old_codes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        replaced = {old: entry.code for entry in self.procedures.values() for old in entry.replaces}
        object.__setattr__(self, "old_codes", replaced)

    def get(self, code: str) -> Procedure | None:
        """The entry of this code, or of the one that replaced it."""
        return self.procedures.get(self.successor(code))

    def successor(self, code: str) -> str:
        """The code to use today for an old one; the code itself when nothing replaced it."""
        seen = {code}
        while True:
            entry = self.procedures.get(code)
            newer = self.old_codes.get(code) or (entry.valid.replaced_by if entry else None)
            if newer is None or newer in seen:
                return code
            seen.add(newer)
            code = newer

    def current(self, today: dt.date) -> list[Procedure]:
        return [entry for entry in self.procedures.values() if entry.in_force(today)]

    def stats(self, today: dt.date) -> dict[str, object]:
        """Counts as `motcua catalog stats --json` prints them."""
        depths = Counter(entry.depth for entry in self.procedures.values())
        expired = sum(not entry.in_force(today) for entry in self.procedures.values())
        fields = Counter(entry.field for entry in self.procedures.values() if entry.depth != "elsewhere")
        phrases = sum(len(entry.also) for entry in self.procedures.values())
        return {
            **{depth: depths[depth] for depth in ("curated", "listed", "elsewhere")},
            "expired": expired,
            "phrases": phrases,
            "fields": dict(fields.most_common()),
        }

