"""Vietnamese with its marks off, for looking things up."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_NOT_WORDS = re.compile(r"[\W_]+")
# Neither a letter of Vietnamese nor a mark over one.
_FOREIGN = re.compile("[^\x00-\x7f\u0300-\u036f]")


def fold(text: str) -> str:
    """Lower case without marks, đ as d, anything that is no letter or digit as one space."""
    return " ".join(_NOT_WORDS.sub(" ", bare(visible(text))).split())


def visible(text: str) -> str:
    """The text without characters nobody sees (joiners, direction marks, variation selectors)."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def bare(text: str) -> str:
    """Lower case without marks, đ as d."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFD", lowered).replace("đ", "d")
    if _FOREIGN.search(decomposed) is None:
        return decomposed.encode("ascii", "ignore").decode()
    marks = {char for char in set(decomposed) if unicodedata.category(char) == "Mn"}
    return unicodedata.normalize("NFC", "".join([char for char in decomposed if char not in marks]))
