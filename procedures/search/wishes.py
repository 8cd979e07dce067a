"""Several wishes in one message, told apart: "làm khai sinh cho con với đăng ký tạm trú luôn"."""

from __future__ import annotations

from collections.abc import Sequence

from procedures.search import decision, needs
from procedures.search.decision import Evidence
from procedures.search.wording import PAUSE, Word

# What joins two wishes, and what a wish is done by; "rồi" joins only in the middle of a clause: else it tells what is done.
_JOINS = needs.known("và với rồi vừa xong")
_THEN = needs.known("rồi xong")
_DEEDS = needs.known("làm đăng xin đổi cấp sang nhập tách xóa sao chứng khai báo mở chuyển gia sửa")
# A longer text is a story: it names many things and wants one. A shorter part is no wish.
LONGEST, SHORTEST = 28, 2
# A wish names its deed within so many words ("cho em xin …").
SOON = 4
# From this likeness to a phrase on, all of the query is one matter, as in "khai sinh và nhận cha con".
ONE = 0.85
# A wish that would be asked back about counts all the same if it is this like a phrase.
CLEAR = 0.7
MOST = 3


def parts(words: Sequence[Word]) -> list[list[Word]]:
    """The wishes a text may hold, each with a deed of its own; nothing if it does not hold several."""
    if len(words) > LONGEST or _JOINS.keys().isdisjoint([word[0] for word in words]):
        return []
    found: list[list[Word]] = [[]]
    for place, word in enumerate(words):
        if needs.is_one(word, _JOINS) and not _tells_done(words, place):
            found.append([])
        else:
            found[-1].append(word)
    found = [part for part in found if len(part) >= SHORTEST]
    wanted = all(any(needs.is_one(word, _DEEDS) for word in part[:SOON]) and not needs.tells_done(part) for part in found)
    return found if 1 < len(found) <= MOST and wanted else []


def is_clear(evidence: Evidence) -> bool:
    """Whether a part that was searched for alone is a wish of its own."""
    decided = decision.decide(evidence)
    return decided == "answer" or (decided == "clarify" and evidence.nearest > CLEAR)


def _tells_done(words: Sequence[Word], place: int) -> bool:
    following = words[place + 1] if place + 1 < len(words) else PAUSE
    return needs.is_one(words[place], _THEN) and (following is PAUSE or needs.turns(following))
