"""Which words of a text can be the name of a commune, and which the name of a district or province around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain import gazetteer
from bot.domain.gazetteer import Table
from procedures.search import syllables, telex
from procedures.search.wording import shorten
from procedures.text import fold

MOST_WORDS = 40
LONGEST_NAME = 6  # words, the kind before a number counted
MOST_WINDOWS = 9
NEAREST = 12

_CLAUSES = re.compile(r"[,;:\n()\[\]?!]+")
_NUMBERED = re.compile(r"\b(?:(p|phuong)|(?:q|quan))\s?0*(\d{1,2})\b")
_COMMUNE_KINDS = {"xa": "xã", "x": "xã", "phuong": "phường", "p": "phường", "tt": "thị trấn"}
_AREA_KINDS = frozenset(["huyen", "h", "quan", "q", "tinh", "t", "tp", "tx"])
_TWO_WORDS = {("thi", "tran"): "thị trấn", ("dac", "khu"): "đặc khu", ("thi", "xa"): "area", ("thanh", "pho"): "area"}
AREA = "area"
_SMALL = frozenset(
    ["a", "ad", "anh", "ban", "bay", "biet", "cho", "chi", "cu", "cua", "da", "dau", "dia", "di", "do", "doi", "duoc", "e", "em", "gi", "gio", "giup", "hien", "hoi", "la", "lai", "len", "minh", "moi", "nao", "nay", "nha", "nhap", "nhe", "o", "oi", "que", "sang", "sap", "sau", "tai", "ten", "the", "thi", "thuoc", "toi", "tra", "truoc", "tu", "va", "vao", "ve", "vi", "viet", "vn", "voi", "xin", "cuu", "nam"]
)


class Word(NamedTuple):
    """`marked` is as typed, in lower case; `clause` counts the commas before it."""

    plain: str
    marked: str
    clause: int


class Span(NamedTuple):
    """Words `start` to `end` read as the name `key`. `kind`: the word for its kind before it, `AREA` for any of a district or province.

    `weight`: how much of the name is there, in words; less than their number where letters differ.
    """

    start: int
    end: int
    key: str
    kind: str
    weight: float

    @property
    def exact(self) -> bool:
        return self.weight == self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


def words(text: str) -> list[Word]:
    """The words in order, at most MOST_WORDS; phường and quận numbers written out."""
    found: list[Word] = []
    for clause, part in enumerate(_CLAUSES.split(shorten(unicodedata.normalize("NFC", text)))):
        for token in re.split(r"[\s./–—-]+", re.sub("['’`]", "", part.lower())):
            plain = _NUMBERED.sub(lambda match: f"{'phuong' if match[1] else 'quan'} {match[2]}", fold(token))
            found += [Word(gazetteer.even(piece.lstrip("0") or "0"), token, clause) for piece in plain.split()]
            if len(found) >= MOST_WORDS:
                return _joined(found[:MOST_WORDS])
    return _joined(found)


def _joined(found: list[Word]) -> list[Word]:
    """p 12, q 1: written out before a number."""
    long = {"p": "phuong", "q": "quan"}
    return [
        word._replace(plain=long[word.plain]) if word.plain in long and after is not None and after.plain.isdecimal() else word
        for word, after in zip(found, [*found[1:], None], strict=True)
    ]


def decoded(text: str) -> str:
    """The text with raw Telex and VNI keystrokes turned into letters."""
    return " ".join(telex.decode(token) if token.isascii() else token for token in text.lower().split())


def kind_before(said: Sequence[Word], at: int) -> str:
    """xã, phường, thị trấn, đặc khu, AREA, or nothing, as the words right before `at` say."""
    if at >= 2 and (two := _TWO_WORDS.get((said[at - 2].plain, said[at - 1].plain))) is not None:
        return two
    if at < 1 or said[at - 1].clause != said[min(at, len(said) - 1)].clause:
        return ""
    one = said[at - 1].plain
    return AREA if one in _AREA_KINDS else _COMMUNE_KINDS.get(one, "")


def is_small(word: Word) -> bool:
    """A word that is around names but says nothing about the place."""
    return word.plain in _SMALL or word.plain in _COMMUNE_KINDS or word.plain in _AREA_KINDS or word.plain in ("tran", "thanh", "pho", "dac", "khu")


def communes(said: Sequence[Word], table: Table) -> list[Span]:
    """Every run of words that is a commune's name as it stands."""
    return [span for span in _runs(said) if table.knows(span.key) and _can_be_commune(said, span)]


def areas(said: Sequence[Word], table: Table) -> list[Span]:
    """Every run of words that is the name of a district or province as it stands."""
    return [span for span in _runs(said) if span.key in table.areas and span.kind in ("", AREA)]


def _runs(said: Sequence[Word]) -> Iterator[Span]:
    for start in range(len(said)):
        key = ""
        kind = kind_before(said, start)
        for end in range(start + 1, min(start + LONGEST_NAME, len(said)) + 1):
            if said[end - 1].clause != said[start].clause:
                break
            key += said[end - 1].plain
            yield Span(start, end, key, kind, end - start)


def _can_be_commune(said: Sequence[Word], span: Span) -> bool:
    """Small words alone are no name, and one word is one only after its kind or when nothing else was said."""
    if all(is_small(word) for word in said[span.start : span.end]):
        return span.kind not in ("", AREA) and span.end - span.start > 1
    alone = all(is_small(word) for word in (*said[: span.start], *said[span.end :]))
    return span.end - span.start > 1 or span.kind not in ("", AREA) or alone


def near_communes(said: Sequence[Word], known: Sequence[Span], names: Sequence[str]) -> list[Span]:
    """Runs that are nearly a commune's name, beside the areas already `known`."""
    return [near for window in _windows(said, known) if window.kind != AREA for near in _near(window, names)]


def near_areas(said: Sequence[Word], known: Sequence[Span], names: Sequence[str]) -> list[Span]:
    """Runs that are nearly the name of a district or province."""
    return [near for window in _windows(said, known) if window.kind in ("", AREA) for near in _near(window, names)]


def _windows(said: Sequence[Word], known: Sequence[Span]) -> list[Span]:
    """Runs of one to four words with no small word at either end and nothing known inside, longest first."""
    taken = {place for span in known for place in range(span.start, span.end)}
    fitting = [
        run
        for run in _runs(said)
        if run.end - run.start <= 4
        and len(run.key) >= 4
        and not is_small(said[run.start])
        and not is_small(said[run.end - 1])
        and taken.isdisjoint(range(run.start, run.end))
    ]
    return sorted(fitting, key=lambda run: (run.kind == "", -run.weight))[:MOST_WINDOWS]


def _near(window: Span, names: Sequence[str]) -> Iterator[Span]:
    """One letter may differ in a short name, two in one of nine and more."""
    most = 1 if len(window.key) < 9 else 2
    for name, distance, _ in process.extract(window.key, names, scorer=OSA.distance, score_cutoff=most, limit=NEAREST):
        if distance:
            yield window._replace(key=name, weight=window.weight * (1 - distance / len(window.key)) * 0.9)


def spelled_alike(said: Sequence[Word], span: Span, name: str) -> bool | None:
    """Whether marks were typed and are the name's own; None when none were typed."""
    typed = [word.marked for word in said[span.start : span.end]]
    if all(word.isascii() for word in typed):
        return None
    own = re.split(r"[\s-]+", name.lower().replace("'", ""))
    return [syllables.split_tone(word) for word in typed] == [syllables.split_tone(word) for word in own]
