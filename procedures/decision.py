"""From scores to a decision: answer, ask back, send elsewhere, or say that it is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Decision = Literal["answer", "clarify", "refer", "unknown"]
MOST_CHOICES = 5
GATE = 0.12
CHOICE = 0.6


class Evidence(NamedTuple):
    """What a decision rests on, all from 0 to about 1.

    `first`, `second`: total scores of the two best procedures; `nearest`: how like the query the first one's nearest phrase is;
    `asked`, `nothing`: the same for phrases to be asked back and phrases that mean nothing; `known`: share of known words.
    """

    first: float
    second: float
    nearest: float
    known: float
    asked: float
    nothing: float

    @property
    def margin(self) -> float:
        return (self.first - self.second) / self.first if self.first else 0.0


def decide(evidence: Evidence) -> Decision:
    if evidence.nothing >= max(evidence.nearest, 0.3) or evidence.first < 0.18:
        return "unknown"
    if evidence.asked > max(evidence.nearest, 0.75) or evidence.margin < GATE:
        return "clarify"
    return "answer"


def choices(scores: Sequence[float]) -> int:
    """How many of the ranked scores to offer: those near the first."""
    near = sum(score >= CHOICE * scores[0] for score in scores[:MOST_CHOICES])
    return max(near, min(2, len(scores)))
