"""The visits behind a figure, without anybody's name, and what happened to one of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session

from bot import clock
from bot.console import figures_words as words
from bot.console.figures_words import Names
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import Outcome
from bot.db.results import Dossier
from bot.domain import contributions, hours, visits
from bot.domain.contributions import COUNTED, SECOND
from bot.domain.rollup_rows import Fields
from bot.domain.scopes import Scope
from bot.domain.visits import Event, Visit
from bot.texts import t

MOST, MOST_READ = 200, 5_000
OUTCOMES: tuple[Outcome, ...] = ("accepted", "papers_missing", "done_now", "wrong_place", "other", "not_served")
_V, _D = upsert.table(Row).c, upsert.table(Dossier).c


class Behind(NamedTuple):
    """Which of the visits of a scope. `weekday` 1 to 7 and `hour` of the day they began to wait; 0 and -1: any. `late`: their dossier was."""

    paper: str = ""
    outcome: str = ""
    weekday: int = 0
    hour: int = -1
    late: bool = False

    def words(self) -> dict[str, str]:
        """For an address."""
        hour = str(self.hour) if self.hour >= 0 else ""
        return {"giay": self.paper, "ket_qua": self.outcome, "thu": str(self.weekday or ""), "gio": hour, "tre": "1" if self.late else ""}


def read(given: Mapping[str, str]) -> Behind:
    """What makes no sense counts as not given."""
    outcome = given.get("ket-qua", "")
    weekday, hour = (given.get(name, "") for name in ("thu", "gio"))
    return Behind(
        given.get("giay", "")[:80], outcome if outcome in OUTCOMES else "", int(weekday) if weekday in "1234567" and weekday else 0,
        int(hour) if hour.isascii() and hour.isdecimal() and len(hour) < 3 else -1, given.get("tre", "") == "1",
    )  # fmt: skip


class Line(NamedTuple):
    """A visit in words. `ticket` is "" where none was given."""

    id: int
    ticket: str
    when: str
    what: str
    outcome: str
    papers: str
    waited: str


class Listed(NamedTuple):
    lines: list[Line]
    found: int


def listed(session: Session, scope: Scope, names: Names, behind: Behind) -> Listed:
    """The newest first, at most MOST of them."""
    found = [visit for visit in _found(session, scope, behind) if _fits(visit, behind)]
    return Listed([line(visit, names) for visit in found[:MOST]], len(found))


def _found(session: Session, scope: Scope, behind: Behind) -> Iterator[Visit]:
    there: list[ColumnElement[bool]] = [_V.center_id == scope.center, _V.state.in_(COUNTED)]
    there += [column == given for column, given in ((_V.procedure, scope.procedure), (_V.outcome, behind.outcome)) if given]
    there.append(_V.id.in_(_late(scope)) if behind.late else _V.day.between(scope.first, scope.last))
    if scope.channel and not behind.late:
        there.append(_V.source == scope.channel)
    if behind.paper:
        there.append(_V.missing.contains(f'"{behind.paper}"', autoescape=True))
    newest = select(*visits.COLUMNS).where(*there).order_by(_V.day.desc(), _V.due_at.desc(), _V.id.desc()).limit(MOST_READ)
    fields = Fields(session)
    for visit in visits.found(session, newest):
        if behind.late or scope.field in ("", fields.of_procedure(visit.procedure) or fields.of_group(visit.group_id)):
            yield visit


def _late(scope: Scope) -> Select[Any]:
    """Visits whose dossier became ready in the period and counts as late. Those the province's list brought have no visit."""
    begins, ends = hours.at(scope.first, 0), hours.at(scope.last + dt.timedelta(days=1), 0)
    there = [_D.center_id == scope.center, _D.ready_at >= begins, _D.ready_at < ends, _D.missed_due.is_not(None) | (_D.supplements >= SECOND)]
    there += [column == given for column, given in ((_D.field, scope.field), (_D.procedure, scope.procedure), (_D.source, scope.channel)) if given]
    return select(_D.visit_id).where(*there, _D.visit_id.is_not(None))


def _fits(visit: Visit, behind: Behind) -> bool:
    """What the statement could not say: the paper itself, and the local hour as the map of waiting counts it."""
    if behind.paper and (visit.state not in contributions.SERVED or all(one.id != behind.paper for one in visit.papers_missing)):
        return False
    if not behind.weekday and behind.hour < 0:
        return True
    if visit.due_at is None or visit.state == "cancelled":
        return False
    began = clock.local(visit.due_at)
    return behind.weekday in (0, began.isoweekday()) and behind.hour in (-1, began.hour)


def line(visit: Visit, names: Names) -> Line:
    moment = visit.due_at or visit.starts_at
    when = f"{clock.hour(moment)}, {clock.day(visit.day)}" if moment is not None else clock.day(visit.day)
    outcome = t(f"figures.outcome_{visit.outcome}") if visit.outcome in OUTCOMES else t(f"figures.outcome_{visit.state}")
    papers = "; ".join(one.name for one in visit.papers_missing)
    return Line(visit.id, visit.ticket, when, names.procedure(visit.procedure), outcome, papers, _waited(visit))


def _waited(visit: Visit) -> str:
    """As the figures count it; what they do not trust is said to be so."""
    if visit.state not in contributions.SERVED:
        return words.NONE
    row = contributions.Visit(**{name: getattr(visit, name) for name in contributions.Visit._fields})
    minutes = contributions.waited(row)
    return t("figures.untrusted") if minutes is None else t("figures.in_minutes", value=minutes)


class Step(NamedTuple):
    """One event of a visit. Who did it is told as what they are, never as who."""

    at: dt.datetime
    what: str
    who: str


class One(NamedTuple):
    line: Line
    steps: list[Step]


def one(session: Session, center: str, visit_id: int, names: Names) -> One | None:
    visit = visits.get(session, visit_id) if visit_id < 2**62 else None
    if visit is None or visit.center_id != center or visit.state not in COUNTED:
        return None
    return One(line(visit, names), [Step(event.at, what(event, names), _who(event.actor)) for event in visits.events(session, [visit_id])])


def what(event: Event, names: Names) -> str:
    """What changed that a figure can come from. Notes are left out: they may name people."""
    after = {name: new for name, (_, new) in event.changes.items()}
    parts = [t(f"booking.state_{after['state']}") if "state" in after else ""]
    if after.get("outcome") in OUTCOMES:
        parts.append(t(f"figures.outcome_{after['outcome']}"))
    if after.get("procedure"):
        parts.append(names.procedure(after["procedure"]))
    if after.get("due_at"):
        parts.append(t("figures.step_waits"))
    said = "; ".join(part for part in parts if part)
    return words.capital(said) if said else t("figures.step_other")


def _who(actor: str) -> str:
    kind = actor.partition(":")[0]
    return (
        t("figures.by_staff")
        if kind == "staff"
        else t("figures.by_citizen")
        if kind in ("account", "person", "citizen", "kiosk")
        else t("figures.by_system")
    )
