"""What a text is matched by: its words, pairs of neighbours, concepts, and words with marks as typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from procedures.search import concepts
from procedures.search.wording import PAUSE, Word

# How much a feature of each kind counts beside its rarity. Marks only break ties; pairs are rare enough to be heard anyway.
WORD, PAIR, CONCEPT, MARKED = 1.0, 0.3, 1.3, 0.2
# "chưa đăng ký kết hôn": what has not been done is heard as itself so much, and beside it as not done.
DENIED, REACH = 0.5, 3
NOT_YET = "chua"


def of(words: Sequence[Word], weights: Sequence[float], forms: concepts.Forms, numbers: Callable[[str], int | None]) -> dict[int, float]:
    """Features with their weights, by number; one that `numbers` does not know is left out. `weights`: one a word.

    A feature met twice keeps its last weight.
    """
    found: dict[int | None, float] = {}
    before, before_weight = PAUSE, 0.0
    for word, weight in zip(words, weights, strict=True):
        if word is not PAUSE:
            plain, marked = word
            found[numbers(plain)] = weight
            if before is not PAUSE:
                found[numbers(f"{before[0]} {plain}")] = PAIR * (weight if weight < before_weight else before_weight)
            if marked:
                found[numbers(f"~{marked}")] = MARKED * weight
        before, before_weight = word, weight
    denies = NOT_YET in [word[0] for word in words]
    for place, number in concepts.find(words, forms):
        not_yet = denies and _not_yet(words[max(0, place - REACH) : place])
        found[numbers(f"#{number}")] = CONCEPT * weights[place] * (DENIED if not_yet else 1.0)
        if not_yet:
            found[numbers(f"!{number}")] = CONCEPT * weights[place]
    found.pop(None, None)
    return found  # type: ignore[return-value]  # None has gone


def _not_yet(before: Sequence[Word]) -> bool:
    """Whether "chưa" stands in these words, with no pause after it."""
    plain = [word.plain for word in before]
    return NOT_YET in plain and PAUSE.plain not in plain[plain.index(NOT_YET) :]
