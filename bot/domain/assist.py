"""Helpers in the hall who ask, book and print for the citizen at their side: each citizen gets a fresh conversation, forgotten after."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock, errors
from bot.db import locks, upsert
from bot.db.day import Visit as VisitRow
from bot.db.enums import LIVE
from bot.db.staff import Audit
from bot.db.tables import Account
from bot.domain import audit, checklists, people, visits
from bot.domain.booking import OTHERS, Wish
from bot.domain.visits import Visit

BOT = "web"
BEHALF = "volunteer"
SOURCE = "assist:"  # and the number of the helper
DONE = "assist.done"
LEFT_BEHIND = dt.timedelta(minutes=30)  # nobody helps that long without touching the tablet
_ADDRESS = re.compile(r"assist-(\d{1,18})-[0-9a-f]{32}")

_VISIT, _ACCOUNT, _AUDIT = upsert.table(VisitRow), upsert.table(Account), upsert.table(Audit)


def address(staff_id: int) -> str:
    """Of the next citizen at this helper's side: never the same twice, and nobody can guess it."""
    return f"assist-{staff_id}-{secrets.token_hex(16)}"


def helper_of(bot: str, address: str) -> int | None:
    """Who helps the citizen of this conversation."""
    found = _ADDRESS.fullmatch(address) if bot == BOT else None
    return int(found[1]) if found is not None else None


# booking


def marked(wish: Wish, bot: str, address: str) -> Wish:
    """A wish from a helper's tablet is one on somebody's behalf, and says whose tablet it was."""
    staff_id = helper_of(bot, address)
    return wish if staff_id is None else dataclasses.replace(wish, behalf=BEHALF, source=_source(staff_id))


def _source(staff_id: int) -> str:
    return f"{SOURCE}{staff_id}"


def allow(session: Session, wish: Wish, center_id: str, day: dt.date) -> None:
    """Raises TooMany where this helper has made as many bookings for that day as one may."""
    if not wish.source.startswith(SOURCE):
        return
    locks.hold(session, "assist", wish.source)
    theirs = (_VISIT.c.center_id == center_id, _VISIT.c.day == day, _VISIT.c.state.in_(LIVE), _VISIT.c.source == wish.source)
    if session.execute(select(func.count()).select_from(_VISIT).where(*theirs)).scalar_one() >= OTHERS[BEHALF]:
        raise errors.TooMany(BEHALF)


# the citizen at their side


def visits_of(session: Session, address: str) -> Sequence[Visit]:
    """What was booked for the citizen in this conversation."""
    account = people.find(session, BOT, address)
    return visits.of_person(session, account.person_id) if account is not None else []


def end(session: Session, staff_id: int, center_id: str, address: str, *, now: dt.datetime) -> bool:
    """Forget the citizen and count them, without a word of who they were; False when nothing was asked. Bookings stand."""
    if helper_of(BOT, address) != staff_id:
        return False
    locks.hold(session, "assist", _source(staff_id))
    account = people.find(session, BOT, address)
    if account is None:
        return False
    counts = {"lists": len(checklists.latest(session, account.person_id, 20)), "visits": len(visits.of_person(session, account.person_id))}
    people.forget(session, account.person_id)
    audit.write(session, actor=f"staff:{staff_id}", center_id=center_id, action=DONE, after=counts, now=now)
    return True


def forget_left(session: Session, *, now: dt.datetime) -> int:
    """Forget those whose helper never pressed the button: the battery was empty, the day was over."""
    left = (_ACCOUNT.c.bot == BOT, _ACCOUNT.c.address.startswith("assist-"), _ACCOUNT.c.last_seen_at < now - LEFT_BEHIND)
    found = session.execute(select(_ACCOUNT.c.person_id).where(*left)).scalars().all()
    for person_id in found:
        people.forget(session, person_id)
    return len(found)


class Count(NamedTuple):
    """How many citizens somebody helped."""

    actor: str
    today: int
    month: int


def counts(session: Session, center_id: str, *, now: dt.datetime) -> list[Count]:
    """Of everybody who helped here within thirty days, who helped most first; read from the audit log."""
    midnight = dt.datetime.combine(clock.today(now), dt.time(), clock.VIETNAM)
    there = (_AUDIT.c.center_id == center_id, _AUDIT.c.action == DONE, _AUDIT.c.at >= midnight - dt.timedelta(days=30))
    today = func.count().filter(_AUDIT.c.at >= midnight)
    rows = session.execute(select(_AUDIT.c.actor, today, func.count()).where(*there).group_by(_AUDIT.c.actor))
    return sorted((Count(*row) for row in rows), key=lambda one: (-one.month, one.actor))
