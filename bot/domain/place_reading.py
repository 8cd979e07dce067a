"""Which words of a text can be the name of a commune, and which the name of a district or province around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.domain import gazetteer
from bot.domain.gazetteer import Named, Table
from procedures.search import syllables, telex
from procedures.search.wording import shorten
from procedures.text import fold

MOST_WORDS = 40
LONGEST_NAME = 6  # words, the kind before a number counted
MOST_WINDOWS = 5
NEAREST = 12
RUN_TOGETHER = 6  # letters
DISTRICT, PROVINCE = "district", "province"  # kinds of what is around a commune
AROUND = (DISTRICT, PROVINCE)

_CLAUSES = re.compile(r"[,;:\n()\[\]?!]+")
_BREAKS = re.compile(r"[\s./–—-]+")
_NUMBERED = re.compile(r"\b(?:(p|phuong)|(?:q|quan))\s?0*(\d{1,2})\b")
_KINDS = {
    **dict.fromkeys(("xã", "x"), "xã"),
    **dict.fromkeys(("phường", "p"), "phường"),
    "tt": "thị trấn",
    **dict.fromkeys(("huyện", "h", "quận", "q", "tp", "tx"), DISTRICT),
    **dict.fromkeys(("tỉnh", "t"), PROVINCE),
}
_PAIRS = {"thị trấn": "thị trấn", "đặc khu": "đặc khu", "thị xã": DISTRICT, "thành phố": DISTRICT}
_PLAIN_KINDS = {fold(word).replace(" ", ""): kind for word, kind in {**_KINDS, **_PAIRS}.items()}
_PLAIN_PAIRS = frozenset(fold(pair) for pair in _PAIRS)
_SMALL_WORDS = """
à ạ ad anh bạn bây biết cho chị của cũ đã đâu địa đi đó đổi được em gì giờ giúp hiện hỏi là lại lên mình mới này nào nay nhà nhập
    nhé nhỉ ở ơi quê sáng sáp hợp sau tại tên thế thì thuộc tôi tra cứu trước từ và vào về với xin thưa xưa kia
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_PLAIN_SMALL = frozenset(fold(word) for word in _SMALL)
_NEVER = frozenset(["lagi"])  # "là gì" is asked more often than La Gi is meant


class Word(NamedTuple):
    """`marked` is as typed, in lower case; `clause` counts the commas before it."""

    plain: str
    marked: str
    clause: int


class Span(NamedTuple):
    """Words `start` to `end` read as the name `key`. `kind`: what the word before it says it is, or nothing.

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
        for token in _BREAKS.split(re.sub("['’`]", "", part.lower())):
            plain = _NUMBERED.sub(lambda match: f"{'phuong' if match[1] else 'quan'} {match[2]}", fold(token))
            found += [Word(gazetteer.even(piece.lstrip("0") or "0"), token, clause) for piece in plain.split()]
            if len(found) >= MOST_WORDS:
                return _joined(found[:MOST_WORDS])
    return _joined(found)


def _joined(found: list[Word]) -> list[Word]:
    """p and q before a number written out; thị trấn and the like as one word."""
    made: list[Word] = []
    for word in found:
        last = made[-1] if made else Word("", "", -1)
        if word.plain.isdecimal() and last.plain in ("p", "q"):
            made[-1] = last._replace(plain="phuong" if last.plain == "p" else "quan")
        if last.clause == word.clause and _is_pair(last, word):
            made[-1] = Word(last.plain + word.plain, f"{last.marked} {word.marked}", word.clause)
        else:
            made.append(word)
    return made


def _is_pair(one: Word, two: Word) -> bool:
    typed = f"{one.marked} {two.marked}"
    return typed in _PAIRS or (typed.isascii() and f"{one.plain} {two.plain}" in _PLAIN_PAIRS)


def decoded(text: str) -> str:
    """The text with raw Telex and VNI keystrokes turned into letters."""
    return " ".join(telex.decode(token) if token.isascii() else token for token in shorten(text).lower().split())


def kind_before(said: Sequence[Word], at: int) -> str:
    """xã, phường, thị trấn, đặc khu, one of AROUND, or nothing, as the word right before `at` says."""
    if at < 1 or said[at - 1].clause != said[at].clause:
        return ""
    return _kind(said[at - 1])


def _kind(word: Word) -> str:
    return _PLAIN_KINDS.get(word.plain, "") if word.marked.isascii() else _KINDS.get(word.marked) or _PAIRS.get(word.marked, "")


def is_small(word: Word) -> bool:
    """A word that stands around names but says nothing about the place. Typed with marks it must be just that word: xá is not xã."""
    if word.marked.isascii():
        return word.plain in _PLAIN_SMALL or word.plain in _PLAIN_KINDS
    return word.marked in _SMALL or _kind(word) != ""


def communes(said: Sequence[Word], table: Table) -> list[Span]:
    """Every run of words that is a commune's name as it stands."""
    found = [span for span in _runs(said) if table.knows(span.key) and _can_be_commune(said, span, table)]
    if len(said) > 1 and said[0].plain.isdecimal() and table.knows(number := f"phuong{said[0].plain}"):
        found.append(Span(0, 1, number, "", 1))
    return found


def areas(said: Sequence[Word], named: Sequence[Span], table: Table) -> list[Span]:
    """Every run of words that is the name of a district or province as it stands.

    Behind xã it is none, but where xã ends a name that is `named`, as in "Phùng Xá, Thạch Thất" without marks.
    """
    ends = {span.end for span in named}
    return [span for span in _runs(said) if span.key in table.areas and (span.start in ends or _can_be_area(span))]


def _can_be_area(span: Span) -> bool:
    return span.kind in AROUND or (not span.kind and span.key not in _NEVER)


def _runs(said: Sequence[Word]) -> Iterator[Span]:
    for start in range(len(said)):
        key = ""
        kind = kind_before(said, start)
        for end in range(start + 1, min(start + LONGEST_NAME, len(said)) + 1):
            if said[end - 1].clause != said[start].clause:
                break
            key += said[end - 1].plain
            yield Span(start, end, key, kind, end - start)


def _can_be_commune(said: Sequence[Word], span: Span, table: Table) -> bool:
    """One word is a name after its kind, when nothing else was said, or when it is several run together; small words only where their
    marks do not say otherwise."""
    if all(is_small(word) for word in said[span.start : span.end]):
        asked = span.key in _NEVER and span.kind != "phường"
        return not asked and any(_is_spelled(said, span, named) for named in table.named(span.key))
    if span.kind in ("", *AROUND) and span.end - span.start == 1:
        alone = all(is_small(word) for word in (*said[: span.start], *said[span.end :]))
        return alone or (len(span.key) >= RUN_TOGETHER and not syllables.plain(span.key))
    return True


def _is_spelled(said: Sequence[Word], span: Span, named: Named) -> bool:
    return not named.older and spelled_alike(said, span, named) is not False


def near_communes(said: Sequence[Word], known: Sequence[Span], table: Table) -> list[Span]:
    """Runs that are nearly a commune's name, beside the areas already `known`."""
    return [near for window in _windows(said, known) if window.kind not in AROUND for near in _near(window, table.names)]


def near_areas(said: Sequence[Word], known: Sequence[Span], table: Table) -> list[Span]:
    """Runs that are nearly the name of a district or province."""
    return [near for window in _windows(said, known) if window.kind in ("", *AROUND) for near in _near(window, table.area_names)]


def _windows(said: Sequence[Word], known: Sequence[Span]) -> list[Span]:
    """Runs of up to four words with nothing known inside; one word only after its kind. Rather those without small words at an end."""
    taken = {place for span in known for place in range(span.start, span.end)}
    fitting = [
        run
        for run in _runs(said)
        if run.end - run.start in (2, 3, 4) or (run.end - run.start == 1 and run.kind)
        if len(run.key) >= 5 and not _kind(said[run.start]) and not all(is_small(word) for word in said[run.start : run.end])
        if taken.isdisjoint(range(run.start, run.end))
    ]

    def order(run: Span) -> tuple[bool, bool, int, int]:
        ends = is_small(said[run.start]) or is_small(said[run.end - 1])
        return run.kind == "", ends, abs(run.end - run.start - 2), run.start

    return sorted(fitting, key=order)[:MOST_WINDOWS]


def _near(window: Span, names: Mapping[int, Sequence[str]]) -> Iterator[Span]:
    """One letter may differ, too many or too few included, or two stand the wrong way round; two letters in a name of twelve and more."""
    long = len(window.key)
    most = 1 if long < 12 else 2
    for length in range(long - most, long + most + 1):
        for name, distance, _ in process.extract(window.key, names.get(length, ()), scorer=OSA.distance, score_cutoff=most, limit=NEAREST):
            if distance:
                yield window._replace(key=name, weight=window.weight * (1 - distance / long) * 0.9)


def spelled_alike(said: Sequence[Word], span: Span, named: Named) -> bool | None:
    """Whether the name's marks were typed; None when there are none in the whole text, or none are known of the name."""
    if named.older or named.place.name.isdecimal() or all(word.marked.isascii() for word in said):
        return None
    typed = [word.marked for word in said[span.start : span.end]]
    own = re.split(r"[\s-]+", named.place.name.lower().replace("'", ""))
    return [syllables.split_tone(word) for word in typed] == [syllables.split_tone(word) for word in own]
