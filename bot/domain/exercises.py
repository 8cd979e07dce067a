"""Exercises made from the catalog: a situation, its papers among plausible others, and what was right of a pick. Pure.

What is right is what `procedures.checklist` says for the situation, and nothing else; a paper that might be a right one by another name
is never offered as a wrong one.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from procedures import checklist
from procedures.catalog import Catalog
from procedures.checklist import Checklist
from procedures.models import Document, Procedure, When
from procedures.text import fold

FEWEST_WRONG, MOST_WRONG = 3, 6
ALIKE = 0.5  # of the words that name a paper; more of them in common and it may be the same one
# Words that many names share and that name nothing, without marks.
_PLAIN = frozenset(
    fold(
        "tờ khai giấy phiếu đơn văn bản đề nghị đăng ký hồ sơ của người sao chính gốc có chứng thực cấp và hoặc một các những theo mẫu đã được "
        "trong là thì nếu nơi xác nhận chứng minh kèm cho về tại từ với vào khi cần"
    ).split()
)
# Papers of identity, of standing in for somebody, of land, of a death and of where one lives go by many names: never surely wrong.
_ANY_NAME = tuple(
    map(
        fold,
        (
            "căn cước", "cccd", "hộ chiếu", "tùy thân", "định danh", "vneid", "ủy quyền", "ảnh", "sổ đỏ", "sổ hồng", "sử dụng đất", "nhà đất",
            "về đất", "chứng tử", "báo tử", "khai tử", "giới thiệu", "cư trú", "chỗ ở", "nơi ở", "thường trú", "tạm trú",
        ),
    )
)  # fmt: skip
# Proof of something may be any paper: it is never offered as a wrong one, and where a list asks for it only forms of others are.
_OPEN = tuple(map(fold, ("chứng minh", "giấy tờ", "liên quan", "tài liệu", "cho thấy", "có thông tin")))
_FORMS = tuple(map(fold, ("Tờ khai", "Đơn", "Giấy đề nghị", "Phiếu", "Bản khai", "Văn bản đề nghị", "Bản đăng ký")))


class Offer(BaseModel):
    """One paper to pick or leave: `document` of the entry `code`."""

    model_config = ConfigDict(frozen=True)
    code: str
    document: str
    name: str
    right: bool


class Exercise(BaseModel):
    """A situation of one version of an entry, and the papers in the order they are shown."""

    model_config = ConfigDict(frozen=True)
    code: str
    version: str
    answers: dict[str, str]
    papers: tuple[Offer, ...]

    @property
    def right(self) -> frozenset[int]:
        """The places of the right ones."""
        return frozenset(place for place, offer in enumerate(self.papers) if offer.right)


def situations(entry: Procedure) -> list[Checklist]:
    """Every situation of the entry that ends in a list."""
    return [made for made in checklist.interviews(entry) if made.documents]


def suits(entry: Procedure, today: dt.date) -> bool:
    """Whether one can practise with it: curated, and in force."""
    return entry.depth == "curated" and entry.in_force(today)


def invent(catalog: Catalog, code: str, today: dt.date, seed: int) -> Exercise | None:
    """The exercise of this number; None where the entry has none today."""
    entry = catalog.get(code, today)
    if entry is None or not suits(entry, today):
        return None
    chance = random.Random(seed)  # noqa: S311 (nothing secret: the same number makes the same exercise)
    made = chance.choice(situations(entry))
    right = [_offer(entry, document, right=True) for document in _by_name(made.documents)]
    wrong = _wrong(catalog, entry, made, today, chance)[: min(MOST_WRONG, max(FEWEST_WRONG, len(right)))]
    papers = [*right, *wrong]
    chance.shuffle(papers)
    return Exercise(code=entry.code, version=entry.version, answers=made.answers, papers=tuple(papers))


def _offer(entry: Procedure, document: Document, *, right: bool) -> Offer:
    return Offer(code=entry.code, document=document.id, name=document.name, right=right)


def _by_name(documents: Iterable[Document]) -> list[Document]:
    """Each name once: two papers of one name cannot be told apart."""
    return list({fold(document.name): document for document in documents}.values())


def _wrong(catalog: Catalog, entry: Procedure, made: Checklist, today: dt.date, chance: random.Random) -> list[Offer]:
    """Papers of other situations of the same entry first, then of its siblings, then of anything else."""
    listed = {fold(document.name) for document in made.documents}
    own = [document for document in _by_name(entry.documents) if fold(document.name) not in listed]
    chance.shuffle(own)
    found = [_offer(entry, document, right=False) for document in own]
    taken = [*(document.name for document in entry.documents), *(item.name for item in entry.looked_up)]
    proof = any(map(_proves, taken))
    for offer in _of_others(catalog, entry, today, chance):
        if len(found) >= MOST_WRONG:
            break
        near = catalog.procedures[offer.code].field == entry.field
        known = taken if near else [name for name in taken if _words(name)]
        if (not proof or fold(offer.name).startswith(_FORMS)) and surely_other(offer.name, known):
            found.append(offer)
            taken.append(offer.name)
    return found


def _of_others(catalog: Catalog, entry: Procedure, today: dt.date, chance: random.Random) -> Iterator[Offer]:
    others = [other for other in catalog.current(today) if other.depth == "curated" and other.code != entry.code]
    near = [other for other in others if other.field == entry.field]
    same_office = [other for other in others if other.field != entry.field and other.handled_by == entry.handled_by]
    rest = [other for other in others if other.field != entry.field and other.handled_by != entry.handled_by]
    for those in (near, same_office, rest):
        offers = [_offer(other, document, right=False) for other in those for document in other.documents]
        yield from chance.sample(offers, len(offers))


def surely_other(name: str, known: Collection[str]) -> bool:
    """Whether a paper of this name is none of the `known` ones under another."""
    folded, words = fold(name), _words(name)
    if not words or _proves(name) or any(f" {common} " in f" {folded} " for common in _ANY_NAME):
        return False
    return not any(_alike(words, _words(other)) for other in known)


def _proves(name: str) -> bool:
    return any(word in fold(name) for word in _OPEN)


def _words(name: str) -> frozenset[str]:
    return frozenset(fold(name).split()) - _PLAIN


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """A name made of plain words alone ("Đơn đề nghị") may mean any paper of its field."""
    return not other or len(one & other) / min(len(one), len(other)) >= ALIKE


# correcting


class Correction(BaseModel):
    """What came of a pick, as places in `papers`."""

    model_config = ConfigDict(frozen=True)
    right: tuple[int, ...]
    wrong: tuple[int, ...]
    missed: tuple[int, ...]

    @property
    def full(self) -> bool:
        return not self.wrong and not self.missed


def correct(exercise: Exercise, picked: Collection[int]) -> Correction:
    places, taken = range(len(exercise.papers)), frozenset(picked)
    return Correction(
        right=tuple(place for place in places if place in taken & exercise.right),
        wrong=tuple(place for place in places if place in taken - exercise.right),
        missed=tuple(place for place in places if place in exercise.right - taken),
    )


def marks(right: int, wrong: int, missed: int) -> int:
    """Of 100: the right ones picked, of all that were picked or should have been."""
    return round(100 * right / (right + wrong + missed)) if right else 0


def needed_when(entry: Procedure, when: When, situation: checklist.Answers) -> Sequence[tuple[str, Sequence[str]]]:
    """What would have to be different for the paper to be needed: questions with the options that ask for it, as few as possible."""
    lines = [[(question, options) for question, options in line if situation.get(question) not in options] for line in when]
    known = [[(question, options) for question, options in line if entry.question(question) is not None] for line in lines]
    return min((line for line in known if line), key=len, default=[])
