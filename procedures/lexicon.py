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
    """A query as the index sees it. `size`: its features counted by kind; `known`: the share of its words' weight that the
    catalog has at all."""

    words: Sequence[Word]
    features: list[int]
    weights: list[float]
    norm: float
    size: float
    known: float


@dataclass(frozen=True)
class Lexicon:
    """`ids` numbers the features, `rarity` weighs them, `unseen` is the rarity of a word the catalog does not have."""

    ids: Mapping[str, int]
    rarity: Sequence[float]
    unseen: float
    abbreviations: Mapping[str, str]
    forms: concepts.Forms
    speller: spelling.Speller = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "speller", spelling.Speller({name: None for name in self.ids if name[0] not in "~#"}))

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
            norm=sum([weight * weight for weight, _ in weighed]) ** 0.5,
            size=sum([weight / rarity[f] for weight, f in weighed]),
            known=self._known(words),
        )

    def _known(self, words: Sequence[Word]) -> float:
        familiar = strange = 0.0
        for plain in {word.plain for word in words}:
            f = self.ids.get(plain)
            if f is not None:
                familiar += self.rarity[f]
            elif plain != ",":
                strange += self.unseen
        return familiar / (familiar + strange) if familiar else 0.0
