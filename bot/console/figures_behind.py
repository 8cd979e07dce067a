"""Which visits stand behind a figure, and a page of them: the newest first, every filter asked of the database so that the count is true."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, extract, func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import CounterGroup
from bot.db.day import Visit as Row
from bot.db.enums import Outcome
from bot.db.figures import ProcedureField
from bot.db.results import Dossier
from bot.domain import contributions, hours, paging, rollup_rows, visits
from bot.domain.contributions import COUNTED, SECOND
from bot.domain.paging import Listing, Order, Page, Turn
from bot.domain.scopes import Scope
from bot.domain.visits import Visit

A_PAGE = 100
MOST_COUNTED = 50_000  # of more it is said that they are more
OUTCOMES: tuple[Outcome, ...] = ("accepted", "papers_missing", "done_now", "wrong_place", "other", "not_served")
HOUR, DAY = 3600, 86_400  # seconds
VIETNAM, MONDAY = 7 * HOUR, 3 * DAY  # ahead of UTC, all year; 1 January 1970 was a Thursday
_V, _D, _F, _G = (upsert.table(table).c for table in (Row, Dossier, ProcedureField, CounterGroup))
_ORDER = Order((_V.day, func.coalesce(_V.due_at, _V.starts_at, _V.created_at), _V.id), (dt.date, dt.datetime, int), falling=True)


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


def turned(given: Mapping[str, str]) -> Turn:
    """What makes no sense counts as not given."""
    return paging.turned(given, _ORDER)


def page(session: Session, scope: Scope, behind: Behind, turn: Turn) -> Page[Visit]:
    """Where a mark leads out of the list, its first page."""
    wanted = select(*visits.COLUMNS).where(*_there(session, scope, behind))
    return paging.page(session, Listing(wanted, _ORDER, visits.found, _key, A_PAGE, MOST_COUNTED), turn)


def _key(one: Visit) -> paging.Mark:
    return one.day, one.due_at or one.starts_at or one.created_at, one.id


def _there(session: Session, scope: Scope, behind: Behind) -> list[ColumnElement[bool]]:
    there: list[ColumnElement[bool]] = [_V.center_id == scope.center, _V.state.in_(COUNTED)]
    there += [column == given for column, given in ((_V.procedure, scope.procedure), (_V.outcome, behind.outcome)) if given]
    if behind.late:
        there.append(_V.id.in_(_late(scope)))
    else:
        there.append(_V.day.between(scope.first, scope.last))
        there += [rollup_rows.came_by(scope.channel)] if scope.channel else []
        there += [_of_field(session, scope)] if scope.field else []
    if behind.paper:
        there += [_V.state.in_(contributions.SERVED), _lacks(scope, behind.paper)]
    if behind.weekday or behind.hour >= 0:
        there += [_V.state != "cancelled", *_began(behind)]
    return there


def _late(scope: Scope) -> Select[Any]:
    """Visits whose dossier became ready in the period and counts as late. Those the province's list brought have no visit."""
    begins, ends = hours.at(scope.first, 0), hours.at(scope.last + dt.timedelta(days=1), 0)
    there = [_D.center_id == scope.center, _D.ready_at >= begins, _D.ready_at < ends, _D.missed_due.is_not(None) | (_D.supplements >= SECOND)]
    there += [column == given for column, given in ((_D.field, scope.field), (_D.procedure, scope.procedure), (_D.source, scope.channel)) if given]
    return select(_D.visit_id).where(*there, _D.visit_id.is_not(None))


def _of_field(session: Session, scope: Scope) -> ColumnElement[bool]:
    """As rollup_rows.Fields tells it: by the procedure, else by counters that serve one field only."""
    groups = session.execute(select(_G.id, _G.fields).where(_G.center_id == scope.center))
    theirs = [number for number, fields in groups if json.loads(fields) == [scope.field]]
    known = select(_F.code).where(_F.field != "")
    return _V.procedure.in_(known.where(_F.field == scope.field)) | (_V.procedure.not_in(known) & _V.group_id.in_(theirs))


def _lacks(scope: Scope, paper: str) -> ColumnElement[bool]:
    """The paper was missing, in this turn of the visit or in an earlier one, or its dossier was paused for it. JSON as queue.finish writes it."""
    said = f'"id": {json.dumps(paper, ensure_ascii=False)}'
    begins, ends = hours.at(scope.first, 0), hours.at(scope.last + dt.timedelta(days=1), 0)
    received = (_D.center_id == scope.center, _D.received_at >= begins, _D.received_at < ends, _D.visit_id.is_not(None))
    asked = select(_D.visit_id).where(*received, _D.lacked.contains(said, autoescape=True))
    return _V.missing.contains(said, autoescape=True) | _V.lacked.contains(said, autoescape=True) | _V.id.in_(asked)


def _began(behind: Behind) -> list[ColumnElement[bool]]:
    """The local weekday and hour they began to wait, as the map of waiting counts them."""
    local = extract("epoch", _V.due_at) + VIETNAM
    of_day, of_week = local % DAY, (local + MONDAY) % (7 * DAY)
    found = [of_week >= (behind.weekday - 1) * DAY, of_week < behind.weekday * DAY] if behind.weekday else []
    return [*found, *([of_day >= behind.hour * HOUR, of_day < (behind.hour + 1) * HOUR] if behind.hour >= 0 else [])]
