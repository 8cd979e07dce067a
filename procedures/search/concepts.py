"""Several ways to say one thing, found in a text by their words ("mất giấy", "thất lạc", "làm rơi")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from procedures.search.wording import Word, Wording

Form = tuple[tuple[Word, ...], tuple[int, ...]]
# Forms by their first word, then by their second, longest first; those of one word stand last under every second, and under "".
Forms = Mapping[str, Mapping[str, tuple[Form, ...]]]


def forms(concepts: Sequence[Sequence[str]], wording: Wording) -> Forms:
    """Every form with the numbers of the concepts it belongs to."""
    belongs: dict[tuple[Word, ...], list[int]] = {}
    for number, spellings in enumerate(concepts):
        for spelling in spellings:
            belongs.setdefault(tuple(wording.words(spelling)), []).append(number)
    found: dict[str, dict[str, tuple[Form, ...]]] = {}
    for form in sorted(filter(None, belongs), key=len, reverse=True):
        second = form[1].plain if len(form) > 1 else ""
        alike = found.setdefault(form[0].plain, {})
        alike[second] = (*alike.get(second, ()), (form, tuple(dict.fromkeys(belongs[form]))))
    for alike in found.values():
        alone = alike.pop("", ())
        alike.update({second: (*longer, *alone) for second, longer in alike.items()}, **{"": alone})
    return found


def find(words: Sequence[Word], known: Forms) -> Iterator[tuple[int, int]]:
    """(place, concept) for every form in the text; the longest form at a place wins there."""
    last = len(words) - 1
    for place, word in enumerate(words):
        starting = known.get(word[0])
        if starting is None:
            continue
        following = words[place + 1][0] if place < last else ""
        for form, numbers in starting.get(following) or starting[""]:
            if _stands_at(words, place, form):
                for number in numbers:
                    yield place, number
                break


def _stands_at(words: Sequence[Word], place: int, form: tuple[Word, ...]) -> bool:
    """Typed marks must not contradict: "mát" is not "mất". Without marks any reading is possible."""
    if place + len(form) > len(words):
        return False
    for at, (wanted, marks) in enumerate(form, place):
        plain, marked = words[at]
        if plain != wanted or (marked and marks and marked != marks):
            return False
    return True
