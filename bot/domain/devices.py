"""Kiosks: each is known by the unguessable token in its link, of which only the hash is kept. And whoever stood at one is forgotten."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Device as Row
from bot.db.tables import Account
from bot.domain import audit, people

KIOSK = "kiosk"
TOKEN_BYTES = 18
LONGEST_NAME = 60
LEFT_BEHIND = dt.timedelta(minutes=20)  # nobody stands at a kiosk that long without touching it

_TABLE, _ACCOUNT = upsert.table(Row), upsert.table(Account)
_COLUMNS = tuple(_TABLE.c[name] for name in ("id", "center_id", "kind", "name", "created_at", "revoked_at"))


@dataclass(frozen=True)
class Device:
    id: int
    center_id: str
    kind: str
    name: str
    created_at: dt.datetime
    revoked_at: dt.datetime | None = None

    @property
    def actor(self) -> str:
        """How the events of a visit name it."""
        return f"{self.kind}:{self.id}"

    @property
    def visitors(self) -> str:
        """How the addresses of those who stand at it begin."""
        return f"{self.kind}-{self.id}-"


def create(session: Session, center_id: str, name: str, *, now: dt.datetime, actor: str = audit.SYSTEM) -> tuple[Device, str]:
    """A new kiosk and its token, which is shown this once. Raises ValueError without a name."""
    name = " ".join(name.split())[:LONGEST_NAME].rstrip()
    if not name:
        raise ValueError("a name is missing")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"center_id": center_id, "kind": KIOSK, "name": name, "token_hash": _hash(token), "created_at": now}
    made = Device(session.execute(_TABLE.insert().values(**row).returning(_TABLE.c.id)).scalar_one(), center_id, KIOSK, name, now)
    audit.write(session, actor=actor, center_id=center_id, action="kiosk.add", subject=made.actor, after={"name": name}, now=now)
    return made, token


def find(session: Session, token: str) -> Device | None:
    """The kiosk of this link, unless it was switched off."""
    row = session.execute(select(*_COLUMNS).where(_TABLE.c.token_hash == _hash(token), _TABLE.c.revoked_at.is_(None))).one_or_none()
    return None if row is None else Device(*row)


def known(session: Session) -> Sequence[Device]:
    """All there ever were, by center and age."""
    return [Device(*row) for row in session.execute(select(*_COLUMNS).order_by(_TABLE.c.center_id, _TABLE.c.id))]


def revoke(session: Session, device_id: int, *, now: dt.datetime, actor: str = audit.SYSTEM) -> bool:
    """The link opens nothing any more, and whoever stood there is forgotten; False when there is no such kiosk in use."""
    off = update(_TABLE).where(_TABLE.c.id == device_id, _TABLE.c.revoked_at.is_(None)).values(revoked_at=now)
    row = session.execute(off.returning(*_COLUMNS)).one_or_none()
    if row is None:
        return False
    device = Device(*row)
    forget_left(session, device, now=now + 2 * LEFT_BEHIND)
    audit.write(session, actor=actor, center_id=device.center_id, action="kiosk.off", subject=device.actor, before={"name": device.name}, now=now)
    return True


def forget(session: Session, bot: str, address: str) -> bool:
    """Delete whoever had this address: lists, messages, the account. Their number stays in the line, without them."""
    account = people.find(session, bot, address)
    return account is not None and people.forget(session, account.person_id) > 0


def forget_left(session: Session, device: Device, *, now: dt.datetime) -> int:
    """Forget those who stood at this kiosk and whose going was never noticed: the power failed, the browser was closed."""
    here = (_ACCOUNT.c.address.startswith(device.visitors, autoescape=True), _ACCOUNT.c.last_seen_at < now - LEFT_BEHIND)
    found = session.execute(select(_ACCOUNT.c.person_id).where(*here)).scalars().all()
    for person_id in found:
        people.forget(session, person_id)
    return len(found)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
