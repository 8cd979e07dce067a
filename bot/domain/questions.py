"""Questions that people shall answer: asked, taken, handed on, answered, closed, rated. An account has one that is not closed.

Every step is an update that holds only in the right state, so two people never take the same one and none is answered after its end.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, Select, column, func, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import UNANSWERED, QuestionState
from bot.db.questions import ChatGroup
from bot.db.questions import Question as Row
from bot.db.tables import Account
from bot.domain import deadline, rollups

PATIENCE = dt.timedelta(hours=4)  # of the center's open hours
CITIZEN = "citizen"
RATINGS = range(1, 6)

Cause = Literal["asked", "nothing_found", "group"]

_TABLE = upsert.table(Row)
_GROUPS, _ACCOUNTS = upsert.table(ChatGroup), upsert.table(Account)
_LIVE = column("state") != "closed"
_COUNTS = frozenset(("asked_at", "answered_at"))  # of what changes, what figures are made of
_NOT_CLOSED = _TABLE.c.state.in_(get_args(QuestionState)[:-1])


@dataclass(frozen=True)
class Question:
    """One as it is stored. `asked_at`: since when somebody waits; after an answer that is the next thing they asked."""

    id: int
    center_id: str
    person_id: int | None
    account_id: int | None
    group_id: int | None
    group_message_id: str
    state: QuestionState
    cause: str
    about: str
    knows: str
    owner_id: int | None
    owned_at: dt.datetime | None
    asked_at: dt.datetime
    due_at: dt.datetime
    shown_at: dt.datetime | None
    brought_up_at: dt.datetime | None
    answered_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_by: str
    rating: int | None
    changed_at: dt.datetime

    @property
    def open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.state in UNANSWERED

    def overdue(self, now: dt.datetime) -> bool:
        return self.open and self.due_at <= now


COLUMNS = [_TABLE.c[one.name] for one in fields(Question)]


@dataclass(frozen=True)
class Knows:
    """What the bot knew when it handed the question on: nothing of who asks. `situation`: the answers in words; `papers`: of the list."""

    name: str = ""
    situation: str = ""
    papers: tuple[str, ...] = ()


def knows(question: Question) -> Knows:
    known = json.loads(question.knows)
    return Knows(known.get("name", ""), known.get("situation", ""), tuple(known.get("papers", ())))


class Asker(NamedTuple):
    """Whose question it is: a person at an account, or a group's thread."""

    person_id: int | None = None
    account_id: int | None = None
    group_id: int | None = None
    group_message_id: str = ""


@dataclass(frozen=True)
class Topic:
    """What it is about. `about`: the procedure's code, "" when unknown."""

    about: str = ""
    knows: Knows = field(default_factory=Knows)
    cause: Cause = "asked"


class Asked(NamedTuple):
    """`fresh`: made now; else it is the one this account had already."""

    question: Question
    fresh: bool


class Refused(NamedTuple):
    """Why an answer was not taken: the question is closed, or somebody else (`owner_id`) has it."""

    closed: bool
    owner_id: int | None = None


def ask(session: Session, center_id: str, asker: Asker, topic: Topic, *, now: dt.datetime) -> Asked:
    """A new question; asked twice at once it is one. What was said is added to it by `threads.add`."""
    row: dict[str, Any] = {
        **asker._asdict(), "center_id": center_id, "state": "open", "cause": topic.cause, "about": topic.about, "asked_at": now,
        "knows": json.dumps(vars(topic.knows), ensure_ascii=False), "closed_by": "", "changed_at": now,
        "due_at": deadline.after(session, center_id, now, PATIENCE),
    }  # fmt: skip
    insert = upsert.insert(session, Row, **row).on_conflict_do_nothing(index_elements=["account_id"], index_where=_LIVE)
    made = session.execute(insert.returning(_TABLE.c.id)).scalar()
    if made is not None:
        rollups.born(session, "question", made)
    found = get(session, made) if made is not None else live(session, asker.account_id or 0)
    assert found is not None
    return Asked(found, made is not None)


def get(session: Session, question_id: int, *, lock: bool = False) -> Question | None:
    """`lock`: nobody else changes it before this transaction ends."""
    wanted = select(*COLUMNS).where(_TABLE.c.id == question_id)
    return next(iter(_found(session, wanted.with_for_update() if lock else wanted)), None)


def live(session: Session, account_id: int) -> Question | None:
    """The one this account waits for, or has an answer to it has not closed."""
    return next(iter(_found(session, select(*COLUMNS).where(_TABLE.c.account_id == account_id, _TABLE.c.state != "closed"))), None)


def of_center(session: Session, center_id: str, *, closed: bool = False, limit: int = 200) -> Sequence[Question]:
    """Those that are not closed, the longest waiting first; or the closed ones, the newest first."""
    there = select(*COLUMNS).where(_TABLE.c.center_id == center_id)
    if closed:
        return _found(session, there.where(_TABLE.c.state == "closed").order_by(_TABLE.c.closed_at.desc()).limit(limit))
    return _found(session, there.where(_NOT_CLOSED).order_by(_TABLE.c.asked_at, _TABLE.c.id).limit(limit))


def of_person(session: Session, person_id: int) -> Sequence[Question]:
    """All that this person asked and that are still kept."""
    return _found(session, select(*COLUMNS).where(_TABLE.c.person_id == person_id).order_by(_TABLE.c.id))


def _found(session: Session, rows: Select[Any]) -> list[Question]:
    return [Question(*row) for row in session.execute(rows)]


def claim(session: Session, question_id: int, staff_id: int, *, now: dt.datetime) -> bool:
    """Take an open one; False when somebody was first."""
    return _change(session, question_id, _TABLE.c.state == "open", state="owned", owner_id=staff_id, owned_at=now, changed_at=now)


def hand_on(session: Session, question_id: int, staff_id: int | None, *, now: dt.datetime) -> bool:
    """Give one that waits to a colleague, or back to everybody (None); False when it does not wait any more."""
    to = {"state": "open" if staff_id is None else "owned", "owner_id": staff_id, "owned_at": None if staff_id is None else now}
    return _change(session, question_id, _TABLE.c.state.in_(UNANSWERED), **to, changed_at=now)


def answer(session: Session, question_id: int, staff_id: int, *, now: dt.datetime, anyway: bool = False) -> Refused | None:
    """Note that it is answered, taking it where nobody has it; the words are added by `threads.add`. `anyway`: though another has it."""
    mine: list[ColumnElement[bool]] = [] if anyway else [func.coalesce(_TABLE.c.owner_id, staff_id) == staff_id]
    owner = {"owner_id": func.coalesce(_TABLE.c.owner_id, staff_id), "owned_at": func.coalesce(_TABLE.c.owned_at, now, type_=_TABLE.c.owned_at.type)}
    if _change(session, question_id, _TABLE.c.state != "closed", *mine, state="answered", answered_at=now, changed_at=now, **owner):
        return None
    found = get(session, question_id)
    return Refused(closed=True) if found is None or found.state == "closed" else Refused(closed=False, owner_id=found.owner_id)


def asked_more(session: Session, question: Question, *, now: dt.datetime) -> bool:
    """The person said something further: an answered one waits again, with a new promise. False when it was closed meanwhile."""
    again = {"asked_at": now, "brought_up_at": None, "due_at": deadline.after(session, question.center_id, now, PATIENCE)}
    for state, owned in (("owned", _TABLE.c.owner_id.is_not(None)), ("open", _TABLE.c.owner_id.is_(None))):
        if _change(session, question.id, _TABLE.c.state == "answered", owned, state=state, changed_at=now, **again):
            return True
    return _change(session, question.id, _TABLE.c.state.in_(UNANSWERED), changed_at=now)


def touch(session: Session, question_id: int, *, now: dt.datetime) -> None:
    """Something in it changed that pages show."""
    _change(session, question_id, changed_at=now)


def close(session: Session, question_id: int, by: str, *, now: dt.datetime) -> bool:
    """End it. `by`: CITIZEN or an actor. False when it was closed already."""
    return _change(session, question_id, _TABLE.c.state != "closed", state="closed", closed_at=now, closed_by=by, changed_at=now)


def rate(session: Session, question_id: int, account_id: int, rating: int, *, now: dt.datetime) -> bool:
    """1 to 5, by whoever asked, once it is closed; a later choice counts instead. False for anybody else's."""
    mine = (_TABLE.c.account_id == account_id, _TABLE.c.state == "closed", _TABLE.c.answered_at.is_not(None))
    return rating in RATINGS and _change(session, question_id, *mine, rating=rating, changed_at=now)


def _change(session: Session, question_id: int, *only: ColumnElement[bool], **values: Any) -> bool:
    """Whether the row was as it had to be."""
    if not _COUNTS.isdisjoint(values):
        rollups.touch(session, "question", question_id)
    changing = update(_TABLE).where(_TABLE.c.id == question_id, *only).values(values).returning(_TABLE.c.id)
    return session.execute(changing).first() is not None


def bring_up(session: Session, *, now: dt.datetime, limit: int = 50) -> list[Question]:
    """The overdue ones nobody was reminded of yet, each once whatever the number of processes."""
    late = (_TABLE.c.state.in_(UNANSWERED), _TABLE.c.due_at <= now, _TABLE.c.brought_up_at.is_(None))
    ids = session.execute(select(_TABLE.c.id).where(*late).order_by(_TABLE.c.due_at).limit(limit)).scalars().all()
    brought = [question_id for question_id in ids if _change(session, question_id, *late, brought_up_at=now, changed_at=now)]
    return [found for question_id in brought if (found := get(session, question_id)) is not None]


@dataclass(frozen=True)
class Count:
    """Of one center: nobody has them, somebody has them, answered and not closed; `overdue` of the first two; since when the oldest waits."""

    open: int = 0
    owned: int = 0
    answered: int = 0
    overdue: int = 0
    oldest: dt.datetime | None = None


def count(session: Session, center_id: str, *, now: dt.datetime) -> Count:
    """Where the center stands: the longest anybody waits is `now - oldest`."""
    there = (_TABLE.c.center_id == center_id, _NOT_CLOSED)
    rows = session.execute(select(_TABLE.c.state, func.count()).where(*there).group_by(_TABLE.c.state))
    states: Mapping[str, int] = {state: number for state, number in rows}  # noqa: C416 (rows are no pairs to mypy)
    waiting = (*there, _TABLE.c.state.in_(UNANSWERED))
    oldest = session.execute(select(func.min(_TABLE.c.asked_at, type_=_TABLE.c.asked_at.type)).where(*waiting)).scalar()
    overdue = session.execute(select(func.count()).where(*waiting, _TABLE.c.due_at <= now)).scalar_one()
    return Count(states.get("open", 0), states.get("owned", 0), states.get("answered", 0), overdue, oldest)


def newest(session: Session, center_ids: Sequence[str]) -> dict[str, int]:
    """When something changed last at each center, in milliseconds: for pages that are open."""
    last = func.max(_TABLE.c.changed_at, type_=_TABLE.c.changed_at.type)
    rows = session.execute(select(_TABLE.c.center_id, last).where(_TABLE.c.center_id.in_(center_ids)).group_by(_TABLE.c.center_id))
    return {center_id: int(at.timestamp() * 1000) for center_id, at in rows}


def to_show(session: Session) -> Sequence[Question]:
    """Those that no staff group has seen although their center has one."""
    groups = select(_GROUPS.c.center_id).where(_GROUPS.c.purpose == "staff", _GROUPS.c.active.is_(True))
    unseen = (_NOT_CLOSED, _TABLE.c.shown_at.is_(None), _TABLE.c.center_id.in_(groups))
    return _found(session, select(*COLUMNS).where(*unseen).order_by(_TABLE.c.id).limit(50))


def shown(session: Session, question_id: int, *, now: dt.datetime) -> bool:
    """Note that the staff groups see it; False when another process was first."""
    return _change(session, question_id, _TABLE.c.shown_at.is_(None), shown_at=now)


def staff_groups(session: Session, center_id: str) -> Sequence[ChatGroup]:
    """The groups of staff that see the questions of this center."""
    there = (_GROUPS.c.purpose == "staff", _GROUPS.c.center_id == center_id, _GROUPS.c.active.is_(True))
    return session.execute(select(ChatGroup).where(*there).order_by(_GROUPS.c.id)).scalars().all()


def account(session: Session, question: Question) -> Account | None:
    """Where answers go; None for a group's, or when nobody is there any more."""
    return session.get(Account, question.account_id) if question.account_id is not None else None


def group(session: Session, question: Question) -> ChatGroup | None:
    """The citizens' group it was asked in."""
    return session.get(ChatGroup, question.group_id) if question.group_id is not None else None
