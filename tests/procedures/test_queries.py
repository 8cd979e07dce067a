"""The search on the shipped catalog, asked what somebody wrote who had seen neither its code nor its phrases."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.context import Premises
from procedures.search import Found

TODAY = dt.date(2026, 11, 21)
QUERIES = Path(__file__).with_name("queries_own.jsonl")
Asked = list[tuple[dict[str, Any], Found]]


@pytest.fixture(scope="module")
def asked(real: Premises) -> Asked:
    rows = [json.loads(line) for line in QUERIES.read_text(encoding="utf-8").splitlines()]
    return [(row, real.index.find(row["query"], today=TODAY)) for row in rows]


def codes(found: Found) -> list[str]:
    return [hit.code for hit in found.hits]


def test_nine_in_ten_find_the_right_procedure_first(asked: Asked) -> None:
    real = [(row["accept"], codes(found)) for row, found in asked if row["accept"] and row["decision"] in ("answer", "clarify")]
    assert sum(got[:1] != [] and got[0] in right for right, got in real) >= 0.9 * len(real)


def test_nineteen_in_twenty_are_served_by_an_answer_or_by_asking_back(asked: Asked) -> None:
    assert sum(_served(row, found) for row, found in asked) >= 0.95 * len(asked)


def test_hardly_any_answer_is_false(asked: Asked) -> None:
    false = [row["query"] for row, found in asked if found.decision == "answer" and codes(found)[0] not in row["accept"]]
    assert len(false) <= 0.02 * len(asked), false


def test_what_is_not_done_yet_is_not_the_need_of_a_story(real: Premises) -> None:
    story = "vk e mới đẻ hôm qua, 2 đứa chưa đk kết hôn, giờ lm giấy tờ cho bé ntn"
    assert codes(real.index.find(story, today=TODAY))[0] == "1.000689"


def _served(row: dict[str, Any], found: Found) -> bool:
    if row["decision"] in ("refer", "unknown") and found.decision == row["decision"]:
        return True
    offered = codes(found)[: 5 if found.decision == "clarify" else 1]
    return found.decision in ("answer", "clarify") and any(code in row["accept"] for code in offered)
