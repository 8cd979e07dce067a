"""Vietnamese with its marks off, for looking things up."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_NOT_WORDS = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Lower case without marks, đ as d, anything that is no letter or digit as one space."""
    return " ".join(_NOT_WORDS.sub(" ", bare(visible(text))).split())


def visible(text: str) -> str:
    """The text without characters nobody sees (joiners, direction marks, variation selectors)."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def bare(text: str) -> str:
    """Lower case without marks, đ as d."""
    lowered = text.lower()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFD", lowered).replace("đ", "d")
        lowered = unicodedata.normalize("NFC", "".join(char for char in decomposed if unicodedata.category(char) != "Mn"))
    return lowered
