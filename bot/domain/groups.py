"""The group chats the bot is in: what each is for, which center it belongs to, and how often a member may ask."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlmodel import Session, col

from bot.db import upsert
from bot.db.questions import ChatGroup


def of(session: Session, bot: str, address: str, title: str = "", *, now: dt.datetime) -> ChatGroup:
    """The group at this address, locked for this transaction; made when it is new."""
    found = _locked(session, bot, address)
    if found is None:
        row = ChatGroup(bot=bot, address=address, title=title, created_at=now, changed_at=now).model_dump(exclude={"id"})
        session.execute(upsert.insert(session, ChatGroup, **row).on_conflict_do_nothing(index_elements=["bot", "address"]))
        found = _locked(session, bot, address)
    assert found is not None
    if title and found.title != title:
        found.title = title
    return found


def _locked(session: Session, bot: str, address: str) -> ChatGroup | None:
    here = select(ChatGroup).where(col(ChatGroup.bot) == bot, col(ChatGroup.address) == address)
    return session.execute(here.with_for_update(key_share=True)).scalar_one_or_none()


def left(session: Session, bot: str, address: str, *, now: dt.datetime) -> None:
    """The bot was taken out of the group."""
    group = of(session, bot, address, now=now)
    group.active, group.changed_at = False, now


def moved(session: Session, bot: str, old: str, new: str) -> None:
    """The provider gave the group a new id; one that was already met under it gives way to the settings of the old."""
    group = _locked(session, bot, old)
    if group is None:
        return
    newer = _locked(session, bot, new)
    if newer is not None:
        session.delete(newer)
        session.flush()
    group.address = new
