"""Spellings that sound alike somewhere in Vietnam: ch and tr, s and x, d, gi and r, l and n, final n and ng, t and c."""

from __future__ import annotations

import re
from functools import lru_cache

_ONSETS = (("tr", "ch"), ("x", "s"), ("gi", "d"), ("r", "d"), ("l", "n"))
_VOWELS = (("uou", "uu"), ("ieu", "iu"), ("uoi", "ui"))
_CODA = re.compile(r"(?:(ng|nh)|(ch|c))$")


@lru_cache(maxsize=20_000)
def key(word: str) -> str:
    """One key for all plain syllables that may be taken for one another by ear."""
    for spelled, heard in _ONSETS:
        if word.startswith(spelled) and len(word) > len(spelled):
            word = heard + word[len(spelled) :]
            break
    for spelled, heard in _VOWELS:
        word = word.replace(spelled, heard)
    return _CODA.sub(lambda coda: "n" if coda[1] else "t", word)
