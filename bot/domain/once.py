"""A form that is sent twice does its work once: its key is a row of the inbox, which nobody can write a second time."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable

from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.tables import Inbox
from bot.domain import visits
from bot.domain.visits import Visit

FIELD = "lan"  # of a form, with a key that is new on every page drawn
FORM = "form"  # how the inbox names what came from a form of staff
LONGEST_KEY = 64

_TABLE = upsert.table(Inbox)


def key() -> str:
    return secrets.token_urlsafe(12)


def visit(session: Session, actor: str, key: str, make: Callable[[], Visit], *, now: dt.datetime) -> Visit:
    """The visit `make` gives; sent again with the same key, also at once, the one it gave then. Without a key it is made every time."""
    made: list[Visit] = []

    def made_number() -> int:
        made.append(make())
        return made[0].id

    row = number(session, actor, key, made_number, now=now)
    found = made[0] if made else visits.get(session, row)
    assert found is not None
    return found


def number(session: Session, actor: str, key: str, make: Callable[[], int], *, now: dt.datetime) -> int:
    """The same for whatever has a number."""
    if not key:
        return make()
    used = f"{actor}:{key[:LONGEST_KEY]}"
    row = upsert.insert(session, Inbox, bot=FORM, update_id=used, address=actor, body="", state="done", error="", received_at=now, done_at=now)
    claimed = session.execute(row.on_conflict_do_nothing(index_elements=["bot", "update_id"]).returning(_TABLE.c.id)).scalar()
    if claimed is None:
        return int(session.execute(select(_TABLE.c.body).where(_TABLE.c.bot == FORM, _TABLE.c.update_id == used)).scalar_one())
    made = make()
    session.execute(update(_TABLE).where(_TABLE.c.id == claimed).values(body=str(made)))
    return made
