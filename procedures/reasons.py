"""Why a query came out as it did, in lines a maintainer reads before adding a phrase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from procedures import decision
from procedures.decision import Evidence
from procedures.families import Owner
from procedures.lexicon import Reading
from procedures.ranking import Ranker, Scores

SHOWN = 3


def lines(reading: Reading, scores: Scores, order: Sequence[int], *, owners: Sequence[Owner], names: Sequence[str], ranker: Ranker) -> Iterator[str]:
    """The query as read, then for the best owners their scores, nearest phrase and the features shared with it."""
    yield "read as: " + " ".join(word.plain for word in reading.words)
    phrases = [(number, phrase) for number, owner in enumerate(owners) for phrase in owner.phrases]
    similarity = ranker.similarities(reading)
    aside = sorted(range(ranker.groups, len(owners)), key=lambda owner: -float(scores.nearest[owner]))[:1]
    for owner in [*order[:SHOWN], *aside]:
        start = int(ranker.owner_start[owner])
        row = start + int(similarity[start : start + len(owners[owner].phrases)].argmax())
        shared = ranker.postings.shared(reading.features, reading.weights, row)
        yield f"{_title(owners[owner])}: {_numbers(scores, owner, ranker.groups)}; nearest phrase: {phrases[row][1]!r}"
        yield "  shared: " + ", ".join(f"{names[feature]} {weight / (reading.norm or 1.0):.2f}" for feature, weight in shared)


def evidence(found: Evidence, decided: str) -> str:
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in found._asdict().items())
    nothing = decision.NOTHING.likelihood(decision.numbers_for_nothing(found))
    right = decision.RIGHT.likelihood(decision.numbers_for_right(found))
    return f"{numbers}; likely nothing {nothing:.2f}, the first likely right {right:.2f} → {decided}"


def _title(owner: Owner) -> str:
    return " ".join((owner.kind, owner.name or " ".join(owner.codes)))


def _numbers(scores: Scores, owner: int, groups: int) -> str:
    nearest = f"nearest {scores.nearest[owner]:.2f}"
    if owner >= groups:
        return nearest
    return f"total {scores.total[owner]:.2f}, {nearest}, words {scores.words[owner]:.2f}"
