"""The facts of a day that stand beside its obstacles: three figures that add up, how long people waited, what comes tomorrow, what went well."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from statistics import median

from sqlalchemy import or_, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Center, Visit
from bot.db.questions import Question
from bot.db.results import Feedback
from bot.db.sums import Sums
from bot.domain import counters, dossier_lists, figure_times, figures, hours, indicators, obstacles, slots, visits
from bot.domain.indicators import LEAST
from bot.domain.obstacles import Evening

USUAL = 28  # days before: their median is a usual day
_CENTER, _VISIT, _QUESTION, _FEEDBACK = (upsert.table(kind).c for kind in (Center, Visit, Question, Feedback))


@dataclass(frozen=True)
class Tomorrow:
    """The next day with hours (ISO, "" of none in sight): how many are booked, what is free, its fullest hour and how many then, dossiers due."""

    next_day: str = ""
    booked: int = 0
    free: int = 0
    full_hour: int | None = None
    full: int = 0
    due: int = 0


@dataclass(frozen=True)
class Facts(Tomorrow):
    """`done` + `back` + `absent` = `came`; `usual`: of the days before, None of too few. Waiting in minutes, None held back.

    `wait_mean` is what the figures of a center call waiting; half of the people wait no longer than `wait`, nine in ten no longer than `wait_nine`.
    """

    came: int = 0
    done: int = 0
    back: int = 0
    absent: int = 0
    usual: int | None = None
    wait: int | None = None
    wait_mean: int | None = None
    wait_nine: int | None = None
    untrusted: int = 0
    firsts: int = 0
    first_complete: int = 0
    answered: int = 0
    ready: int = 0
    ready_late: int = 0

    @property
    def shares(self) -> tuple[int, ...]:
        """Done, back and absent in whole percent that add up to 100: what is lost by rounding down goes to those that lost most."""
        parts = [100 * part for part in (self.done, self.back, self.absent)]
        found = [part // self.came for part in parts]
        most_lost = sorted(range(len(parts)), key=lambda place: -(parts[place] % self.came))
        for place in most_lost[: 100 - sum(found)]:
            found[place] += 1
        return tuple(found)

    def kept(self) -> str:
        return json.dumps(asdict(self))


def read(kept: str) -> Facts:
    return Facts(**json.loads(kept))


def known(session: Session, centers: Collection[str], day: dt.date) -> set[str]:
    """Those of the centers that were there on that day: set up by then, or something had happened at them. Days before have no digest."""
    over = hours.at(day + dt.timedelta(days=1), 0)
    happened = (
        select(_VISIT.id).where(_VISIT.center_id == _CENTER.id, _VISIT.day <= day).exists(),
        select(_QUESTION.id).where(_QUESTION.center_id == _CENTER.id, _QUESTION.asked_at < over).exists(),
        select(_FEEDBACK.id).where(_FEEDBACK.center_id == _CENTER.id, _FEEDBACK.created_at < over).exists(),
    )
    return set(session.execute(select(_CENTER.id).where(_CENTER.id.in_(list(centers)), or_(_CENTER.created_at < over, *happened))).scalars())


def facts(session: Session, evening: Evening, *, now: dt.datetime) -> Facts:
    line = figures.trend(session, evening.scope, USUAL)
    sums = line[-1].sums
    before = [_came(span.sums) for span in line[:-1] if _came(span.sums)]
    wait = figure_times.distribution(session, evening.scope, "wait")
    back, mean = sums.papers_missing + sums.not_served, indicators.wait(sums).shown
    return Facts(
        came=_came(sums),
        done=sums.served - back,
        back=back,
        absent=sums.no_show,
        usual=round(median(before)) if len(before) >= LEAST else None,
        wait=wait.median if wait.enough else None,
        wait_mean=round(mean) if wait.enough and mean is not None else None,
        wait_nine=wait.p90 if wait.enough else None,
        untrusted=sums.wait_bad,
        firsts=sums.firsts,
        first_complete=sums.first_complete,
        answered=sums.answered_questions,
        ready=sums.ready,
        ready_late=sums.ready_late,
        **asdict(_tomorrow(session, evening, now)),
    )


def _came(sums: Sums) -> int:
    """Everybody whose visit ended that day, also by not coming."""
    return sums.served + sums.no_show


def _tomorrow(session: Session, evening: Evening, now: dt.datetime) -> Tomorrow:
    first = evening.day + dt.timedelta(days=1)
    ahead = hours.of_days(session, evening.center_id, first, first + dt.timedelta(days=hours.AHEAD))
    day = next((one.date for one in ahead.values() if one.is_open), None)
    if day is None:
        return Tomorrow()
    coming = visits.of_day(session, evening.center_id, day, ("booked",))
    by_hour = Counter(clock.local(one.starts_at).hour for one in coming if one.starts_at is not None)
    hour, full = min(by_hour.items(), key=lambda one: (-one[1], one[0]), default=(None, 0))
    groups = [group for group in counters.groups(session, evening.center_id) if group.active]
    free = sum(found.free for group in groups for found in slots.of_days(session, group, day, day, now=now))
    due = dossier_lists.counts(session, evening.center_id, obstacles.due_days(session, evening))["tomorrow"]
    return Tomorrow(day.isoformat(), len(coming), free, hour, full, due)
