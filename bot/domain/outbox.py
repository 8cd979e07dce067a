"""What leaves: rows written with their cause, claimed by a worker, settled with a fate. Nothing is sent from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.enums import OPEN, WAITING, OutboxState
from bot.db.prepared import Prepared
from bot.db.tables import Outbox, SenderPause
from bot.messages import Outgoing, OutgoingKind, Reply

LEASE = dt.timedelta(seconds=30)

_TABLE = upsert.table(Outbox)
_PUT = Prepared(_TABLE.insert().returning(_TABLE.c.id))


def put(
    session: Session,
    bot: str,
    address: str,
    reply: Reply,
    *,
    now: dt.datetime,
    kind: OutgoingKind = "reply",
    inbox_id: int | None = None,
    not_after: dt.datetime | None = None,
    skipped: str = "",
) -> int:
    """Queue one message in the caller's transaction; returns its row id. `skipped`: why it is written down but not sent."""
    row: dict[str, Any] = {"bot": bot, "address": address, "kind": kind, "key": reply.key, "inbox_id": inbox_id, "body": reply.model_dump_json()}
    fate: dict[str, Any] = {"state": "skipped" if skipped else "queued", "reason": skipped, "settled_at": now if skipped else None}
    [(outbox_id,)] = _PUT.rows(session, **row, **fate, attempts=0, not_after=not_after, created_at=now)
    return int(outbox_id)


def claim(session: Session, bot: str, worker: str, *, now: dt.datetime, limit: int = 30, address: str | None = None) -> list[Outgoing]:
    """Take up to `limit` messages of `bot`, at most one per address and never ahead of an earlier one to the same address."""
    if paused_until(session, bot, now=now) is not None:
        return []
    table = upsert.table(Outbox)
    earlier = table.alias("earlier")
    first = ~exists().where(earlier.c.bot == table.c.bot, earlier.c.address == table.c.address, earlier.c.id < table.c.id, earlier.c.state.in_(OPEN))
    due = and_(or_(table.c.not_before.is_(None), table.c.not_before <= now), or_(table.c.not_after.is_(None), table.c.not_after >= now))
    ready = and_(table.c.bot == bot, table.c.state.in_(WAITING), due, first)
    if address is not None:
        ready = and_(ready, table.c.address == address)
    ids = session.execute(select(table.c.id).where(ready).order_by(table.c.id).limit(limit).with_for_update(skip_locked=True)).scalars().all()
    values = {"state": "sending", "worker": worker, "lease_until": now + LEASE, "attempts": table.c.attempts + 1}
    taken = update(table).where(table.c.id.in_(ids), table.c.state.in_(WAITING)).values(**values).returning(table.c.id)
    mine = sorted(session.execute(taken).scalars())
    rows = session.execute(select(Outbox).where(col(Outbox.id).in_(mine)).order_by(col(Outbox.id)))
    return [_outgoing(session, row) for row in rows.scalars()]


def _outgoing(session: Session, row: Outbox) -> Outgoing:
    assert row.id is not None
    kind: OutgoingKind = row.kind  # type: ignore[assignment]  # only OutgoingKind is ever put in
    reply = Reply.model_validate_json(row.body)
    edits = _replaced(session, row) if reply.in_place else None
    return Outgoing(id=row.id, bot=row.bot, address=row.address, kind=kind, reply=reply, attempts=row.attempts, edits=edits)


def _replaced(session: Session, row: Outbox) -> str | None:
    """The provider's id of the newest delivered message this one takes the place of."""
    same = and_(col(Outbox.bot) == row.bot, col(Outbox.address) == row.address, col(Outbox.key) == row.key, col(Outbox.id) < row.id)
    statement = select(col(Outbox.provider_id)).where(same, col(Outbox.state) == "sent", col(Outbox.provider_id).is_not(None))
    return session.execute(statement.order_by(col(Outbox.id).desc()).limit(1)).scalar_one_or_none()


def settle(
    session: Session,
    outbox_id: int,
    worker: str,
    state: OutboxState,
    *,
    now: dt.datetime,
    reason: str = "",
    provider_id: str | None = None,
    not_before: dt.datetime | None = None,
) -> bool:
    """Write the fate of a claimed row; False when the lease had passed to somebody else."""
    table = upsert.table(Outbox)
    settled = None if state == "retry" else now
    reason = reason.replace("\0", "")  # PostgreSQL takes none
    values = {"state": state, "reason": reason, "not_before": not_before, "worker": None, "lease_until": None, "settled_at": settled}
    if provider_id is not None:
        values["provider_id"] = provider_id
    mine = and_(table.c.id == outbox_id, table.c.state == "sending", table.c.worker == worker)
    return bool(getattr(session.execute(update(table).where(mine).values(**values)), "rowcount", 0))


def release_expired(session: Session, *, now: dt.datetime) -> int:
    """Give back what a dead worker held: replies, tickets and reminders are sent again, a notice becomes `unknown`."""
    table = upsert.table(Outbox)
    expired = and_(table.c.state == "sending", table.c.lease_until < now)
    lost = {"worker": None, "lease_until": None}
    notices = update(table).where(expired, table.c.kind == "notice").values(state="unknown", reason="worker died", settled_at=now, **lost)
    others = update(table).where(expired, table.c.kind != "notice").values(state="retry", reason="worker died", **lost)
    return sum(int(getattr(session.execute(statement), "rowcount", 0)) for statement in (notices, others))


def skip_late(session: Session, *, now: dt.datetime) -> int:
    """What would arrive too late to be of use is not sent, and says so."""
    table = upsert.table(Outbox)
    late = and_(table.c.state.in_(WAITING), table.c.not_after < now)
    return int(getattr(session.execute(update(table).where(late).values(state="skipped", reason="late", settled_at=now)), "rowcount", 0))


def skip_waiting(session: Session, bot: str, address: str, reason: str, *, now: dt.datetime) -> None:
    """Nobody is there any more: what still waits for this address is skipped, with the reason."""
    table = upsert.table(Outbox)
    same = and_(table.c.bot == bot, table.c.address == address, table.c.state.in_(WAITING))
    session.execute(update(table).where(same).values(state="skipped", reason=reason, settled_at=now))


def pause(session: Session, bot: str, until: dt.datetime, reason: str) -> None:
    """The provider told the whole bot to wait; a longer pause that stands already is kept."""
    statement = upsert.insert(session, SenderPause, bot=bot, until=until, reason=reason)
    table = upsert.table(SenderPause)
    later = statement.on_conflict_do_update(index_elements=["bot"], set_={"until": until, "reason": reason}, where=table.c.until < until)
    session.execute(later)


def paused_until(session: Session, bot: str, *, now: dt.datetime) -> dt.datetime | None:
    statement = select(col(SenderPause.until)).where(col(SenderPause.bot) == bot, col(SenderPause.until) > now)
    return session.execute(statement).scalar_one_or_none()


def counts(session: Session, bot: str | None = None) -> dict[str, int]:
    """How many rows are in each state; their sum is everything that was ever queued and not purged."""
    statement = select(col(Outbox.state), func.count()).group_by(col(Outbox.state))
    rows = session.execute(statement.where(col(Outbox.bot) == bot) if bot else statement)
    return {str(state): int(count) for state, count in rows}


def log(session: Session, bot: str, address: str, *, after: int = 0, limit: int = 200) -> Sequence[Outbox]:
    """The newest messages to one address with an id above `after`, oldest first."""
    same = and_(col(Outbox.bot) == bot, col(Outbox.address) == address, col(Outbox.id) > after)
    return session.execute(select(Outbox).where(same).order_by(col(Outbox.id).desc()).limit(limit)).scalars().all()[::-1]
