"""A center's day: hours, counters, visits and what happened to them (DESIGN §6). Spans are local minutes, moments are UTC."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, SQLModel, column

from bot.db.columns import NEVER_AGAIN, Moment, belongs_to, moment, row_id, text
from bot.db.enums import AT_COUNTER, LIVE


def _among(states: tuple[str, ...]) -> ColumnElement[bool]:
    return column("state", String).in_(states)


def _only_one(name: str, *columns: str, among: tuple[str, ...]) -> Index:
    """At most one row in these states has the same values in `columns`."""
    condition = _among(among)
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _only_given(name: str, *columns: str, unique: bool = False) -> Index:
    """Rows without the last column do not stand in it, and cost nothing."""
    given = column(columns[-1]).is_not(None)
    return Index(name, *columns, unique=unique, sqlite_where=given, postgresql_where=given)


class Center(SQLModel, table=True):
    """A center as staff run it. Address and phone stand in the operator's file (domain.centers). `week`: JSON of hours.Week."""

    id: str = Field(primary_key=True)
    name: str
    place: str
    week: str = text("{}")
    created_at: dt.datetime = moment()


class DayException(SQLModel, table=True):
    """One day that differs from the week and the national calendar. `spans`: JSON of hours.Spans, `[]` when closed."""

    __tablename__ = "day_exception"
    center_id: str = belongs_to("center.id", on_delete="CASCADE", primary=True, kind=String)
    date: dt.date = Field(primary_key=True)
    spans: str = text("[]")
    reason: str = ""
    actor: str = ""
    created_at: dt.datetime = moment()


class CounterGroup(SQLModel, table=True):
    """Counters that share one series of tickets. `fields`: JSON list of catalog fields, `[]` takes what no other group takes.

    `seats`: how many people may book the same time span of `slot_minutes`; `service_minutes`: how long one visit takes, until measured.
    """

    __tablename__ = "counter_group"
    __table_args__ = (UniqueConstraint("center_id", "letter"),)
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String)
    letter: str
    name: str
    fields: str = text("[]")
    seats: int = 4
    slot_minutes: int = 30
    service_minutes: int = 10
    active: bool = True


class Counter(SQLModel, table=True):
    """Where one clerk serves. `serves`: JSON list of counter_group ids. `streak`: calls in a row that went before plain walk-ins."""

    __table_args__ = (UniqueConstraint("center_id", "number"),)
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String)
    number: int
    serves: str = text("[]")
    active: bool = True
    staff_id: int | None = belongs_to("staff.id", on_delete="SET NULL", null=True)
    staffed_at: dt.datetime | None = moment(null=True)
    streak: int = 0


class Visit(SQLModel, table=True):
    """One visit: a seat booked ahead (`starts_at`, `seat`), a ticket (`letter`, `number`), or first one and then the other.

    The keys below are the rules of the house: no seat twice, no number twice, one live visit a person, center, day and party, one
    person at a counter. `party` 0 is the person, 1… those they booked for. `due_at`: since when somebody counts as waiting.
    `token` opens the ticket page, `code` is read out over the phone. `missing`: JSON list of visits.Missing;
    `lacked`: the same of earlier turns of this visit, sent home and back on one day.
    """

    __table_args__ = (
        UniqueConstraint("group_id", "starts_at", "seat"),
        _only_given("uq_visit_ticket", "center_id", "day", "letter", "number", unique=True),
        UniqueConstraint("center_id", "day", "code"),
        _only_one("uq_visit_one_live", "person_id", "center_id", "day", "party", among=LIVE),
        _only_one("uq_visit_one_hold", "person_id", "party", among=("held",)),
        _only_one("uq_visit_one_at_counter", "counter_id", among=AT_COUNTER),
        Index("ix_visit_center_day_state", "center_id", "day", "state"),
        Index("ix_visit_state_starts_at", "state", "starts_at"),
        _only_given("ix_visit_account_id", "account_id"),
        _only_given("ix_visit_checklist_id", "checklist_id"),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    center_id: str = Field(sa_column=Column(String, nullable=False))
    group_id: int = Field(sa_column=Column(Integer, nullable=False))
    day: dt.date = Field(sa_column=Column(Date, nullable=False))
    state: str
    token: str = Field(unique=True)
    code: str
    source: str = ""
    starts_at: dt.datetime | None = moment(null=True)
    ends_at: dt.datetime | None = moment(null=True)
    seat: int | None = None
    hold_until: dt.datetime | None = moment(null=True)
    person_id: int | None = belongs_to("person.id", on_delete="SET NULL", null=True)
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True, index=False)
    party: int = 0
    behalf: str = ""
    procedure: str = ""
    checklist_id: int | None = belongs_to("checklist.id", on_delete="SET NULL", null=True, index=False)
    letter: str | None = None
    number: int | None = None
    priority: str = ""
    returned: bool = False
    due_at: dt.datetime | None = moment(null=True)
    late_until: dt.datetime | None = moment(null=True)
    counter_id: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    arrived_at: dt.datetime | None = moment(null=True)
    called_at: dt.datetime | None = moment(null=True)
    serving_at: dt.datetime | None = moment(null=True)
    ended_at: dt.datetime | None = moment(null=True)
    calls: int = 0
    outcome: str = ""
    missing: str = text("[]")
    lacked: str = text("[]")
    note: str = ""
    follows_id: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    created_at: dt.datetime = moment()


class VisitEvent(SQLModel, table=True):
    """What happened to a visit. `changes`: JSON column → [before, after]; all of them rebuild the row. Never changed afterwards, but for
    notes: they are taken out when their time has come (domain.notes). Migration 0007 told older ones of `lacked`."""

    __tablename__ = "visit_event"
    __table_args__ = (Index("ix_visit_event_center_id_id", "center_id", "id"), NEVER_AGAIN)
    id: int | None = row_id()
    visit_id: int = Field(sa_column=Column(Integer, nullable=False, index=True))
    center_id: str
    kind: str
    actor: str
    at: dt.datetime = moment()
    changes: str = text("{}")


class Series(SQLModel, table=True):
    """The last number given in one series on one day: raised in the transaction that gives it."""

    center_id: str = Field(primary_key=True)
    letter: str = Field(primary_key=True)
    day: dt.date = Field(primary_key=True)
    last: int = 0


class Wait(SQLModel, table=True):
    """Somebody waiting for a free seat on a full day. A seat that is offered is a held visit of theirs (`visit_id`)."""

    __table_args__ = (
        _only_one("uq_wait_one_live", "person_id", "center_id", "day", among=("waiting", "offered")),
        Index("ix_wait_group_id_day_state", "group_id", "day", "state"),
    )
    id: int | None = row_id()
    center_id: str = Field(sa_column=Column(String, nullable=False))
    group_id: int = Field(sa_column=Column(Integer, nullable=False))
    day: dt.date = Field(sa_column=Column(Date, nullable=False))
    state: str = "waiting"
    person_id: int = belongs_to("person.id", on_delete="CASCADE")
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    procedure: str = ""
    checklist_id: int | None = belongs_to("checklist.id", on_delete="SET NULL", null=True)
    visit_id: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    offered_until: dt.datetime | None = moment(null=True)
    created_at: dt.datetime = moment()


class Reminder(SQLModel, table=True):
    """A reminder and its fate, once for each visit, kind and time. A queued one goes on in the outbox."""

    __table_args__ = (_only_given("ix_reminder_outbox_id", "outbox_id"),)
    visit_id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str = Field(primary_key=True)
    starts_at: dt.datetime = Field(sa_column=Column(Moment, primary_key=True))
    state: str
    reason: str = ""
    outbox_id: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    at: dt.datetime = moment()


class Device(SQLModel, table=True):
    """A screen in the hall that may do more than a visitor's phone: a kiosk. Known by the hash of its link's token."""

    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String)
    kind: str
    name: str
    token_hash: str = Field(unique=True)
    created_at: dt.datetime = moment()
    revoked_at: dt.datetime | None = moment(null=True)
