"""Several ways to say one thing, found in a text by their words ("mất giấy", "thất lạc", "làm rơi")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from procedures.search.wording import Word, Wording

Form = tuple[tuple[Word, ...], tuple[int, ...]]
# Forms by their first two words ("giấy sinh"), or by the only one, longest first.
Forms = Mapping[str, tuple[Form, ...]]


def forms(concepts: Sequence[Sequence[str]], wording: Wording) -> Forms:
    """Every form with the numbers of the concepts it belongs to."""
    belongs: dict[tuple[Word, ...], list[int]] = {}
    for number, spellings in enumerate(concepts):
        for spelling in spellings:
            belongs.setdefault(tuple(wording.words(spelling)), []).append(number)
    found: dict[str, list[Form]] = {}
    for form in sorted(belongs, key=len, reverse=True):
        found.setdefault(" ".join(word.plain for word in form[:2]), []).append((form, tuple(dict.fromkeys(belongs[form]))))
    return {start: tuple(several) for start, several in found.items()}


def find(words: Sequence[Word], pairs: Sequence[str], known: Forms) -> Iterator[tuple[int, int]]:
    """(place, concept) for every form in the text; the longest form at a place wins there. `pairs`: each word with the next."""
    for place, (word, pair) in enumerate(zip(words, [*pairs, ""], strict=False)):
        if pair not in known and word.plain not in known:
            continue
        for form, numbers in (*known.get(pair, ()), *known.get(word.plain, ())):
            if _stands_at(words, place, form):
                for number in numbers:
                    yield place, number
                break


def _stands_at(words: Sequence[Word], place: int, form: tuple[Word, ...]) -> bool:
    typed = words[place : place + len(form)]
    return len(typed) == len(form) and all(map(_same, typed, form))


def _same(typed: Word, wanted: Word) -> bool:
    """Typed marks must not contradict: "mát" is not "mất". Without marks any reading is possible."""
    return typed.plain == wanted.plain and (not typed.marked or not wanted.marked or typed.marked == wanted.marked)
