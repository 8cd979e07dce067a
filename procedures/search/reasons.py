"""Why a query came out as it did, in lines a maintainer reads before adding a phrase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from procedures.search import decision
from procedures.search.decision import Evidence
from procedures.search.families import Owner
from procedures.search.lexicon import Reading
from procedures.search.ranking import Ranker, Scored

SHOWN = 3


def lines(
    reading: Reading, shown: Sequence[tuple[int, Scored | None]], *, owners: Sequence[Owner], names: Sequence[str], ranker: Ranker
) -> Iterator[str]:
    """The query as read, then for every owner shown its scores, its nearest phrase and the features shared with it."""
    yield "read as: " + " ".join(word.plain for word in reading.words)
    wanted = dict(zip(reading.features, reading.weights, strict=True))
    for owner, scored in shown:
        likeness = ranker.likeness(reading, owner)
        place = int(likeness.argmax())
        numbers = f"total {scored.total:.2f}, words {scored.words:.2f}, " if scored else ""
        yield f"{_title(owners[owner])}: {numbers}nearest {likeness[place]:.2f}: {owners[owner].phrases[place]!r}"
        phrase = ranker.phrases.of(ranker.first_phrase(owner) + place)
        shared = sorted(((weight * wanted[f], names[f]) for f, weight in phrase if f in wanted), reverse=True)
        yield "  shared: " + ", ".join(f"{name} {weight:.2f}" for weight, name in shared)


def evidence(found: Evidence, decided: str) -> str:
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in found._asdict().items())
    nothing = decision.NOTHING.likelihood(decision.numbers_for_nothing(found))
    right = decision.RIGHT.likelihood(decision.numbers_for_right(found))
    return f"{numbers}; likely nothing {nothing:.2f}, the first likely right {right:.2f} → {decided}"


def _title(owner: Owner) -> str:
    return " ".join((owner.kind, owner.name or " ".join(owner.codes)))
