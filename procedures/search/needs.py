"""What a story asks for: clauses that only tell how things stand weigh less than the one with the need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from procedures.search.wording import PAUSE, Word, Wording

Known = Mapping[str, str]


def known(words: str) -> Known:
    """Words to look for, by their plain spelling."""
    return {word.plain: word.marked for word in Wording({}).words(words)}


# What is wanted, now or by asking for it; what has happened, is there already or has not been done; what turns to what is wanted.
_WANTED = known("muốn cần giờ nay")
_REQUESTED = known("xin hỏi tính định nhờ giúp")
_DONE = known("đã chưa vừa rồi xong đang mới")
_TURN = known("giờ nay nhưng mà muốn")
# "Đã xin được giấy độc thân" requests nothing any more.
_GOT = known("đã được")
_NEEDS = frozenset((*_WANTED, *_REQUESTED))
_CLAUSE_STARTS = frozenset((PAUSE.plain, *_TURN))
# The same in several words, without marks. A match has one of the words named below it: without them no pattern is tried.
_ASKED = re.compile(r"\b(lam sao|the nao|(?:thu tuc|giay to|giay) gi|o dau|phai lam)\b")
_ASKED_BY = frozenset(["sao", "nao", "gi", "dau", "lam"])
_PAST = re.compile(r"\b(co san|hom (?:qua|kia|truoc|nay)|nam (?:ngoai|truoc)|hoi (?:truoc|tre)|truoc (?:day|kia))\b")
_PAST_BY = frozenset(["san", "qua", "kia", "truoc", "nay", "ngoai", "tre", "day"])
SHORTEST = 7
# From this length on a text is a story. In a shorter one even what is told names the matter: "sổ hồng bị cháy, xin cấp lại thế nào".
STORY = 24
# What the words of a clause count that states no need, and of one that tells what is done or not done; in a short text, in a story.
TOLD, DONE = (0.85, 0.8), (0.7, 0.6)

# "… để nhập khẩu cho vợ": what it is for counts less than what is wanted.
_FOR = known("để đặng")
PURPOSE = 0.7
# "Để lại cho con" is no purpose; without marks "de" is also "đẻ" and "dễ".
_LEFT = frozenset(["lai", "quen"])
_BORN = frozenset(["duoc", "con", "xong", "o", "non", "em", "chau", "be", "mo"])
_PURPOSE_ENDS = {**_TURN, "thi": "thì"}
# "… thì có cần khám sức khỏe không": a detail of the matter, not the matter.
_NEEDED, _OR_NOT = known("cần phải"), known("không hông hok ko")
DETAIL = 0.6
LONGEST_DETAIL, SHORTEST_MATTER = 7, 4
_POLITE = known("ạ ad admin em anh chị cô chú bác vậy hả nhỉ bạn các")


def weights(words: Sequence[Word]) -> list[float]:
    """One weight a word: 1 in a clause with a need, and everywhere if there is no need or nothing but needs. What the matter is for,
    and details asked about it, weigh less wherever they stand."""
    if len(words) < SHORTEST:
        return [1.0] * len(words)
    spoken = {word[0] for word in words}
    several = not _CLAUSE_STARTS.isdisjoint(spoken)
    needed = several and (not _NEEDS.isdisjoint(spoken) or _says([word[0] for word in words], _ASKED, _ASKED_BY))
    heard = _by_clause(words) if needed else [1.0] * len(words)
    if not _FOR.keys().isdisjoint(spoken):
        _lower(heard, _purposes(words), PURPOSE)
    if not _OR_NOT.keys().isdisjoint(spoken):
        _lower(heard, _details(words), DETAIL)
    return heard


def _by_clause(words: Sequence[Word]) -> list[float]:
    clauses = _clauses(words)
    needed = [_states_need(clause) for clause in clauses]
    if all(needed) or not any(needed):
        return [1.0] * len(words)
    story = len(words) >= STORY
    heard = [1.0 if need else (DONE if tells_done(clause) else TOLD)[story] for clause, need in zip(clauses, needed, strict=True)]
    return [weight for clause, weight in zip(clauses, heard, strict=True) for _ in clause]


def _lower(heard: list[float], spans: Iterator[range], share: float) -> None:
    for span in spans:
        for place in span:
            heard[place] *= share


def _clauses(words: Sequence[Word]) -> list[list[Word]]:
    """Split at pauses and before a word that turns to what is wanted now."""
    clauses: list[list[Word]] = [[]]
    for word in words:
        if word[0] in _CLAUSE_STARTS and clauses[-1] and (word is PAUSE or turns(word)):
            clauses.append([])
        clauses[-1].append(word)
    return clauses


def _states_need(clause: Sequence[Word]) -> bool:
    spoken = [word[0] for word in clause]
    if not _NEEDS.isdisjoint(spoken):
        got = False
        for word in clause:
            if is_one(word, _WANTED) or (not got and is_one(word, _REQUESTED)):
                return True
            got = got or is_one(word, _GOT)
    return _says(spoken, _ASKED, _ASKED_BY)


def tells_done(clause: Sequence[Word]) -> bool:
    spoken = [word[0] for word in clause]
    done = not _DONE.keys().isdisjoint(spoken) and any(is_one(word, _DONE) for word in clause)
    return done or _says(spoken, _PAST, _PAST_BY)


def _purposes(words: Sequence[Word]) -> Iterator[range]:
    """From "để" to the end of its clause."""
    for place in range(2, len(words) - 1):
        if not is_one(words[place], _FOR):
            continue
        following = words[place + 1][0]
        if following not in _LEFT and (words[place].marked or following not in _BORN):
            ends = (end for end in range(place + 1, len(words)) if words[end] is PAUSE or is_one(words[end], _PURPOSE_ENDS))
            yield range(place + 1, next(ends, len(words)))


def _details(words: Sequence[Word]) -> Iterator[range]:
    """What stands between "cần" and a "không" that ends its clause, if the matter was named before."""
    for end, word in enumerate(words):
        if is_one(word, _OR_NOT) and all(after is PAUSE or is_one(after, _POLITE) for after in words[end + 1 : end + 2]):
            starts = range(end - 1, max(SHORTEST_MATTER, end - LONGEST_DETAIL - 1) - 1, -1)
            needed = next((place for place in starts if words[place] is PAUSE or is_one(words[place], _NEEDED)), None)
            if needed is not None and words[needed] is not PAUSE:
                yield range(needed + 1, end)


def turns(word: Word) -> bool:
    """Whether a word turns to what is wanted now."""
    return is_one(word, _TURN)


def _says(spoken: Sequence[str], pattern: re.Pattern[str], by: frozenset[str]) -> bool:
    return not by.isdisjoint(spoken) and pattern.search(" ".join(spoken)) is not None


def is_one(word: Word, several: Known) -> bool:
    """Typed marks must not contradict: "căn" is not "cần"."""
    return word[0] in several and word[1] in ("", several[word[0]])
