"""What a story asks for: clauses that only tell how things stand weigh less than the one with the need."""

from __future__ import annotations

import re
from collections.abc import Sequence

from procedures.search.wording import PAUSE, Word, Wording


def _known(words: str) -> dict[str, str]:
    return {word.plain: word.marked for word in Wording({}).words(words)}


# What is wanted; what has happened, is there already or has not been done; what turns to what is wanted now.
_NEED = _known("muốn cần giờ nay xin hỏi tính định nhờ giúp")
_DONE = _known("đã chưa vừa rồi xong đang mới")
_TURN = _known("giờ nay nhưng mà muốn")
# The same in several words, without marks.
_ASKED = re.compile(r"\b(lam sao|the nao|(?:thu tuc|giay to|giay) gi|o dau|phai lam)\b")
_PAST = re.compile(r"\b(co san|hom (?:qua|kia|truoc|nay)|nam (?:ngoai|truoc)|hoi (?:truoc|tre)|truoc (?:day|kia))\b")
SHORTEST = 7
# From this length on a text is a story. In a shorter one even what is told names the matter: "sổ hồng bị cháy, xin cấp lại thế nào".
STORY = 24
# What the words of a clause count that states no need, and of one that tells what is done or not done; in a short text, in a story.
TOLD, DONE = (0.85, 0.6), (0.7, 0.45)


def weights(words: Sequence[Word]) -> list[float]:
    """One weight a word: 1 in a clause with a need, and everywhere if there is no need or nothing but needs."""
    if len(words) < SHORTEST:
        return [1.0] * len(words)
    clauses = _clauses(words)
    needed = [_says(clause, _NEED, _ASKED) for clause in clauses]
    if all(needed) or not any(needed):
        return [1.0] * len(words)
    story = len(words) >= STORY
    heard = [1.0 if need else (DONE if _says(clause, _DONE, _PAST) else TOLD)[story] for clause, need in zip(clauses, needed, strict=True)]
    return [weight for clause, weight in zip(clauses, heard, strict=True) for _ in clause]


def _clauses(words: Sequence[Word]) -> list[list[Word]]:
    """Split at pauses and before a word that turns to what is wanted now."""
    clauses: list[list[Word]] = [[]]
    for word in words:
        if clauses[-1] and (word is PAUSE or _is(word, _TURN)):
            clauses.append([])
        clauses[-1].append(word)
    return clauses


def _says(clause: Sequence[Word], known: dict[str, str], several: re.Pattern[str]) -> bool:
    return any(_is(word, known) for word in clause) or bool(several.search(" ".join([word.plain for word in clause])))


def _is(word: Word, known: dict[str, str]) -> bool:
    """Typed marks must not contradict: "căn" is not "cần"."""
    return word.plain in known and word.marked in ("", known[word.plain])
