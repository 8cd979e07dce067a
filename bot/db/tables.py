"""The tables. Times are aware UTC; texts of people live only in inbox, outbox, checklist and search_miss."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, Text, TypeDecorator, UniqueConstraint
from sqlmodel import Field, SQLModel

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[dt.datetime]):
    """An aware moment; SQLite keeps it without a zone, so it goes in and comes out as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(dt.UTC) if dialect.name != "sqlite" else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


# SQLite numbers rows by itself only for INTEGER, PostgreSQL wants 64 bits for rows that never stop coming.
BigId = BigInteger().with_variant(Integer, "sqlite")
# SQLite gives the number of a deleted newest row to the next one, unless told not to. Workers, open pages and buttons hold such
# numbers, and a person may delete everything at any instant.
NEVER_AGAIN = {"sqlite_autoincrement": True}


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def _moment(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None if null else ..., sa_column=Column(Moment, nullable=null, index=index))


def _belongs_to(target: str, *, on_delete: str, null: bool = False, primary: bool = False) -> Any:
    key = ForeignKey(target, ondelete=on_delete)
    column = Column(BigId, key, nullable=null, primary_key=primary, index=not primary, autoincrement=False)
    return Field(default=None if null else ..., sa_column=column)


class Person(SQLModel, table=True):
    """Someone, known by nothing but the accounts they write from."""

    id: int | None = _id()
    created_at: dt.datetime = _moment()


class Account(SQLModel, table=True):
    """An address at a bot where one person is talked to. A chat id is only unique for its bot."""

    __table_args__ = (UniqueConstraint("bot", "address"),)
    id: int | None = _id()
    person_id: int = _belongs_to("person.id", on_delete="CASCADE")
    bot: str
    address: str
    active: bool = True
    inactive_reason: str = ""
    created_at: dt.datetime = _moment()
    last_seen_at: dt.datetime = _moment(index=True)


class Conversation(SQLModel, table=True):
    """Where a dialog stands: topic, its data, and the menu numbers refer to (JSON of conversation.state.State)."""

    account_id: int = _belongs_to("account.id", on_delete="CASCADE", primary=True)
    state: str = Field(default="{}", sa_column=Column(Text, nullable=False))
    updated_at: dt.datetime = _moment()


class Inbox(SQLModel, table=True):
    """Everything received, once: committed before the provider is told that it arrived."""

    __table_args__ = (UniqueConstraint("bot", "update_id"), Index("ix_inbox_state_bot_address", "state", "bot", "address"), NEVER_AGAIN)
    id: int | None = _id()
    bot: str
    update_id: str
    address: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "new"
    error: str = ""
    received_at: dt.datetime = _moment(index=True)
    done_at: dt.datetime | None = _moment(null=True)


class Outbox(SQLModel, table=True):
    """Everything that leaves, with its fate. `key`: a later row with the same key replaces this one on the screen."""

    __table_args__ = (
        Index("ix_outbox_state_bot", "state", "bot", "not_before"),
        Index("ix_outbox_bot_address", "bot", "address", "id"),
        NEVER_AGAIN,
    )
    id: int | None = _id()
    bot: str
    address: str
    inbox_id: int | None = _belongs_to("inbox.id", on_delete="SET NULL", null=True)
    kind: str = "reply"
    key: str = ""
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "queued"
    reason: str = ""
    provider_id: str | None = None
    attempts: int = 0
    not_before: dt.datetime | None = _moment(null=True)
    worker: str | None = None
    lease_until: dt.datetime | None = _moment(null=True)
    created_at: dt.datetime = _moment(index=True)
    settled_at: dt.datetime | None = _moment(null=True)


class SenderPause(SQLModel, table=True):
    """A provider told this bot to wait: nothing of it leaves before `until`."""

    __tablename__ = "sender_pause"
    bot: str = Field(primary_key=True)
    until: dt.datetime = _moment()
    reason: str = ""


class Checklist(SQLModel, table=True):
    """A list handed out, pinned to the version of the entry it was made from (`pinned`: JSON of messages.Papers)."""

    __table_args__ = NEVER_AGAIN
    id: int | None = _id()
    token: str = Field(unique=True)
    person_id: int = _belongs_to("person.id", on_delete="CASCADE")
    account_id: int | None = _belongs_to("account.id", on_delete="SET NULL", null=True)
    code: str = Field(index=True)
    version: str
    told_version: str = ""
    answers: str = Field(sa_column=Column(Text, nullable=False))
    ticked: str = Field(default="[]", sa_column=Column(Text, nullable=False))
    pinned: str = Field(default="", sa_column=Column(Text, nullable=False))
    complete: bool = False
    created_at: dt.datetime = _moment(index=True)
    updated_at: dt.datetime = _moment()


class SearchMiss(SQLModel, table=True):
    """A question that found nothing, without anything that points to a person, counted."""

    __tablename__ = "search_miss"
    id: int | None = _id()
    folded: str = Field(unique=True)
    text: str
    times: int = 1
    first_at: dt.datetime = _moment()
    last_at: dt.datetime = _moment(index=True)
