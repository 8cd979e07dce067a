"""Three rankers over one set of features: the nearest phrase, BM25 over all phrases of an entry, naive Bayes over them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures.lexicon import Reading
from procedures.postings import Arrays, Floats, Postings

Phrases = Sequence[Mapping[int, float]]
SATURATION, LENGTH = 1.2, 0.4
# Pseudo-counts that pull an entry's word shares towards those of the whole catalog.
PRIOR = 28.0
NEAREST, BM25, BAYES = 0.5, 0.3, 0.2


class Scores(NamedTuple):
    """`nearest`: of every owner, its phrase most like the query. The others: of every procedure, 0 to about 1."""

    nearest: Floats
    bm25: Floats
    bayes: Floats
    total: Floats


class Ranker:
    """One table of rows: every phrase, then every procedure by BM25, then every procedure by Bayes.

    `owner_start[o]` is the first phrase of owner o; the first owners are the procedures. `base` is what a feature that a
    procedure never used costs it in Bayes.
    """

    def __init__(self, postings: Postings, owner_start: npt.NDArray[np.int64], base: Floats) -> None:
        self.postings, self.owner_start, self.base = postings, owner_start, base
        self.groups = len(base)
        bm25 = postings.height - 2 * self.groups
        bayes = postings.height - self.groups
        self._phrases, self._bm25, self._bayes = slice(0, bm25), slice(bm25, bayes), slice(bayes, postings.height)
        self._most_bm25, self._most_bayes = postings.most(self._bm25), postings.most(self._bayes)

    def score(self, reading: Reading) -> Scores:
        weights = np.array(reading.weights)
        sums = self.postings.sums(reading.features, weights)
        nearest = np.maximum.reduceat(sums[self._phrases], self.owner_start) / (reading.norm or 1.0)
        bm25 = sums[self._bm25] / (float(self._most_bm25[reading.features] @ weights) or 1.0)
        bayes = sums[self._bayes] + reading.size * self.base
        bayes = np.maximum(bayes, 0.0) / (float(self._most_bayes[reading.features] @ weights) or 1.0)
        return Scores(nearest, bm25, bayes, NEAREST * nearest[: self.groups] + BM25 * bm25 + BAYES * bayes)

    def similarities(self, reading: Reading) -> Floats:
        """Cosine between the query and every phrase."""
        sums = self.postings.sums(reading.features, reading.weights)
        return sums[self._phrases] / (reading.norm or 1.0)

    def arrays(self) -> Arrays:
        return {**self.postings.arrays(), "owner_start": self.owner_start, "base": self.base}

    @classmethod
    def restore(cls, kept: Arrays) -> Ranker:
        return cls(Postings.restore(kept), kept["owner_start"], kept["base"])


def build(phrases: Phrases, owners: Sequence[int], rarity: Sequence[float], groups: int) -> Ranker:
    """`phrases` are feature weights, sorted by owner; `rarity` is one number a feature."""
    counts = [Counter[int]() for _ in range(groups)]
    for phrase, owner in zip(phrases, owners, strict=True):
        if owner < groups:
            counts[owner].update(phrase.keys())
    lengths = np.array([max(sum(count.values()), 1) for count in counts])
    cells = [*_nearest(phrases, rarity), *_bm25(counts, lengths, len(phrases)), *_bayes(counts, rarity, len(phrases) + groups)]
    return Ranker(
        postings=Postings.build(cells, len(rarity), len(phrases) + 2 * groups),
        owner_start=np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int64),
        base=np.log(PRIOR / (lengths + PRIOR)),
    )


def _nearest(phrases: Phrases, rarity: Sequence[float]) -> Iterator[tuple[int, int, float]]:
    for row, phrase in enumerate(phrases):
        norm = math.sqrt(sum((weight * rarity[f]) ** 2 for f, weight in phrase.items())) or 1.0
        for f, weight in phrase.items():
            yield f, row, weight * rarity[f] / norm


def _bm25(counts: Sequence[Counter[int]], lengths: npt.NDArray[np.int64], first_row: int) -> Iterator[tuple[int, int, float]]:
    relative = lengths / (lengths.mean() if len(lengths) else 1.0)
    for row, count in enumerate(counts):
        damping = SATURATION * (1 - LENGTH + LENGTH * float(relative[row]))
        for f, times in count.items():
            yield f, first_row + row, times * (SATURATION + 1) / (times + damping)


def _bayes(counts: Sequence[Counter[int]], rarity: Sequence[float], first_row: int) -> Iterator[tuple[int, int, float]]:
    """Log-likelihood ratios over what an absent feature costs. Queries weigh features by rarity, which is taken out here."""
    total: Counter[int] = Counter()
    for count in counts:
        total.update(count)
    everything = sum(total.values())
    for row, count in enumerate(counts):
        for f, times in count.items():
            yield f, first_row + row, math.log1p(times * everything / (PRIOR * total[f])) / rarity[f]
