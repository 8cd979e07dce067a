"""Two rankers over one set of features: what each word says for a procedure (BM25, then learned), and the nearest phrase."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np

from procedures.search import learning
from procedures.search.lexicon import Reading
from procedures.search.postings import Arrays, Cells, Floats, Ints, Table

# BM25: how slowly repetition saturates (slowly: thirty phrases that say "mất" mean it), how far long entries are held back.
SATURATION, LENGTH = 5.0, 0.6
NEAREST, BM25, LEARNED = 0.3, 0.07, 0.06
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


class _Wanted(threading.local):
    """The weight of every feature in the query a thread is at. One array is used again and again: a new one costs more than
    the rest of a query."""

    def __init__(self, width: int) -> None:
        self._weights = np.zeros(width)
        self._filled: list[int] = []

    def by(self, reading: Reading) -> Floats:
        self._weights[self._filled] = 0.0
        self._weights[reading.features] = reading.weights
        self._filled = reading.features
        return self._weights


class Ranker:
    """`words`: what a feature says for the competing owners, who come first, and for every phrase of the owners after the
    procedures. `phrases`: the features of every phrase, by owner."""

    def __init__(self, words: Table, phrases: Table, owner_start: Ints, *, competing: int, procedures: int) -> None:
        self.words, self.phrases, self.competing, self.procedures = words, phrases, competing, procedures
        self.owner_start = owner_start
        self._bounds: list[int] = [*owner_start.tolist(), len(phrases.start) - 1]
        self._aside_start = owner_start[procedures:] - self._bounds[procedures]
        self._height = competing + self._bounds[-1] - self._bounds[procedures]
        self._wanted = _Wanted(len(words.start) - 1)

    def score(self, reading: Reading, fallen: Ints) -> Scores:
        """`fallen` procedures are left out."""
        sums = self.words.sums(reading.features, reading.weights, self._height)
        if len(fallen):
            sums[fallen] = 0.0
        wanted = self._wanted.by(reading)
        best = [self._scored(owner, said, wanted) for owner, said in self._candidates(sums[: self.procedures])]
        best.sort(reverse=True)
        likeness = sums[self.competing :]
        return Scores(best, np.maximum.reduceat(likeness, self._aside_start) if len(likeness) else likeness)

    def likeness(self, reading: Reading, owner: int) -> Floats:
        """Cosine between the query and every phrase of one owner."""
        return self._likeness(self._wanted.by(reading), owner)

    def first_phrase(self, owner: int) -> int:
        return self._bounds[owner]

    def _scored(self, owner: int, words: float, wanted: Floats) -> Scored:
        nearest = float(np.maximum.reduce(self._likeness(wanted, owner)))
        return Scored(NEAREST * nearest + words, owner, words, nearest)

    def _likeness(self, wanted: Floats, owner: int) -> Floats:
        return self.phrases.products(self._bounds[owner], self._bounds[owner + 1], wanted)

    def _candidates(self, words: Floats) -> list[tuple[int, float]]:
        """The few best by words alone, with what their words come to."""
        most = float(np.maximum.reduce(words, initial=0.0))
        if most <= 0:
            return []
        some = (words > NEAR * most).nonzero()[0]
        if len(some) > CANDIDATES:
            some = some[words[some].argpartition(-CANDIDATES)[-CANDIDATES:]]
        return list(zip(some.tolist(), words[some].tolist(), strict=True))

    def arrays(self) -> Arrays:
        counts = np.array([self.competing, self.procedures])
        return {**self.words.arrays("words"), **self.phrases.arrays("phrases"), "owner_start": self.owner_start, "counts": counts}

    @classmethod
    def restore(cls, kept: Arrays) -> Ranker:
        competing, procedures = kept["counts"].tolist()
        tables = Table.restore("words", kept), Table.restore("phrases", kept)
        return cls(*tables, kept["owner_start"], competing=competing, procedures=procedures)


def build(phrases: Cells, owners: Ints, rarity: Floats, *, competing: int, procedures: int) -> Ranker:
    """`phrases`: the features of every phrase, numbered by owner and none empty; `owners` and `rarity`: one a phrase, one a feature."""
    units = phrases._replace(weights=_unit(phrases, rarity))
    table = Table.build(units, len(owners))
    first_beside, first_aside = np.searchsorted(owners, (competing, procedures)).tolist()
    plain = _bm25(phrases, owners, competing)
    learned = learning.learn(table, owners[:first_beside], Table.build(plain, len(rarity)))
    taught = plain._replace(weights=plain.weights + LEARNED * learned)
    later = units.keys >= first_aside
    aside = Cells(units.items[later], units.keys[later] + (competing - first_aside), units.weights[later])
    words = Table.build(Cells(*(np.concatenate(both) for both in zip(taught, aside, strict=True))), len(rarity))
    owner_start = np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int64)
    return Ranker(words, table, owner_start, competing=competing, procedures=procedures)


def _unit(phrases: Cells, rarity: Floats) -> Floats:
    """The weights of every phrase by rarity, each phrase of length 1."""
    weights = phrases.weights * rarity[phrases.items]
    lengths = np.sqrt(np.bincount(phrases.keys, weights**2))
    lengths[lengths == 0] = 1.0
    units: Floats = weights / lengths[phrases.keys]
    return units


def _bm25(phrases: Cells, owners: Ints, competing: int) -> Cells:
    """What every feature of a competing owner's phrases says for it, by feature, then owner."""
    belongs = owners[phrases.keys]
    pairs, times = np.unique((phrases.items * competing + belongs)[belongs < competing], return_counts=True)
    features, holders = pairs // competing, pairs % competing
    lengths = np.bincount(holders, times, competing)
    average = lengths.sum() / (competing or 1) or 1.0
    damping = SATURATION * (1 - LENGTH + LENGTH * lengths / average)
    return Cells(features, holders, BM25 * times * (SATURATION + 1) / (times + damping[holders]))
