"""The visits behind a figure, without anybody's name, and what happened to one of them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlmodel import Session

from bot import clock
from bot.console import figures_behind as behinds
from bot.console import figures_words as words
from bot.console.figures_behind import OUTCOMES, Behind
from bot.console.figures_words import Names
from bot.domain import contributions, visits
from bot.domain.contributions import COUNTED
from bot.domain.paging import Page, Turn
from bot.domain.scopes import Scope
from bot.domain.visits import Event, Visit
from bot.texts import t


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
    """A page of them in words."""

    lines: list[Line]
    page: Page[Visit]


def listed(session: Session, scope: Scope, names: Names, behind: Behind, turn: Turn) -> Listed:
    page = behinds.page(session, scope, behind, turn)
    return Listed([line(visit, names) for visit in page.rows], page)


def line(visit: Visit, names: Names) -> Line:
    moment = visit.due_at or visit.starts_at
    when = f"{clock.hour(moment)}, {clock.day(visit.day)}" if moment is not None else clock.day(visit.day)
    outcome = t(f"figures.outcome_{visit.outcome}") if visit.outcome in OUTCOMES else t(f"figures.outcome_{visit.state}")
    papers = "; ".join(dict.fromkeys(one.name for one in visit.papers_lacked))
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
