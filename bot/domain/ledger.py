"""A notice's ledger: its outbox rows, one a person. Filled once, counted and never copied: their sum is the notice's recipients, always."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from sqlalchemy import ColumnElement, String, Update, case, cast, exists, func, literal, null, or_, select, update
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.columns import Moment
from bot.db.enums import OPEN, WAITING, OutboxState
from bot.db.leaving import Notice
from bot.db.tables import Account, Outbox
from bot.domain import audience
from bot.domain.audience import Target

LOCK = "notice recipients"  # held while a list is frozen and while somebody says stop
RATE = 29.5  # messages a second of one bot, https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
STATES: tuple[OutboxState, ...] = get_args(OutboxState)
LEFT, AGAIN = "left", "again"  # what a person decided about an unknown row
STOPPED, WITHDRAWN, DELETED = "stopped", audience.WITHDRAWN, "deleted"

_TABLE, _NOTICE = upsert.table(Outbox), upsert.table(Notice)

# What a provider says when nobody is there any more, folded to lower case, to the reason it is counted under.
_SAID: tuple[tuple[str, str], ...] = (
    ("window closed", "window"), ("unfollowed", "blocked"), ("not a follower", "blocked"),
    ("blocked", "blocked"), ("deactivated", "deactivated"), ("kicked", "blocked"), ("not found", "missing"), ("invalid", "missing"),
    ("gave up", "gave_up"), ("too many requests", "busy"), ("flood", "busy"), ("retry", "busy"), ("worker died", "cut"),
    ("timed out", "cut"), ("network", "cut"), ("connection", "cut"), ("reset", "cut"),
)  # fmt: skip
_OWN = frozenset((LEFT, AGAIN, STOPPED, WITHDRAWN, DELETED, "late"))


def freeze(session: Session, notice_id: int, target: Target, *, now: dt.datetime) -> int:
    """Write the list of recipients down; returns how many rows. The caller has taken LOCK and made sure that it is done once."""
    people = audience.recipients(target).subquery()
    left_out = people.c.skipped != ""
    state = case((left_out, literal("skipped")), else_=literal("queued"))
    settled = case((left_out, literal(now, Moment)), else_=null())
    made = literal(now, Moment)
    values: dict[str, ColumnElement[Any]] = {
        "bot": people.c.bot, "address": people.c.address, "person_id": people.c.person_id, "notice_id": literal(notice_id), "kind": literal("notice"),
        "key": literal(""), "body": literal(""), "state": state, "reason": people.c.skipped, "attempts": literal(0), "parts_sent": literal(0),
        "created_at": made, "settled_at": settled,
    }  # fmt: skip
    in_order = select(*values.values()).order_by(people.c.bot, people.c.address)  # as the widest keys stand: each row lands beside the one before
    insert = _TABLE.insert().from_select(list(values), in_order, include_defaults=False)
    filled = session.execute(insert, execution_options={"preserve_rowcount": True})
    return int(getattr(filled, "rowcount", 0))


def sums(session: Session, notice_id: int) -> dict[OutboxState, int]:
    """How many rows are in each of the seven states."""
    rows = session.execute(select(_TABLE.c.state, func.count()).where(_TABLE.c.notice_id == notice_id).group_by(_TABLE.c.state))
    found = {str(state): int(number) for state, number in rows}
    return {state: found.get(state, 0) for state in STATES}


ByBot = dict[str, dict[str, int]]  # bot to state to rows


def by_bot(session: Session, notice_ids: Collection[int]) -> dict[int, ByBot]:
    """The same for several notices, apart by bot; states no row is in are left out."""
    columns = (_TABLE.c.notice_id, _TABLE.c.bot, _TABLE.c.state)
    found: dict[int, ByBot] = {}
    for number, bot, state, rows in session.execute(select(*columns, func.count()).where(_TABLE.c.notice_id.in_(notice_ids)).group_by(*columns)):
        found.setdefault(number, {}).setdefault(bot, {})[state] = int(rows)
    return found


def of_notices(session: Session, kept: Mapping[int, str]) -> dict[int, ByBot]:
    """Of these notices, whose rows say `kept` (Notice.sums): counted only where that is nothing."""
    open_ = [number for number, sums_ in kept.items() if not sums_]
    counted = by_bot(session, open_) if open_ else {}
    return {number: json.loads(sums_) if sums_ else counted.get(number, {}) for number, sums_ in kept.items()}


class Why(NamedTuple):
    """Rows of one state with one reason. `reason`: a word of `reason_of`, or what the provider said."""

    state: str
    reason: str
    people: int


def reasons(session: Session, notice_id: int) -> list[Why]:
    """What stands behind the sums, most rows first."""
    columns = (_TABLE.c.state, _TABLE.c.reason)
    rows = session.execute(select(*columns, func.count()).where(_TABLE.c.notice_id == notice_id).group_by(*columns))
    found = Counter[tuple[str, str]]()
    for state, said, number in rows:
        found[state, reason_of(said)] += number
    return [Why(state, reason, number) for (state, reason), number in sorted(found.items(), key=lambda one: (-one[1], one[0]))]


def reason_of(said: str) -> str:
    """One word for the many ways providers say the same; what is known of none stays as it was said."""
    if said in _OWN or not said:
        return said
    lowered = said.lower()
    return next((reason for words, reason in _SAID if words in lowered), said[:80])


class Progress(NamedTuple):
    """What is still to come. `seconds`: for all that may leave now, at the bots' rates; `next_at`: when the first postponed row is due."""

    seconds: int
    next_at: dt.datetime | None


def progress(session: Session, notice_id: int) -> Progress:
    waiting = (_TABLE.c.notice_id == notice_id, _TABLE.c.state.in_(WAITING))
    bots = {str(row[0]): int(row[1]) for row in session.execute(select(_TABLE.c.bot, func.count()).where(*waiting).group_by(_TABLE.c.bot))}
    next_at = session.execute(select(func.min(_TABLE.c.not_before, type_=Moment)).where(*waiting, _TABLE.c.state == "retry")).scalar()
    return Progress(seconds(bots), next_at)


def seconds(bots: Mapping[str, int]) -> int:
    """How long so many messages take: bots send beside each other, each at its rate."""
    return max((-(-number * 10 // int(RATE * 10)) for number in bots.values()), default=0)


def is_open(notice_id: int | ColumnElement[int | None]) -> ColumnElement[bool]:
    """Some row of the notice has no fate yet."""
    rows = _TABLE.alias()
    return exists().where(rows.c.notice_id == notice_id, rows.c.state.in_(OPEN))


def stop(session: Session, notice_ids: Collection[int], *, now: dt.datetime) -> int:
    """What waits does not leave; what is on its way gets its fate from its worker."""
    return _skip(session, [_TABLE.c.notice_id.in_(notice_ids)], STOPPED, now)


def withdraw(session: Session, center_id: str, person_id: int, *, now: dt.datetime) -> int:
    """Somebody takes consent back while notices leave; those about the days of a booking do not rest on it."""
    going = select(_NOTICE.c.id, _NOTICE.c.audience).where(_NOTICE.c.center_id == center_id, _NOTICE.c.state.in_(("sending", "paused", "done")))
    waiting = exists().where(_TABLE.c.notice_id == _NOTICE.c.id, _TABLE.c.person_id == person_id, _TABLE.c.state.in_(WAITING))
    consented = [number for number, text in session.execute(going.where(waiting)) if audience.read(text).ground == "consent"]
    return _skip(session, [_TABLE.c.notice_id.in_(consented), _TABLE.c.person_id == person_id], WITHDRAWN, now) if consented else 0


def forget(session: Session, person_id: int, accounts: Iterable[Account], *, now: dt.datetime | None = None) -> int:
    """Somebody is deleted: their rows stay for the sums, and do not say any more whose they were."""
    locks.hold(session, LOCK)
    there = [(_TABLE.c.bot == account.bot) & (_TABLE.c.address == account.address) for account in accounts]
    mine = (_TABLE.c.notice_id.is_not(None), or_(_TABLE.c.person_id == person_id, *there))
    _skip(session, list(mine), DELETED, now)
    return blot(session, mine)


def blot(session: Session, where: Sequence[ColumnElement[bool]]) -> int:
    """Take out of notice rows whom they were for."""
    nobody = {"address": literal(f"{DELETED}:") + cast(_TABLE.c.id, String), "person_id": None, "provider_id": None}
    return _changed(session, update(_TABLE).where(_TABLE.c.notice_id.is_not(None), *where).values(nobody))


def _skip(session: Session, where: list[ColumnElement[bool]], reason: str, now: dt.datetime | None) -> int:
    values = {"state": "skipped", "reason": reason, "settled_at": now, "not_before": None}
    return _changed(session, update(_TABLE).where(*where, _TABLE.c.state.in_(WAITING)).values(**values))


# rows nobody knows the fate of


class Unknown(NamedTuple):
    id: int
    bot: str
    reason: str
    settled_at: dt.datetime | None


def undecided(session: Session, notice_id: int, limit: int = 200) -> list[Unknown]:
    """Rows that wait for a person's decision."""
    columns = (_TABLE.c.id, _TABLE.c.bot, _TABLE.c.reason, _TABLE.c.settled_at)
    mine = select(*columns).where(_TABLE.c.notice_id == notice_id, _TABLE.c.state == "unknown", _TABLE.c.reason != LEFT)
    return [Unknown(*row) for row in session.execute(mine.order_by(_TABLE.c.id).limit(limit))]


def decide(session: Session, target: Target, notice_id: int, rows: Collection[int], *, again: bool) -> int:
    """Send these unknown rows again, or leave them be; how many there were. A row somebody else decided meanwhile is not touched.

    Who said stop since, or is deleted, is not written to again.
    """
    there = _TABLE.c.notice_id == notice_id, _TABLE.c.id.in_(rows), _TABLE.c.state == "unknown", _TABLE.c.reason != LEFT
    if not again:
        return _changed(session, update(_TABLE).where(*there).values(reason=LEFT))
    locks.hold(session, LOCK)
    willing = () if target.audience.ground == "booking" else (audience.agrees(target.center_id, _TABLE.c.person_id),)
    values: dict[str, Any] = {"state": "queued", "reason": AGAIN, "settled_at": None, "not_before": None}
    return _changed(session, update(_TABLE).where(*there, _TABLE.c.person_id.is_not(None), *willing).values(**values))


def _changed(session: Session, statement: Update) -> int:
    return int(getattr(session.execute(statement), "rowcount", 0))


# the whole table, for a spreadsheet


class Line(NamedTuple):
    id: int
    bot: str
    state: str
    reason: str
    attempts: int
    settled_at: dt.datetime | None


def lines(session: Session, notice_id: int) -> Iterator[Line]:
    """Every row, without whom it was for."""
    columns = (_TABLE.c.id, _TABLE.c.bot, _TABLE.c.state, _TABLE.c.reason, _TABLE.c.attempts, _TABLE.c.settled_at)
    rows = select(*columns).where(_TABLE.c.notice_id == notice_id).order_by(_TABLE.c.id)
    for row in session.execute(rows, execution_options={"yield_per": 1000}):
        yield Line(*row)
