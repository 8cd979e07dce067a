"""Titles and questions made from a catalog, the same in every run: as many as wanted, typed as people type on a phone."""

from __future__ import annotations

import dataclasses
import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from procedures.catalog import Catalog
from procedures.models import IMPORTED, Checked, Procedure

_TELEX = {"\u0302": "", "\u0306": "w", "\u031b": "w", "\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_CIRCUMFLEX = "\u0302"


def enlarged(catalog: Catalog, entries: int, seed: int) -> Catalog:
    """The catalog with made-up entries as `motcua catalog import` lays them over it, until there are `entries`; their titles are
    parts of real ones."""
    chance, real = random.Random(seed), list(catalog.procedures.values())  # noqa: S311 (not a secret)
    procedures, titles = dict(catalog.procedures), {entry.name for entry in real}
    while len(procedures) < entries:
        one, other = chance.choice(real), chance.choice(real)
        head, tail = one.name.split(), other.name.split()
        title = " ".join([*head[: chance.randint(1, len(head))], *tail[chance.randrange(len(tail)) :]])
        if title in titles:
            continue
        titles.add(title)
        code = f"9.{len(procedures):06}"
        checked = Checked(on=one.checked.on, decision=one.checked.decision, by=IMPORTED)
        procedures[code] = Procedure(code=code, depth="listed", name=title, field=one.field, handled_by=one.handled_by, checked=checked)
    return dataclasses.replace(catalog, version=f"{catalog.version}-{entries}", procedures=procedures)


def typed(catalog: Catalog, count: int, seed: int) -> list[str]:
    """Different questions from the catalog's names and phrases: as written, without marks, in raw Telex, with a slip, in a sentence."""
    chance = random.Random(seed)  # noqa: S311 (not a secret)
    phrases = [phrase for entry in catalog.procedures.values() for phrase in (entry.name, *entry.also)]
    made: dict[str, None] = {}
    ways: Iterator[Callable[[str, random.Random], str]] = _in_turn(_WAYS)
    while len(made) < count:
        made[next(ways)(chance.choice(phrases), chance)] = None
    return list(made)


def _in_turn(ways: Sequence[Callable[[str, random.Random], str]]) -> Iterator[Callable[[str, random.Random], str]]:
    while True:
        yield from ways


def _as_written(phrase: str, chance: random.Random) -> str:
    return phrase if chance.random() < 0.5 else phrase.lower()


def bare(phrase: str, _chance: random.Random) -> str:
    """Without marks: dang ky khai sinh."""
    plain = unicodedata.normalize("NFD", phrase).replace("đ", "d").replace("Đ", "D")
    return "".join(char for char in plain if not unicodedata.combining(char)).lower()


def telex(phrase: str, _chance: random.Random) -> str:
    """The keys pressed, never put together: ddawng kys khai sinh."""
    return " ".join(_keys(word) for word in phrase.lower().replace("đ", "dd").split())


def _keys(word: str) -> str:
    keys, tone = "", ""
    for char in unicodedata.normalize("NFD", word):
        if char == _CIRCUMFLEX:
            keys += keys[-1]
        elif char in _TELEX:
            mark = _TELEX[char]
            keys, tone = (keys + mark, tone) if mark == "w" else (keys, mark)
        else:
            keys += char
    return keys + tone


def slipped(phrase: str, chance: random.Random) -> str:
    """Two neighbouring letters swapped, one left out, or one doubled."""
    place = chance.randrange(max(1, len(phrase) - 1))
    pair = phrase[place : place + 2]
    return phrase[:place] + chance.choice([pair[::-1], pair[1:], pair[:1] * 2 + pair[1:]]) + phrase[place + 2 :]


def _in_a_sentence(phrase: str, chance: random.Random) -> str:
    before = chance.choice(["cho em hỏi", "anh chị ơi em muốn", "tôi cần làm", "giờ muốn"])
    after = chance.choice(["thì cần giấy tờ gì ạ", "mất bao lâu", "ở đâu vậy ad", "có phải đóng tiền không"])
    return f"{before} {phrase.lower()} {after}"


_WAYS = (_as_written, bare, telex, slipped, _in_a_sentence)
