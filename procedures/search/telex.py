"""Telex and VNI keystrokes left raw ("giaays khai sinh", "gia61y") read as the Vietnamese they were meant to be."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from procedures.search import syllables

_TELEX_TONES = dict(zip("sfrxj", syllables.TONES, strict=True))
_VNI_TONES = dict(zip("12345", syllables.TONES, strict=True))
_CIRCUMFLEX = {"a": "â", "e": "ê", "o": "ô"}
_HORN = {"u": "ư", "o": "ơ"}
_KEYS = frozenset("sfrxjwaeod")


@lru_cache(maxsize=50_000)
def decode(token: str) -> str:
    """The syllable a raw lower-case token spells, or the token itself where the keys make no well-formed syllable."""
    if not token.isascii() or len(token) < 2 or len(token) > 12 or syllables.plain(token):
        return token
    typed = _telex(token) if token.isalpha() else _vni(token) if token[0].isalpha() else None
    if typed is None or not typed.touched:
        return token
    word = typed.word()
    return word if syllables.well_formed(word) else token


@dataclass
class _Typed:
    """Letters as they appear on the screen while keys come in."""

    letters: list[str] = field(default_factory=list)
    tone: str = ""
    touched: bool = False

    def vowel_at(self, wanted: str) -> int | None:
        return next((i for i in range(len(self.letters) - 1, -1, -1) if self.letters[i] in wanted), None)

    def replace(self, index: int, letter: str) -> bool:
        self.letters[index] = letter
        self.touched = True
        return True

    def set_tone(self, tone: str) -> bool:
        if self.vowel_at(syllables.VOWELS) is None:
            return False
        self.tone, self.touched = tone, True
        return True

    def circumflex(self, vowel: str) -> bool:
        index = self.vowel_at(vowel)
        return index is not None and self.replace(index, _CIRCUMFLEX[vowel])

    def horn(self) -> bool:
        index = self.vowel_at("uo")
        if index is None:
            return False
        if self.letters[index] == "o" and index and self.letters[index - 1] == "u" and self.letters[:2] != ["q", "u"]:
            self.replace(index - 1, "ư")
        return self.replace(index, _HORN[self.letters[index]])

    def breve(self) -> bool:
        index = self.vowel_at("a")
        return index is not None and self.replace(index, "ă")

    def stroke(self) -> bool:
        return bool(self.letters) and self.letters[0] == "d" and self.replace(0, "đ")

    def word(self) -> str:
        text = "".join(self.letters)
        if text.endswith("ươ"):
            text = text[:-2] + "uơ"
        place = _tone_place(text)
        if not self.tone or place is None:
            return text
        return unicodedata.normalize("NFC", text[: place + 1] + self.tone + text[place + 1 :])


def _telex(token: str) -> _Typed:
    typed = _Typed()
    for key in token:
        if not (key in _KEYS and _press(typed, key)):
            typed.letters.append(key)
    return typed


def _press(typed: _Typed, key: str) -> bool:
    """Apply a Telex key to what stands there; False when it is only a letter here."""
    if key in _TELEX_TONES:
        return typed.set_tone(_TELEX_TONES[key])
    if key in _CIRCUMFLEX:
        return typed.circumflex(key)
    if key == "d":
        return typed.stroke()
    last = typed.vowel_at("auo")
    if last is None or typed.letters[last] != "a":
        return typed.horn()
    after_u = "".join(typed.letters[:last]).endswith("u") and typed.letters[:2] != ["q", "u"]
    return typed.horn() if after_u else typed.breve()


def _vni(token: str) -> _Typed | None:
    typed = _Typed()
    for key in token:
        if key.isalpha():
            typed.letters.append(key)
        elif not _press_digit(typed, key):
            return None
    return typed


def _press_digit(typed: _Typed, key: str) -> bool:
    if key in _VNI_TONES:
        return typed.set_tone(_VNI_TONES[key])
    if key == "6":
        index = typed.vowel_at("aeo")
        return index is not None and typed.circumflex(typed.letters[index])
    if key in "789":
        return (typed.horn, typed.breve, typed.stroke)[int(key) - 7]()
    return False


def _tone_place(word: str) -> int | None:
    """Where the tone mark stands (the older style: hòa, thủy)."""
    places = [i for i, letter in enumerate(word) if letter in syllables.VOWELS]
    if len(places) > 1 and (word.startswith("qu") or (word.startswith("gi") and places[0] == 1)):
        places = places[1:]
    marked = [i for i in places if word[i] in syllables.MARKED_VOWELS]
    if marked:
        return marked[-1]
    if len(places) < 2:
        return places[0] if places else None
    return places[1] if len(places) > 2 or places[-1] < len(word) - 1 else places[0]
