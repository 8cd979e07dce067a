"""What a person means by a number, a label or a few words, given the menu in front of them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.messages import PERSON, Choice
from procedures.text import fold

LONGEST = 300  # who says more tells a story; taking small words off it one by one took seconds

_NUMBERS = {word: number for number, word in enumerate(["mot", "hai", "ba", "bon", "nam", "sau", "bay", "tam", "chin", "muoi"], start=1)} | {"tu": 4}


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split("|"))


_YES = _phrases("co|u|um|uh|vang|da|dung|phai|ok|oke|duoc|dc|da co|dung roi|phai roi|da dung|dung vay")
_DONE = _phrases("roi|da roi|co roi|xong roi|lam roi|da lam roi")
_YES_STARTS, _NO_STARTS = ("co", "dung", "roi", "da"), ("khong", "chua")
_LITTLE = _phrases("roi|a|nhe|thi|la|ma|cai|em|anh|chi|toi|minh|nha|da|o")
_NO = _phrases("khong|ko|k|kg|hong|hok|chua|chua co|khong co|khong phai|ko co|da khong|da chua|dau co")
_UNSURE = _phrases(
    "khong biet|ko biet|k biet|hong biet|khong ro|ko ro|khong chac|ko chac|chua biet|khong nho|"
    "k bt|ko bt|khong bt|k bik|ko bik|hok biet|hem biet|chua ro"
)
_BEFORE = "da|vang|thua|chon|so|cau|muc|o|em chon|toi chon|chi chon|anh chon|minh chon|nhan"
_AFTER = "a|nhe|nha|nhe em|nhe anh|nhe chi|di|voi|em|ban|ad|oi"
_POLITE = re.compile(rf"^(?:{_BEFORE})\s+|\s+(?:{_AFTER})$")
_AGREE, _STOP_MARKED = "dung", "dừng"
_ALL = _phrases("tat ca|het|du het|du ca|co het|co du|du roi|co ca")


def pick(menu: Sequence[Choice], text: str) -> Choice | None:
    """The one choice meant without doubt: by number, by its whole label, or by one of its words."""
    said = _plain(text)
    number = _number(said)
    if number is not None:
        return next((choice for choice in menu if choice.number == number), None)
    exact = [choice for choice in menu if said in _names(choice)]
    return exact[0] if len(exact) == 1 else None


def pick_agreement(menu: Sequence[Choice], text: str) -> Choice | None:
    """ĐÚNG, which without marks is also DỪNG: an answer wherever the menu has one to agree with, unless marks say stop."""
    if _plain(text) != _AGREE or _STOP_MARKED in unicodedata.normalize("NFC", text).lower():
        return None
    return pick_loosely(menu, _AGREE)


def pick_unsure(menu: Sequence[Choice], text: str) -> Choice | None:
    """ "Không biết": the person of the menu."""
    return next((choice for choice in menu if choice.number == PERSON), None) if _plain(text) in _UNSURE else None


def pick_loosely(menu: Sequence[Choice], text: str) -> Choice | None:
    """For the options of a question: yes, no, "rồi", or words that all stand in one option, its hint included."""
    said, options = _plain(text), [choice for choice in menu if choice.number != PERSON]
    if said in _DONE and (done := [choice for choice in options if _tells_done(choice)]):
        return _only(done)
    yes, no = ([choice for choice in options if fold(choice.label).split(" ")[0] in starts] for starts in (_YES_STARTS, _NO_STARTS))
    if said in _YES or said in _DONE or said in _NO:
        # "Có" among options that are no pair of yes and no would pick one by the accident of its first word.
        return _only(no if said in _NO else yes) if yes and no and len(yes) + len(no) == len(options) else None
    if len(said) < 4:
        return None
    named = [choice for choice in options if f" {said} " in f" {fold(choice.label)} "]
    if named:
        return None if len(named) > 1 or _denied(said, fold(named[0].label)) else named[0]
    words = {word for word in said.split() if word not in _LITTLE}
    if not words:
        return None
    return _only([choice for choice in options if words <= _words(choice) and not _contradicts(words, choice)])


def _denied(said: str, label: str) -> bool:
    """Whether the label says just the opposite: "có người làm chứng" in "không có người làm chứng"."""
    return f" {label} ".partition(f" {said} ")[0].endswith((" khong", " chua"))


def _tells_done(choice: Choice) -> bool:
    label = unicodedata.normalize("NFC", choice.label).lower()
    return ("đã" in label or "rồi" in label) and "chưa" not in label


def _contradicts(words: set[str], choice: Choice) -> bool:
    """Words that stand in the label itself must agree with it on yes and no."""
    label, no = set(fold(choice.label).split()), {"khong", "chua", "ko"}
    return words <= label and bool(words & no) != bool(label & no)


def _words(choice: Choice) -> set[str]:
    return set(fold(" ".join((choice.label, choice.hint, *choice.words))).split())


def pick_many(menu: Sequence[Choice], text: str) -> tuple[Choice, ...]:
    """All choices named by numbers: "1 3 4", "1,3 và 4", "tất cả". Empty when anything else was said."""
    said = fold(text)
    if means_all(text):
        return tuple(choice for choice in menu if choice.number != PERSON)
    parts = [part for part in re.split(r"[\s,.;]+|va", said) if part]
    numbers = [_number(part) for part in parts]
    known = {choice.number: choice for choice in menu}
    if not numbers or any(number is None or number not in known for number in numbers):
        return ()
    return tuple(known[number] for number in dict.fromkeys(numbers) if number is not None)


def short_numbers(text: str) -> list[str]:
    """The numbers said, when nothing else was: whoever types them means a line, not a question."""
    said = _plain(text)
    if said in _NUMBERS:
        return [str(_NUMBERS[said])]
    parts = said.split()
    return parts if all(part.isdecimal() and len(part) <= 3 for part in parts) else []


def means_all(text: str) -> bool:
    return fold(text) in _ALL


def _plain(text: str) -> str:
    """Folded, with the small words around an answer taken off; １ and ① are 1 to some keyboards."""
    said = fold(unicodedata.normalize("NFKC", text))
    if len(said) > LONGEST:
        return said
    while (shorter := _POLITE.sub("", said)) != said and shorter:
        said = shorter
    return said


def _number(said: str) -> int | None:
    if said.isascii() and said.isdigit() and len(said) <= 2:
        return int(said)
    return _NUMBERS.get(said)


def _names(choice: Choice) -> set[str]:
    return {fold(choice.label), *(fold(word) for word in choice.words)}


def _only(found: Sequence[Choice]) -> Choice | None:
    return found[0] if len(found) == 1 else None
