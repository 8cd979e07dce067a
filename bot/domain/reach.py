"""Which of a person's accounts a message is likeliest to arrive at: one that works, rings, and was used last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, func, literal, not_, or_, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.tables import Account
from bot.domain import senders

# What goes first: a bot whose provider counts messages (Zalo Bot: 3,000 a month) is kept for those who have nothing else, and the web
# chat, which rings nowhere, is for those who can be reached in no other way. Where the provider lets nobody be written to unasked any
# more, nothing arrives before they write again.
RINGS, COUNTED, SILENT, CLOSED = range(4)
WEB, QUOTA = "web", "zalo_bot"
WINDOW = "window"  # as inactive_reason of an account that is active: its window is closed, until the person writes

_ACCOUNT = upsert.table(Account)


class Reach(NamedTuple):
    account_id: int
    bot: str
    address: str


def rank(account: FromClause) -> ColumnElement[int]:
    bot = account.c.bot
    return case((is_closed(account), CLOSED), (bot == WEB, SILENT), (bot.like(f"{QUOTA}%"), COUNTED), else_=RINGS)


def order(account: FromClause) -> tuple[ColumnElement[int], ...]:
    """The likeliest first."""
    return rank(account), account.c.last_seen_at.desc(), account.c.id.desc()


def is_closed(account: FromClause) -> ColumnElement[bool]:
    """The provider's window is over."""
    return and_(account.c.active.is_(True), account.c.inactive_reason == WINDOW)


def works(account: FromClause) -> ColumnElement[bool]:
    """Nobody blocked it, and somebody here serves its bot."""
    return and_(account.c.active.is_(True), is_served(account))


def is_served(account: FromClause) -> ColumnElement[bool]:
    return account.c.bot.not_in(senders.retired())


def best(person_id: ColumnElement[int | None]) -> ColumnElement[int]:
    """The id of the account to use for a person of the statement around it; null when none of theirs works."""
    account = _ACCOUNT.alias()
    mine = select(account.c.id).where(account.c.person_id == person_id, works(account))
    return mine.order_by(*order(account)).limit(1).correlate_except(account).scalar_subquery()


def of_maker(session: Session, account_id: int, person_id: int | None) -> Account | None:
    """Where whoever did something is told about it: where they did it if that works and rings, else on the likeliest of their accounts."""
    own = session.get(Account, account_id)
    if own is None or person_id is None or _rings(session, own):
        return own
    chosen = session.execute(select(best(literal(person_id)))).scalar()
    return session.get(Account, chosen) if chosen is not None else own


def _rings(session: Session, own: Account) -> bool:
    here = select(_ACCOUNT.c.id).where(_ACCOUNT.c.id == own.id, works(_ACCOUNT), rank(_ACCOUNT) == RINGS)
    return session.execute(here).first() is not None


def another(session: Session, person_id: int, bot: str, address: str) -> Reach | None:
    """Where else this person can be reached, when this address turned out to be dead."""
    same = and_(_ACCOUNT.c.bot == bot, _ACCOUNT.c.address == address)
    mine = select(_ACCOUNT.c.id, _ACCOUNT.c.bot, _ACCOUNT.c.address).where(_ACCOUNT.c.person_id == person_id, works(_ACCOUNT), not_(same))
    row = session.execute(mine.order_by(*order(_ACCOUNT)).limit(1)).first()
    return None if row is None else Reach(*row)


# windows


def settle_windows(session: Session, bot: str, window: dt.timedelta, *, now: dt.datetime) -> None:
    """Note which accounts of this bot may not be written to unasked any more, and which may again. Writing opens the window by itself."""
    before, there = now - window, (_ACCOUNT.c.bot == bot, _ACCOUNT.c.active.is_(True))
    over = (_ACCOUNT.c.inactive_reason == "", _ACCOUNT.c.last_seen_at <= before)
    longer = (_ACCOUNT.c.inactive_reason == WINDOW, _ACCOUNT.c.last_seen_at > before)
    session.execute(update(_ACCOUNT).where(*there, *over).values(inactive_reason=WINDOW))
    session.execute(update(_ACCOUNT).where(*there, *longer).values(inactive_reason=""))


# how many


Standing = Literal["works", "window", "unserved", "blocked", "deactivated", "missing"]
STANDINGS: tuple[Standing, ...] = get_args(Standing)

# What providers say of who is gone (telegram: 403, zalo: -213, -217, -227), and what we say of who left by a click.
_BLOCKED, _DEACTIVATED = ("blocked", "kicked", "unfollowed", "not a follower", "-213", "-217"), ("deactivated", "inactive", "-227")


def standing(account: FromClause) -> ColumnElement[str]:
    """Whether something can be sent to the account today, or why not."""
    said = func.lower(account.c.inactive_reason)
    return case(
        (account.c.active.is_(False) & or_(*(said.contains(word) for word in _BLOCKED)), "blocked"),
        (account.c.active.is_(False) & or_(*(said.contains(word) for word in _DEACTIVATED)), "deactivated"),
        (account.c.active.is_(False), "missing"),
        (not_(is_served(account)), "unserved"),
        (is_closed(account), "window"),
        else_="works",
    )


def accounts(session: Session, people: Select[tuple[int]]) -> dict[str, dict[str, int]]:
    """By bot, how the accounts of these people stand; every account is counted once."""
    there = people.subquery()
    columns = (_ACCOUNT.c.bot, standing(_ACCOUNT).label("standing"))
    joined = select(*columns).join(there, there.c.person_id == _ACCOUNT.c.person_id).subquery()
    found: dict[str, dict[str, int]] = {}
    counted = select(joined.c.bot, joined.c.standing, func.count()).group_by(joined.c.bot, joined.c.standing).order_by(joined.c.bot)
    for bot, stands, number in session.execute(counted):
        found.setdefault(bot, {})[stands] = int(number)
    return found


def lost(session: Session, people: Select[tuple[int]]) -> dict[str, int]:
    """Why nothing can be sent to people none of whose accounts works: by the one used last; "none" where there is no account at all."""
    there, account = people.subquery(), _ACCOUNT.alias()
    newest = select(standing(account)).where(account.c.person_id == there.c.person_id).order_by(*_likeliest(account)).limit(1)
    why = select(func.coalesce(newest.correlate_except(account).scalar_subquery(), "none").label("why")).select_from(there).subquery()
    return {str(word): int(number) for word, number in session.execute(select(why.c.why, func.count()).group_by(why.c.why))}


def _likeliest(account: FromClause) -> Sequence[ColumnElement[object]]:
    return account.c.active.desc(), account.c.last_seen_at.desc(), account.c.id.desc()
