"""Questions to people, the groups they are asked and answered in, and helpers who practise."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, String, UniqueConstraint, and_, column
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, belongs_to, moment, row_id, text

_NAMED = column("message_id") != ""
_LIVE = column("state") != "closed"
_UNDER_WAY = and_(column("side") == "staff", column("delivery") == "")
_WITH_FILE = and_(column("file") != "", column("attachment_id").is_(None))


class ChatGroup(SQLModel, table=True):
    """A group the bot is in. `purpose`: "" until somebody who may says what it is for, then staff or citizens.

    `address` is the group's chat id. `hours`: when it is answered there ("" always, "center" while the center is open).
    `slow_seconds`: between two questions of one member. `added_by`: the address of who brought the bot in.
    """

    __tablename__ = "chat_group"
    __table_args__ = (UniqueConstraint("bot", "address"), NEVER_AGAIN)
    id: int | None = row_id()
    bot: str
    address: str
    title: str = ""
    purpose: str = ""
    center_id: str = ""
    hours: str = ""
    slow_seconds: int = 20
    added_by: str = ""
    active: bool = True
    created_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()


class GroupAsker(SQLModel, table=True):
    """When a member of a group asked last, and was last told to wait (slow mode); kept for a day. `sender`: a keyed hash of their address."""

    __tablename__ = "group_asker"
    group_id: int = belongs_to("chat_group.id", on_delete="CASCADE", primary=True)
    sender: str = Field(primary_key=True)
    asked_at: dt.datetime = moment(index=True)
    told_at: dt.datetime | None = moment(null=True)


class Question(SQLModel, table=True):
    """Something a person shall answer; one at a time for an account. From a private chat it has `person_id` and `account_id`; from a group
    `group_id` and the message.

    `about`: the procedure's code, "" when unknown. `knows`: JSON of what the bot knew already, without identity. `owner_id`: who took it.
    `asked_at`: since when somebody waits. `shown_at`: when it was put into the center's staff groups.
    """

    __table_args__ = (
        Index("ix_question_center_id_state", "center_id", "state", "asked_at"),
        Index("uq_question_live", "account_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    person_id: int | None = belongs_to("person.id", on_delete="CASCADE", null=True)
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    group_id: int | None = belongs_to("chat_group.id", on_delete="SET NULL", null=True)
    group_message_id: str = ""
    state: str = "open"
    cause: str = ""
    about: str = ""
    knows: str = text("{}")
    owner_id: int | None = belongs_to("staff.id", on_delete="SET NULL", null=True)
    owned_at: dt.datetime | None = moment(null=True)
    asked_at: dt.datetime = moment()
    due_at: dt.datetime = moment(index=True)
    shown_at: dt.datetime | None = moment(null=True)
    brought_up_at: dt.datetime | None = moment(null=True)
    answered_at: dt.datetime | None = moment(null=True)
    closed_at: dt.datetime | None = moment(null=True)
    closed_by: str = ""
    rating: int | None = None
    changed_at: dt.datetime = moment()


class QuestionMessage(SQLModel, table=True):
    """One message of a question. `side`: citizen, staff, or held (an answer somebody else was before with, not sent yet). `bot`,
    `address`, `message_id`: where and as what it was written, for replies and edits.

    `outbox_id`: the row that carries it to the citizen; what the provider called it there is that row's `provider_id`. `delivery`: what
    came of it ("" under way, sent, refused). `file`: JSON of messages.File, fetched into `attachment_id`; `removed`: who took it out.
    """

    __tablename__ = "question_message"
    __table_args__ = (
        Index("uq_question_message_source", "bot", "address", "message_id", unique=True, sqlite_where=_NAMED, postgresql_where=_NAMED),
        Index("ix_question_message_under_way", "outbox_id", "id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("ix_question_message_file", "id", sqlite_where=_WITH_FILE, postgresql_where=_WITH_FILE),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    question_id: int = belongs_to("question.id", on_delete="CASCADE")
    side: str
    author: str = ""
    words: str = text()
    attachment_id: int | None = belongs_to("attachment.id", on_delete="SET NULL", null=True)
    file: str = text()
    bot: str = ""
    address: str = ""
    message_id: str = ""
    outbox_id: int | None = belongs_to("outbox.id", on_delete="SET NULL", null=True)
    at: dt.datetime = moment()
    edited_at: dt.datetime | None = moment(null=True)
    delivery: str = ""
    removed: str = ""


class Proposal(SQLModel, table=True):
    """What an answer taught and the catalog does not say yet: a phrase people type (`kind` also) or a note. The catalog is files, which
    the service never writes: whoever keeps it reads these rows (`motcua catalog proposals`). `state`: new, taken, dropped.
    """

    __table_args__ = (Index("ix_proposal_state", "state", "id"), NEVER_AGAIN)
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    question_id: int | None = belongs_to("question.id", on_delete="SET NULL", null=True)
    code: str
    kind: str
    words: str = text()
    state: str = "new"
    author: str
    created_at: dt.datetime = moment()
    settled_by: str = ""
    settled_at: dt.datetime | None = moment(null=True)


class Practice(SQLModel, table=True):
    """One exercise of a helper: the papers of a situation picked out of `offered`. `pinned`: JSON of the situation and the right ones."""

    __table_args__ = (Index("ix_practice_staff_id_code", "staff_id", "code"), NEVER_AGAIN)
    id: int | None = row_id()
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE", index=False)
    code: str
    version: str
    pinned: str = text("{}")
    picked: str = text()
    right: int = 0
    wrong: int = 0
    missed: int = 0
    begun_at: dt.datetime = moment()
    done_at: dt.datetime | None = moment(null=True)
