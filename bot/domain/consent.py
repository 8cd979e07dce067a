"""What people agreed to be written to about, with the words they were shown; a refusal is remembered, so that nobody is asked twice.

Guidance and bookings need no consent, they rest on the state task; notices and survey contact do (RULES: personal data).
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.leaving import Consent
from bot.domain import ledger
from bot.domain.audience import NOTICES
from procedures.text import fold

Purpose = Literal["notices", "survey"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
LONGEST_AREA = 40

_TABLE = upsert.table(Consent)
_STANDING = _TABLE.c.withdrawn_at.is_(None)


class Who(NamedTuple):
    """Whose consent, where, and to what. `account_id`: where they were asked."""

    person_id: int
    center_id: str
    purpose: Purpose
    account_id: int | None = None


class Given(NamedTuple):
    """One consent as it is kept; withdrawn at once, it is a refusal."""

    id: int
    center_id: str
    purpose: str
    area: str
    wording: str
    way: str
    given_at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_way: str

    @property
    def refused(self) -> bool:
        return self.withdrawn_at == self.given_at and self.withdrawn_way == self.way


_COLUMNS = tuple(_TABLE.c[name] for name in Given._fields)


def give(session: Session, who: Who, wording: str, way: str, *, now: dt.datetime) -> Given:
    """Keep that somebody agreed to these words. Who agreed already keeps the older proof."""
    row = {**who._asdict(), "area": "", "wording": wording, "way": way, "given_at": now, "withdrawn_way": ""}
    made = upsert.insert(session, Consent, **row)
    session.execute(made.on_conflict_do_nothing(index_elements=["person_id", "center_id", "purpose"], index_where=_STANDING))
    found = standing(session, who)
    assert found is not None
    return found


def refuse(session: Session, who: Who, wording: str, way: str, *, now: dt.datetime) -> None:
    """Remember the no. Somebody who agreed before has withdrawn by it."""
    if withdraw(session, who.person_id, way, center_id=who.center_id, purpose=who.purpose, now=now):
        return
    row = {**who._asdict(), "area": "", "wording": wording, "way": way, "given_at": now, "withdrawn_at": now, "withdrawn_way": way}
    session.execute(_TABLE.insert().values(**row))


def withdraw(
    session: Session, person_id: int, way: str, *, now: dt.datetime, center_id: str | None = None, purpose: Purpose | None = None
) -> list[tuple[str, str]]:
    """Take back all that stands, or that of one center or purpose: (center, purpose) of each. What still waits to leave does not leave.

    The lock is shared with the moment a notice is frozen: who said stop before it is not on its list, who says it after is skipped.
    """
    locks.hold(session, ledger.LOCK)
    mine: list[ColumnElement[bool]] = [_TABLE.c.person_id == person_id, _STANDING]
    if center_id is not None:
        mine.append(_TABLE.c.center_id == center_id)
    if purpose is not None:
        mine.append(_TABLE.c.purpose == purpose)
    ended = update(_TABLE).where(*mine).values(withdrawn_at=now, withdrawn_way=way).returning(_TABLE.c.center_id, _TABLE.c.purpose)
    taken = [(str(center), str(purpose)) for center, purpose in session.execute(ended)]
    for center, purpose_ in taken:
        if purpose_ == NOTICES:
            ledger.withdraw(session, center, person_id, now=now)
    return taken


def standing(session: Session, who: Who) -> Given | None:
    """What they agreed to and did not take back."""
    row = session.execute(select(*_COLUMNS).where(*_of(who), _STANDING)).first()
    return None if row is None else Given(*row)


def asked(session: Session, who: Who) -> bool:
    """Whether they ever answered: then they are not asked again, only told where to change it."""
    return session.execute(select(_TABLE.c.id).where(*_of(who)).limit(1)).first() is not None


def _of(who: Who) -> tuple[ColumnElement[bool], ...]:
    return _TABLE.c.person_id == who.person_id, _TABLE.c.center_id == who.center_id, _TABLE.c.purpose == who.purpose


def history(session: Session, person_id: int) -> list[Given]:
    """Every yes and no with its words, oldest first: the proof, and what "dữ liệu của tôi" shows."""
    return [Given(*row) for row in session.execute(select(*_COLUMNS).where(_TABLE.c.person_id == person_id).order_by(_TABLE.c.id))]


def set_area(session: Session, who: Who, area: str) -> str:
    """The hamlet or former commune, as others of the center wrote it; returns how it is kept. "" takes it away."""
    kept = _spelled(session, who, " ".join(area.split())[:LONGEST_AREA].rstrip())
    session.execute(update(_TABLE).where(*_of(who), _STANDING).values(area=kept))
    return kept


def _spelled(session: Session, who: Who, area: str) -> str:
    """One spelling for "thôn đông" and "Thôn Đông": the first one that was used."""
    known = select(_TABLE.c.area).where(_TABLE.c.center_id == who.center_id, _TABLE.c.purpose == who.purpose, _TABLE.c.area != "")
    spellings = session.execute(known.group_by(_TABLE.c.area).order_by(_TABLE.c.area)).scalars()
    return next((spelling for spelling in spellings if fold(spelling) == fold(area)), area)
