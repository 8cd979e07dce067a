"""Lists of a center's dossiers: what is due, what waits, and a day's for a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.results import Dossier as Row
from bot.domain import dossier_codes, dossiers, hours, paging, working_days
from bot.domain.dossiers import LIVE, Dossier
from bot.domain.paging import Listing, Mark, Order, Page, Turn
from bot.domain.working_days import Works

# What staff look at: everything not over; by what has to happen; over since a while.
Part = Literal["all", "overdue", "today", "tomorrow", "paused", "ready", "ended"]
PARTS: tuple[Part, ...] = ("all", "overdue", "today", "tomorrow", "paused", "ready", "ended")
A_PAGE = 40
MOST_COUNTED = 50_000
ENDED_FOR = dt.timedelta(days=30)
MOST_SHEET = 5_000

NO_DAY = dt.date.max  # stands behind every other

_TABLE = upsert.table(Row)
_STATE, _DAY = case((_TABLE.c.state == "open", 0), else_=1), func.coalesce(_TABLE.c.due, literal(NO_DAY, _TABLE.c.due.type))
_OPEN_FIRST = Order((_STATE, _DAY, _TABLE.c.id), (int, dt.date, int))
_NEWEST = Order((_TABLE.c.changed_at, _TABLE.c.id), (dt.datetime, int), falling=True)


class Days(NamedTuple):
    """`tomorrow`: the next working day."""

    today: dt.date
    tomorrow: dt.date


def days(today: dt.date, works: Works) -> Days:
    return Days(today, working_days.after(today, 1, works))


def of_part(session: Session, center_id: str, part: Part, day: Days, turn: Turn = Turn()) -> Page[Dossier]:  # noqa: B008
    """The overdue first, then by date; what is over the newest first."""
    there = select(*dossiers.COLUMNS).where(_TABLE.c.center_id == center_id, _where(part, day))
    key = _ended if part == "ended" else _due
    return paging.page(session, Listing(there, _order(part), dossiers.found, key, A_PAGE, MOST_COUNTED), turn)


def turned(given: Mapping[str, str], part: Part) -> Turn:
    """What makes no sense counts as not given."""
    return paging.turned(given, _order(part))


def _order(part: Part) -> Order:
    return _NEWEST if part == "ended" else _OPEN_FIRST


def _due(one: Dossier) -> Mark:
    return int(one.state != "open"), one.due or NO_DAY, one.id


def _ended(one: Dossier) -> Mark:
    return one.changed_at, one.id


def counts(session: Session, center_id: str, day: Days) -> Mapping[Part, int]:
    """How many there are in each part that is not over."""
    found: dict[Part, int] = {}
    for part in PARTS[:-1]:
        number = select(func.count()).select_from(_TABLE).where(_TABLE.c.center_id == center_id, _where(part, day))
        found[part] = int(session.execute(number).scalar_one())
    return found


def _where(part: Part, day: Days) -> ColumnElement[bool]:
    is_open = _TABLE.c.state == "open"
    match part:
        case "overdue":
            return and_(is_open, _TABLE.c.due < day.today)
        case "today":
            return and_(is_open, _TABLE.c.due == day.today)
        case "tomorrow":
            return and_(is_open, _TABLE.c.due > day.today, _TABLE.c.due <= day.tomorrow)
        case "paused" | "ready":
            return _TABLE.c.state == part
        case "ended":
            return and_(_TABLE.c.state.not_in(LIVE), _TABLE.c.changed_at >= hours.at(day.today, 0) - ENDED_FOR)
    return _TABLE.c.state.in_(LIVE)


def search(session: Session, center_id: str, typed: str) -> list[Dossier]:
    """By a code or how it ends: the last digits are what people read out."""
    key = dossier_codes.key(typed) or "".join(filter(str.isalnum, typed.upper()))
    if len(key) < 3:
        return []
    mine = (_TABLE.c.center_id == center_id, _TABLE.c.receipt_key.like(f"%{key}"))
    return dossiers.found(session, select(*dossiers.COLUMNS).where(*mine).order_by(_TABLE.c.id.desc()).limit(20))


def of_day(session: Session, center_id: str, day: dt.date) -> list[Dossier]:
    """What was received or changed on that day, and what was due on it, by code."""
    begins, ends = hours.at(day, 0), hours.at(day + dt.timedelta(days=1), 0)
    moved = and_(_TABLE.c.changed_at >= begins, _TABLE.c.changed_at < ends)
    received = and_(_TABLE.c.received_at >= begins, _TABLE.c.received_at < ends)
    due = and_(_TABLE.c.due == day, _TABLE.c.state.in_(LIVE))
    there = select(*dossiers.COLUMNS).where(_TABLE.c.center_id == center_id, or_(moved, received, due))
    return dossiers.found(session, there.order_by(_TABLE.c.received_at, _TABLE.c.id).limit(MOST_SHEET))


def left(dossier: Dossier, today: dt.date, works: Works) -> int | None:
    """Working days until it is due, below 0 those it is late; None where no time runs."""
    if dossier.state != "open" or dossier.due is None:
        return None
    if dossier.due >= today:
        return working_days.between(today, dossier.due, works)
    return -max(1, working_days.between(dossier.due, today, works))
