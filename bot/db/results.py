"""After the visit: dossiers on their way to a result, and what people thought of it (DESIGN §6, §8)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index, String, UniqueConstraint, and_, column
from sqlmodel import Field, SQLModel

from bot.db.columns import NEVER_AGAIN, BigId, belongs_to, moment, row_id, text

_UNTOLD = column("done_at").is_(None)
_REMARK = column("reply_due").is_not(None)
_READY = column("ready_at").is_not(None)
_REPORTED = column("reported_at").is_not(None)
_GIVEN = column("given_to") != ""
_HALF = and_(_UNTOLD, column("begun_at").is_not(None))


class Dossier(SQLModel, table=True):
    """Papers that were received and are worked on. `receipt`: the code on the slip; the province's system remains the record.

    `receipt_key`: its letters and digits only, however somebody sets the dashes.
    `counts_from`: the working day the clock runs from, since the receipt (after the cut-off hour the next one) or since the last pause.
    `due`: as promised now, `first_due`: as promised first, `missed_due`: the first promise that was not kept. `working_days`: the time
    promised; `used_days`: of it before the last pause. `cutoff`: "15:00" where the procedure has one. `supplements`: how often papers
    were asked for; the second time counts as late. `missing`: JSON list of visits.Missing, what a pause waits for; `lacked`: the same of all that was
    ever asked for.
    """

    __table_args__ = (
        UniqueConstraint("center_id", "receipt_key"),
        Index("ix_dossier_receipt_key", "receipt_key"),
        Index("ix_dossier_center_id_state", "center_id", "state", "due"),
        Index("ix_dossier_center_id_received_at", "center_id", "received_at"),
        Index("ix_dossier_center_id_ready_at", "center_id", "ready_at", sqlite_where=_READY, postgresql_where=_READY),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    receipt: str
    receipt_key: str
    visit_id: int | None = belongs_to("visit.id", on_delete="SET NULL", null=True)
    person_id: int | None = belongs_to("person.id", on_delete="SET NULL", null=True)
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    procedure: str = ""
    field: str = ""
    source: str = "desk"
    state: str = "open"
    received_at: dt.datetime = moment()
    counts_from: dt.date
    working_days: int | None = None
    used_days: int = 0
    first_due: dt.date | None = None
    due: dt.date | None = None
    missed_due: dt.date | None = None
    cutoff: str = ""
    missing: str = text("[]")
    lacked: str = text("[]")
    paused_at: dt.datetime | None = moment(null=True)
    supplements: int = 0
    late_told_at: dt.datetime | None = moment(null=True)
    ready_at: dt.datetime | None = moment(null=True)
    returned_at: dt.datetime | None = moment(null=True)
    changed_at: dt.datetime = moment()


class DossierEvent(SQLModel, table=True):
    """What happened to a dossier, in order; never changed afterwards. `detail`: JSON of domain.dossiers for this kind."""

    __tablename__ = "dossier_event"
    __table_args__ = NEVER_AGAIN
    id: int | None = row_id()
    dossier_id: int = belongs_to("dossier.id", on_delete="CASCADE")
    at: dt.datetime = moment(index=True)
    actor: str
    kind: str
    detail: str = text("{}")


class Feedback(SQLModel, table=True):
    """What somebody thought of a visit; one answer a visit. Nobody rated sees who gave it.

    `access`, `procedures`, `staff`, `results`, `handling` (the five SIPAS factors): 1 to 5, 0 does not apply, None not answered.
    `papers`: JSON list of papers that were asked for and do not stand in the list. `flags`: JSON list of what makes it doubtful; it
    counts all the same. `device`: a keyed hash, for the flags only. `reply_due`: when a remark is to be answered by law; `reply`: the answer.
    `origin`: visit, or counter for the code that hangs there (`counter`: which one). Personal links go with the person, ratings stay.
    """

    __table_args__ = (
        Index("ix_feedback_center_id_done_at", "center_id", "done_at"),
        Index("ix_feedback_center_id_created_at", "center_id", "created_at"),
        Index("ix_feedback_asked", "asked_at", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        Index("ix_feedback_half", "begun_at", sqlite_where=_HALF, postgresql_where=_HALF),
        Index("ix_feedback_remark", "center_id", "reply_due", sqlite_where=_REMARK, postgresql_where=_REMARK),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    token: str = Field(unique=True)
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    visit_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True, unique=True))
    account_id: int | None = belongs_to("account.id", on_delete="SET NULL", null=True)
    procedure: str = ""
    field: str = ""
    channel: str = ""
    origin: str = "visit"
    counter: int | None = None
    access: int | None = None
    procedures: int | None = None
    staff: int | None = None
    results: int | None = None
    handling: int | None = None
    comment: str = text()
    papers: str = text("[]")
    flags: str = text("[]")
    device: str = ""
    question_id: int | None = belongs_to("question.id", on_delete="SET NULL", null=True)
    asked_at: dt.datetime | None = moment(null=True)
    begun_at: dt.datetime | None = moment(null=True)
    done_at: dt.datetime | None = moment(null=True)
    reply_due: dt.date | None = None
    replied_at: dt.datetime | None = moment(null=True)
    reply: str = text()
    created_at: dt.datetime = moment()


class Digest(SQLModel, table=True):
    """The end of one day at one center: made once. `facts`: JSON of digest_day.Facts. `state`: told (to its leads), page (nobody of them has
    a connected chat), quiet (nothing stood in the way).
    """

    __table_args__ = (UniqueConstraint("center_id", "day"), NEVER_AGAIN)
    id: int | None = row_id()
    center_id: str = belongs_to("center.id", on_delete="CASCADE", kind=String, index=False)
    day: dt.date
    facts: str = text("{}")
    state: str
    made_at: dt.datetime = moment()


class DigestLine(SQLModel, table=True):
    """One obstacle of that day, the worst at `place` 1. `detail`: JSON of domain.obstacles for this kind, without anything a citizen wrote.

    `done_by`, `reported_by`: who ticked it off, who reported it upward, with these words (`said`). `given_to`: whose work it is, one at a time,
    "" nobody's; by whom and since when.
    """

    __tablename__ = "digest_line"
    __table_args__ = (
        UniqueConstraint("digest_id", "place"),
        Index("ix_digest_line_reported", "reported_at", sqlite_where=_REPORTED, postgresql_where=_REPORTED),
        Index("ix_digest_line_given", "given_to", sqlite_where=_GIVEN, postgresql_where=_GIVEN),
        NEVER_AGAIN,
    )
    id: int | None = row_id()
    digest_id: int = belongs_to("digest.id", on_delete="CASCADE", index=False)
    place: int
    kind: str
    number: int
    weight: int
    detail: str = text("{}")
    done_by: str = ""
    done_at: dt.datetime | None = moment(null=True)
    reported_by: str = ""
    reported_at: dt.datetime | None = moment(null=True)
    said: str = text()
    given_to: str = ""
    given_by: str = ""
    given_at: dt.datetime | None = moment(null=True)


class DigestRoll(SQLModel, table=True):
    """That a manager was told of all their centers on this day, or that there was nothing to tell."""

    __tablename__ = "digest_roll"
    day: dt.date = Field(primary_key=True)
    staff_id: int = belongs_to("staff.id", on_delete="CASCADE", primary=True)
    at: dt.datetime = moment()


class Recount(SQLModel, table=True):
    """That the figures (`name`) have to be counted anew once, all or from this month on: left by a migration, raised after every month, gone
    with the last one.
    """

    name: str = Field(primary_key=True)
    from_month: dt.date | None = None
