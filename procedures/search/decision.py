"""From scores to a decision: answer, ask back, or say that it is not known.

Two small logistic models weigh the evidence. Their numbers come from the catalog's own phrases, each asked while it was
left out of the index: `python -m procedures.search.fitting` prints them anew. Run it when the catalog has grown by much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul
from typing import Literal, NamedTuple

Decision = Literal["answer", "clarify", "refer", "unknown"]
MOST_CHOICES = 5
FEWEST_CHOICES = 3
# A choice is offered if it scores at least this share of the first.
CHOICE = 0.5
# From this likelihood on a query is taken to mean nothing here.
NOT_OURS = 0.4
# An answer must be this likely to be right; below it the citizen is asked.
SURE = 0.7
# However likely: if the second is this close to the first, as a share of it, the citizen is asked.
GATE = 0.06
# The query is a phrase of the procedure, word for word, and not one of the next procedure as well.
SAME, SAME_AHEAD = 0.97, 0.05
# A phrase to be asked back must be this like the query, and this much more than the best procedure's nearest phrase.
ASKED, ASKED_AHEAD = 0.6, 0.1


class Evidence(NamedTuple):
    """What a decision rests on.

    `first`, `second`: total scores of the two best procedures; `nearest`: how like the query the first one's nearest phrase is,
    `words`: how much its words speak for it; `asked`, `nothing`: likeness of the nearest phrase that is to be asked back,
    and of the nearest that means nothing here.
    """

    first: float
    second: float
    nearest: float
    ahead: float
    words: float
    asked: float
    nothing: float


class Model(NamedTuple):
    """A logistic model: `likelihood` of one number a weight."""

    weights: tuple[float, ...]
    bias: float

    def likelihood(self, numbers: Sequence[float]) -> float:
        score = self.bias + sum(map(mul, self.weights, numbers))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


NOTHING = Model((-1.55, -8.52, 8.17), 2.29)
RIGHT = Model((5.55, 0.98), -0.34)


def numbers_for_nothing(evidence: Evidence) -> tuple[float, ...]:
    return evidence.nearest, evidence.words, evidence.nothing


def numbers_for_right(evidence: Evidence) -> tuple[float, ...]:
    return evidence.first - evidence.second, evidence.nearest


def decide(evidence: Evidence) -> Decision:
    """`refer` is not decided here: it is an answer that lies elsewhere."""
    if to_be_asked(evidence):
        return "clarify"
    if evidence.first <= 0 or NOTHING.likelihood(numbers_for_nothing(evidence)) > NOT_OURS:
        return "unknown"
    if evidence.nearest > SAME and evidence.ahead > SAME_AHEAD:
        return "answer"
    margin = (evidence.first - evidence.second) / evidence.first
    return "answer" if margin > GATE and RIGHT.likelihood(numbers_for_right(evidence)) > SURE else "clarify"


def to_be_asked(evidence: Evidence) -> bool:
    """Whether the query is a phrase known to be ambiguous, or a life event: word for word, or more like one than like any other."""
    ahead = 0.0 if word_for_word(evidence) else ASKED_AHEAD
    return evidence.asked > max(evidence.nearest + ahead, evidence.nothing, ASKED)


def word_for_word(evidence: Evidence) -> bool:
    return evidence.asked > SAME


def choices(scores: Sequence[float]) -> int:
    """How many of the ranked scores to offer: those near the first."""
    near = sum(score >= CHOICE * scores[0] for score in scores[:MOST_CHOICES])
    return max(near, min(FEWEST_CHOICES, len(scores)))
