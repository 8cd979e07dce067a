"""Vietnamese as typed on a phone, evened out: marks off for looking up, keystrokes, short forms and spellings made regular."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import yaml
from pydantic import TypeAdapter

from procedures import syllables, telex

# Longer texts keep their two ends: people greet and ask there.
LONGEST = 1_200
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_NOT_WORDS = re.compile(r"[\W_]+")
_TOKENS = re.compile(r"[^\W_]+|[,.;:!?\n…]+")
_SHORT_Y = re.compile(r"^(h|k|l|m|s|t|v|qu)y$")


class Word(NamedTuple):
    """One word of a text. `marked` is the spelling with marks, tone last; empty when no marks were typed."""

    plain: str
    marked: str


def fold(text: str) -> str:
    """Lower case without marks, đ as d, anything that is no letter or digit as one space."""
    return " ".join(_NOT_WORDS.sub(" ", _bare(_INVISIBLE.sub("", text))).split())


def normalise(text: str, abbreviations: Mapping[str, str] | None = None) -> str:
    """Words joined by single spaces, a comma where a clause ends: keystrokes decoded, short forms written out, i and y evened.

    Without `abbreviations` the catalog's own are used.
    """
    short = shipped_abbreviations() if abbreviations is None else abbreviations
    tokens = _TOKENS.findall(unicodedata.normalize("NFC", _INVISIBLE.sub("", shorten(text)).lower()))
    written: list[str] = []
    for token in _written_out(tokens, short):
        if _NOT_WORDS.fullmatch(token):
            if written and written[-1] != ",":
                written.append(",")
        else:
            written.append(_even(token))
    return " ".join(written).removesuffix(" ,")


def words(normalised: str) -> list[Word]:
    """The words of a normalised text; a clause end is a word of its own, plain `,`."""
    return [_word(token) for token in normalised.split()]


def shorten(text: str) -> str:
    """At most LONGEST characters: the head and the tail of a longer text."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"


@lru_cache(maxsize=1)
def shipped_abbreviations() -> Mapping[str, str]:
    """The short forms that come with the catalog."""
    file = Path(__file__).parent / "data" / "words" / "abbreviations.yaml"
    return TypeAdapter(dict[str, str]).validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))


def _bare(text: str) -> str:
    lowered = text.lower()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFD", lowered).replace("đ", "d")
        lowered = unicodedata.normalize("NFC", "".join(char for char in decomposed if unicodedata.category(char) != "Mn"))
    return lowered


def _written_out(tokens: list[str], short: Mapping[str, str]) -> list[str]:
    out: list[str] = []
    skip = False
    for here, following in zip_longest(tokens, tokens[1:], fillvalue=""):
        if skip:
            skip = False
            continue
        pair = short.get(f"{here} {following}")
        skip = pair is not None
        out.extend((pair or _long_form(here, short)).split())
    return out


def _long_form(token: str, short: Mapping[str, str]) -> str:
    decoded = token if token in short else telex.decode(token)
    return short.get(decoded) or short.get(decoded.replace("đ", "d"), decoded)


def _even(token: str) -> str:
    """One spelling for words written with i or y at the end: kỹ and kĩ, quý and quí."""
    base, tone = syllables.split_tone(token)
    if not _SHORT_Y.match(base):
        return token
    return unicodedata.normalize("NFC", base[:-1] + "i" + tone)


@lru_cache(maxsize=50_000)
def _word(token: str) -> Word:
    if token.isascii():
        return Word(token, "")
    base, tone = syllables.split_tone(token)
    return Word(_bare(token), base + tone)
