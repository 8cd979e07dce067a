"""Messages and the people behind them. Texts of people live only in inbox, outbox, checklist and search_miss."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index, Integer, String, Text, UniqueConstraint, column, text
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, BigId, belongs_to, moment, row_id

_OF_NOTICE = column("notice_id").is_not(None)
_NO_NOTICE = column("notice_id").is_(None)
_OF_PERSON = column("person_id").is_not(None)
_REPLY = column("inbox_id").is_not(None)
_OPEN = text("state IN ('queued', 'retry', 'sending')")
_SENDING = text("state = 'sending'")
_SENT = text("state = 'sent'")
_TROUBLED = text("state IN ('refused', 'unknown', 'retry')")


class Person(SQLModel, table=True):
    """Someone, known by nothing but the accounts they write from."""

    id: int | None = row_id()
    created_at: dt.datetime = moment()


class Account(SQLModel, table=True):
    """An address at a bot where one person is talked to. A chat id is only unique for its bot. `language`: as the channel says, "" unknown."""

    __table_args__ = (UniqueConstraint("bot", "address"),)
    id: int | None = row_id()
    person_id: int = belongs_to("person.id", on_delete="CASCADE")
    bot: str
    address: str
    active: bool = True
    inactive_reason: str = ""
    language: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    created_at: dt.datetime = moment()
    last_seen_at: dt.datetime = moment(index=True)


class AccountLink(SQLModel, table=True):
    """A short code shown to one account, to be typed by another of the same person. `tries`: wrong codes while this one lived; `typed_by`: the
    account that typed it and is being asked. A row that was used at once only counts what its account typed wrongly (domain.linking).
    """

    __tablename__ = "account_link"
    code: str = Field(primary_key=True)
    account_id: int = belongs_to("account.id", on_delete="CASCADE")
    typed_by: int | None = belongs_to("account.id", on_delete="CASCADE", null=True, index=False)
    tries: int = 0
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment(index=True)
    used_at: dt.datetime | None = moment(null=True)


class Conversation(SQLModel, table=True):
    """Where a dialog stands: topic, its data, and the menu numbers refer to (JSON of conversation.state.State)."""

    account_id: int = belongs_to("account.id", on_delete="CASCADE", primary=True)
    state: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    updated_at: dt.datetime = moment()


class Inbox(SQLModel, table=True):
    """Everything received, once: committed before the provider is told that it arrived."""

    __table_args__ = (UniqueConstraint("bot", "update_id"), Index("ix_inbox_state_bot_address", "state", "bot", "address"), NEVER_AGAIN)
    id: int | None = row_id()
    bot: str
    update_id: str
    address: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "new"
    error: str = ""
    received_at: dt.datetime = moment(index=True)
    done_at: dt.datetime | None = moment(null=True)


class Outbox(SQLModel, table=True):
    """Everything that leaves, with its fate. `key`: a later row with the same key replaces this one on the screen. After `not_after`
    it is of no use any more and is skipped.

    A row of a notice has `notice_id` and the person it is for (one row each), and no body: that is the notice's `reply`. Neither is a
    foreign key: the ledger outlives its people, without saying who they were.

    `not_before`: always there in state retry, never in queued. `parts_sent`: of a message in several parts, how many the provider has.
    """

    __table_args__ = (
        Index("ix_outbox_state_bot", "state", "bot", "not_before", "id", sqlite_where=_NO_NOTICE, postgresql_where=_NO_NOTICE),
        Index("ix_outbox_bot_address", "bot", "address", "id"),
        Index("ix_outbox_inbox_id", "inbox_id", sqlite_where=_REPLY, postgresql_where=_REPLY),
        Index("ix_outbox_open", "bot", "address", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_outbox_sending", "lease_until", sqlite_where=_SENDING, postgresql_where=_SENDING),
        Index("ix_outbox_sent", "settled_at", sqlite_where=_SENT, postgresql_where=_SENT),
        Index("ix_outbox_troubled", "state", "id", sqlite_where=_TROUBLED, postgresql_where=_TROUBLED),
        Index("ix_outbox_notice", "notice_id", "state", "bot", "not_before", "id", sqlite_where=_OF_NOTICE, postgresql_where=_OF_NOTICE),
        Index("uq_outbox_notice_address", "notice_id", "bot", "address", unique=True, sqlite_where=_OF_NOTICE, postgresql_where=_OF_NOTICE),
        Index("uq_outbox_person_notice", "person_id", "notice_id", unique=True, sqlite_where=_OF_PERSON, postgresql_where=_OF_PERSON),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    bot: str
    address: str
    inbox_id: int | None = belongs_to("inbox.id", on_delete="SET NULL", null=True, index=False)
    notice_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    person_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    kind: str = "reply"
    key: str = ""
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "queued"
    reason: str = ""
    provider_id: str | None = None
    attempts: int = 0
    parts_sent: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    not_before: dt.datetime | None = moment(null=True)
    worker: str | None = None
    lease_until: dt.datetime | None = moment(null=True)
    not_after: dt.datetime | None = moment(null=True)
    created_at: dt.datetime = moment(index=True)
    settled_at: dt.datetime | None = moment(null=True)


class SenderPause(SQLModel, table=True):
    """A provider told this bot to wait: nothing of it leaves before `until`."""

    __tablename__ = "sender_pause"
    bot: str = Field(primary_key=True)
    until: dt.datetime = moment()
    reason: str = ""


class Checklist(SQLModel, table=True):
    """A list handed out, pinned to the version of the entry it was made from (`pinned`: JSON of messages.Papers)."""

    __table_args__ = NEVER_AGAIN
    id: int | None = row_id()
    token: str = Field(unique=True)
    person_id: int = belongs_to("person.id", on_delete="CASCADE")
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    code: str = Field(index=True)
    version: str
    told_version: str = ""
    answers: str = Field(sa_column=Column(Text, nullable=False))
    ticked: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    pinned: str = Field(default="", sa_column=Column(Text, nullable=False))
    complete: bool = False
    created_at: dt.datetime = moment(index=True)
    updated_at: dt.datetime = moment()


class SearchMiss(SQLModel, table=True):
    """A question that found nothing, without anything that points to a person, counted."""

    __tablename__ = "search_miss"
    id: int | None = row_id()
    folded: str = Field(unique=True)
    text: str
    times: int = 1
    first_at: dt.datetime = moment()
    last_at: dt.datetime = moment(index=True)


class SearchMissDay(SQLModel, table=True):
    """How many of them were on a local day at a center. Nothing of earlier ones, which nobody wrote down a day of (migration 0011)."""

    __tablename__ = "search_miss_day"
    center_id: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    miss_id: int = belongs_to("search_miss.id", on_delete="CASCADE", primary=True)
    times: int = 1
