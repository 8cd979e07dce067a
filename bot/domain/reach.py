"""Which of a person's accounts a message is likeliest to arrive at: one that works, rings, and was used last."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, and_, case, literal, not_, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.tables import Account

# What goes first: a bot whose provider counts messages (Zalo Bot: 3,000 a month) is kept for those who have nothing else, and the web
# chat, which rings nowhere, is for those who can be reached in no other way.
RINGS, COUNTED, SILENT = range(3)
WEB, QUOTA = "web", "zalo_bot"

_ACCOUNT = upsert.table(Account)


class Reach(NamedTuple):
    account_id: int
    bot: str
    address: str


def rank(account: FromClause) -> ColumnElement[int]:
    bot = account.c.bot
    return case((bot == WEB, SILENT), (bot.like(f"{QUOTA}%"), COUNTED), else_=RINGS)


def order(account: FromClause) -> tuple[ColumnElement[int], ...]:
    """The likeliest first."""
    return rank(account), account.c.last_seen_at.desc(), account.c.id.desc()


def best(person_id: ColumnElement[int | None]) -> ColumnElement[int]:
    """The id of the account to use for a person of the statement around it; null when none of theirs works."""
    account = _ACCOUNT.alias()
    mine = select(account.c.id).where(account.c.person_id == person_id, account.c.active.is_(True))
    return mine.order_by(*order(account)).limit(1).correlate_except(account).scalar_subquery()


def of_maker(session: Session, account_id: int, person_id: int | None) -> Account | None:
    """Where whoever did something is told about it: where they did it if that works and rings, else on the likeliest of their accounts."""
    own = session.get(Account, account_id)
    if own is None or person_id is None or (own.active and own.bot != WEB and not own.bot.startswith(QUOTA)):
        return own
    chosen = session.execute(select(best(literal(person_id)))).scalar()
    return session.get(Account, chosen) if chosen is not None else own


def another(session: Session, person_id: int, bot: str, address: str) -> Reach | None:
    """Where else this person can be reached, when this address turned out to be dead."""
    same = and_(_ACCOUNT.c.bot == bot, _ACCOUNT.c.address == address)
    mine = select(_ACCOUNT.c.id, _ACCOUNT.c.bot, _ACCOUNT.c.address).where(_ACCOUNT.c.person_id == person_id, _ACCOUNT.c.active.is_(True), not_(same))
    row = session.execute(mine.order_by(*order(_ACCOUNT)).limit(1)).first()
    return None if row is None else Reach(*row)
