"""The words of the catalog: how rare each feature is, and how a query is read with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from procedures import concepts, features, needs, spelling, text
from procedures.text import Word

# The most telling features of a query; what is dropped is frequent and says little.
MOST_FEATURES = 48


class Reading(NamedTuple):
    """A query as the index sees it. `norm` is the length of its weights, unknown words included."""

    words: Sequence[Word]
    features: list[int]
    weights: list[float]
    norm: float


@dataclass(frozen=True)
class Lexicon:
    """`ids` numbers the features, the most frequent first, `rarity` weighs them. The first `frequent` stand in several phrases."""

    ids: Mapping[str, int]
    rarity: Sequence[float]
    frequent: int
    abbreviations: Mapping[str, str]
    forms: concepts.Forms
    speller: spelling.Speller = field(init=False)
    rarest: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rarest", max(self.rarity, default=0.0))
        spoken = {name: None for name in self.ids if name[0] not in "~#"}
        frequent = (name for name in spoken if " " in name and self.ids[name] < self.frequent)
        object.__setattr__(self, "speller", spelling.Speller(spoken, frequent))

    def read(self, query: str) -> Reading:
        """The query's features, weighted by rarity."""
        words = self.speller.repair(text.words(text.normalise(query, self.abbreviations)))
        number, rarity = self.ids.get, self.rarity
        found = features.of(words, needs.weights(words), self.forms)
        weighed = [(weight * rarity[f], f) for name, weight in found.items() if (f := number(name)) is not None]
        if len(weighed) > MOST_FEATURES:
            weighed = sorted(weighed, reverse=True)[:MOST_FEATURES]
        return Reading(
            words=words,
            features=[f for _, f in weighed],
            weights=[weight for weight, _ in weighed],
            norm=(sum([weight * weight for weight, _ in weighed]) + self._strange(words)) ** 0.5,
        )

    def _strange(self, words: Sequence[Word]) -> float:
        """What words the catalog does not have weigh, squared: as much as its rarest, for they make every phrase less like
        the query."""
        unknown = sum([word.plain not in self.ids for word in words if word.plain != ","])
        return min(unknown, MOST_FEATURES) * self.rarest**2
