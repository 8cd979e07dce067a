"""A paper once, however often for which reason: "12 lần: 9 thiếu, 3 sai". Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot import numbers
from bot.console.figures_words import Names
from bot.domain.figure_papers import Paper
from bot.texts import t

REASONS = ("missing", "incorrect", "outdated", "not_required")
EACH = 3  # papers of a candidate for simplification


class Together(NamedTuple):
    """`n`: how often in all; `parts`: reason → how often, the most frequent first."""

    procedure: str
    paper: str
    n: int
    parts: Sequence[tuple[str, int]]

    @property
    def reasons(self) -> str:
        """ "9 thiếu, 3 sai"; of one reason only its word."""
        if len(self.parts) == 1:
            return t(f"figures.lack_{self.parts[0][0]}")
        return ", ".join(t("figures.part_of_lack", count=numbers.grouped(n), why=t(f"figures.lack_{why}")) for why, n in self.parts)


def together(papers: Iterable[Paper]) -> list[Together]:
    """The most frequent first."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for one in papers:
        parts = found.setdefault((one.procedure, one.paper), {})
        why = one.why if one.why in REASONS else REASONS[0]
        parts[why] = parts.get(why, 0) + one.n
    lines = [Together(*key, sum(parts.values()), _ranked(parts)) for key, parts in found.items()]
    return sorted(lines, key=lambda one: (-one.n, one.procedure, one.paper))


def _ranked(parts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(parts.items(), key=lambda part: (-part[1], REASONS.index(part[0])))


def evidence(papers: Sequence[Paper], names: Names) -> str:
    """Of one procedure: each paper with how often it was missing, and how often it was asked for too much."""
    missing = [(one.n, _missed(one, names)) for one in together(one for one in papers if one.why)]
    over = [(one.n, t("figures.times_over", paper=names.paper(one.procedure, one.paper), n=numbers.grouped(one.n))) for one in papers if not one.why]
    return "; ".join(words for _, words in sorted([*missing, *over], key=lambda one: -one[0])[:EACH])


def _missed(one: Together, names: Names) -> str:
    paper, n = names.paper(one.procedure, one.paper), numbers.grouped(one.n)
    return t("figures.times_one" if len(one.parts) == 1 else "figures.times_several", paper=paper, n=n, why=one.reasons)
