"""What somebody thought of a visit: one row a visit, written answer by answer as they come, changeable for an hour after the last."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select, update
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Visit as VisitRow
from bot.db.prepared import Prepared
from bot.db.results import Feedback as Row
from bot.db.tables import Account
from bot.domain import contributions, feedback_hints, hours, rollup_rows, rollups, threads, working_days
from bot.domain.visits import Visit
from procedures.text import fold

# The five SIPAS factors (QĐ 766 calls the same five): our own instrument, never called SIPAS.
FACTORS = ("access", "procedures", "staff", "results", "handling")
LEVELS = range(1, 6)
DOES_NOT_APPLY = 0
LOW = 2  # such a level and below: the person may ask to be written to
CHANGEABLE = dt.timedelta(hours=1)
HALF = dt.timedelta(hours=12)  # what was begun and left lying counts as it stands after so long
LOOKED_AT = dt.timedelta(days=30)
REPLY_DAYS = 15  # working days, QĐ 766/QĐ-TTg: feedback is answered within them
MOST_PAPERS, LONGEST_PAPER = 12, 120
NAMELESS = {"id": "", "name": ""}  # a paper whose typed name is not kept any longer
NO_PAPER = frozenset(("", "khong", "khong co", "khong co gi", "ko", "ko co", "khong co giay nao"))
RATEABLE = ("done", "must_return")
TOKEN_BYTES = 12

_TABLE, _VISITS, _ACCOUNTS = (upsert.table(kind) for kind in (Row, VisitRow, Account))


class Asked(NamedTuple):
    """A paper that was asked for and does not stand in the list. `id`: of the catalog, "" when only its name is known."""

    id: str
    name: str


@dataclass(frozen=True)
class Feedback:
    """One row, as db.results.Feedback describes it."""

    id: int
    token: str
    center_id: str
    visit_id: int | None
    account_id: int | None
    procedure: str
    origin: str
    counter: int | None
    access: int | None
    procedures: int | None
    staff: int | None
    results: int | None
    handling: int | None
    comment: str
    papers: str
    flags: str
    question_id: int | None
    begun_at: dt.datetime | None
    done_at: dt.datetime | None
    reply_due: dt.date | None
    replied_at: dt.datetime | None
    reply: str

    @property
    def levels(self) -> dict[str, int | None]:
        return {factor: getattr(self, factor) for factor in FACTORS}

    @property
    def low(self) -> bool:
        return any(level in range(1, LOW + 1) for level in self.levels.values() if level is not None)

    @property
    def asked_for(self) -> tuple[Asked, ...]:
        """Those whose names are still kept."""
        return tuple(Asked(**paper) for paper in json.loads(self.papers) if paper["name"])

    @property
    def hints(self) -> tuple[str, ...]:
        return tuple(json.loads(self.flags))

    def changeable(self, now: dt.datetime) -> bool:
        return self.done_at is None or now < self.done_at + CHANGEABLE


class Giver(NamedTuple):
    """Where it is given. `channel`: telegram, web…; `device`: see `device`."""

    channel: str
    device: str = ""
    account_id: int | None = None


COLUMNS = tuple(_TABLE.c[field.name] for field in fields(Feedback))


def get(session: Session, feedback_id: int) -> Feedback | None:
    return _one(session, _TABLE.c.id == feedback_id)


def by_token(session: Session, token: str) -> Feedback | None:
    return _one(session, _TABLE.c.token == token)


def of_visit(session: Session, visit_id: int) -> Feedback | None:
    return _one(session, _TABLE.c.visit_id == visit_id)


def _one(session: Session, which: ColumnElement[bool]) -> Feedback | None:
    row = session.execute(select(*COLUMNS).where(which)).first()
    return None if row is None else Feedback(*row)


def device(key: str, who: str, day: dt.date) -> str:
    """A keyed hash of a web session or an account: tells one device from another within a day, and nothing after it."""
    return hmac.new(key.encode(), f"feedback:{day}:{who}".encode(), hashlib.sha256).hexdigest()[:24]


def rateable(visit: Visit) -> bool:
    """Whether the visit came to an end at a counter."""
    return visit.state in RATEABLE


# beginning


def start(session: Session, visit: Visit, field: str, giver: Giver, *, now: dt.datetime, begun_at: dt.datetime | None = None) -> Feedback:
    """The visit's one row: made now, or the one there is, to go on with. `field`: of the catalog."""
    row = of_visit(session, visit.id)
    if row is None and _made(session, **_about(visit, field), channel=giver.channel, created_at=now) is None:
        row = of_visit(session, visit.id)  # somebody was first
    if row is not None and row.begun_at is None:
        rollups.touch(session, "feedback", row.id)
    here = (_TABLE.c.visit_id == visit.id, _TABLE.c.begun_at.is_(None))
    begun = {"begun_at": begun_at or now, "device": giver.device, "channel": giver.channel}
    session.execute(update(_TABLE).where(*here).values(**begun))
    found = of_visit(session, visit.id)
    assert found is not None
    return found


def ask(session: Session, visit: Visit, field: str, channel: str, *, now: dt.datetime, rings: bool = True) -> Feedback | None:
    """Note that the person is asked now; None when they were, or began by themselves. Where nothing `rings` they count as not asked."""
    made = _made(session, **_about(visit, field), channel=channel, asked_at=now if rings else None, created_at=now)
    return get(session, made) if made is not None else None


class Counter(NamedTuple):
    """Where somebody without a ticket was, as far as they said. `number`: on the sign; `procedure`, `field`: of the catalog."""

    center_id: str
    number: int | None = None
    procedure: str = ""
    field: str = ""


def at_counter(session: Session, counter: Counter, token: str, giver: Giver, *, now: dt.datetime, begun_at: dt.datetime) -> Feedback:
    """A row of somebody who never used the bot. `token`: made from the page they filled in, so that one page gives one row.

    Sent again it is about what was chosen last, as long as it can be changed.
    """
    where = {"center_id": counter.center_id, "counter": counter.number, "procedure": counter.procedure, "field": counter.field}
    by = {"channel": giver.channel, "device": giver.device}
    _made(session, token=token, origin="counter", **where, **by, begun_at=begun_at, created_at=now)
    found = by_token(session, token)
    assert found is not None
    if found.procedure != counter.procedure:
        _change(session, found, now=now, procedure=counter.procedure, field=counter.field)
    return found


def _about(visit: Visit, field: str) -> dict[str, Any]:
    about = {"center_id": visit.center_id, "visit_id": visit.id, "account_id": visit.account_id, "procedure": visit.procedure}
    return about | {"field": field, "token": secrets.token_urlsafe(TOKEN_BYTES)}


EMPTY: Mapping[str, Any] = {"procedure": "", "field": "", "origin": "visit", "comment": "", "papers": "[]", "flags": "[]", "device": "", "reply": ""}


def _made(session: Session, **values: Any) -> int | None:
    """The number of a new row; None where the visit, or the page, has one."""
    inserting = upsert.insert(session, Row, **{**EMPTY, **values}).on_conflict_do_nothing()
    made = session.execute(inserting.returning(_TABLE.c.id)).scalar()
    if made is not None:
        rollups.born(session, "feedback", made)
    return None if made is None else int(made)


# answering


def rate(session: Session, row: Feedback, levels: Mapping[str, int], *, now: dt.datetime) -> bool:
    """Keep these levels; False when it is too late to change them. Raises ValueError for what is no factor or no level."""
    if any(factor not in FACTORS or level not in (DOES_NOT_APPLY, *LEVELS) for factor, level in levels.items()):
        raise ValueError(f"no factor or level: {dict(levels)}")
    return _change(session, row, now=now, **levels) if levels else row.changeable(now)


def remark(session: Session, row: Feedback, words: str, *, now: dt.datetime) -> bool:
    """Keep what was said, without traces."""
    return _change(session, row, now=now, comment=threads.tidy(words)) and _promise(session, row.id, now=now)


def papers(session: Session, row: Feedback, asked_for: Sequence[Asked], *, now: dt.datetime) -> bool:
    """Keep which papers were asked for beyond the list; "không có" is none."""
    kept: dict[tuple[str, str], Asked] = {}
    for paper in asked_for:
        name = _name(paper.name)
        kept.setdefault((paper.id, fold(name)), Asked(paper.id, name))
    listed = [paper._asdict() for (_, folded), paper in kept.items() if folded not in NO_PAPER][:MOST_PAPERS]
    return _change(session, row, now=now, papers=json.dumps(listed, ensure_ascii=False)) and _promise(session, row.id, now=now)


def _name(typed: str) -> str:
    return " ".join(threads.tidy(typed).split())[:LONGEST_PAPER].strip(" .,;:-")


def _promise(session: Session, feedback_id: int, *, now: dt.datetime) -> bool:
    """Words and papers are to be answered within the legal time, counted from when the first of them was there."""
    row = get(session, feedback_id)
    assert row is not None
    wanted = bool(row.comment or row.asked_for)
    if wanted != (row.reply_due is not None):
        due = _reply_due(session, row.center_id, now) if wanted else None
        session.execute(update(_TABLE).where(_TABLE.c.id == row.id).values(reply_due=due))
    return True


def finish(session: Session, row: Feedback, *, now: dt.datetime) -> Feedback:
    """That was all; said again it stays done since the first time. What makes it doubtful is noted beside it."""
    _change(session, row, now=now, done_at=now)
    feedback_hints.note(session, row.id)
    return get(session, row.id) or row


def call_back(session: Session, row: Feedback, question_id: int) -> bool:
    """Note the question the person's wish became; False when there was one already."""
    wish = update(_TABLE).where(_TABLE.c.id == row.id, _TABLE.c.question_id.is_(None)).values(question_id=question_id)
    return session.execute(wish.returning(_TABLE.c.id)).first() is not None


def _change(session: Session, row: Feedback, *, now: dt.datetime, **values: Any) -> bool:
    """False when it is too late."""
    rollups.touch(session, "feedback", row.id)
    new = {f"new_{name}": value for name, value in values.items()}
    changed = _changing(tuple(values)).first(session, row=row.id, since=now - CHANGEABLE, **new)
    if changed is not None:
        rollups.became(session, "feedback", contributions.Feedback._make(changed))
    return changed is not None


@lru_cache(maxsize=64)
def _changing(names: tuple[str, ...]) -> Prepared:
    new: dict[str, Any] = {name: bindparam(f"new_{name}", type_=_TABLE.c[name].type) for name in names}
    if "done_at" in new:
        new["done_at"] = func.coalesce(_TABLE.c.done_at, new["done_at"])
    open_ = or_(_TABLE.c.done_at.is_(None), _TABLE.c.done_at > bindparam("since", type_=_TABLE.c.done_at.type))
    changing = update(_TABLE).where(_TABLE.c.id == bindparam("row"), open_).values(new)
    return Prepared(changing.returning(*rollup_rows.columns("feedback")))


def _reply_due(session: Session, center_id: str, now: dt.datetime) -> dt.date:
    today = clock.today(now)
    works = working_days.works_at(hours.week_of(session, center_id), hours.exceptions(session, center_id, today))
    return working_days.after(today, REPLY_DAYS, works)


def settle_halves(session: Session, *, now: dt.datetime) -> list[int]:
    """What was begun and left lying counts as far as it came; rows without any answer stay open."""
    said = or_(*(_TABLE.c[factor].is_not(None) for factor in FACTORS), _TABLE.c.comment != "", _TABLE.c.papers != "[]")
    left = (_TABLE.c.done_at.is_(None), _TABLE.c.begun_at.is_not(None), _TABLE.c.begun_at.between(now - LOOKED_AT, now - HALF), said)
    found = session.execute(select(_TABLE.c.id).where(*left)).scalars().all()
    rollups.touch(session, "feedback", *found)
    settling = update(_TABLE).where(_TABLE.c.id.in_(found), *left).values(done_at=now).returning(_TABLE.c.id)
    settled = [int(number) for number in session.execute(settling).scalars()]
    for number in settled:
        feedback_hints.note(session, number)
    return settled


# what is kept of the person


def of_person(session: Session, person_id: int) -> Sequence[tuple[int, dt.datetime]]:
    """Visit and moment of what this person gave and can still be traced to them."""
    mine = select(_TABLE.c.visit_id, _TABLE.c.begun_at).join(_VISITS, _VISITS.c.id == _TABLE.c.visit_id)
    rows = session.execute(mine.where(_VISITS.c.person_id == person_id, _TABLE.c.begun_at.is_not(None)).order_by(_TABLE.c.id))
    return [(number, moment) for number, moment in rows]


def forget(session: Session, person_id: int) -> int:
    """Nothing points to the person any more and their words are gone; the levels stay as figures. Call it while visits still know them."""
    came = exists().where(_VISITS.c.id == _TABLE.c.visit_id, _VISITS.c.person_id == person_id)
    return _blot(session, or_(came, _TABLE.c.account_id.in_(select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.person_id == person_id))))


def purge(session: Session, before: dt.datetime) -> int:
    """The same for everything that is older."""
    left = or_(_TABLE.c.account_id.is_not(None), _TABLE.c.comment != "", _TABLE.c.device != "", _TABLE.c.reply != "")
    return _blot(session, and_(_TABLE.c.created_at < before, left))


def _blot(session: Session, those: ColumnElement[bool]) -> int:
    """Papers keep the names the catalog has; what was typed goes, also from the figures, which go on counting that it was one paper."""
    typed = select(_TABLE.c.id).where(those, _TABLE.c.papers.contains('"id": ""'))
    rollups.touch(session, "feedback", *session.execute(typed).scalars())
    rows = session.execute(select(_TABLE.c.id, _TABLE.c.papers).where(those)).all()
    for number, listed in rows:
        known = json.dumps([paper if paper["id"] else NAMELESS for paper in json.loads(listed)], ensure_ascii=False)
        emptied: dict[str, Any] = {"account_id": None, "device": "", "comment": "", "reply": "", "papers": known, "reply_due": None}
        session.execute(update(_TABLE).where(_TABLE.c.id == number).values(**emptied))
    return len(rows)
