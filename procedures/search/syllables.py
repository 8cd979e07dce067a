"""Which letter sequences are well-formed Vietnamese syllables: guards keystroke decoding and typo matching."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

SHARP, GRAVE, HOOK, TILDE, DOT = "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"
TONES = (SHARP, GRAVE, HOOK, TILDE, DOT)
MARKED_VOWELS = "ăâêôơư"
VOWELS = "aeiouy" + MARKED_VOWELS

_ONSETS = (*"bcdđghklmnprstvx", "ch", "gh", "gi", "kh", "ng", "ngh", "nh", "ph", "qu", "th", "tr", "")
_SPOKEN_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uê uêch uênh uc ui um un ung uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyt uyu
ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
"""
_RIMES = tuple(_SPOKEN_RIMES.split())
_FRONT = "eêiy"


@lru_cache(maxsize=50_000)
def split_tone(word: str) -> tuple[str, str]:
    """The word without its tone mark (vowel qualities stay), and the tone mark ("" for level)."""
    tone, rest = "", []
    for char in unicodedata.normalize("NFD", word):
        if char in TONES:
            tone = char
        else:
            rest.append(char)
    return unicodedata.normalize("NFC", "".join(rest)), tone


def well_formed(word: str) -> bool:
    """Whether a lower-case word, marks included, can be a Vietnamese syllable. Its tone mark may be missing."""
    base, tone = split_tone(word)
    if base not in every():
        return False
    stopped = base.endswith(("c", "ch", "p", "t"))
    return not stopped or tone in (SHARP, DOT, "")


def plain(word: str) -> bool:
    """Whether a word typed without any mark can be a syllable whose marks were left out."""
    return word in _plain()


@cache
def every() -> frozenset[str]:
    """All well-formed syllables without tone marks."""
    return frozenset(onset + rime for onset in _ONSETS for rime in _RIMES if _joins(onset, rime)) | {"gi"}


@cache
def _plain() -> frozenset[str]:
    return frozenset(_bare(syllable) for syllable in every())


def _joins(onset: str, rime: str) -> bool:
    """Spelling rules: k, gh, ngh stand before e ê i y only, c, g, ng before the others; qu and gi lend their vowel."""
    front = rime[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    if onset in ("c", "ng"):
        return not front
    if onset == "g":
        return not front or rime[0] == "i"
    if onset == "qu":
        return rime[0] not in "uưo" and rime != "iêu"
    if onset == "gi":
        return rime[0] not in "iy"
    return not (onset and rime.startswith("yê"))


def _bare(syllable: str) -> str:
    decomposed = unicodedata.normalize("NFD", syllable.replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
