"""Staff: who they are, their roles, how they get in without passwords, and the browsers and chats that are theirs.

Everything that changes writes the audit log. Tokens leave this module once and are kept as hashes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Update, delete, exists, select, update
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.enums import Role
from bot.db.staff import Staff, StaffAccount, StaffLink, StaffRole, StaffSession
from bot.domain import audit
from bot.domain.roles import EVERYWHERE, Member

Purpose = Literal["sign_in", "connect"]

LIVES: Mapping[Purpose, dt.timedelta] = {"sign_in": dt.timedelta(minutes=10), "connect": dt.timedelta(minutes=15)}
IDLE = dt.timedelta(hours=12)
LONGEST = dt.timedelta(days=7)
SEEN_AGAIN = dt.timedelta(minutes=10)  # writing `seen_at` with every page would only cost
MOST_TRIES = 10  # wrong codes while one lives; a code is one of a million
LONGEST_NAME = 60
KEPT = dt.timedelta(days=30)  # used links and ended sessions, for whoever asks what happened

_STAFF, _ROLE, _ACCOUNT, _LINK, _SESSION = (upsert.table(kind) for kind in (Staff, StaffRole, StaffAccount, StaffLink, StaffSession))


class Signed(NamedTuple):
    """Whose browser it is. `due`: time to write that it was seen."""

    member: Member
    due: bool


# people and roles


def create(session: Session, name: str, scope: str, role: Role, *, now: dt.datetime, actor: str = audit.SYSTEM) -> int:
    """Somebody new with one role at one center, or EVERYWHERE; returns their id."""
    row = Staff(name=tidy(name), created_at=now)
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(StaffRole(staff_id=row.id, scope=scope, role=role))
    session.flush()
    _note(session, row.id, "staff.create", actor=actor, scope=scope, after={"name": row.name, "role": role, "scope": scope}, now=now)
    return row.id


def tidy(name: str) -> str:
    """A name as it is kept: single spaces, not longer than a label. Raises ValueError when nothing is left."""
    made = " ".join(name.split())[:LONGEST_NAME].rstrip()
    if not made:
        raise ValueError("a name is missing")
    return made


def rename(session: Session, staff_id: int, name: str, *, actor: str, now: dt.datetime) -> bool:
    """False when there is no such person, or that is their name."""
    before = session.execute(select(_STAFF.c.name).where(_STAFF.c.id == staff_id)).scalar()
    if before is None or not _changed(session, update(_STAFF).where(_STAFF.c.id == staff_id, _STAFF.c.name != tidy(name)).values(name=tidy(name))):
        return False
    _note(session, staff_id, "staff.rename", actor=actor, before={"name": before}, after={"name": tidy(name)}, now=now)
    return True


def set_role(session: Session, staff_id: int, scope: str, role: Role | None, *, actor: str, now: dt.datetime) -> bool:
    """Give this role there instead of whatever it was, or take it away (None). False when nothing changed."""
    there = (_ROLE.c.staff_id == staff_id, _ROLE.c.scope == scope)
    before = session.execute(select(_ROLE.c.role).where(*there).with_for_update()).scalar()
    if before == role:
        return False
    if role is None:
        session.execute(delete(_ROLE).where(*there))
    else:
        given = upsert.insert(session, StaffRole, staff_id=staff_id, scope=scope, role=role)
        session.execute(given.on_conflict_do_update(index_elements=["staff_id", "scope"], set_={"role": role}))
    _note(
        session,
        staff_id,
        "staff.role",
        actor=actor,
        scope=scope,
        before={"role": before, "scope": scope},
        after={"role": role, "scope": scope},
        now=now,
    )
    return True


def deactivate(session: Session, staff_id: int, *, actor: str, now: dt.datetime) -> bool:
    """Out at once: sessions end, links die, chats are let go. Roles and history stay."""
    if not _changed(session, update(_STAFF).where(_STAFF.c.id == staff_id, _STAFF.c.active.is_(True)).values(active=False)):
        return False
    _end_sessions(session, staff_id, now=now)
    session.execute(update(_LINK).where(_LINK.c.staff_id == staff_id, _LINK.c.used_at.is_(None)).values(used_at=now))
    session.execute(delete(_ACCOUNT).where(_ACCOUNT.c.staff_id == staff_id))
    _note(session, staff_id, "staff.off", actor=actor, now=now)
    return True


def activate(session: Session, staff_id: int, *, actor: str, now: dt.datetime) -> bool:
    """Back with the roles they had; chats have to be connected anew."""
    if not _changed(session, update(_STAFF).where(_STAFF.c.id == staff_id, _STAFF.c.active.is_(False)).values(active=True)):
        return False
    _note(session, staff_id, "staff.on", actor=actor, now=now)
    return True


def find(session: Session, staff_id: int) -> Member | None:
    """Anybody who was ever on the staff, with the roles they have or had."""
    name = session.execute(select(_STAFF.c.name).where(_STAFF.c.id == staff_id)).scalar()
    return None if name is None else _member(session, staff_id, name)


def is_active(session: Session, staff_id: int) -> bool:
    return bool(session.execute(select(_STAFF.c.active).where(_STAFF.c.id == staff_id)).scalar())


# one-time links and codes


def link(session: Session, staff_id: int, purpose: Purpose, *, now: dt.datetime, actor: str = audit.SYSTEM) -> str | None:
    """A token that lets this person in once, or a code like "123-456" that connects a chat; None when they are not active.

    A new code takes the place of the one before; sign-in links live side by side.
    """
    if not is_active(session, staff_id):
        return None
    mine = (_LINK.c.staff_id == staff_id, _LINK.c.purpose == purpose)
    session.execute(delete(_LINK).where(_LINK.c.expires_at < now - KEPT))
    if purpose == "connect":
        session.execute(update(_LINK).where(*mine, _LINK.c.used_at.is_(None)).values(used_at=now))
    while True:
        token = secrets.token_urlsafe(24) if purpose == "sign_in" else _code()
        row = {
            "token_hash": hashed(token),
            "staff_id": staff_id,
            "purpose": purpose,
            "tries": 0,
            "created_at": now,
            "expires_at": now + LIVES[purpose],
        }
        made = upsert.insert(session, StaffLink, **row).on_conflict_do_nothing(index_elements=["token_hash"]).returning(_LINK.c.token_hash)
        if session.execute(made).first() is not None:
            break
    _note(session, staff_id, f"staff.link_{purpose}", actor=actor, now=now)
    return token


def _code() -> str:
    digits = f"{secrets.randbelow(1_000_000):06}"
    return f"{digits[:3]}-{digits[3:]}"


def use(session: Session, token: str, purpose: Purpose, *, now: dt.datetime) -> int | None:
    """Whose it is, the first time it is used before it expires; None ever after."""
    taken = update(_LINK).where(_LINK.c.token_hash == hashed(token), _LINK.c.purpose == purpose, *_still_good(now))
    return session.execute(taken.values(used_at=now).returning(_LINK.c.staff_id)).scalar()


def _still_good(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    active = exists().where(_STAFF.c.id == _LINK.c.staff_id, _STAFF.c.active.is_(True))
    return _LINK.c.used_at.is_(None), _LINK.c.expires_at > now, _LINK.c.tries < MOST_TRIES, active


def connect(session: Session, code: str, bot: str, address: str, *, now: dt.datetime) -> Member | None:
    """Make this chat the account of whoever the code is for. None for a wrong code, which wears out all that are alive."""
    staff_id = use(session, code, "connect", now=now)
    if staff_id is None:
        session.execute(update(_LINK).where(_LINK.c.purpose == "connect", *_still_good(now)).values(tries=_LINK.c.tries + 1))
        return None
    made = upsert.insert(session, StaffAccount, bot=bot, address=address, staff_id=staff_id, created_at=now)
    session.execute(made.on_conflict_do_update(index_elements=["bot", "address"], set_={"staff_id": staff_id, "created_at": now}))
    _note(session, staff_id, "staff.connect", actor=f"staff:{staff_id}", after={"channel": _channel(bot)}, now=now)
    return find(session, staff_id)


def disconnect(session: Session, staff_id: int, *, actor: str, now: dt.datetime) -> int:
    """Let go of all chats of this person; how many there were."""
    bots = session.execute(delete(_ACCOUNT).where(_ACCOUNT.c.staff_id == staff_id).returning(_ACCOUNT.c.bot)).scalars().all()
    if bots:
        _note(session, staff_id, "staff.disconnect", actor=actor, before={"channel": sorted(map(_channel, bots))}, now=now)
    return len(bots)


def of_account(session: Session, bot: str, address: str) -> Member | None:
    """Whose chat this is, if it belongs to somebody who works here."""
    mine = select(_STAFF.c.id, _STAFF.c.name).join(_ACCOUNT, _ACCOUNT.c.staff_id == _STAFF.c.id)
    row = session.execute(mine.where(_ACCOUNT.c.bot == bot, _ACCOUNT.c.address == address, _STAFF.c.active.is_(True))).first()
    return None if row is None else _member(session, *row)


def _channel(bot: str) -> str:
    """A bot is named `channel` or `channel:its id`."""
    return bot.partition(":")[0]


# browsers that are signed in


def sign_in(session: Session, token: str, *, now: dt.datetime) -> str | None:
    """The token of a new session for a sign-in link; None when the link was used or is too old."""
    staff_id = use(session, token, "sign_in", now=now)
    if staff_id is None:
        return None
    made = secrets.token_urlsafe(32)
    session.execute(delete(_SESSION).where(_SESSION.c.expires_at < now - KEPT))
    session.add(StaffSession(token_hash=hashed(made), staff_id=staff_id, created_at=now, seen_at=now, expires_at=now + LONGEST))
    session.flush()
    _note(session, staff_id, "staff.sign_in", actor=f"staff:{staff_id}", now=now)
    return made


def of_session(session: Session, token: str, *, now: dt.datetime) -> Signed | None:
    """Who is signed in with it: for at most LONGEST, and IDLE without a page. Only reads; `seen` writes."""
    mine = select(_STAFF.c.id, _STAFF.c.name, _SESSION.c.seen_at).join(_SESSION, _SESSION.c.staff_id == _STAFF.c.id)
    row = session.execute(mine.where(_STAFF.c.active.is_(True), *_open(token, now))).first()
    return None if row is None else Signed(_member(session, row.id, row.name), now - row.seen_at >= SEEN_AGAIN)


def seen(session: Session, token: str, *, now: dt.datetime) -> None:
    session.execute(update(_SESSION).where(*_open(token, now), _SESSION.c.seen_at <= now - SEEN_AGAIN).values(seen_at=now))


def sign_out(session: Session, token: str, *, now: dt.datetime) -> bool:
    ended = update(_SESSION).where(*_open(token, now)).values(ended_at=now).returning(_SESSION.c.staff_id)
    staff_id = session.execute(ended).scalar()
    if staff_id is None:
        return False
    _note(session, staff_id, "staff.sign_out", actor=f"staff:{staff_id}", now=now)
    return True


def sign_out_everywhere(session: Session, staff_id: int, *, actor: str, now: dt.datetime) -> int:
    """End all sessions of this person; how many were open."""
    ended = _end_sessions(session, staff_id, now=now)
    if ended:
        _note(session, staff_id, "staff.sign_out_everywhere", actor=actor, now=now)
    return ended


def _open(token: str, now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return _SESSION.c.token_hash == hashed(token), _SESSION.c.ended_at.is_(None), _SESSION.c.expires_at > now, _SESSION.c.seen_at > now - IDLE


def _end_sessions(session: Session, staff_id: int, *, now: dt.datetime) -> int:
    open_ = (_SESSION.c.staff_id == staff_id, _SESSION.c.ended_at.is_(None), _SESSION.c.expires_at > now)
    return _changed(session, update(_SESSION).where(*open_).values(ended_at=now))


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# shared


def _member(session: Session, staff_id: int, name: str) -> Member:
    rows = session.execute(select(_ROLE.c.scope, _ROLE.c.role).where(_ROLE.c.staff_id == staff_id).order_by(_ROLE.c.scope))
    return Member(staff_id, name, {row.scope: row.role for row in rows})


def _changed(session: Session, statement: Update) -> int:
    return int(getattr(session.execute(statement), "rowcount", 0) or 0)


def _note(
    session: Session,
    staff_id: int,
    action: str,
    *,
    actor: str,
    now: dt.datetime,
    scope: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """The audit row. What concerns somebody with one center belongs to that center, so that its auditor sees it."""
    if scope is None:
        scopes = session.execute(select(col(StaffRole.scope)).where(col(StaffRole.staff_id) == staff_id)).scalars().all()
        scope = scopes[0] if len(scopes) == 1 else EVERYWHERE
    center_id = "" if scope == EVERYWHERE else scope
    audit.write(session, actor=actor, center_id=center_id, action=action, subject=f"staff:{staff_id}", before=before, after=after, now=now)
