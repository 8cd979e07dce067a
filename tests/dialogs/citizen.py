"""Somebody who reads numbered plain text and types, as on Zalo: no buttons, no links pressed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.fakes import Talk

LIST = "Giấy tờ cho trường hợp của anh/chị"
PERSON = "Anh/chị hỏi trực tiếp tại"
READS = "→ "
# (what is typed, what must stand in the answer). "→ label": the number in front of the line that begins so is read and typed.
Step = tuple[str, *tuple[str, ...]]


async def converse(talk: Talk, steps: Sequence[Step], person: str = "lan") -> str:
    """Go through a dialog; the last answer."""
    answered = ""
    for said, *fragments in steps:
        typed = number(answered, said.removeprefix(READS)) if said.startswith(READS) else said
        answered = await talk.read(typed, person=person)
        for fragment in fragments:
            assert fragment in answered, f"after {said!r} ({typed!r}) there is no {fragment!r} in:\n{answered}"
    return answered


def number(shown: str, label: str) -> str:
    """The number in front of the line that begins with `label`."""
    found = re.search(rf"^(\d+)\. {re.escape(label)}", shown, re.MULTILINE)
    assert found is not None, f"no numbered line {label!r} in:\n{shown}"
    return found[1]


async def to_the_list(talk: Talk, shown: str, person: str = "lan", most: int = 8) -> str:
    """Answer every question with its first line until the list is there."""
    for _ in range(most):
        if LIST in shown:
            return shown
        assert "Câu " in shown, shown
        shown = await talk.read("1", person=person)
    raise AssertionError(f"no list after {most} questions:\n{shown}")
