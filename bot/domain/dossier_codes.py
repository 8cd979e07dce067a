"""Codes on the slip somebody takes home: the province's as it was typed, or one of our own that cannot be guessed."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import unicodedata

from sqlmodel import Session

from bot.domain import queue

SERIES = "HS"  # beside the letters of tickets, which have one letter
LONGEST = 40
FEWEST_DIGITS, MOST_PARTS = 5, 8  # of what is looked up
# Letters and digits nobody confuses; four of them at the end of our own codes are 280,000 guesses for one dossier.
ALPHABET, CHECK = "ACDEFGHJKMNPQRTVWXY3479", 4
_DASHES = re.compile("[\u2010-\u2015\u2212_]")
_SHAPE = re.compile(r"[A-Z0-9]+(?:[-./][A-Z0-9]+)*")


def clean(typed: str) -> str:
    """As it is kept and shown: capitals, plain dashes, no blanks. Nothing when it cannot be a code."""
    said = _DASHES.sub("-", unicodedata.normalize("NFKC", typed).upper()).replace("Đ", "D")
    said = "".join(said.split())
    whole = 4 <= len(said) <= LONGEST and _SHAPE.fullmatch(said) is not None
    return said if whole and any(char.isdigit() for char in said) else ""


def key(code: str) -> str:
    """What two ways to write the same code have in common."""
    return "".join(filter(str.isalnum, clean(code)))


def own(session: Session, center_id: str, day: dt.date) -> str:
    """TH-221126-0012-K7QD: the center's initials, the day, a number of a counter row, and a part that proves who holds the slip."""
    number = queue.next_number(session, center_id, SERIES, day)
    initials = "".join(part[0] for part in center_id.upper().split("-") if part[:1].isascii() and part[:1].isalpha())[:4]
    check = "".join(secrets.choice(ALPHABET) for _ in range(CHECK))
    return f"{initials or SERIES}-{day:%d%m%y}-{number:04d}-{check}"
