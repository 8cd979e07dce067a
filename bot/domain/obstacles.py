"""What stood in the way of a center's day: found in the figures and in what is left over, ranked by what it costs people."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import UNANSWERED
from bot.db.leaving import Notice
from bot.db.questions import Question
from bot.db.results import Feedback
from bot.db.tables import Outbox
from bot.domain import belonging, counters, dossier_lists, dossiers, feedback_remarks, figure_papers, figure_times, figures, hours, misses
from bot.domain.dossier_lists import Days
from bot.domain.feedback import FACTORS, LOW
from bot.domain.figure_times import Cell
from bot.domain.scopes import Scope

Kind = Literal["unserved", "papers", "hour", "late", "questions", "low", "misses", "messages", "remarks"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What one of it costs people, against the others: a way made in vain is more than a message that did not arrive.
WEIGHTS: Mapping[Kind, int] = {"unserved": 6, "late": 5, "papers": 4, "remarks": 4, "questions": 3, "low": 3, "hour": 2, "misses": 1, "messages": 1}
LEAST_PAPERS = 3  # of the same paper: fewer are no pattern
PAPERS = 2
LEAST_MISSES = 3  # of a day: one that finds nothing is no pattern
LONG_WAIT = 30  # minutes, in the mean of an hour
WEEK = dt.timedelta(days=6)
LOOK_BACK = dt.timedelta(days=60)
QUOTED = 3

_TROUBLED = text("outbox.state IN ('refused', 'unknown', 'retry')")  # as its index says it
_QUESTION, _FEEDBACK, _OUTBOX, _NOTICE = (upsert.table(kind) for kind in (Question, Feedback, Outbox, Notice))


class Obstacle(NamedTuple):
    """`number`: how many people, dossiers, questions … `detail`: what a sentence about it needs besides; nothing a citizen wrote."""

    kind: Kind
    number: int
    detail: Mapping[str, Any] = {}
    weight: int = 0


class Evening(NamedTuple):
    """Whose evening it is. `since`: the day of the digest before. `alone`: no other center shares its messages. `main`: what belongs to no
    center is told here."""

    center_id: str
    day: dt.date
    since: dt.date
    alone: bool
    main: bool = False

    @property
    def scope(self) -> Scope:
        return Scope(self.center_id, self.day, self.day)


def find(session: Session, evening: Evening, *, now: dt.datetime) -> list[Obstacle]:
    """The costliest first."""
    parts = (_unserved, _papers, _hour, _late, _questions, _low, _remarks, _misses, _messages)
    found = [one._replace(weight=_weight(one)) for part in parts for one in part(session, evening, now)]
    return sorted(found, key=lambda one: (-one.weight, KINDS.index(one.kind)))


def _weight(one: Obstacle) -> int:
    """Of remarks only those that became overdue since the digest before: the others were told then, and do not stand above the day."""
    return max(1, int(one.detail.get("fresh", one.number)) * WEIGHTS[one.kind])


def _unserved(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    number = figures.sums(session, evening.scope).not_served
    if number:
        yield Obstacle("unserved", number)


def _papers(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """Papers people came without, most often first; not those no law asks for. `week`: how often in the seven days up to this one."""
    week = _missing(session, evening.scope.at(evening.day - WEEK, evening.day))
    for (procedure, paper), number in islice(_missing(session, evening.scope).items(), PAPERS):
        if number >= LEAST_PAPERS:
            yield Obstacle("papers", number, {"procedure": procedure, "paper": paper, "week": week[procedure, paper]})


def _missing(session: Session, scope: Scope) -> dict[tuple[str, str], int]:
    return figure_papers.lacked(figure_papers.papers(session, scope, "missing"))


def _hour(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """The hour in which the center was furthest behind: more people than its counters can serve, or a long wait."""
    room = _capacity(session, evening.center_id)
    cells = figure_times.heat(session, evening.scope).items()
    full = [(hour, cell) for (_, hour), cell in cells if cell.enough and (cell.visits > room or (cell.mean or 0) >= LONG_WAIT)]
    if full:
        hour, cell = max(full, key=lambda one: (_behind(one[1]), -one[0]))
        yield Obstacle("hour", cell.visits, {"hour": hour, "minutes": _behind(cell), "room": room})


def _behind(cell: Cell) -> int:
    return round(cell.mean or 0)


def _capacity(session: Session, center_id: str) -> int:
    """How many people all counters together serve in an hour, by the time a visit takes in their groups."""
    minutes = {group.id: group.service_minutes for group in counters.groups(session, center_id) if group.active}
    each = [[minutes[group] for group in desk.serves if group in minutes] for desk in counters.counters(session, center_id) if desk.active]
    return round(sum(60 * len(times) / sum(times) for times in each if times))


def _late(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """Dossiers past their day; `tomorrow`: how many more follow on the next working day."""
    days = due_days(session, evening)
    counts = dossier_lists.counts(session, evening.center_id, days)
    late = counts["overdue"] + counts["today"]  # what was promised for today was not ready when the counters shut
    if late:
        yield Obstacle("late", late, {"tomorrow": counts["tomorrow"]})


def due_days(session: Session, evening: Evening) -> Days:
    return dossier_lists.days(evening.day, dossiers.works(session, evening.center_id, evening.day - LOOK_BACK))


def _questions(session: Session, evening: Evening, now: dt.datetime) -> Iterator[Obstacle]:
    """Those nobody answered. `since`: since when the oldest waits; `overdue`: how many wait longer than promised."""
    c = _QUESTION.c
    counted = select(func.count(), func.min(c.asked_at, type_=c.asked_at.type), func.count().filter(c.due_at <= now))
    mine = (c.center_id == evening.center_id, c.state.in_(UNANSWERED))
    number, oldest, overdue = session.execute(counted.where(*mine)).one()
    if number:
        yield Obstacle("questions", int(number), {"since": oldest.isoformat(), "overdue": int(overdue)})


def _low(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """Ratings with something bad, when they may be shown (feedback_remarks): of a visit from the next day on. `ids`: of those with words."""
    c = _FEEDBACK.c
    bad = or_(*(c[factor].between(1, LOW) for factor in FACTORS))
    recent = c.done_at >= hours.at(evening.since, 0)  # done after it was begun: what the index is asked for
    there = select(c.id, c.comment != "").where(c.center_id == evening.center_id, recent, bad, _shown_since(evening)).order_by(c.token)
    rows = session.execute(there).all()
    if rows:
        yield Obstacle("low", len(rows), {"ids": [number for number, worded in rows if worded][:QUOTED]})


def _shown_since(evening: Evening) -> ColumnElement[bool]:
    """Shown today and not in the digest before: visits of the days before this one, codes at the counter up to this one."""
    begun, counter = _FEEDBACK.c.begun_at, _FEEDBACK.c.origin == "counter"
    first, midnight = hours.at(evening.since, 0), hours.at(evening.day, 0)
    day = dt.timedelta(days=1)
    return or_(and_(counter, begun >= first + day, begun < midnight + day), and_(~counter, begun >= first, begun < midnight))


def words(session: Session, center_id: str, ids: Iterable[int]) -> list[str]:
    """What was said with these ratings, as far as it is still kept."""
    c = _FEEDBACK.c
    there = select(c.comment).where(c.center_id == center_id, c.id.in_(list(ids)), c.comment != "").order_by(c.token)
    return [str(comment) for comment in session.execute(there).scalars()]


def _remarks(session: Session, evening: Evening, now: dt.datetime) -> Iterator[Obstacle]:
    """Those that wait longer than the law allows. `since`: the day of the oldest; `fresh`: how many became overdue since the digest before."""
    overdue = feedback_remarks.overdue_of(session, evening.center_id, evening.since, now=now)
    if overdue.number:
        yield Obstacle("remarks", overdue.number, {"since": overdue.oldest.isoformat(), "fresh": overdue.fresh})


def _misses(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """Searches that found nothing; what was typed is not kept with the day."""
    number = misses.number_of(session, evening.center_id, evening.day)
    if number >= LEAST_MISSES:
        yield Obstacle("misses", number)


def _messages(session: Session, evening: Evening, _now: dt.datetime) -> Iterator[Obstacle]:
    """What did not arrive that day."""
    begins = hours.at(evening.day, 0)
    that_day = _OUTBOX.c.settled_at.between(begins, begins + dt.timedelta(days=1))
    states = _states(session, evening, and_(_TROUBLED, _OUTBOX.c.state != "retry", that_day))
    if states:
        yield Obstacle("messages", states.total(), {"unknown": states["unknown"]})


def _states(session: Session, evening: Evening, failed: ColumnElement[bool]) -> Counter[str]:
    """How many of the center's in each state: of its notices, and of everything else that belongs to it or, at the main one, to none."""
    own = () if evening.alone else (_OUTBOX.c.notice_id.in_(select(_NOTICE.c.id).where(_NOTICE.c.center_id == evening.center_id)),)
    counted = select(_OUTBOX.c.state, func.count()).where(failed, *own).group_by(_OUTBOX.c.state)
    states = Counter({str(state): int(number) for state, number in session.execute(counted)})
    if not evening.alone:
        mine = (evening.center_id, "") if evening.main else (evening.center_id,)
        states.update(sent.state for sent in belonging.of(session, failed) if sent.center_id in mine)
    return states
