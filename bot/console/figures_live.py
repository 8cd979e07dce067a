"""What stands open this minute beside the figures of a period: dossiers, questions; and the notices of the period from their ledger."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.columns import Moment
from bot.db.enums import FROZEN, UNANSWERED
from bot.db.figures import ProcedureField
from bot.db.leaving import Notice
from bot.db.questions import Question
from bot.db.results import Dossier
from bot.db.tables import Account
from bot.domain import contributions, hours, ledger
from bot.domain.ledger import ByBot
from bot.domain.scopes import Scope

_DOSSIER, _QUESTION, _ACCOUNT, _FIELD, _NOTICE = (upsert.table(kind).c for kind in (Dossier, Question, Account, ProcedureField, Notice))


class Open(NamedTuple):
    """Dossiers under way now; `overdue` past their date, `paused` waiting for papers."""

    open: int
    overdue: int
    paused: int


def dossiers(session: Session, scope: Scope, today: dt.date) -> Open:
    """With the filters of the scope, whatever its period."""
    running = _DOSSIER.state == "open"
    there = [_DOSSIER.state.in_(("open", "paused")), *_center(_DOSSIER.center_id, scope)]
    there += [_DOSSIER[name] == given for name, given in (("field", scope.field), ("procedure", scope.procedure), ("source", scope.channel)) if given]
    counted = (_sum(running), _sum(running & (_DOSSIER.due < today)), _sum(_DOSSIER.state == "paused"))
    return Open(*map(int, session.execute(select(*counted).where(*there)).one()))


class Waiting(NamedTuple):
    """Questions nobody has answered yet. `oldest`: since when somebody waits. `about`: procedure → how many."""

    number: int
    oldest: dt.datetime | None
    about: Mapping[str, int]


def questions(session: Session, scope: Scope) -> Waiting:
    """With the filters of the scope, whatever its period."""
    there = [_QUESTION.state.in_(UNANSWERED), *_center(_QUESTION.center_id, scope)]
    if scope.procedure:
        there.append(_QUESTION.about == scope.procedure)
    if scope.field:
        there.append(_QUESTION.about.in_(select(_FIELD.code).where(_FIELD.field == scope.field)))
    if scope.channel == "group":
        there.append(_QUESTION.account_id.is_(None))
    elif scope.channel:
        there.append(_QUESTION.account_id.in_(select(_ACCOUNT.id).where(_of_channel(_ACCOUNT.bot, scope.channel))))
    grouped = select(_QUESTION.about, func.count(), func.min(_QUESTION.asked_at, type_=Moment)).where(*there).group_by(_QUESTION.about)
    rows = session.execute(grouped).all()
    about = {str(code): int(number) for code, number, _ in sorted(rows, key=lambda row: (-row[1], row[0]))}
    return Waiting(sum(about.values()), min((row[2] for row in rows), default=None), about)


class Ledger(NamedTuple):
    """A notice whose list was frozen in the period. `sums`: rows by state; together they are `recipients`."""

    title: str
    day: dt.date
    recipients: int
    sums: Mapping[str, int]


def notices(session: Session, scope: Scope) -> list[Ledger]:
    """The newest first; with a channel those that went there, and what went there. Procedure and field mean nothing to a notice."""
    begins, ends = hours.at(scope.first, 0), hours.at(scope.last + dt.timedelta(days=1), 0)
    there = [_NOTICE.frozen_at >= begins, _NOTICE.frozen_at < ends, _NOTICE.state.in_(FROZEN), *_center(_NOTICE.center_id, scope)]
    columns = (_NOTICE.id, _NOTICE.title, _NOTICE.frozen_at, _NOTICE.recipients, _NOTICE.sums)
    found = session.execute(select(*columns).where(*there).order_by(_NOTICE.frozen_at.desc(), _NOTICE.id.desc())).all()
    sums = ledger.of_notices(session, {row.id: row.sums for row in found})
    ledgers = [Ledger(row.title, clock.today(row.frozen_at), row.recipients or 0, _added(sums[row.id], scope.channel)) for row in found]
    if not scope.channel:
        return ledgers
    return [one._replace(recipients=number) for one in ledgers if (number := sum(one.sums.values()))]


def _added(bots: ByBot, channel: str) -> Counter[str]:
    there = [states for bot, states in bots.items() if not channel or contributions.channel(bot) == channel]
    return sum((Counter(states) for states in there), Counter())


def _of_channel(bot: ColumnElement[str], channel: str) -> ColumnElement[bool]:
    """A channel may have several bots: telegram:1, telegram:2."""
    return or_(bot == channel, bot.startswith(f"{channel}:", autoescape=True))


def _sum(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _center(column: ColumnElement[str], scope: Scope) -> list[ColumnElement[bool]]:
    return [] if scope.center is None else [column == scope.center]
