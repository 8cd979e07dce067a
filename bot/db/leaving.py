"""What leaves to many: notices, who agreed to them, the pictures and files that go along (DESIGN §7). The ledger itself is the outbox."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index, LargeBinary, String, column
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, belongs_to, moment, row_id, text

_STANDING = column("withdrawn_at").is_(None)
_SENDING = sql("state = 'sending'")


class Consent(SQLModel, table=True):
    """That somebody agreed to be written to, and to which words: kept as proof. Withdrawn ones stay; a refusal is one withdrawn at once.

    `purpose`: a key of domain.consent. `area`: the hamlet or former commune they named, "" when they named none. `way`: how it was
    given and taken back ("chat", "page", "STOP", …).
    """

    __table_args__ = (
        Index(
            "uq_consent_standing", "person_id", "center_id", "purpose", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING
        ),
        Index("ix_consent_audience", "center_id", "purpose", "person_id", sqlite_where=_STANDING, postgresql_where=_STANDING),
        NEVER_AGAIN,
    )  # fmt: skip
    id: int | None = row_id()
    person_id: int = belongs_to("person.id", on_delete="CASCADE")
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    purpose: str
    area: str = ""
    wording: str = text()
    way: str = ""
    given_at: dt.datetime = moment()
    withdrawn_at: dt.datetime | None = moment(null=True)
    withdrawn_way: str = ""


class Attachment(SQLModel, table=True):
    """A picture or file of ours, kept once: `digest` is the SHA-256 of `content`."""

    __table_args__ = NEVER_AGAIN
    id: int | None = row_id()
    digest: str = Field(unique=True)
    name: str
    mime: str
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: dt.datetime = moment()


class Upload(SQLModel, table=True):
    """An attachment a provider has already: `file_id` is its name there, until `expires_at`."""

    attachment_id: int = belongs_to("attachment.id", on_delete="CASCADE", primary=True)
    bot: str = Field(primary_key=True)
    file_id: str
    expires_at: dt.datetime | None = moment(null=True)


class Notice(SQLModel, table=True):
    """One text to many. `audience`: JSON of domain.audience.Audience. `version` counts edits: whoever confirms names the one they read.

    `recipients` is their number when the list was frozen: from then on one outbox row each, and neither text nor list changes.
    `sums`: of a done one, its outbox rows as JSON {bot: {state: number}}; "" while they may still change.
    """

    __table_args__ = (
        Index("ix_notice_center_id_state", "center_id", "state"),
        Index("ix_notice_sending", "id", sqlite_where=_SENDING, postgresql_where=_SENDING),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    state: str = "draft"
    version: int = 1
    title: str
    body: str = text()
    reply: str = text()
    attachment_id: int | None = belongs_to("attachment.id", on_delete="SET NULL", null=True)
    audience: str = text("{}")
    corrects_id: int | None = belongs_to("notice.id", on_delete="SET NULL", null=True)
    urgent: bool = False
    send_at: dt.datetime | None = moment(null=True)
    author: str
    submitted_by: str = ""
    submitted_at: dt.datetime | None = moment(null=True)
    confirmed_by: str = ""
    confirmed_at: dt.datetime | None = moment(null=True)
    recipients: int | None = None
    frozen_at: dt.datetime | None = moment(null=True)
    ended_at: dt.datetime | None = moment(null=True)
    sums: str = text("")
    created_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()


class SenderLease(SQLModel, table=True):
    """Which worker sends for a bot: one process at a time, so that the provider's rate is kept by all of them together."""

    __tablename__ = "sender_lease"
    bot: str = Field(primary_key=True)
    worker: str
    lease_until: dt.datetime = moment()


class ProviderToken(SQLModel, table=True):
    """The pair of tokens a provider gave for a bot; its refresh token works once. `seed`: hash of the one the operator set it going with.

    `refreshing_by`, `refreshing_until`: who is asking for a new pair now. `trouble`: why the last try failed, "" when it did not;
    `refused_at`: when the refresh token itself was turned down.
    """

    __tablename__ = "provider_token"
    bot: str = Field(primary_key=True)
    seed: str = ""
    access: str = ""
    refresh: str
    expires_at: dt.datetime | None = moment(null=True)
    refreshed_at: dt.datetime | None = moment(null=True)
    refreshing_by: str = ""
    refreshing_until: dt.datetime | None = moment(null=True)
    trouble: str = ""
    refused_at: dt.datetime | None = moment(null=True)
