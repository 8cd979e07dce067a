"""What may leave now, in two lanes: chats, which nothing of a notice ever holds up, and notices, one after the other in turn.

Every look goes through an index to the first few rows that fit, so it costs the same with ten rows waiting and with a hundred thousand.
A notice's text is kept once, with the notice; its rows have none.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, FromClause, Select, TextClause, and_, bindparam, exists, func, or_, select, text, true, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.prepared import Prepared
from bot.db.tables import Outbox
from bot.domain import night, senders
from bot.domain.outbox import LEASE
from bot.messages import Outgoing, Reply

_TABLE, _NOTICE = upsert.table(Outbox), upsert.table(Notice)
_OTHER = _TABLE.alias("other")
_BOT: BindParameter[str] = bindparam("of")
_AT = bindparam("at", type_=_TABLE.c.not_before.type)
_COLUMNS = ("id", "address", "kind", "notice_id", "key", "body", "attempts", "parts_sent")
# States are written out, not handed over as parameters: only so the databases see that a partial index fits.
_OTHER_OPEN = text("other.state IN ('queued', 'retry', 'sending')")
_WAITING = text("outbox.state IN ('queued', 'retry')")
_SAME = and_(_OTHER.c.bot == _TABLE.c.bot, _OTHER.c.address == _TABLE.c.address)


class _Row(NamedTuple):
    id: int
    address: str
    kind: str
    notice_id: int | None
    key: str
    body: str
    attempts: int
    parts_sent: int


@dataclass
class Texts:
    """What a worker knows of the notices it sends: their text never changes again. `turn`: whose row is the next."""

    replies: dict[int, Reply] = field(default_factory=dict)
    turn: int = 0

    def of(self, session: Session, notice_id: int) -> Reply:
        if notice_id not in self.replies:
            if len(self.replies) >= 50:
                self.replies.clear()
            body = session.execute(select(_NOTICE.c.reply).where(_NOTICE.c.id == notice_id)).scalar_one()
            self.replies[notice_id] = Reply.model_validate_json(body)
        return self.replies[notice_id]

    def in_turn(self, going: Sequence[int]) -> list[int]:
        """Another one is the first with every claim, so that it is fair also where only one row fits in."""
        self.turn += 1
        first = self.turn % len(going)
        return [*going[first:], *going[:first]]


class Wanted(NamedTuple):
    """How many messages there is room for: `limit` in all, `notices` of them at most. `address`: only what goes there."""

    limit: int = 30
    notices: int = 30
    address: str | None = None


ALL = Wanted()


def claim(session: Session, bot: str, worker: str, *, now: dt.datetime, wanted: Wanted = ALL, texts: Texts | None = None) -> list[Outgoing]:
    """Take messages of `bot`, chats first, at most one per address and never ahead of an earlier one of the same lane."""
    texts = texts or Texts()
    asked: dict[str, Any] = {"of": bot, "at": now, "most": wanted.limit}
    if wanted.address is not None:
        asked["to"] = wanted.address
    found, going = _chats(session, asked)
    found = sorted(found)[: wanted.limit]
    room = min(wanted.notices, wanted.limit - len(found))
    if room > 0 and going:
        found += _notices(session, {**asked, "most": room}, texts.in_turn(going))
    taken = _take(session, found, worker, now)
    return [_outgoing(session, bot, row, texts) for row in found if row.id in taken]


def _chats(session: Session, asked: Mapping[str, Any]) -> tuple[list[_Row], list[int]]:
    """The chats that may leave, and the notices that are being sent; nothing of both while the bot is told to wait."""
    bot, now = {"of": asked["of"], "at": asked["at"]}, asked["at"]
    lanes = (_CHATS_TO,) if "to" in asked else (_CHATS, _CHATS_AGAIN)
    if senders.PAUSED.rows(session, **bot):
        return [], []
    awake = not night.is_at(now)
    going = [number for number, urgent in _GOING.rows(session) if urgent or awake]
    return [_Row(*row) for lane in lanes for row in lane.rows(session, **asked)], going


def _notices(session: Session, asked: Mapping[str, Any], going: Sequence[int]) -> list[_Row]:
    """A row of each in turn, what is tried again before what was not tried yet."""
    lanes = (_NOTICES_TO,) if "to" in asked else (_NOTICES_AGAIN, _NOTICES)
    piles = [[_Row(*row) for lane in lanes for row in lane.rows(session, **asked, notice=number)] for number in going]
    return list(itertools.islice(_once_each(_dealt(piles)), asked["most"]))


def _dealt(piles: Sequence[Sequence[_Row]]) -> Iterable[_Row]:
    """The first of every pile, then the second of every pile, and so on."""
    return (row for layer in itertools.zip_longest(*piles) for row in layer if row is not None)


def _once_each(rows: Iterable[_Row]) -> Iterable[_Row]:
    met: set[str] = set()
    for row in rows:
        if row.address not in met:
            met.add(row.address)
            yield row


def _take(session: Session, rows: Sequence[_Row], worker: str, now: dt.datetime) -> set[int]:
    """Those nobody else took first."""
    if not rows:
        return set()
    ids = {f"row{place}": row.id for place, row in enumerate(rows)}
    return {row_id for (row_id,) in _taking(len(rows)).rows(session, **ids, me=worker, till=now + LEASE)}


@lru_cache(maxsize=64)
def _taking(number: int) -> Prepared:
    """So many rows in one statement: taking each by itself costs several times as much."""
    places = ", ".join(f":row{place}" for place in range(number))
    taken = update(_TABLE).where(text(f"outbox.id IN ({places})"), _WAITING)  # numbers only
    held = {"state": "sending", "worker": bindparam("me"), "lease_until": bindparam("till"), "attempts": _TABLE.c.attempts + 1}
    return Prepared(taken.values(**held).returning(_TABLE.c.id))


def _outgoing(session: Session, bot: str, row: _Row, texts: Texts) -> Outgoing:
    reply = texts.of(session, row.notice_id) if row.notice_id is not None and not row.body else Reply.model_validate_json(row.body)
    edits = _replaced(session, bot, row) if reply.in_place else None
    return Outgoing(
        id=row.id, bot=bot, address=row.address, kind=row.kind, reply=reply,  # type: ignore[arg-type]  # only OutgoingKind is ever put in
        attempts=row.attempts + 1, edits=edits, parts_sent=row.parts_sent, notice_id=row.notice_id,
    )  # fmt: skip


def _replaced(session: Session, bot: str, row: _Row) -> str | None:
    """The provider's id of the newest delivered message this one takes the place of."""
    same = and_(col(Outbox.bot) == bot, col(Outbox.address) == row.address, col(Outbox.key) == row.key, col(Outbox.id) < row.id)
    statement = select(col(Outbox.provider_id)).where(same, col(Outbox.state) == "sent", col(Outbox.provider_id).is_not(None))
    return session.execute(statement.order_by(col(Outbox.id).desc()).limit(1)).scalar_one_or_none()


def _lane(state: str, *where: ColumnElement[bool] | TextClause, due: ColumnElement[bool], order: Sequence[Any] = ()) -> Prepared:
    rows: Select[Any] = select(*(_TABLE.c[name] for name in _COLUMNS)).where(_TABLE.c.bot == _BOT, text(state), due, *where)
    ordered = rows.order_by(*(order or (_TABLE.c.not_before, _TABLE.c.id))).limit(bindparam("most"))
    return Prepared(ordered.with_for_update(skip_locked=True, of=_TABLE))


def _open_there(*which: ColumnElement[bool], table: FromClause = _OTHER) -> ColumnElement[bool]:
    return exists().where(_SAME, _OTHER_OPEN, *which)


_QUEUED, _RETRY, _EITHER = "outbox.state = 'queued'", "outbox.state = 'retry'", "outbox.state IN ('queued', 'retry', 'sending')"
_DUE_AGAIN = _TABLE.c.not_before <= _AT
_DUE = or_(_TABLE.c.not_before.is_(None), _DUE_AGAIN)
# Said so, the other row is looked for at its address, not in the index of all chats that wait.
_OTHER_CHAT = func.coalesce(_OTHER.c.notice_id, 0) == 0
# A chat waits for what was said before it, and for nothing of a notice.
_CHAT = (
    _TABLE.c.notice_id.is_(None),
    or_(_TABLE.c.not_after.is_(None), _TABLE.c.not_after >= _AT),
    ~_open_there(_OTHER.c.id < _TABLE.c.id, _OTHER_CHAT),
)
# A notice waits for every chat at its address, and for another notice that is on its way there.
_OF_NOTICE = (
    _TABLE.c.notice_id == bindparam("notice"),
    ~_open_there(_OTHER.c.id != _TABLE.c.id, or_(_OTHER_CHAT, _OTHER.c.state == "sending")),
)
_TO = (_TABLE.c.address == bindparam("to"), _WAITING)
_CHATS = _lane(_QUEUED, *_CHAT, due=true())
_CHATS_AGAIN = _lane(_RETRY, *_CHAT, due=_DUE_AGAIN)
_CHATS_TO = _lane(_EITHER, *_CHAT, *_TO, due=_DUE, order=(_TABLE.c.id,))
_NOTICES = _lane(_QUEUED, *_OF_NOTICE, due=true())
_NOTICES_AGAIN = _lane(_RETRY, *_OF_NOTICE, due=_DUE_AGAIN)
_NOTICES_TO = _lane(_EITHER, *_OF_NOTICE, *_TO, due=_DUE, order=(_TABLE.c.id,))
_GOING = Prepared(select(_NOTICE.c.id, _NOTICE.c.urgent).where(text("notice.state = 'sending'")).order_by(_NOTICE.c.id))
