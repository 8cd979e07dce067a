"""The bots as senders: which process sends for one, and how long a provider told one to wait.

One process at a time sends for a bot whose provider counts messages, so that all processes together keep its rate. The right to it is
a lease that ends by itself: after a kill another process, or the same one started again, waits LEASE at most and then a second, which
is what a process takes to start.

A bot whose token was taken out of the settings keeps its row, with a lease that ended at RETIRED: people met there are not lost, and not
written to there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, TextClause, bindparam, delete, func, select, text, true, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import SenderLease
from bot.db.prepared import Prepared
from bot.db.tables import Account, Outbox, SenderPause

LEASE = dt.timedelta(seconds=3)
RENEWED_EVERY = 1.0  # seconds
# Whoever held it before may have used every place of the provider's second up to the end of the lease.
WINDOW = dt.timedelta(seconds=1.05)
# A lease that ends later than this was written under a clock that went wrong.
LONGEST = 3 * LEASE
RETIRED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
# Whoever held a lease so lately may still be there, with other settings than ours.
LATELY = dt.timedelta(minutes=1)

_LEASE, _PAUSE = upsert.table(SenderLease), upsert.table(SenderPause)
_ACCOUNTS, _OUTBOX = upsert.table(Account), upsert.table(Outbox)
_WAITS = text("outbox.state IN ('queued', 'retry', 'sending')")
_RENEW = Prepared(update(_LEASE).where(_LEASE.c.bot == bindparam("of"), _LEASE.c.worker == bindparam("me")).values(lease_until=bindparam("till")))
PAUSED = Prepared(select(_PAUSE.c.until).where(_PAUSE.c.bot == bindparam("of"), _PAUSE.c.until > bindparam("at", type_=_PAUSE.c.until.type)))


class Lease(NamedTuple):
    """The right to send `since` a moment that may be still to come, `until` another. `taken`: from somebody else, just now."""

    since: dt.datetime
    until: dt.datetime
    taken: bool = False


def hold(session: Session, bot: str, worker: str, *, now: dt.datetime) -> Lease | None:
    """Renew the lease, or take one that has ended; None while somebody else sends for this bot."""
    until = now + LEASE
    if _RENEW.run(session, of=bot, me=worker, till=until):
        return Lease(now, until)
    former = standing(session, bot)
    if former is None:
        first = upsert.insert(session, SenderLease, bot=bot, worker=worker, lease_until=until).on_conflict_do_nothing()
        return Lease(now, until, taken=True) if session.execute(first.returning(_LEASE.c.bot)).first() is not None else None
    if now < former.lease_until < now + LONGEST or not _move(session, former, worker, until):
        return None
    return Lease(max(now, min(former.lease_until, now) + WINDOW), until, taken=True)


class Standing(NamedTuple):
    bot: str
    worker: str
    lease_until: dt.datetime


def standing(session: Session, bot: str) -> Standing | None:
    """Who has or had the lease last."""
    row = session.execute(select(_LEASE.c.bot, _LEASE.c.worker, _LEASE.c.lease_until).where(_LEASE.c.bot == bot)).first()
    return None if row is None else Standing(*row)


def _move(session: Session, former: Standing, worker: str, until: dt.datetime) -> bool:
    """Only one of those who saw the former lease end gets it."""
    as_seen = (_LEASE.c.bot == former.bot, _LEASE.c.worker == former.worker, _LEASE.c.lease_until == former.lease_until)
    moved = update(_LEASE).where(*as_seen).values(worker=worker, lease_until=until)
    return session.execute(moved.returning(_LEASE.c.bot)).first() is not None


def release(session: Session, bot: str, worker: str, *, now: dt.datetime) -> None:
    """Give the lease back; whoever comes next need not wait for its end."""
    session.execute(update(_LEASE).where(_LEASE.c.bot == bot, _LEASE.c.worker == worker).values(lease_until=now, worker=""))


def pause(session: Session, bot: str, until: dt.datetime, reason: str) -> None:
    """The provider told the whole bot to wait; a longer pause that stands already is kept."""
    statement = upsert.insert(session, SenderPause, bot=bot, until=until, reason=reason)
    session.execute(statement.on_conflict_do_update(index_elements=["bot"], set_={"until": until, "reason": reason}, where=_PAUSE.c.until < until))


def paused_until(session: Session, bot: str, *, now: dt.datetime) -> dt.datetime | None:
    row = PAUSED.first(session, of=bot, at=now)
    return None if row is None else row[0]


# which bots are served here


def settle(session: Session, served: Collection[str], *, now: dt.datetime) -> None:
    """Note which of the bots that have people or messages nobody serves any more, and which are served again."""
    session.execute(delete(_LEASE).where(_LEASE.c.bot.in_(served), _LEASE.c.lease_until == RETIRED))
    for bot in sorted({*_bots(session, _ACCOUNTS, true()), *_bots(session, _OUTBOX, _WAITS)} - {*served}):
        row = upsert.insert(session, SenderLease, bot=bot, worker="", lease_until=RETIRED)
        ended = {"worker": "", "lease_until": RETIRED}
        session.execute(row.on_conflict_do_update(index_elements=["bot"], set_=ended, where=_LEASE.c.lease_until < now - LATELY))


def _bots(session: Session, table: FromClause, there: ColumnElement[bool] | TextClause) -> Iterator[str]:
    """One after the other through the index: there are few, each with very many rows."""
    after = ""
    while (bot := session.execute(select(func.min(table.c.bot)).where(there, table.c.bot > after)).scalar()) is not None:
        yield bot
        after = bot


def retired() -> Select[tuple[str]]:
    """The bots nobody serves."""
    return select(_LEASE.c.bot).where(_LEASE.c.lease_until == RETIRED)


class Pause(NamedTuple):
    bot: str
    until: dt.datetime
    reason: str


def pauses(session: Session, *, now: dt.datetime) -> list[Pause]:
    """Every bot that is told to wait now."""
    rows = session.execute(select(_PAUSE.c.bot, _PAUSE.c.until, _PAUSE.c.reason).where(_PAUSE.c.until > now).order_by(_PAUSE.c.bot))
    return [Pause(*row) for row in rows]
