"""Who writes to us: a person behind one or more accounts. Nothing is known of them but what they write."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, select, true, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.day import Visit
from bot.db.enums import OPEN
from bot.db.prepared import Prepared
from bot.db.questions import Question
from bot.db.staff import StaffAccount
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import feedback, ledger, notes, rollups

# `last_seen_at` decides what is purged after months: writing it with every message would only cost.
SEEN_AGAIN = dt.timedelta(minutes=10)

_PERSON, _ACCOUNT, _QUESTION = upsert.table(Person), upsert.table(Account), upsert.table(Question)
_LOCKED = Prepared(
    select(_ACCOUNT.c.id, _ACCOUNT.c.person_id, _ACCOUNT.c.active, _ACCOUNT.c.last_seen_at, _ACCOUNT.c.language)
    .where(_ACCOUNT.c.bot == bindparam("bot"), _ACCOUNT.c.address == bindparam("address"))
    .with_for_update(key_share=True)  # whoever only refers to the account need not wait
)
_SEEN = Prepared(
    update(_ACCOUNT)
    .where(_ACCOUNT.c.id == bindparam("account"))
    .values(last_seen_at=bindparam("at"), language=bindparam("speaks"), active=True, inactive_reason="")
)
_NEW_PERSON = Prepared(_PERSON.insert().returning(_PERSON.c.id))
_NEW_ACCOUNT = Prepared(lambda dialect: upsert.into(dialect, Account).on_conflict_do_nothing(index_elements=["bot", "address"]))


class Known(NamedTuple):
    """An account and the person behind it."""

    account_id: int
    person_id: int
    active: bool
    last_seen_at: dt.datetime
    language: str


def account_of(session: Session, bot: str, address: str, *, now: dt.datetime) -> Known:
    """The account at this address, locked for this transaction; made with its person when it is new.

    The lock (a row lock on PostgreSQL, the write lock of the file on SQLite) keeps one message at a time per conversation.
    """
    found = _locked(session, bot, address)
    if found is not None:
        return found
    [(person,)] = _NEW_PERSON.rows(session, created_at=now)
    row: dict[str, Any] = {"active": True, "inactive_reason": "", "created_at": now, "last_seen_at": now, "language": ""}
    _NEW_ACCOUNT.run(session, bot=bot, address=address, person_id=person, **row)
    made = _locked(session, bot, address)
    assert made is not None
    if made.person_id != person:  # another process was first
        session.execute(delete(_PERSON).where(_PERSON.c.id == person))
    return made


def _locked(session: Session, bot: str, address: str) -> Known | None:
    row = _LOCKED.first(session, bot=bot, address=address)
    return None if row is None else Known(*row)


def seen(session: Session, account: Known, *, now: dt.datetime, language: str = "") -> None:
    """The person wrote: the account works, whatever was thought before. `language`: of their app, where the channel tells."""
    speaks = language or account.language
    if not account.active or now - account.last_seen_at >= SEEN_AGAIN or speaks != account.language:
        _SEEN.run(session, account=account.account_id, at=now, speaks=speaks)


def find(session: Session, bot: str, address: str) -> Account | None:
    return session.execute(select(Account).where(col(Account.bot) == bot, col(Account.address) == address)).scalar_one_or_none()


def gone(session: Session, bot: str, address: str, reason: str) -> None:
    """The provider says nobody can be reached there; writing again undoes it."""
    table = upsert.table(Account)
    session.execute(update(table).where(table.c.bot == bot, table.c.address == address).values(active=False, inactive_reason=reason))


def moved(session: Session, bot: str, old: str, new: str) -> None:
    """The provider gave the chat a new id: the account takes all of its messages along; to one that is there already only what waits goes."""
    accounts, inbox, outbox = upsert.table(Account), upsert.table(Inbox), upsert.table(Outbox)
    waiting: ColumnElement[bool] = outbox.c.state.in_(OPEN)
    if find(session, bot, new) is None:
        session.execute(update(accounts).where(accounts.c.bot == bot, accounts.c.address == old).values(address=new))
        session.execute(update(inbox).where(inbox.c.bot == bot, inbox.c.address == old).values(address=new))
        waiting = true()
    session.execute(update(outbox).where(outbox.c.bot == bot, outbox.c.address == old, waiting).values(address=new))


@dataclass(frozen=True)
class Stored:
    """Everything kept about a person. `accounts`: (bot, since); `checklists`: (code, made)."""

    accounts: tuple[tuple[str, dt.datetime], ...]
    checklists: tuple[tuple[str, dt.datetime], ...]
    received: int
    sent: int


def stored(session: Session, person_id: int) -> Stored:
    """For "what do you know about me" (Luật 91/2025/QH15: the right to see)."""
    accounts = session.execute(select(Account).where(col(Account.person_id) == person_id)).scalars().all()
    lists = session.execute(select(Checklist).where(col(Checklist.person_id) == person_id).order_by(col(Checklist.id))).scalars().all()
    return Stored(
        accounts=tuple((account.bot, account.created_at) for account in accounts),
        checklists=tuple((checklist.code, checklist.created_at) for checklist in lists),
        received=sum(_count(session, Inbox, account) for account in accounts),
        sent=sum(_count(session, Outbox, account) for account in accounts),
    )


def _count(session: Session, kind: type[Inbox] | type[Outbox], account: Account) -> int:
    table = upsert.table(kind)
    same = (table.c.bot == account.bot, table.c.address == account.address)
    return int(session.execute(select(func.count()).select_from(table).where(*same)).scalar_one())


def forget(session: Session, person_id: int) -> int:
    """Delete a person, all that came from or went to them, and notes about their visits; returns how many rows went. Cannot be undone.

    Rows of notices stay for the sums, and do not say any more whose they were.
    """
    notes.erase(session, upsert.table(Visit).c.person_id == person_id)
    feedback.forget(session, person_id)
    asked = select(_QUESTION.c.id).where(_QUESTION.c.person_id == person_id)  # they go with their person
    rollups.touch(session, "question", *session.execute(asked).scalars())
    accounts = session.execute(select(Account).where(col(Account.person_id) == person_id)).scalars().all()
    ledger.forget(session, person_id, accounts)
    removed = 0
    for account in accounts:
        for kind in (Outbox, Inbox, StaffAccount):
            table = upsert.table(kind)
            removed += _deleted(session.execute(delete(table).where(table.c.bot == account.bot, table.c.address == account.address)))
    person = upsert.table(Person)
    return removed + _deleted(session.execute(delete(person).where(person.c.id == person_id)))


def _deleted(result: object) -> int:
    return int(getattr(result, "rowcount", 0) or 0)
