"""What people type on a phone, made regular word by word: keystrokes decoded, short forms written out, spellings evened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from procedures import text
from procedures.search import syllables, telex

# Longer texts keep their two ends: people greet and ask there.
LONGEST = 1_200
_TOKENS = re.compile(r"[^\W_]+|[,.;:!?()\n…]+")
_SHORT_Y = re.compile(r"^(h|k|l|m|s|t|v|qu)y$")


class Word(NamedTuple):
    """One word of a text. `marked` is the spelling with marks, tone last; empty when no marks were typed."""

    plain: str
    marked: str


# Where a clause ends.
PAUSE = Word(",", "")


class Wording:
    """Reads texts with the short forms of a catalog. Remembers what a token came to."""

    def __init__(self, abbreviations: Mapping[str, str]) -> None:
        self._short = abbreviations
        self._first_of_two = frozenset(form.split()[0] for form in abbreviations if " " in form)
        self._words = lru_cache(maxsize=50_000)(self._look_up)

    def words(self, typed: str) -> list[Word]:
        """The words of a text, a PAUSE where a clause ends: keystrokes decoded, short forms written out, i and y evened."""
        written: list[Word] = []
        for token in self._tokens(typed):
            several = self._words(token)
            if several:
                written += several
            elif written and written[-1] is not PAUSE:
                written.append(PAUSE)
        if written and written[-1] is PAUSE:
            written.pop()
        return written

    def _tokens(self, typed: str) -> Iterator[str]:
        """Words and clause ends; a short form of two words is one token."""
        lowered = text.visible(shorten(typed)).lower()
        composed = lowered if lowered.isascii() else unicodedata.normalize("NFC", lowered)
        # Most texts are words and spaces only; splitting those comes to the same tokens and is quicker.
        found = composed.split() if composed.replace(" ", "").isalnum() else _TOKENS.findall(composed)
        if self._first_of_two.isdisjoint(found):
            return iter(found)
        return self._joined(found)

    def _joined(self, tokens: list[str]) -> Iterator[str]:
        following = iter([*tokens[1:], ""])
        rest = iter(tokens)
        for token in rest:
            pair = f"{token} {next(following)}"
            if pair in self._short:
                next(rest)
                next(following)
                yield pair
            else:
                yield token

    def _look_up(self, token: str) -> tuple[Word, ...]:
        """What a token was meant to be; nothing for a clause end."""
        if not token[0].isalnum():
            return ()
        decoded = token if token in self._short else telex.decode(token)
        long = self._short.get(decoded) or self._short.get(decoded.replace("đ", "d"), decoded)
        return tuple(_word(_even(part)) for part in long.split())


def shorten(typed: str) -> str:
    """At most LONGEST characters: the head and the tail of a longer text."""
    if len(typed) <= LONGEST:
        return typed
    return f"{typed[: LONGEST // 2]}\n{typed[-LONGEST // 2 :]}"


def _even(token: str) -> str:
    """One spelling for words written with i or y at the end: kỹ and kĩ, quý and quí."""
    base, tone = syllables.split_tone(token)
    if not _SHORT_Y.match(base):
        return token
    return unicodedata.normalize("NFC", base[:-1] + "i" + tone)


def _word(token: str) -> Word:
    if token.isascii():
        return Word(token, "")
    base, tone = syllables.split_tone(token)
    return Word(text.bare(token), base + tone)
