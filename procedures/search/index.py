"""Free text to ranked procedures and a decision. Built once from a catalog, read-only afterwards."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures.catalog import Catalog
from procedures.models import Procedure
from procedures.search import building, decision, families, lexicon, ranking, reasons, wording
from procedures.search.decision import Decision, Evidence
from procedures.search.families import Owner

MOST_HITS = 5
_CODE = re.compile(r"(?<![\d.])\d{1,2}\.\d{6}(?!\d)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A procedure's code and how well it fits, 0 to 1."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """`hits`: at most five, best first; for `clarify` they are the choices to offer."""

    query: str
    decision: Decision
    hits: tuple[Hit, ...]
    life_event: str | None = None


class _Standing(NamedTuple):
    """Which procedures may answer on a day: the entry to show for each, and the numbers of those without one."""

    entries: Sequence[Procedure | None]
    fallen: npt.NDArray[np.int64]


class _Ranked(NamedTuple):
    """What one query came to. `best`: procedures, best first; `asked`: the ambiguous phrase or life event nearest to it."""

    reading: lexicon.Reading
    best: list[ranking.Scored]
    asked: int | None
    evidence: Evidence


class Index:
    """Thread-safe: nothing but memoised look-ups changes after building."""

    def __init__(self, catalog: Catalog, owners: Sequence[Owner], words: lexicon.Lexicon, ranker: ranking.Ranker) -> None:
        self._catalog, self._owners, self._words, self._ranker = catalog, owners, words, ranker
        self._nothing = ranker.competing > ranker.procedures
        self._standing = lru_cache(maxsize=8)(self._in_force)

    def find(self, query: str, *, today: dt.date) -> Found:
        """The decision for what a citizen typed, never from an entry that is not in force on `today`."""
        named = self._named(query, today)
        if named is not None:
            return Found(query, "refer" if named.depth == "elsewhere" else "answer", (Hit(named.code, 1.0),))
        standing = self._standing(today)
        ranked = self._rank(query, standing)
        decided = decision.decide(ranked.evidence)
        hits = self._hits(ranked, standing)
        if decided == "clarify" and ranked.asked is not None and decision.to_be_asked(ranked.evidence):
            asked = self._owners[ranked.asked]
            choices = self._choices(asked, today)
            if len(choices) > 1:
                return Found(query, "clarify", choices, asked.name or None)
        if decided == "clarify":
            hits = hits[: decision.choices([hit.score for hit in hits])]
        elif decided == "answer" and self._elsewhere(ranked.best[0].owner, standing):
            decided = "refer"
        return Found(query, decided, hits)

    def explain(self, query: str, *, today: dt.date) -> list[str]:
        """Why `find` decides as it does, a line a reason."""
        found = self.find(query, today=today)
        if self._named(query, today) is not None:
            return [f"the query names the code {found.hits[0].code} → {found.decision}"]
        ranked = self._rank(query, self._standing(today))
        likely = [(scored.owner, scored) for scored in ranked.best[: reasons.SHOWN]]
        shown = [*likely, (ranked.asked, None)] if ranked.asked is not None else likely
        why = reasons.lines(ranked.reading, shown, owners=self._owners, names=self._feature_names(), ranker=self._ranker)
        return [*why, reasons.evidence(ranked.evidence, found.decision)]

    def weigh(self, query: str, *, today: dt.date) -> tuple[Evidence, tuple[Hit, ...]]:
        """What the decision on a query rests on, and the ranked procedures."""
        standing = self._standing(today)
        ranked = self._rank(query, standing)
        return ranked.evidence, self._hits(ranked, standing)

    def _feature_names(self) -> list[str]:
        """Features as a reader knows them: a concept by its first spelling, after "chưa" where it is what has not been done."""
        ways = {"#": "({})", "!": "(chưa {})"}
        spellings = self._catalog.concepts
        return [ways[name[0]].format(spellings[int(name[1:])][0]) if name[0] in ways else name for name in self._words.ids]

    def _named(self, query: str, today: dt.date) -> Procedure | None:
        """The procedure whose official code stands in the query."""
        match = _CODE.search(query[: wording.LONGEST]) if "." in query else None
        return self._entry(match[0], today) if match else None

    def _entry(self, code: str, today: dt.date) -> Procedure | None:
        candidates = (self._catalog.get(code), self._catalog.procedures.get(code))
        return next((entry for entry in candidates if entry is not None and entry.in_force(today)), None)

    def _in_force(self, today: dt.date) -> _Standing:
        entries = [families.in_force(self._catalog, owner, today) for owner in self._owners[: self._ranker.procedures]]
        return _Standing(entries, np.array([number for number, entry in enumerate(entries) if entry is None], dtype=np.int64))

    def _elsewhere(self, group: int, standing: _Standing) -> bool:
        entry = standing.entries[group]
        return entry is not None and entry.depth == "elsewhere"

    def _rank(self, query: str, standing: _Standing) -> _Ranked:
        reading = self._words.read(query)
        scores = self._ranker.score(reading, standing.fallen)
        best = scores.best or [ranking.Scored(0.0, -1, 0.0, 0.0)]
        rivals = self._rivals(best)
        asking = scores.aside[self._ranker.competing - self._ranker.procedures :]
        asked = int(asking.argmax()) if len(asking) else None
        evidence = Evidence(
            first=best[0].total,
            second=self._second(best[0], rivals, standing),
            nearest=best[0].nearest,
            ahead=best[0].nearest - rivals[0].nearest if rivals else 0.0,
            words=best[0].words,
            asked=0.0 if asked is None else float(asking[asked]),
            nothing=float(scores.aside[0]) if self._nothing else 0.0,
        )
        return _Ranked(reading, scores.best[:MOST_HITS], None if asked is None else self._ranker.competing + asked, evidence)

    def _rivals(self, best: Sequence[ranking.Scored]) -> Sequence[ranking.Scored]:
        """What can make the first one doubtful: an imported title cannot where the first was written by hand."""
        imported = self._ranker.kinds.imported
        return best[1:] if best[0].owner < imported else [scored for scored in best[1:] if scored.owner >= imported]

    def _second(self, first: ranking.Scored, rivals: Sequence[ranking.Scored], standing: _Standing) -> float:
        """The score of the next procedure that would change the decision: to a matter done elsewhere only one done here does."""
        if not rivals or not self._elsewhere(first.owner, standing):
            return rivals[0].total if rivals else 0.0
        return next((scored.total for scored in rivals if not self._elsewhere(scored.owner, standing)), rivals[-1].total)

    def _hits(self, ranked: _Ranked, standing: _Standing) -> tuple[Hit, ...]:
        entries = ((standing.entries[scored.owner], scored.total) for scored in ranked.best)
        return tuple(Hit(entry.code, round(min(score, 1.0), 4)) for entry, score in entries if entry is not None)

    def _choices(self, asked: Owner, today: dt.date) -> tuple[Hit, ...]:
        entries = (self._entry(code, today) for code in asked.codes)
        codes = dict.fromkeys(entry.code for entry in entries if entry is not None)
        return tuple(Hit(code, 1.0) for code in codes)[:MOST_HITS]


def build(catalog: Catalog, cache_dir: Path | None = None) -> Index:
    """The index of a catalog. With `cache_dir` one built before for the same catalog is taken from there."""
    owners = families.owners(catalog)
    built = building.load_or_build(catalog, owners, cache_dir)
    return Index(catalog, owners, built.words, built.ranker)
