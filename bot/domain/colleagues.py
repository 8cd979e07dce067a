"""Who may answer the questions of a center, and the chats they can be told in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from bot.db import upsert
from bot.db.staff import Staff, StaffAccount, StaffRole
from bot.domain import roster
from bot.domain.roles import ACTIONS, EVERYWHERE, ROLES, Action, Member

_STAFF, _ROLE, _ACCOUNT = (upsert.table(kind) for kind in (Staff, StaffRole, StaffAccount))
_ANSWERING = tuple(role for role in ROLES if "questions.work" in ACTIONS[role])


class Chat(NamedTuple):
    bot: str
    address: str


def anybody(session: Session, center_id: str) -> bool:
    """Whether there is somebody at all: a question nobody will ever see is not taken."""
    there = (_STAFF.c.active.is_(True), _ROLE.c.scope.in_((center_id, EVERYWHERE)), _ROLE.c.role.in_(_ANSWERING))
    return session.execute(select(_STAFF.c.id).join(_ROLE, _ROLE.c.staff_id == _STAFF.c.id).where(*there).limit(1)).first() is not None


def able(session: Session, center_id: str, action: Action = "questions.work") -> list[Member]:
    """Everybody who may, by name: those with a role at this very center before those of all centers."""
    members = [known.member for known in roster.everyone(session) if known.active and known.member.may(action, center_id)]
    return sorted(members, key=lambda member: center_id not in member.roles)


def leads(session: Session, center_id: str) -> list[Member]:
    """Who sees to it that things are done there: the leads of the center, else those of all centers."""
    found = able(session, center_id, "queue.lead")
    return [member for member in found if center_id in member.roles] or found


def chats(session: Session, members: Iterable[int]) -> Sequence[Chat]:
    """The connected chats of these members."""
    rows = session.execute(select(_ACCOUNT.c.bot, _ACCOUNT.c.address).where(_ACCOUNT.c.staff_id.in_(list(members))))
    return [Chat(*row) for row in rows]
