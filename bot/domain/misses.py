"""Questions that found nothing: the work list for new phrases, without anything that points to a person."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.tables import SearchMiss
from procedures import text

LONGEST = 200
# Phone, ID and account numbers, addresses on the net. Names cannot be told from other words, so long stories are cut.
_TRACES = (re.compile(r"\S+@\S+"), re.compile(r"\S*(?:://|www\.|\w\.\w+/)\S+", re.IGNORECASE), re.compile(r"\d(?:[\s.-]?\d){5,}"))


# Control and direction marks: some databases refuse them, and they turn a sentence around on the screen.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def without_traces(said: str) -> str:
    """What was said with numbers of six digits and more and addresses blotted out, at most 200 characters."""
    said = "".join(char for char in unicodedata.normalize("NFC", said) if char.isspace() or unicodedata.category(char) not in _UNSEEN)
    for pattern in _TRACES:
        said = pattern.sub("…", said)
    return " ".join(said.split())[:LONGEST]


def keep(session: Session, said: str, *, now: dt.datetime) -> None:
    """Count a question nobody could answer."""
    shown = without_traces(said)
    folded = text.fold(shown)
    if not folded:
        return
    table = upsert.table(SearchMiss)
    statement = upsert.insert(session, SearchMiss, folded=folded, text=shown, times=1, first_at=now, last_at=now)
    session.execute(statement.on_conflict_do_update(index_elements=["folded"], set_={"times": table.c.times + 1, "last_at": now}))


def most_frequent(session: Session, limit: int = 100) -> Sequence[SearchMiss]:
    order = (col(SearchMiss.times).desc(), col(SearchMiss.last_at).desc())
    return session.execute(select(SearchMiss).order_by(*order).limit(limit)).scalars().all()
