"""What a text is matched by: its words, pairs of neighbours, concepts, and words with marks as typed."""

from __future__ import annotations

from collections.abc import Sequence

from procedures import concepts
from procedures.text import Word

# How much a feature of each kind counts beside its rarity. Marks only break ties; pairs are rare enough to be heard anyway.
WORD, PAIR, CONCEPT, MARKED = 1.0, 0.3, 1.3, 0.2


def of(words: Sequence[Word], weights: Sequence[float], forms: concepts.Forms) -> dict[str, float]:
    """Features with their weights. `weights`: one a word. A feature met twice keeps its last weight."""
    found: dict[str, float] = {}
    before, before_weight = ",", 0.0
    for (plain, marked), weight in zip(words, weights, strict=True):
        if plain != ",":
            found[plain] = WORD * weight
            if before != ",":
                found[f"{before} {plain}"] = PAIR * min(weight, before_weight)
            if marked:
                found[f"~{marked}"] = MARKED * weight
        before, before_weight = plain, weight
    for place, number in concepts.find(words, forms):
        found[f"#{number}"] = CONCEPT * weights[place]
    return found
