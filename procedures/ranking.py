"""Three rankers over one set of features: the nearest phrase, BM25 over an entry's phrases, and weights learned from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from procedures import learning
from procedures.lexicon import Reading
from procedures.postings import Arrays, Cell, Floats, Postings

Phrases = Sequence[Mapping[int, float]]
# BM25: how slowly repetition saturates (slowly: thirty phrases that say "mất" mean it), how far long entries are held back.
SATURATION, LENGTH = 5.0, 0.6
NEAREST, BM25, LEARNED = 0.3, 0.5, 0.06
RIVALS = 16


class Scores(NamedTuple):
    """`nearest`: of every owner, its phrase most like the query. The others: of every procedure. `total` is 0 to about 1."""

    nearest: Floats
    bm25: Floats
    learned: Floats
    total: Floats


class Ranker:
    """One table of rows: every phrase, then every procedure by BM25, then every procedure by learned weights.

    `owner_start[o]` is the first phrase of owner o; the first owners are the procedures.
    """

    def __init__(self, postings: Postings, owner_start: npt.NDArray[np.int64], groups: int) -> None:
        self.postings, self.owner_start, self.groups = postings, owner_start, groups
        bm25, learned = postings.height - 2 * groups, postings.height - groups
        self._phrases, self._bm25, self._learned = slice(0, bm25), slice(bm25, learned), slice(learned, postings.height)
        self._most = postings.most(self._bm25)

    def score(self, reading: Reading) -> Scores:
        weights = np.array(reading.weights)
        length = reading.norm or 1.0
        sums = self.postings.sums(reading.features, weights)
        nearest = np.maximum.reduceat(sums[self._phrases], self.owner_start) / length
        bm25 = sums[self._bm25] / (float(self._most[reading.features] @ weights) or 1.0)
        learned = sums[self._learned] / length
        return Scores(nearest, bm25, learned, NEAREST * nearest[: self.groups] + BM25 * bm25 + LEARNED * learned)

    def similarities(self, reading: Reading) -> Floats:
        """Cosine between the query and every phrase."""
        sums = self.postings.sums(reading.features, reading.weights)
        return sums[self._phrases] / (reading.norm or 1.0)

    def arrays(self) -> Arrays:
        return {**self.postings.arrays(), "owner_start": self.owner_start, "groups": np.array(self.groups)}

    @classmethod
    def restore(cls, kept: Arrays) -> Ranker:
        return cls(Postings.restore(kept), kept["owner_start"], int(kept["groups"]))


def build(phrases: Phrases, owners: Sequence[int], rarity: Sequence[float], groups: int) -> Ranker:
    """`phrases` are feature weights, sorted by owner; `rarity` is one number a feature."""
    counts = [Counter[int]() for _ in range(groups)]
    for phrase, owner in zip(phrases, owners, strict=True):
        if owner < groups:
            counts[owner].update(phrase.keys())
    owner_start = np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int64)
    height = len(phrases) + 2 * groups
    cells = [*_nearest(phrases, rarity), *_bm25(counts, len(phrases))]
    unlearned = Ranker(Postings.build(cells, len(rarity), height), owner_start, groups)
    cells.extend(_learned(unlearned, phrases, owners, rarity, counts))
    return Ranker(Postings.build(cells, len(rarity), height), owner_start, groups)


def _unit(phrase: Mapping[int, float], rarity: Sequence[float]) -> Floats:
    weights = np.array([weight * rarity[f] for f, weight in phrase.items()])
    return weights / (float(np.sqrt(weights @ weights)) or 1.0)


def _nearest(phrases: Phrases, rarity: Sequence[float]) -> Iterator[Cell]:
    for row, phrase in enumerate(phrases):
        for f, weight in zip(phrase, _unit(phrase, rarity).tolist(), strict=True):
            yield f, row, weight


def _bm25(counts: Sequence[Counter[int]], first_row: int) -> Iterator[Cell]:
    lengths = [sum(count.values()) for count in counts]
    average = sum(lengths) / (len(lengths) or 1) or 1.0
    for row, count in enumerate(counts):
        damping = SATURATION * (1 - LENGTH + LENGTH * lengths[row] / average)
        for f, times in count.items():
            yield f, first_row + row, times * (SATURATION + 1) / (times + damping)


def _learned(unlearned: Ranker, phrases: Phrases, owners: Sequence[int], rarity: Sequence[float], counts: Sequence[Counter[int]]) -> Iterator[Cell]:
    groups = len(counts)
    pairs = np.array(sorted((f, group) for group, count in enumerate(counts) for f in count), dtype=np.int64).reshape(-1, 2)
    examples = [_example(unlearned, phrase, _unit(phrase, rarity), owner) for phrase, owner in zip(phrases, owners, strict=True) if owner < groups]
    weights = learning.learn(examples, pairs[:, 0], pairs[:, 1])
    first_row = len(phrases) + groups
    for (f, group), weight in zip(pairs.tolist(), weights.tolist(), strict=True):
        yield f, first_row + group, weight


def _example(ranker: Ranker, phrase: Mapping[int, float], unit: Floats, owner: int) -> learning.Example:
    """The phrase with its own procedure and the RIVALS that fit it best without having learned."""
    features = list(phrase)
    total = ranker.score(Reading((), features, unit.tolist(), norm=1.0)).total
    total[owner] = np.inf
    rivals = min(RIVALS, len(total))
    best = np.argpartition(total, -rivals)[-rivals:]
    others = best[best != owner]
    return learning.Example(np.array(features, dtype=np.int64), unit, np.concatenate(([owner], others)).astype(np.int64))
