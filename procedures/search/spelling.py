"""Typing errors put right, syllable by syllable, against the words and pairs of words the catalog knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from procedures.search import sounds, syllables
from procedures.search.wording import Word

# More unknown words than this are not typing errors but another matter.
MOST_REPAIRS = 8
LONGEST_RUN = 14
# From this length on a word may have two slips.
LONG = 7


class Speller:
    """`known` holds words and pairs of neighbouring words ("khai sinh"), `frequent` the pairs met often, most often first."""

    def __init__(self, known: Collection[str], frequent: Iterable[str]) -> None:
        self._known = known
        self._syllables = sorted(word for word in known if word.isalpha() and syllables.plain(word))
        self._as_long = lru_cache(maxsize=20)(self._look_as_long)
        self._by_sound: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for first, last in (pair.split(" ") for pair in frequent):
            self._by_sound.setdefault((sounds.key(first), sounds.key(last)), []).append((first, last))
        self._near = lru_cache(maxsize=20_000)(self._look_near)
        self._split = lru_cache(maxsize=20_000)(self._look_apart)

    def repair(self, words: list[Word]) -> list[Word]:
        """The words with unknown ones, and unknown pairs, replaced by what they most likely were meant to be."""
        known = self._known
        wrong = [place for place, word in enumerate(words) if word[0] not in known and _may_be_wrong(word[0])]
        more = 0
        for place in wrong[:MOST_REPAIRS]:
            here = place + more
            before = words[here - 1].plain if here else ","
            following = words[here + 1].plain if here + 1 < len(words) else ","
            meant = self._meant(words[here], before, following)
            words[here : here + 1] = meant
            more += len(meant) - 1
        return self._as_heard(words)

    def _as_heard(self, words: list[Word]) -> list[Word]:
        """One word of an unknown pair written as in a frequent pair that sounds the same ("cư chú" as "cư trú")."""
        known, alike, key = self._known, self._by_sound, sounds.key
        for place in range(1, len(words)):
            first, last = words[place - 1][0], words[place][0]
            if f"{first} {last}" in known:
                continue
            for meant in alike.get((key(first), key(last)), ()):
                if meant[0] == first:
                    words[place] = Word(meant[1], "")
                    break
                if meant[1] == last:
                    words[place - 1] = Word(meant[0], "")
                    break
        return words

    def _meant(self, word: Word, before: str, following: str) -> list[Word]:
        if syllables.plain(word.plain):
            return [word]
        apart = self._split(word.plain)
        if apart:
            return [Word(part, "") for part in apart]
        near = self._near(word.plain)
        if not near:
            return [word]
        beside = [one for one in near if f"{before} {one}" in self._known or f"{one} {following}" in self._known]
        return [Word((beside or near)[0], "")]

    def _look_near(self, token: str) -> tuple[str, ...]:
        """Known syllables one slip away (two in long words), nearest first."""
        slips = 2 if len(token) >= LONG else 1
        found = process.extract(token, self._as_long(len(token), slips), scorer=OSA.distance, score_cutoff=slips, limit=12)
        best = min((distance for _, distance, _ in found), default=0)
        nearest = [near for near, distance, _ in found if distance == best]
        return tuple(sorted(nearest, key=lambda near: (near[0] != token[0], near)))

    def _look_as_long(self, length: int, slips: int) -> list[str]:
        """The syllables that differ from this length by so many letters at most: no other is so many slips away."""
        return [one for one in self._syllables if abs(len(one) - length) <= slips]

    def _look_apart(self, token: str) -> tuple[str, ...]:
        """A run of known syllables typed without spaces ("khaisinh"), every pair of them known; empty if it is none."""
        if not 5 <= len(token) <= LONGEST_RUN:
            return ()
        for cut in range(len(token) - 2, 1, -1):
            head, rest = token[:cut], token[cut:]
            if not (head in self._known and syllables.plain(head)):
                continue
            tail = (rest,) if rest in self._known and syllables.plain(rest) else self._look_apart(rest)
            if tail and f"{head} {tail[0]}" in self._known:
                return (head, *tail)
        return ()


def _may_be_wrong(token: str) -> bool:
    return len(token) >= 3 and token.isalpha()
