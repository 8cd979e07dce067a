"""What a text is matched by: its words, pairs of neighbours, concepts, and words with marks as typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from procedures.search import concepts
from procedures.search.wording import PAUSE, Word

# How much a feature of each kind counts beside its rarity. Marks only break ties; pairs are rare enough to be heard anyway.
WORD, PAIR, CONCEPT, MARKED = 1.0, 0.3, 1.3, 0.2


def of(words: Sequence[Word], weights: Sequence[float], forms: concepts.Forms, numbers: Callable[[str], int | None]) -> dict[int, float]:
    """Features with their weights, by number; one that `numbers` does not know is left out. `weights`: one a word.

    A feature met twice keeps its last weight.
    """
    found: dict[int | None, float] = {}
    pairs = [f"{before.plain} {word.plain}" for before, word in zip([PAUSE, *words], words, strict=False)]
    before, before_weight = PAUSE, 0.0
    for word, weight, pair in zip(words, weights, pairs, strict=True):
        if word is not PAUSE:
            found[numbers(word.plain)] = WORD * weight
            if before is not PAUSE:
                found[numbers(pair)] = PAIR * min(weight, before_weight)
            if word.marked:
                found[numbers(f"~{word.marked}")] = MARKED * weight
        before, before_weight = word, weight
    for place, number in concepts.find(words, pairs[1:], forms):
        found[numbers(f"#{number}")] = CONCEPT * weights[place]
    found.pop(None, None)
    return found  # type: ignore[return-value]  # None has gone
