"""What leaves: rows written with their cause, claimed by a worker, settled with a fate. Nothing is sent from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select, text, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.enums import WAITING, OutboxState
from bot.db.prepared import Prepared
from bot.db.tables import Outbox
from bot.messages import OutgoingKind, Reply

LEASE = dt.timedelta(seconds=30)

_TABLE = upsert.table(Outbox)
_PUT = Prepared(_TABLE.insert().returning(_TABLE.c.id))
_FREE = {"worker": None, "lease_until": None}
_MINE = (_TABLE.c.id == bindparam("row"), _TABLE.c.state == "sending", _TABLE.c.worker == bindparam("me"))
_SENT = Prepared(
    update(_TABLE)
    .where(*_MINE)
    .values(state="sent", reason="", not_before=None, provider_id=bindparam("called"), settled_at=bindparam("at"), **_FREE)
)
# Said so, and not with a parameter, the databases see that the small index of rows under way is enough.
_UNDER_WAY = text("outbox.state = 'sending'")


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


def sent(session: Session, outbox_id: int, worker: str, provider_id: str, *, now: dt.datetime) -> bool:
    """The provider took it; False when the lease had passed to somebody else."""
    return bool(_SENT.run(session, row=outbox_id, me=worker, called=provider_id, at=now))


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
    parts_sent: int = 0,
    untried: bool = False,
) -> bool:
    """Write any fate of a claimed row; False when the lease had passed to somebody else. `untried`: this one does not count."""
    again = state == "retry"
    values: dict[str, Any] = {
        "state": state, "reason": cleaned(reason), "not_before": (not_before or now) if again else None,
        "settled_at": None if again else now, "attempts": _TABLE.c.attempts - (1 if untried else 0), **_FREE,
    }  # fmt: skip
    if parts_sent:
        values["parts_sent"] = parts_sent
    if provider_id is not None:
        values["provider_id"] = provider_id
    mine = and_(_TABLE.c.id == outbox_id, _TABLE.c.state == "sending", _TABLE.c.worker == worker)
    return _changed(session, mine, values) > 0


def cleaned(reason: str) -> str:
    """PostgreSQL takes no NUL."""
    return reason.replace("\0", "")


def readdress(session: Session, outbox_id: int, bot: str, address: str, reason: str, *, now: dt.datetime) -> None:
    """Try a row of the caller's anew at another account of the same person."""
    fresh = {"state": "retry", "reason": cleaned(reason), "not_before": now, "settled_at": None, "attempts": 0, "parts_sent": 0, **_FREE}
    _changed(session, _TABLE.c.id == outbox_id, {"bot": bot, "address": address, **fresh})


def release_expired(session: Session, *, now: dt.datetime) -> int:
    """Give back what a dead worker held: replies, tickets and reminders are sent again, a notice becomes `unknown`."""
    return _give_back(session, _TABLE.c.lease_until < now, now=now)


def release(session: Session, bot: str, *, but: str, now: dt.datetime) -> int:
    """The same at once for everything of a bot that others than `but` hold, who took over its sending."""
    return _give_back(session, and_(_TABLE.c.bot == bot, _TABLE.c.worker != but), now=now)


def _give_back(session: Session, held: ColumnElement[bool], *, now: dt.datetime) -> int:
    lost = and_(_UNDER_WAY, held)
    notices = _changed(session, and_(lost, _TABLE.c.kind == "notice"), {"state": "unknown", "reason": "worker died", "settled_at": now, **_FREE})
    return notices + _changed(session, and_(lost, _TABLE.c.kind != "notice"), {"state": "retry", "reason": "worker died", "not_before": now, **_FREE})


def skip_late(session: Session, *, now: dt.datetime) -> int:
    """What would arrive too late to be of use is not sent, and says so. Notices are never late."""
    late = and_(_TABLE.c.notice_id.is_(None), _TABLE.c.state.in_(WAITING), _TABLE.c.not_after < now)
    return _changed(session, late, {"state": "skipped", "reason": "late", "settled_at": now, "not_before": None})


def skip_waiting(session: Session, bot: str, address: str, reason: str, *, now: dt.datetime) -> None:
    """Nobody is there any more: what still waits for this address is skipped, with the reason. Rows of notices find their own way."""
    same = and_(_TABLE.c.bot == bot, _TABLE.c.address == address, _TABLE.c.state.in_(WAITING), _TABLE.c.notice_id.is_(None))
    _changed(session, same, {"state": "skipped", "reason": cleaned(reason), "settled_at": now, "not_before": None})


def _changed(session: Session, where: ColumnElement[bool], values: dict[str, Any]) -> int:
    return int(getattr(session.execute(update(_TABLE).where(where).values(**values)), "rowcount", 0))


def counts(session: Session, bot: str | None = None) -> dict[str, int]:
    """How many rows are in each state; their sum is everything that was ever queued and not purged."""
    statement = select(col(Outbox.state), func.count()).group_by(col(Outbox.state))
    rows = session.execute(statement.where(col(Outbox.bot) == bot) if bot else statement)
    return {str(state): int(count) for state, count in rows}


def log(session: Session, bot: str, address: str, *, after: int = 0, limit: int = 200) -> Sequence[Outbox]:
    """The newest messages to one address with an id above `after`, oldest first."""
    same = and_(col(Outbox.bot) == bot, col(Outbox.address) == address, col(Outbox.id) > after)
    return session.execute(select(Outbox).where(same).order_by(col(Outbox.id).desc()).limit(limit)).scalars().all()[::-1]
