"""The words of the catalog: how rare each feature is, and how a query is read with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from procedures.search import concepts, features, needs, spelling
from procedures.search.wording import PAUSE, Word, Wording

# The most telling features of a query; what is dropped is frequent and says little.
MOST_FEATURES = 48


class Reading(NamedTuple):
    """A query as the index sees it. `weights` are shares of a query of length 1, unknown words included."""

    words: Sequence[Word]
    features: list[int]
    weights: list[float]


@dataclass(frozen=True)
class Lexicon:
    """`ids` numbers the features, the most frequent first, `rarity` weighs them. The first `frequent` stand in several phrases."""

    ids: Mapping[str, int]
    rarity: Sequence[float]
    frequent: int
    wording: Wording
    forms: concepts.Forms
    speller: spelling.Speller = field(init=False)
    rarest: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rarest", max(self.rarity, default=0.0))
        spoken = {name: None for name in self.ids if name[0] not in "~#!"}
        frequent = (name for name in spoken if " " in name and self.ids[name] < self.frequent)
        object.__setattr__(self, "speller", spelling.Speller(spoken, frequent))

    def read(self, query: str) -> Reading:
        """The query's features, weighted by rarity."""
        words = self.speller.repair(self.wording.words(query))
        rarity = self.rarity
        found = features.of(words, needs.weights(words), self.forms, self.ids.get)
        weighed = [(weight * rarity[f], f) for f, weight in found.items()]
        if len(weighed) > MOST_FEATURES:
            weighed = sorted(weighed, reverse=True)[:MOST_FEATURES]
        norm = (sum([weight * weight for weight, _ in weighed]) + self._strange(words)) ** 0.5 or 1.0
        return Reading(words, [f for _, f in weighed], [weight / norm for weight, _ in weighed])

    def _strange(self, words: Sequence[Word]) -> float:
        """What words the catalog does not have weigh, squared: as much as its rarest, for they make every phrase less like
        the query."""
        ids = self.ids
        unknown = sum([word.plain not in ids for word in words if word is not PAUSE])
        return min(unknown, MOST_FEATURES) * self.rarest**2
