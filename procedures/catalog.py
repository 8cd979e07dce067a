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

    def get(self, code: str, today: dt.date | None = None) -> Procedure | None:
        """The entry of this code, or of the one that replaced it: with `today` the newest in force that day, else the newest begun."""
        entries = [self.procedures[newer] for newer in self._successors(code) if newer in self.procedures]
        in_force = [entry for entry in entries if today is None or entry.in_force(today)]
        begun = [entry for entry in entries if today is None or entry.valid.since is None or entry.valid.since <= today]
        return next(reversed(in_force or begun or entries), None)

    def successor(self, code: str) -> str:
        """The last code that replaced this one; the code itself when nothing did."""
        return self._successors(code)[-1]

    def knows(self, code: str) -> bool:
        """Whether the code leads to an entry."""
        return code in self.procedures or code in self.old_codes

    def _successors(self, code: str) -> list[str]:
        """The code and what replaced it, one after another; a circle ends where it would close."""
        chain = [code]
        while True:
            entry = self.procedures.get(chain[-1])
            newer = self.old_codes.get(chain[-1]) or (entry.valid.replaced_by if entry else None)
            if newer is None or newer in chain:
                return chain
            chain.append(newer)

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
