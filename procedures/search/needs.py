"""What a long story asks for: clauses about what is already there or long done weigh less than the one with the need."""

from __future__ import annotations

import re

from procedures.search.wording import Word

# What is there already, and what is wanted: words without marks, i for y.
_HAVE = re.compile(
    r"\b(da (?:co|lam|xong|nop|dang ki|cap|nhan|cuoi|duoc)|co (?:san|roi)|xong roi|roi (?:nhung|ma)|(?:lam|nop) roi"
    r"|truoc day|hoi truoc|truoc kia)\b"
)
_NEED = re.compile(r"\b(muon|can|gio|bay gio|nay|xin hoi|lam sao|the nao|(?:thu tuc|giay) gi|o dau|phai lam|tinh|dinh|nho|giup)\b")
_TURN = re.compile(r"^(gio|bay gio|nay|nhung|ma|chi muon|muon|can)$")
SHORTEST_STORY = 7
ASIDE = 0.45


def weights(words: list[Word]) -> list[float]:
    """One weight a word: 1, or ASIDE for the words of a clause that only tells what is already there."""
    if len(words) < SHORTEST_STORY or not _HAVE.search(" ".join(word.plain for word in words)):
        return [1.0] * len(words)
    clauses = _clauses(words)
    spoken = [" ".join(word.plain for word in clause) for clause in clauses]
    asides = [bool(_HAVE.search(text)) and not _NEED.search(text) for text in spoken]
    if all(asides) or not any(_NEED.search(text) for text in spoken):
        return [1.0] * len(words)
    return [ASIDE if aside else 1.0 for clause, aside in zip(clauses, asides, strict=True) for _ in clause]


def _clauses(words: list[Word]) -> list[list[Word]]:
    """Split at clause ends and before a word that turns to what is wanted now."""
    clauses: list[list[Word]] = [[]]
    for word in words:
        if clauses[-1] and (word.plain == "," or _TURN.match(word.plain)):
            clauses.append([])
        clauses[-1].append(word)
    return clauses
