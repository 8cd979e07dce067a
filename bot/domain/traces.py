"""Blots out what points to a person: numbers of papers, phones and accounts, and addresses on the net."""

from __future__ import annotations

import re
import unicodedata

BLOT = "…"
# Identity numbers have 9 or 12 digits, phones 10 or 11, codes sent by banks 6; a year or a fee has fewer. The code of a procedure
# (1.001193) points to nobody.
_NUMBER = re.compile(r"(?P<code>(?<!\d)\d{1,2}\.\d{6}(?!\d))|\d(?:[\s.-]?\d){5,}")
_WORD = re.compile(r"\S+")
_ADDRESS = re.compile(r"\S@\S|(?:://|www\.|\w\.\w+/)\S", re.IGNORECASE)  # looked for word by word: a message may be one long word
# Control and direction marks: some databases refuse them, and they turn a sentence around on the screen.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def blotted(said: str) -> str:
    """What was said without its traces. Names cannot be told from other words and stay."""
    said = _WORD.sub(lambda word: BLOT if _ADDRESS.search(word[0]) else word[0], said)
    return _NUMBER.sub(lambda number: number["code"] or BLOT, said)


def readable(said: str) -> str:
    """NFC, without what cannot be seen, single spaces."""
    kept = (char for char in unicodedata.normalize("NFC", said) if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    return " ".join("".join(kept).split())
