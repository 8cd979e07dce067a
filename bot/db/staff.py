"""Staff, what they may do, and the log of what they did. Tokens are kept as hashes only."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, belongs_to, moment, row_id, text


class Staff(SQLModel, table=True):
    """Somebody who works here. `name` is what colleagues see ("chị Hạnh")."""

    id: int | None = row_id()
    name: str
    active: bool = True
    created_at: dt.datetime = moment()


class StaffRole(SQLModel, table=True):
    """What somebody may do at one center; `scope` is its id, or `*` for all of them."""

    __tablename__ = "staff_role"
    __table_args__ = (UniqueConstraint("staff_id", "scope"),)
    id: int | None = row_id()
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE")
    scope: str
    role: str


class StaffAccount(SQLModel, table=True):
    """The chat account a member of staff asks for the sign-in link from."""

    __tablename__ = "staff_account"
    bot: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE")
    created_at: dt.datetime = moment()


class StaffLink(SQLModel, table=True):
    """A one-time link. `purpose`: sign_in, or connect (a short code typed in a chat, which makes that chat a StaffAccount).

    `tries`: wrong codes typed by anybody while this one was alive; after a few it is dead.
    """

    __tablename__ = "staff_link"
    token_hash: str = Field(primary_key=True)
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE")
    purpose: str
    tries: int = 0
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    used_at: dt.datetime | None = moment(null=True)


class StaffSession(SQLModel, table=True):
    """A browser that is signed in."""

    __tablename__ = "staff_session"
    token_hash: str = Field(primary_key=True)
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE")
    created_at: dt.datetime = moment()
    seen_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    ended_at: dt.datetime | None = moment(null=True)


class Audit(SQLModel, table=True):
    """Who changed what, chained: `digest` covers the row and `previous`, the digest before it; no two rows follow the same one."""

    __table_args__ = NEVER_AGAIN
    id: int | None = row_id()
    at: dt.datetime = moment()
    actor: str
    center_id: str = ""
    action: str
    subject: str = ""
    before: str = text()
    after: str = text()
    previous: str = Field(unique=True)
    digest: str = Field(unique=True)
