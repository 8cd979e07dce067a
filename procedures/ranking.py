"""Two rankers over one set of features: what each word says for a procedure (BM25, then learned), and the nearest phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures import learning
from procedures.lexicon import Reading
from procedures.postings import Arrays, Cell, Floats, Ints, Table

Phrases = Sequence[Mapping[int, float]]
# BM25: how slowly repetition saturates (slowly: thirty phrases that say "mất" mean it), how far long entries are held back.
SATURATION, LENGTH = 5.0, 0.6
NEAREST, BM25, LEARNED = 0.3, 0.07, 0.06
RIVALS = 16
# So many owners, the best by their words, are compared phrase by phrase.
CANDIDATES = 6
# None with less than this share of the best one's words is a candidate.
NEAR = 0.35


class Scored(NamedTuple):
    """One owner: how much the query's words speak for it, and how like the query its nearest phrase is."""

    total: float
    owner: int
    words: float
    nearest: float


class Scores(NamedTuple):
    """`best`: procedures, best first. `aside`: for every owner after the procedures, how like the query its nearest phrase is."""

    best: list[Scored]
    aside: Floats


class Ranker:
    """`words`: what a feature says for the competing owners, who come first, and for every phrase of the owners after the
    procedures. `phrases`: the features of every phrase, by owner."""

    def __init__(self, words: Table, phrases: Table, owner_start: Ints, *, competing: int, procedures: int) -> None:
        self.words, self.phrases, self.competing, self.procedures = words, phrases, competing, procedures
        self.owner_start = owner_start
        self._bounds: list[int] = [*owner_start.tolist(), len(phrases.start) - 1]
        self._aside_start = owner_start[procedures:] - self._bounds[procedures]
        self._height = competing + self._bounds[-1] - self._bounds[procedures]
        self._width = len(words.start) - 1

    def score(self, reading: Reading, fallen: Ints) -> Scores:
        """`fallen` procedures are left out."""
        sums = self.words.sums(reading.features, reading.weights, self._height)
        sums /= reading.norm or 1.0
        sums[fallen] = 0.0
        candidates = self._candidates(sums[: self.procedures])
        nearest = self._nearest(reading, candidates)
        words = sums[candidates].tolist()
        best = [Scored(NEAREST * like + said, owner, said, like) for owner, said, like in zip(candidates, words, nearest, strict=True)]
        likeness = sums[self.competing :]
        aside = np.maximum.reduceat(likeness, self._aside_start) if len(likeness) else likeness
        return Scores(sorted(best, reverse=True), aside)

    def likeness(self, reading: Reading, owner: int) -> npt.NDArray[np.float32]:
        """Cosine between the query and every phrase of one owner."""
        return self.phrases.products([(self._bounds[owner], self._bounds[owner + 1])], self._wanted(reading))

    def first_phrase(self, owner: int) -> int:
        return self._bounds[owner]

    def _candidates(self, words: Floats) -> list[int]:
        """The few best by words alone."""
        most = float(words.max(initial=0.0))
        some = np.flatnonzero(words > NEAR * most) if most > 0 else np.zeros(0, dtype=np.int64)
        if len(some) > CANDIDATES:
            some = some[np.argpartition(words[some], -CANDIDATES)[-CANDIDATES:]]
        found: list[int] = some.tolist()
        return found

    def _nearest(self, reading: Reading, candidates: Sequence[int]) -> list[float]:
        """How like the query the nearest phrase of every candidate is."""
        if not candidates:
            return []
        spans = [(self._bounds[owner], self._bounds[owner + 1]) for owner in candidates]
        likeness = self.phrases.products(spans, self._wanted(reading))
        starts = np.cumsum([0] + [b - a for a, b in spans[:-1]])
        nearest: list[float] = np.maximum.reduceat(likeness, starts).tolist()
        return nearest

    def _wanted(self, reading: Reading) -> npt.NDArray[np.float32]:
        wanted = np.zeros(self._width, dtype=np.float32)
        wanted[reading.features] = np.array(reading.weights) / (reading.norm or 1.0)
        return wanted

    def arrays(self) -> Arrays:
        counts = np.array([self.competing, self.procedures])
        return {**self.words.arrays("words"), **self.phrases.arrays("phrases"), "owner_start": self.owner_start, "counts": counts}

    @classmethod
    def restore(cls, kept: Arrays) -> Ranker:
        competing, procedures = kept["counts"].tolist()
        tables = Table.restore("words", kept), Table.restore("phrases", kept)
        return cls(*tables, kept["owner_start"], competing=competing, procedures=procedures)


def build(phrases: Phrases, owners: Sequence[int], rarity: Sequence[float], *, competing: int, procedures: int) -> Ranker:
    """`phrases` are feature weights, sorted by owner and none empty; `rarity` is one number a feature."""
    units = [_unit(phrase, rarity) for phrase in phrases]
    cells = [(row, f, weight) for row, unit in enumerate(units) for f, weight in zip(phrases[row], unit.tolist(), strict=True)]
    table = Table.build(cells, len(phrases))
    counts = [Counter[int]() for _ in range(competing)]
    for phrase, owner in zip(phrases, owners, strict=True):
        if owner < competing:
            counts[owner].update(phrase.keys())
    plain = sorted(_bm25(counts))
    rivals = Table.build(plain, len(rarity))
    examples = [
        _example(rivals, list(phrase), unit, owner, competing)
        for phrase, unit, owner in zip(phrases, units, owners, strict=True)
        if owner < competing
    ]
    first_aside = int(np.searchsorted(owners, procedures))
    aside = [(f, competing + row - first_aside, weight) for row, f, weight in cells if row >= first_aside]
    words = Table.build([*_taught(plain, examples), *aside], len(rarity))
    owner_start = np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int64)
    return Ranker(words, table, owner_start, competing=competing, procedures=procedures)


def _unit(phrase: Mapping[int, float], rarity: Sequence[float]) -> Floats:
    weights = np.array([weight * rarity[f] for f, weight in phrase.items()])
    return weights / (float(np.sqrt(weights @ weights)) or 1.0)


def _bm25(counts: Sequence[Counter[int]]) -> Iterator[Cell]:
    lengths = [sum(count.values()) for count in counts]
    average = sum(lengths) / (len(lengths) or 1) or 1.0
    for owner, count in enumerate(counts):
        damping = SATURATION * (1 - LENGTH + LENGTH * lengths[owner] / average)
        for f, times in count.items():
            yield f, owner, BM25 * times * (SATURATION + 1) / (times + damping)


def _taught(plain: Sequence[Cell], examples: Sequence[learning.Example]) -> Iterator[Cell]:
    """What BM25 gives every word of every owner, with what the phrases teach about it added."""
    features, owners = (np.array([cell[place] for cell in plain], dtype=np.int64) for place in (0, 1))
    weights = learning.learn(examples, features, owners)
    for (f, owner, weight), taught in zip(plain, weights.tolist(), strict=True):
        yield f, owner, weight + LEARNED * taught


def _example(rivals: Table, features: list[int], unit: Floats, owner: int, competing: int) -> learning.Example:
    """The phrase with its own owner and the RIVALS that fit it best without having learned."""
    scores = rivals.sums(features, unit.tolist(), competing)
    scores[owner] = np.inf
    width = min(RIVALS, competing)
    best = np.argpartition(scores, -width)[-width:]
    candidates = np.concatenate(([owner], best[best != owner])).astype(np.int64)
    return learning.Example(np.array(features, dtype=np.int64), unit, candidates)
