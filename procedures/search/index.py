"""Free text to ranked procedures and a decision. Built once from a catalog, read-only afterwards."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures.catalog import Catalog
from procedures.models import Procedure
from procedures.search import building, decision, families, lexicon, ranking, reasons, wishes, wording
from procedures.search.decision import Decision, Evidence
from procedures.search.families import Owner

MOST_HITS = 5
_CODE = re.compile(r"(?<![\d.])\d{1,2}\.\d{6}(?!\d)")


class Hit(NamedTuple):
    """A procedure's code and how well it fits, 0 to 1."""

    code: str
    score: float


class Found(NamedTuple):
    """`hits`: at most five, best first; for `clarify` they are the choices to offer. `wishes`: the codes of several matters wanted
    in one message, in the order they were named."""

    query: str
    decision: Decision
    hits: tuple[Hit, ...]
    life_event: str | None = None
    wishes: tuple[str, ...] = ()


class _Standing(NamedTuple):
    """What procedures are on a day: the code to show for each, which are done elsewhere, which ended with nothing in their place,
    and the numbers of those with nothing to show yet."""

    codes: Sequence[str]
    elsewhere: frozenset[int]
    ended: frozenset[int]
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
        self._standing = lru_cache(maxsize=8)(self._on)

    def find(self, query: str, *, today: dt.date) -> Found:
        """The decision for what a citizen typed. An entry that is not in force on `today` is found only if it ended and nothing
        took its place: whoever opens it has to say so."""
        named = self._named(query, today)
        if named is not None:
            return Found(query, "refer" if named.depth == "elsewhere" else "answer", (Hit(named.code, 1.0),))
        standing = self._standing(today)
        ranked = self._rank(self._words.read(query), standing)
        decided = decision.decide(ranked.evidence)
        hits = self._hits(ranked, standing)
        several = self._wishes(ranked, standing) if decided != "unknown" else ()
        if several:
            return Found(query, "clarify", several, wishes=tuple(hit.code for hit in several))
        if decided == "clarify" and ranked.asked is not None and decision.to_be_asked(ranked.evidence):
            asked = self._owners[ranked.asked]
            choices = self._choices(asked, today)
            if len(choices) > 1:
                more = () if decision.word_for_word(ranked.evidence) else _near(hits)
                return Found(query, "clarify", _together(choices, more), asked.name or None)
        if decided == "clarify":
            hits = _near(hits)
        elif decided == "answer" and ranked.best[0].owner in standing.elsewhere:
            decided = "refer"
        return Found(query, decided, hits)

    def explain(self, query: str, *, today: dt.date) -> list[str]:
        """Why `find` decides as it does, a line a reason."""
        found = self.find(query, today=today)
        if self._named(query, today) is not None:
            return [f"the query names the code {found.hits[0].code} → {found.decision}"]
        ranked = self._rank(self._words.read(query), self._standing(today))
        likely = [(scored.owner, scored) for scored in ranked.best[: reasons.SHOWN]]
        shown = [*likely, (ranked.asked, None)] if ranked.asked is not None else likely
        why = reasons.lines(ranked.reading, shown, owners=self._owners, names=self._feature_names(), ranker=self._ranker)
        several = [f"several matters wanted: {', '.join(found.wishes)}"] if found.wishes else []
        return [*why, *several, reasons.evidence(ranked.evidence, found.decision)]

    def weigh(self, query: str, *, today: dt.date) -> tuple[Evidence, tuple[Hit, ...]]:
        """What the decision on a query rests on, and the ranked procedures."""
        standing = self._standing(today)
        ranked = self._rank(self._words.read(query), standing)
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
        candidates = [entry for entry in (self._catalog.get(code, today), self._catalog.procedures.get(code)) if entry is not None]
        in_force = next((entry for entry in candidates if entry.in_force(today)), None)
        return in_force or next((entry for entry in candidates if families.ended(entry, today)), None)

    def _on(self, today: dt.date) -> _Standing:
        entries = [families.shown(self._catalog, owner, today) for owner in self._owners[: self._ranker.procedures]]
        known = [(number, entry) for number, entry in enumerate(entries) if entry is not None]
        return _Standing(
            codes=[entry.code if entry is not None else "" for entry in entries],
            elsewhere=frozenset(number for number, entry in known if entry.depth == "elsewhere"),
            ended=frozenset(number for number, entry in known if not entry.in_force(today)),
            fallen=np.array([number for number, entry in enumerate(entries) if entry is None], dtype=np.int64),
        )

    def _wishes(self, ranked: _Ranked, standing: _Standing) -> tuple[Hit, ...]:
        """The matter of each wish of a message, if each is clear by itself and the message as a whole is no other matter."""
        if ranked.evidence.nearest >= wishes.ONE:
            return ()
        each = [self._rank(self._words.weigh(part), standing) for part in wishes.parts(ranked.reading.words)]
        if not each or not all(map(wishes.is_clear, (one.evidence for one in each))):
            return ()
        owners = [one.best[0].owner for one in each]
        if len(set(owners)) < len(owners) or ranked.best[0].owner not in owners:
            return ()
        return tuple(self._hits(one, standing)[0] for one in each)

    def _rank(self, reading: lexicon.Reading, standing: _Standing) -> _Ranked:
        scores = self._ranker.score(reading, standing.fallen)
        best = _living_first(scores.best, standing) or [ranking.Scored(0.0, -1, 0.0, 0.0)]
        rivals = self._rivals(best)
        asked, asked_likeness = scores.asked
        evidence = Evidence(
            first=best[0].total,
            second=self._second(best[0], rivals, standing),
            nearest=best[0].nearest,
            ahead=best[0].nearest - rivals[0].nearest if rivals else 0.0,
            words=best[0].words,
            asked=asked_likeness,
            nothing=scores.nothing,
        )
        return _Ranked(reading, best[:MOST_HITS] if scores.best else [], asked, evidence)

    def _rivals(self, best: Sequence[ranking.Scored]) -> Sequence[ranking.Scored]:
        """What can make the first one doubtful: an imported title cannot where the first was written by hand."""
        imported = self._ranker.kinds.imported
        return best[1:] if best[0].owner < imported else [scored for scored in best[1:] if scored.owner >= imported]

    def _second(self, first: ranking.Scored, rivals: Sequence[ranking.Scored], standing: _Standing) -> float:
        """The score of the next procedure that would change the decision: to a matter done elsewhere only one done here does."""
        if not rivals or first.owner not in standing.elsewhere:
            return rivals[0].total if rivals else 0.0
        return next((scored.total for scored in rivals if scored.owner not in standing.elsewhere), rivals[-1].total)

    def _hits(self, ranked: _Ranked, standing: _Standing) -> tuple[Hit, ...]:
        codes = standing.codes
        return tuple([Hit(codes[scored.owner], round(min(scored.total, 1.0), 4)) for scored in ranked.best])

    def _choices(self, asked: Owner, today: dt.date) -> tuple[Hit, ...]:
        entries = (self._entry(code, today) for code in asked.codes)
        codes = dict.fromkeys(entry.code for entry in entries if entry is not None)
        return tuple(Hit(code, 1.0) for code in codes)[:MOST_HITS]


def _living_first(best: list[ranking.Scored], standing: _Standing) -> list[ranking.Scored]:
    """What ended comes after what is in force and fits as well, be it no more than the title of an imported list."""
    if not standing.ended or not best or best[0].owner not in standing.ended:
        return best
    return sorted(best, key=lambda scored: (-scored.total, scored.owner in standing.ended))


def _near(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The ranked procedures worth offering."""
    return hits[: decision.choices([hit.score for hit in hits])]


def _together(choices: tuple[Hit, ...], more: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Choices somebody wrote down, then what was ranked besides."""
    known = {hit.code for hit in choices}
    return (*choices, *(hit for hit in more if hit.code not in known))[:MOST_HITS]


def build(catalog: Catalog, cache_dir: Path | None = None) -> Index:
    """The index of a catalog. With `cache_dir` one built before for the same catalog is taken from there."""
    owners = families.owners(catalog)
    built = building.load_or_build(catalog, owners, cache_dir)
    return Index(catalog, owners, built.words, built.ranker)
