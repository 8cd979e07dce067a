"""Keeps where a dialog stands between two messages."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Text, bindparam, insert, select, update
from sqlmodel import Session

from bot.conversation import state as states
from bot.conversation.state import State
from bot.db import upsert
from bot.db.columns import Moment
from bot.db.prepared import Prepared
from bot.db.tables import Account, Conversation
from bot.messages import Choice

_CONVERSATION, _ACCOUNT = upsert.table(Conversation), upsert.table(Account)
_OF_ACCOUNT = _CONVERSATION.c.account_id == bindparam("account")
_KEPT = Prepared(select(_CONVERSATION.c.state).where(_OF_ACCOUNT))
_GO_ON = Prepared(update(_CONVERSATION).where(_OF_ACCOUNT).values(state=bindparam("to"), updated_at=bindparam("at")))
_BEGIN = Prepared(
    insert(_CONVERSATION).from_select(
        ["account_id", "state", "updated_at"],
        select(_ACCOUNT.c.id, bindparam("to", type_=Text), bindparam("at", type_=Moment)).where(_ACCOUNT.c.id == bindparam("account")),
    )
)
_LOCK = Prepared(select(_ACCOUNT.c.id).where(_ACCOUNT.c.id == bindparam("account")).with_for_update())


def recall(session: Session, account_id: int) -> State:
    """Where this account's dialog stands."""
    kept = _KEPT.first(session, account=account_id)
    return states.read(kept[0] if kept else "")


def remember(session: Session, account_id: int, state: State, *, now: dt.datetime) -> bool:
    """Write it down; False when the account is gone."""
    row = {"account": account_id, "to": state.model_dump_json(), "at": now}
    return any(statement.run(session, **row) > 0 for statement in (_GO_ON, _BEGIN))


def menu(session: Session, account_id: int, choices: tuple[Choice, ...], *, now: dt.datetime) -> None:
    """A message nobody asked for carries a menu: from now on numbers mean its lines, as whoever types one reads them there."""
    if _LOCK.first(session, account=account_id) is None:  # a turn under way is waited for
        return
    state = recall(session, account_id)
    state.menu, state.many = choices, False
    remember(session, account_id, state, now=now)
