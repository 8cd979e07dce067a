"""The words of the catalog: how rare each feature is, and how a query is read with them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np

from procedures.search import concepts, features, needs, spelling
from procedures.search.postings import Floats, Ints
from procedures.search.wording import PAUSE, Word, Wording

# The most telling features of a query; what is dropped is frequent and says little.
MOST_FEATURES = 64


class Reading(NamedTuple):
    """A query as the index sees it. `weights` are shares of a query of length 1, unknown words included."""

    words: Sequence[Word]
    features: Ints
    weights: Floats


@dataclass(frozen=True)
class Lexicon:
    """`ids` numbers the features, the most frequent first, `rarity` weighs them. The first `frequent` stand in several phrases,
    those from `written` on only in imported titles."""

    ids: Mapping[str, int]
    rarity: Floats
    frequent: int
    written: int
    wording: Wording
    forms: concepts.Forms
    speller: spelling.Speller = field(init=False)
    rarest: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rarest", float(self.rarity.max(initial=0.0)))
        frequent = (name for name in islice(self.ids, self.frequent) if " " in name)
        object.__setattr__(self, "speller", spelling.Speller(self.ids, frequent))

    def read(self, query: str) -> Reading:
        """The query's features, weighted by rarity."""
        return self.weigh(self.speller.repair(self.wording.words(query)))

    def weigh(self, words: Sequence[Word]) -> Reading:
        """The same of words that were read before."""
        found = features.of(words, needs.weights(words), self.forms, self.ids.get)
        numbers = np.fromiter(found, np.int64, len(found))
        weights = np.fromiter(found.values(), np.float64, len(found))
        weights *= self.rarity.take(numbers)
        if len(numbers) > MOST_FEATURES:
            most = np.lexsort((numbers, weights))[: -MOST_FEATURES - 1 : -1]
            numbers, weights = numbers[most], weights[most]
        known = weights if max(found, default=0) < self.written else weights[numbers < self.written]
        weights /= math.sqrt(float(known.dot(known)) + self._strange(words)) or 1.0
        return Reading(words, numbers, weights)

    def _strange(self, words: Sequence[Word]) -> float:
        """What words nobody wrote in a phrase weigh, squared: as much as the rarest, for they make every phrase less like the
        query. A word of imported titles is one of them, so that laying titles over changes nothing for what was written."""
        ids, written = self.ids, self.written
        unknown = sum([ids.get(word[0], written) >= written for word in words if word is not PAUSE])
        return min(unknown, MOST_FEATURES) * self.rarest**2
