"""Whom to ask what they thought: once a visit, an hour or so after it, by day, and only those who agreed to be asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.day import Center
from bot.db.day import Visit as VisitRow
from bot.db.leaving import Consent
from bot.db.results import Feedback as Row
from bot.domain import night, visits
from bot.domain.visits import Visit

AFTER, AT_MOST = dt.timedelta(hours=1), dt.timedelta(days=3)
LATELY = dt.timedelta(minutes=30)
SURVEY = "survey"  # the purpose of consent
AT_ONCE = 50
RATEABLE = ("done", "must_return")

_TABLE, _VISITS, _CONSENT, _CENTERS = (upsert.table(kind) for kind in (Row, VisitRow, Consent, Center))


def due(session: Session, *, now: dt.datetime) -> Sequence[Visit]:
    """Visits to ask about now. Who was sent home for a paper is asked the next day, as most come back the same one; who was not served
    at all is not asked. At night nobody is.
    """
    if night.is_at(now):
        return ()
    today, since = clock.today(now), looks_back_to(now)
    days = [clock.today(since) + dt.timedelta(days=past) for past in range((today - clock.today(since)).days + 1)]
    # All three columns of one index, or the planner takes that of the states and reads every visit there ever was.
    lately = and_(_VISITS.c.center_id.in_(select(_CENTERS.c.id)), _VISITS.c.day.in_(days), visits.among(RATEABLE))
    ended = and_(_VISITS.c.ended_at <= now - AFTER, _VISITS.c.ended_at > since, _VISITS.c.outcome != "not_served")
    over = or_(_VISITS.c.state != "must_return", _VISITS.c.day < today)
    agreed = exists().where(
        _CONSENT.c.person_id == _VISITS.c.person_id,
        _CONSENT.c.center_id == _VISITS.c.center_id,
        _CONSENT.c.purpose == SURVEY,
        _CONSENT.c.withdrawn_at.is_(None),
    )
    reachable = func.coalesce(_VISITS.c.account_id, 0) > 0
    wanted = select(*visits.COLUMNS).where(lately, ended, over, reachable, agreed, ~exists().where(_TABLE.c.visit_id == _VISITS.c.id))
    return visits.found(session, wanted.order_by(_VISITS.c.ended_at).limit(AT_ONCE))


def looks_back_to(now: dt.datetime) -> dt.datetime:
    """In the first minute of an hour everything is looked through, for nights, standstills and who was sent home; else what became due
    lately. Visits have no index by their end, and three days of a province are 40,000 of them.
    """
    return now - AT_MOST if clock.local(now).minute == 0 else now - AFTER - LATELY
