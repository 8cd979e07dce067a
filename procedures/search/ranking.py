"""Two rankers over one set of features: what each word says for a procedure (BM25, then learned), and the nearest phrase."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from procedures.search import learning
from procedures.search.lexicon import Reading
from procedures.search.postings import Arrays, Cells, Floats, Ints, Part, Table

# BM25: how slowly repetition saturates (slowly: thirty phrases that say "mất" mean it), how far long entries are held back.
SATURATION, LENGTH = 5.0, 0.6
NEAREST, BM25, LEARNED = 0.3, 0.07, 0.06
# An imported title scores by its likeness alone: so many times, or so much where the query is like it from SAME on and AHEAD of
# all that was written by hand. This comes to 1.3 or more in a citizen's own words.
TITLE, NAMED, SAME, AHEAD = 1.35, 1.8, 0.98, 0.01
# So many owners, the best by their words, are compared phrase by phrase.
CANDIDATES = 6
# A feature of more imported titles than this finds none of them, it only counts for those that others found.
COMMON = 300
# None with less than this share of the best one's words is a candidate.
NEAR = 0.35
# Whom no phrase could bring first is not compared: its nearest one is taken to be so like the query.
NOT_COMPARED = 0.3


class Kinds(NamedTuple):
    """How many owners there are of each kind. The `imported` stand first among the `procedures`, and these among the `competing`."""

    competing: int
    procedures: int
    imported: int


class Scored(NamedTuple):
    """One owner: how much the query's words speak for it, and how like the query its nearest phrase is (NOT_COMPARED where that
    could not matter)."""

    total: float
    owner: int
    words: float
    nearest: float


class Scores(NamedTuple):
    """`best`: procedures, best first. `nothing`: how like the query the nearest phrase is that means nothing here; `asked`: the
    owner of the nearest that is to be asked back, and how like the query that is."""

    best: list[Scored]
    nothing: float
    asked: tuple[int | None, float]


class _Wanted(threading.local):
    """The weight of every feature in the query a thread is at. One array is used again and again: a new one costs more than
    the rest of a query."""

    def __init__(self, width: int) -> None:
        self._weights = np.zeros(width)
        self._filled: Ints = np.zeros(0, dtype=np.int64)

    def by(self, reading: Reading) -> Floats:
        self._weights[self._filled] = 0.0
        self._weights[reading.features] = reading.weights
        self._filled = reading.features
        return self._weights


class Ranker:
    """`words`: what a feature says for the competing owners, who come first, and for every phrase of the owners after the
    procedures; of imported titles it holds the telling features only. `phrases`: the features of every phrase, by owner."""

    def __init__(self, words: Table, phrases: Table, owner_start: Ints, kinds: Kinds) -> None:
        self.words, self.phrases, self.kinds = words, phrases, kinds
        self.competing, self.procedures = competing, procedures = kinds.competing, kinds.procedures
        self.owner_start = owner_start
        self._first: list[int] = [*owner_start.tolist(), len(phrases.start) - 1]
        self._asked_from = self._first[competing] - self._first[procedures]
        self._height = competing + self._first[-1] - self._first[procedures]
        self._wanted = _Wanted(len(words.start) - 1)

    def score(self, reading: Reading, fallen: Ints) -> Scores:
        """`fallen` procedures are left out."""
        sums = self.words.sums(reading.features, reading.weights, self._height)
        if len(fallen):
            sums[fallen] = 0.0
        imported = self.kinds.imported
        some, said = _best(sums[imported : self.procedures])
        titles = _best(sums[:imported])[0] if imported else []
        first = max(said, default=0.0) - NEAREST
        close = [number + imported for number, says in zip(some, said, strict=True) if says >= first]
        nearest = self._nearest(titles + close, reading)
        near = dict(zip(close, nearest[len(titles) :], strict=True))
        best = [_scored(number + imported, says, near) for number, says in zip(some, said, strict=True)]
        if titles:
            best += _titles(list(zip(titles, nearest, strict=False)), best)
        best.sort(reverse=True)
        aside = sums[self.competing :]
        nothing = float(np.maximum.reduce(aside[: self._asked_from], initial=0.0))
        return Scores(best, nothing, self._asked(aside[self._asked_from :]))

    def _asked(self, likeness: Floats) -> tuple[int | None, float]:
        """Of phrases to be asked back the nearest one: its owner, and how like the query it is."""
        if not len(likeness):
            return None, 0.0
        place = int(likeness.argmax())
        return bisect_right(self._first, self._first[self.competing] + place) - 1, float(likeness[place])

    def likeness(self, reading: Reading, owner: int) -> Floats:
        """Cosine between the query and every phrase of one owner."""
        return self.phrases.products([self._owned[owner]], self._wanted.by(reading))

    def first_phrase(self, owner: int) -> int:
        return self._first[owner]

    def _nearest(self, owners: Sequence[int], reading: Reading) -> list[float]:
        """How like the query the nearest phrase of each of these owners is."""
        if not owners:
            return []
        parts = [self._owned[owner] for owner in owners]
        starts = [0, *accumulate([part.keys for part in parts[:-1]])]
        nearest: list[float] = np.maximum.reduceat(self.phrases.products(parts, self._wanted.by(reading)), starts).tolist()
        return nearest

    @cached_property
    def _owned(self) -> list[Part]:
        """The phrases of every owner."""
        return self.phrases.parts(self._first[:-1])

    def arrays(self) -> Arrays:
        counts = np.array(self.kinds)
        return {**self.words.arrays("words"), **self.phrases.arrays("phrases"), "owner_start": self.owner_start, "counts": counts}

    @classmethod
    def restore(cls, kept: Arrays) -> Ranker:
        tables = Table.restore("words", kept), Table.restore("phrases", kept)
        return cls(*tables, kept["owner_start"], Kinds(*kept["counts"].tolist()))


def _best(scores: Floats) -> tuple[list[int], list[float]]:
    """The places of the few best, and their scores."""
    most = float(np.maximum.reduce(scores, initial=0.0))
    if most <= 0:
        return [], []
    some = (scores > NEAR * most).nonzero()[0]
    those = scores.take(some)
    if len(some) > CANDIDATES:
        best = those.argpartition(-CANDIDATES)[-CANDIDATES:]
        some, those = some.take(best), those.take(best)
    return some.tolist(), those.tolist()


def _scored(owner: int, says: float, near: Mapping[int, float]) -> Scored:
    like = near.get(owner, NOT_COMPARED)
    return Scored(NEAREST * like + says, owner, says, like)


def _titles(likeness: Sequence[tuple[int, float]], written: Sequence[Scored]) -> list[Scored]:
    """Imported titles by their likeness. One that is not more like the query than what was `written` comes after that."""
    nearest = max([scored.nearest for scored in written], default=0.0) + AHEAD
    most = max([scored.total for scored in written], default=0.0)
    named = max(SAME, nearest)
    found = []
    for owner, near in likeness:
        total = NAMED if near > named else TITLE * near if near > nearest else min(TITLE * near, most)
        found.append(Scored(total, owner, total - NEAREST * near, near))
    return found


def build(phrases: Cells, owners: Ints, rarity: Floats, kinds: Kinds) -> Ranker:
    """`phrases`: the features of every phrase, numbered by owner and none empty; `owners` and `rarity`: one a phrase, one a feature."""
    units = phrases._replace(weights=_unit(phrases, rarity))
    table = Table.build(units, len(owners))
    titles = _telling(units, kinds.imported)
    imported = Cells(units.items[titles], units.keys[titles], units.weights[titles])
    first_aside = int(np.searchsorted(owners, kinds.procedures))
    later = units.keys >= first_aside
    aside = Cells(units.items[later], units.keys[later] + (kinds.competing - first_aside), units.weights[later])
    together = imported, _taught(phrases, table, owners, kinds, len(rarity)), aside
    words = Table.build(Cells(*(np.concatenate(parts) for parts in zip(*together, strict=True))), len(rarity))
    owner_start = np.flatnonzero(np.diff(owners, prepend=-1)).astype(np.int64)
    return Ranker(words, table, owner_start, kinds)


def _telling(units: Cells, imported: int) -> Ints:
    """The cells of imported titles that a query is met by: those of features that not too many titles share."""
    titles = np.flatnonzero(units.keys < imported)
    shared = np.bincount(units.items[titles])
    return titles[shared[units.items[titles]] <= COMMON]


def _taught(phrases: Cells, units: Table, owners: Ints, kinds: Kinds, features: int) -> Cells:
    """What every feature says for the competing owners, from what was written by hand alone: imported titles teach nothing."""
    first, beyond = np.searchsorted(owners, (kinds.imported, kinds.competing)).tolist()
    written = (phrases.keys >= first) & (phrases.keys < beyond)
    plain = _bm25(Cells(*(column[written] for column in phrases)), owners - kinds.imported, kinds.competing - kinds.imported)
    learned = learning.learn(units.between(first, beyond), owners[first:beyond] - kinds.imported, Table.build(plain, features))
    return plain._replace(items=plain.items + kinds.imported, weights=plain.weights + LEARNED * learned)


def _unit(phrases: Cells, rarity: Floats) -> Floats:
    """The weights of every phrase by rarity, each phrase of length 1."""
    weights = phrases.weights * rarity[phrases.items]
    lengths = np.sqrt(np.bincount(phrases.keys, weights**2))
    lengths[lengths == 0] = 1.0
    units: Floats = weights / lengths[phrases.keys]
    return units


def _bm25(phrases: Cells, owners: Ints, competing: int) -> Cells:
    """What every feature of a competing owner's phrases says for it, by feature, then owner."""
    pairs, times = np.unique(phrases.items * competing + owners[phrases.keys], return_counts=True)
    features, holders = pairs // competing, pairs % competing
    lengths = np.bincount(holders, times, competing)
    average = lengths.sum() / (competing or 1) or 1.0
    damping = SATURATION * (1 - LENGTH + LENGTH * lengths / average)
    return Cells(features, holders, BM25 * times * (SATURATION + 1) / (times + damping[holders]))
