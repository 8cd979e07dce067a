"""Lists of staff: everybody with roles, chats and when they were last here; the names behind the audit log's actors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import Role
from bot.db.staff import Staff, StaffAccount, StaffRole, StaffSession
from bot.domain.roles import Member

_STAFF, _ROLE, _ACCOUNT, _SESSION = (upsert.table(kind) for kind in (Staff, StaffRole, StaffAccount, StaffSession))


class Known(NamedTuple):
    """One line of the list. `accounts`: (bot, connected since); `seen_at`: when a browser of theirs last showed a page."""

    member: Member
    active: bool
    accounts: tuple[tuple[str, dt.datetime], ...]
    seen_at: dt.datetime | None


def everyone(session: Session) -> list[Known]:
    """All of them by name, those who left last."""
    roles: dict[int, dict[str, Role]] = {}
    for staff_id, scope, role in session.execute(select(_ROLE.c.staff_id, _ROLE.c.scope, _ROLE.c.role).order_by(_ROLE.c.scope)):
        roles.setdefault(staff_id, {})[scope] = role
    accounts: dict[int, list[tuple[str, dt.datetime]]] = {}
    for staff_id, bot, since in session.execute(select(_ACCOUNT.c.staff_id, _ACCOUNT.c.bot, _ACCOUNT.c.created_at).order_by(_ACCOUNT.c.created_at)):
        accounts.setdefault(staff_id, []).append((bot, since))
    newest = select(_SESSION.c.staff_id, func.max(_SESSION.c.seen_at, type_=_SESSION.c.seen_at.type)).group_by(_SESSION.c.staff_id)
    seen: dict[int, dt.datetime] = {row[0]: row[1] for row in session.execute(newest)}
    rows = session.execute(select(_STAFF.c.id, _STAFF.c.name, _STAFF.c.active)).all()
    people = [Known(Member(row.id, row.name, roles.get(row.id, {})), row.active, tuple(accounts.get(row.id, ())), seen.get(row.id)) for row in rows]
    return sorted(people, key=lambda one: (not one.active, one.member.name.casefold(), one.member.id))


def names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """The names behind "staff:3"; anything else is left out."""
    numbers = {actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:")}
    rows = session.execute(select(_STAFF.c.id, _STAFF.c.name).where(_STAFF.c.id.in_([int(number) for number in numbers if number.isdecimal()])))
    return {f"staff:{staff_id}": name for staff_id, name in rows}
