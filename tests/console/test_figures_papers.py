"""A paper stands on one line of the figures, with how often for which reason."""

from __future__ import annotations

import datetime as dt

from bot.console import figures_papers
from bot.console.figures_words import Names
from bot.conversation.context import Premises
from bot.domain.figure_papers import Paper

DEATH = "1.000656"
FOUND = [
    Paper(DEATH, "death_notice", "missing", 9), Paper(DEATH, "other", "outdated", 4), Paper(DEATH, "death_notice", "incorrect", 3),
    Paper("2.000815", "death_notice", "missing", 2),
]  # fmt: skip


def test_a_paper_of_a_procedure_is_one_line_with_its_reasons() -> None:
    lines = figures_papers.together(FOUND)
    assert [(one.n, one.paper, one.reasons) for one in lines] == [
        (12, "death_notice", "9 thiếu, 3 sai"),
        (4, "other", "quá hạn"),
        (2, "death_notice", "thiếu"),
    ]


def test_the_evidence_against_a_procedure_keeps_what_was_asked_for_too_much_apart(tiny: Premises) -> None:
    over = Paper(DEATH, "death_notice", "", 7)
    words = figures_papers.evidence([*FOUND[:3], over], Names(tiny, dt.date(2026, 11, 22)))
    assert words == "Giấy báo tử: 12 lần: 9 thiếu, 3 sai; Giấy báo tử: bị đòi thừa 7 lần; other: 4 lần quá hạn"
