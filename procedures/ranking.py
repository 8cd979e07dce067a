"""Two rankers over one set of features: the nearest phrase, and what each word says for a procedure (BM25, then learned)."""

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
NEAREST, BM25, LEARNED = 0.3, 0.07, 0.06
RIVALS = 16


class Scores(NamedTuple):
    """`nearest`: of every owner, its phrase most like the query, 0 to 1. `words`: of every competing owner, how much the query's words
    speak for it; may be below 0. `total`: of the same, both."""

    nearest: Floats
    words: Floats
    total: Floats


class Ranker:
    """One table of rows: every phrase, then every owner that competes for words.

    `owner_start[o]` is the first phrase of owner o; the first `groups` owners compete.
    """

    def __init__(self, postings: Postings, owner_start: npt.NDArray[np.int64], groups: int) -> None:
        self.postings, self.owner_start, self.groups = postings, owner_start, groups
        self._phrases = postings.height - groups

    def score(self, reading: Reading) -> Scores:
        sums = self.postings.sums(reading.features, reading.weights)
        sums /= reading.norm or 1.0
        nearest = np.maximum.reduceat(sums[: self._phrases], self.owner_start)
        words = sums[self._phrases :]
        return Scores(nearest, words, NEAREST * nearest[: self.groups] + words)

    def similarities(self, reading: Reading) -> Floats:
        """Cosine between the query and every phrase."""
        return self.postings.sums(reading.features, reading.weights)[: self._phrases] / (reading.norm or 1.0)

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
    height = len(phrases) + groups
    likeness, repetition = list(_nearest(phrases, rarity)), list(_bm25(counts, len(phrases)))
    unlearned = Ranker(Postings.build([*likeness, *repetition], len(rarity), height), owner_start, groups)
    learned = _learned(unlearned, phrases, owners, rarity, repetition)
    return Ranker(Postings.build([*likeness, *learned], len(rarity), height), owner_start, groups)


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
            yield f, first_row + row, BM25 * times * (SATURATION + 1) / (times + damping)


def _learned(unlearned: Ranker, phrases: Phrases, owners: Sequence[int], rarity: Sequence[float], repetition: Sequence[Cell]) -> Iterator[Cell]:
    """What BM25 gives every word of every procedure, with what the phrases teach about it added."""
    first_row = len(phrases)
    examples = [
        _example(unlearned, phrase, _unit(phrase, rarity), owner) for phrase, owner in zip(phrases, owners, strict=True) if owner < unlearned.groups
    ]
    cells = sorted(repetition)
    features, rows = (np.array([cell[place] for cell in cells], dtype=np.int64) for place in (0, 1))
    weights = learning.learn(examples, features, rows - first_row)
    for (f, row, weight), taught in zip(cells, weights.tolist(), strict=True):
        yield f, row, weight + LEARNED * taught


def _example(ranker: Ranker, phrase: Mapping[int, float], unit: Floats, owner: int) -> learning.Example:
    """The phrase with its own procedure and the RIVALS that fit it best without having learned."""
    features = list(phrase)
    total = ranker.score(Reading((), features, unit.tolist(), norm=1.0)).total
    total[owner] = np.inf
    rivals = min(RIVALS, len(total))
    best = np.argpartition(total, -rivals)[-rivals:]
    others = best[best != owner]
    return learning.Example(np.array(features, dtype=np.int64), unit, np.concatenate(([owner], others)).astype(np.int64))
