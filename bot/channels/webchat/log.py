"""A person's conversation as it is read: what they said, what was answered, in order, each message once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session, col

from bot.channels.webchat import menus
from bot.channels.webchat.inbound import BOT
from bot.conversation.context import Premises
from bot.db.columns import Moment
from bot.db.leaving import Notice
from bot.db.tables import Account, Checklist, Inbox, Outbox
from bot.domain import checklists
from bot.messages import Incoming, Papers, Reply
from handlers import payloads, presenting

RECENT = 40
MOST = 400
ROWS_EACH = 3  # rows read for each message shown: a box that is ticked is a row, but no message of its own
_STATES = ("new", "done", "failed")
_NOTICE_ID = col(Outbox.notice_id)


@dataclass(frozen=True)
class Said:
    """`text`: the person's words, or the label of the line they chose."""

    id: int
    at: dt.datetime
    incoming: Incoming
    waiting: bool = False


@dataclass(frozen=True)
class Answered:
    """`id`: the first row of the message, `row`: the newest one, whose menu counts. `picked`: the number chosen from it."""

    id: int
    row: int
    at: dt.datetime
    reply: Reply
    picked: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Log:
    """`newest`: the number `newest` gives; a page that knows it has nothing to fetch. `more`: older messages were left out."""

    entries: tuple[Said | Answered, ...] = ()
    newest: int = 0
    more: bool = False

    @property
    def waiting(self) -> bool:
        """Whether the last thing said has no answer yet."""
        return any(isinstance(entry, Said) and entry.waiting for entry in self.entries)


def read(session: Session, premises: Premises, address: str, limit: int = RECENT) -> Log:
    """The newest `limit` messages of the conversation at `address`."""
    said = _said(session, address, limit + 1)
    rows = _answered(session, address, ROWS_EACH * limit)
    if not said and not rows:
        return Log()
    current = menus.current([(row.id, row.reply) for row in rows])
    picked = menus.picked(said, rows)
    shown = [entry for entry in said if not _unspoken(entry.incoming)]
    answers = _collapsed(_ticked_now(session, address, rows), picked, current)
    together: list[Said | Answered] = [*shown, *answers]
    entries = sorted(together, key=lambda entry: (entry.at, isinstance(entry, Answered), entry.id))
    return Log(tuple(entries[-limit:]), newest(session, [address]).get(address, 0), len(entries) > limit)


def newest(session: Session, addresses: Sequence[str]) -> Mapping[str, int]:
    """A number of each address that has messages, which grows with every one: what open pages ask for once a second.

    The row of a notice is older than what was said while it waited, so the highest id alone would not tell that it has come.
    """
    chats, notices = case((_NOTICE_ID.is_(None), col(Outbox.id))), case((and_(_NOTICE_ID.is_not(None), col(Outbox.state) == "sent"), 1))
    number = func.coalesce(func.max(chats), 0) + func.count(notices)
    rows = select(col(Outbox.address), number).where(col(Outbox.bot) == BOT, col(Outbox.address).in_(addresses))
    return {address: int(highest) for address, highest in session.execute(rows.group_by(col(Outbox.address)))}


def sent(session: Session, address: str, row: int) -> Reply | None:
    """The message of this row, if it went to this address."""
    body = session.execute(_bodies().where(_shown(address), col(Outbox.id) == row)).first()
    return None if body is None else Reply.model_validate_json(body[2])


def _bodies() -> Select[int | None, Any, str]:
    """(id, at, body): the text of a notice stands with the notice, and it came when it was sent, not when it was written down."""
    at = func.coalesce(case((_NOTICE_ID.is_not(None), col(Outbox.settled_at))), col(Outbox.created_at), type_=Moment)
    body = func.coalesce(col(Notice.reply), col(Outbox.body))
    return select(col(Outbox.id), at, body).outerjoin(Notice, and_(col(Notice.id) == _NOTICE_ID, col(Outbox.body) == ""))


def _shown(address: str) -> ColumnElement[bool]:
    arrived = or_(and_(_NOTICE_ID.is_(None), col(Outbox.state) != "skipped"), col(Outbox.state) == "sent")
    return and_(col(Outbox.bot) == BOT, col(Outbox.address) == address, arrived)


def _said(session: Session, address: str, limit: int) -> list[Said]:
    mine = (col(Inbox.state).in_(_STATES), col(Inbox.bot) == BOT, col(Inbox.address) == address)
    rows = session.execute(
        select(col(Inbox.id), col(Inbox.received_at), col(Inbox.body), col(Inbox.state)).where(*mine).order_by(col(Inbox.id).desc()).limit(limit)
    )
    return [Said(row, at, Incoming.model_validate_json(body), state == "new") for row, at, body, state in rows][::-1]


def _answered(session: Session, address: str, limit: int) -> list[Answered]:
    rows = session.execute(_bodies().where(_shown(address)).order_by(col(Outbox.id).desc()).limit(limit))
    return [Answered(row, row, at, Reply.model_validate_json(body)) for row, at, body in rows if row and body][::-1]


def _unspoken(incoming: Incoming) -> bool:
    """Opening the chat and ticking a box are deeds, not words."""
    return incoming.kind == "start" or incoming.payload.startswith(f"{payloads.Tick.tag}:")


def _collapsed(rows: Sequence[Answered], picked: Mapping[int, int], current: int | None) -> list[Answered]:
    """A row that says so takes the place of the newest one with its key, with the newest body; every other one stands below."""
    entries: list[Answered] = []
    places: dict[str, int] = {}
    for row in rows:
        place = places.get(row.reply.key) if row.reply.in_place and row.reply.key else None
        first = entries[place] if place is not None else row
        number = picked.get(row.id, first.picked)
        entry = Answered(first.id, row.row, first.at, row.reply, number, row.row == current)
        if place is not None:
            entries[place] = entry
        else:
            places[row.reply.key] = len(entries)
            entries.append(entry)
    return entries


def _ticked_now(session: Session, address: str, rows: Sequence[Answered]) -> list[Answered]:
    """Lists with their boxes as they are now, whichever channel or page ticked them."""
    ids = {found for row in rows if (found := checklist_of(row.reply)) is not None}
    if not ids:
        return list(rows)
    owned = select(Checklist).join(Account, col(Account.person_id) == col(Checklist.person_id))
    mine = owned.where(col(Account.bot) == BOT, col(Account.address) == address, col(Checklist.id).in_(ids))
    have = {row.id: checklists.ticked(row) for row in session.execute(mine).scalars() if row.id is not None}
    return [_with_ticks(row, have) for row in rows]


def _with_ticks(row: Answered, have: Mapping[int, frozenset[str]]) -> Answered:
    number = checklist_of(row.reply)
    if number is None or number not in have:
        return row
    blocks = [presenting.with_ticks(block, have[number], number) if isinstance(block, Papers) else block for block in row.reply.blocks]
    return Answered(row.id, row.row, row.at, row.reply.model_copy(update={"blocks": tuple(blocks)}))


def checklist_of(reply: Reply) -> int | None:
    """The number of the list a message shows, from its key."""
    kind, _, number = reply.key.partition(":")
    return int(number) if kind == "list" and number.isdigit() else None
