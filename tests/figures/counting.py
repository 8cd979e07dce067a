"""What a rebuild would find wrong, at a center of the tests."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db.figures import FIGURE_DETAIL
from bot.db.sums import Sums
from bot.domain import figures, rebuilding
from bot.domain.rebuilding import Difference
from bot.domain.scopes import Scope
from tests.center_day import CENTER, CenterDay


def differences(session: Session, *, check: bool = True) -> list[Difference]:
    """Of all centers and months; `check` False puts them right."""
    found: list[Difference] = []
    for month in rebuilding.months(session):
        for center_id in rebuilding.centers(session):
            found += rebuilding.own(session, center_id, month, check=check)
    return found


def wrongs(day: CenterDay) -> list[str]:
    return [str(difference) for difference in day.read(differences)]


def sums(day: CenterDay, date: dt.date | None = None, center: str | None = CENTER) -> Sums:
    """Of one day, today."""
    return day.read(figures.sums, Scope(center, date or day.today, date or day.today))


def counted(day: CenterDay, date: dt.date | None = None) -> dict[str, int]:
    """What is not 0."""
    return {name: value for name, value in sums(day, date)._asdict().items() if value}


def items(day: CenterDay, kind: str) -> dict[str, int]:
    """Of all days, as they stand in the rollups by month."""
    c = FIGURE_DETAIL.c
    there = (c.kind == kind, c.level == "pc", c.grain == "month")
    wanted = select(c.item, func.sum(c.n)).where(*there).group_by(c.item)
    return {item: int(n) for item, n in day.read(lambda session: session.execute(wanted).all()) if n}
