"""The group chats the bot is in: what each is for, which center it belongs to, and how often a member may ask."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from typing import Any, Literal

from sqlalchemy import delete, or_, select, update
from sqlmodel import Session, col

from bot import clock
from bot.db import upsert
from bot.db.questions import ChatGroup, GroupAsker, Question
from bot.domain import hours
from bot.domain.centers import Center

Purpose = Literal["", "staff", "citizens"]
Hours = Literal["", "center"]  # always; while the center is open
Asked = Literal["taken", "hint", "ignored"]

SLOWEST = 3600
KEPT = dt.timedelta(days=1)

_GROUP, _ASKER, _QUESTION = upsert.table(ChatGroup), upsert.table(GroupAsker), upsert.table(Question)


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


def change(
    session: Session, group: ChatGroup, *, now: dt.datetime, purpose: Purpose | None = None, center_id: str | None = None,
    answered: Hours | None = None, slow_seconds: int | None = None,
) -> bool:  # fmt: skip
    """Set what is given; False when it was so already. Raises ValueError for a pause nobody would wait for."""
    if slow_seconds is not None and not 0 <= slow_seconds <= SLOWEST:
        raise ValueError(f"slow_seconds: {slow_seconds}")
    given = {"purpose": purpose, "center_id": center_id, "hours": answered, "slow_seconds": slow_seconds}
    return _update(session, group, now=now, **{name: value for name, value in given.items() if value is not None})


def joined(session: Session, group: ChatGroup, by: str, *, now: dt.datetime) -> None:
    """Somebody brought the bot in, for the first time or again; what was set up before still holds."""
    _update(session, group, now=now, active=True, added_by=by)


def left(session: Session, bot: str, address: str, *, now: dt.datetime) -> None:
    """The bot was taken out of the group."""
    _update(session, of(session, bot, address, now=now), now=now, active=False)


def _update(session: Session, group: ChatGroup, *, now: dt.datetime, **new: Any) -> bool:
    session.flush()
    other = or_(*(_GROUP.c[name] != value for name, value in new.items()))
    changing = update(_GROUP).where(_GROUP.c.id == group.id, other).values(**new, changed_at=now).returning(_GROUP.c.id)
    changed = session.execute(changing).first() is not None
    session.refresh(group)
    return changed


def moved(session: Session, bot: str, old: str, new: str) -> None:
    """The provider gave the group a new id; one that was already met under it gives way to the settings of the old."""
    group = _locked(session, bot, old)
    if group is None:
        return
    newer = _locked(session, bot, new)
    if newer is not None:
        session.execute(update(_QUESTION).where(_QUESTION.c.group_id == newer.id).values(group_id=group.id))
        session.delete(newer)
        session.flush()
    group.address = new


def is_open(group: ChatGroup, center: Center, now: dt.datetime) -> bool:
    """Whether questions are answered there at this hour."""
    minute = hours.minutes(now)
    return group.hours != "center" or center.day(clock.today(now)).holds(minute, minute + 1)


# slow mode


def ask(session: Session, group: ChatGroup, sender: str, key: str, *, now: dt.datetime) -> Asked:
    """A member wants an answer: taken, or asked too soon after the last time and told so, once, or ignored.

    Of `sender` only a hash is kept, keyed with the installation's `key`. Asked twice at once, one of them is taken.
    """
    assert group.id is not None
    who = _hashed(key, group, sender)
    if _take(session, group.id, who, now - dt.timedelta(seconds=group.slow_seconds), now=now):
        return "taken"
    mine = (_ASKER.c.group_id == group.id, _ASKER.c.sender == who)
    not_told = or_(_ASKER.c.told_at.is_(None), _ASKER.c.told_at < _ASKER.c.asked_at)
    told = session.execute(update(_ASKER).where(*mine, not_told).values(told_at=now).returning(_ASKER.c.sender)).first()
    return "hint" if told is not None else "ignored"


def _take(session: Session, group_id: int, who: str, before: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether they had not asked since `before`; from now on they have."""
    first = upsert.insert(session, GroupAsker, group_id=group_id, sender=who, asked_at=now)
    again = first.on_conflict_do_update(index_elements=["group_id", "sender"], set_={"asked_at": now}, where=_ASKER.c.asked_at <= before)
    return session.execute(again.returning(_ASKER.c.sender)).first() is not None


def _hashed(key: str, group: ChatGroup, sender: str) -> str:
    return hmac.new(key.encode(), f"asker:{group.id}:{sender}".encode(), hashlib.sha256).hexdigest()[:32]


def purge(session: Session, *, now: dt.datetime) -> int:
    """Forget who asked; returns how many."""
    return len(session.execute(delete(_ASKER).where(_ASKER.c.asked_at < now - KEPT).returning(_ASKER.c.sender)).all())
