"""Until when something is promised: so many of the center's open hours from now, and when it opens next."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session

from bot import clock
from bot.domain import hours
from bot.domain.centers import Center

NOTHING_OPEN = dt.timedelta(days=7)  # what is promised where no opening is known


def after(session: Session, center_id: str, begins: dt.datetime, patience: dt.timedelta) -> dt.datetime:
    """The moment by which the center was open for `patience` since `begins`."""
    today, left = clock.today(begins), patience
    for date, day in hours.of_days(session, center_id, today, today + dt.timedelta(days=hours.AHEAD)).items():
        for span in day.spans:
            opens, closes = max(hours.at(date, span.opens), begins), hours.at(date, span.closes)
            if left <= closes - opens:
                return opens + left
            left -= max(closes - opens, dt.timedelta())
    return begins + NOTHING_OPEN


def next_opening(center: Center, now: dt.datetime) -> dt.datetime | None:
    """When it opens again; None while it is open, or when no opening is known."""
    today = clock.today(now)
    for date in (today + dt.timedelta(days=days) for days in range(hours.AHEAD)):
        for span in center.day(date).spans:
            opens, closes = hours.at(date, span.opens), hours.at(date, span.closes)
            if opens <= now < closes:
                return None
            if now < opens:
                return opens
    return None
