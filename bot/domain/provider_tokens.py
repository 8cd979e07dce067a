"""Tokens a provider rotates: one pair a bot, one process at a time asks for the next, and the new pair is kept before it is used.

A refresh token works once. A process killed between the provider's answer and our row has spent it; the access token we hold is good for
hours yet, because a new pair is asked for when half of its life is over. So nothing stops, and an operator has those hours to act.

A pair is kept by whoever holds it as long as the row still has the refresh token it was given for: a right to ask that ran out meanwhile
must not lose the only pair that is any good.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Literal, NamedTuple

from sqlalchemy import or_, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import ProviderToken
from bot.domain import senders

ASKING = dt.timedelta(seconds=60)  # how long one process may take to ask
LIFE = dt.timedelta(days=90)  # of a refresh token, https://developers.zalo.me/docs/official-account
EARLY = dt.timedelta(days=14)  # before its end somebody is told
REST = dt.timedelta(minutes=10)  # after the provider said no, before the same refresh token is shown to it again

_TABLE = upsert.table(ProviderToken)


class Pair(NamedTuple):
    """`expires_at`: of the access token; None before the first one was given. `trouble`: why the last try for a new pair failed.

    `refused_at`: when the provider turned the refresh token itself down, None when it did not.
    """

    access: str
    refresh: str
    expires_at: dt.datetime | None
    refreshed_at: dt.datetime | None
    trouble: str
    refused_at: dt.datetime | None

    def rests(self, now: dt.datetime) -> bool:
        """Whether asking again would only annoy the provider."""
        return self.refused_at is not None and now < self.refused_at + REST

    def due(self, now: dt.datetime) -> bool:
        """Whether half of the access token's life is over."""
        if self.expires_at is None or self.refreshed_at is None:
            return True
        return now >= self.refreshed_at + (self.expires_at - self.refreshed_at) / 2

    def usable(self, now: dt.datetime) -> bool:
        return bool(self.access) and self.expires_at is not None and now < self.expires_at


class Given(NamedTuple):
    """What the provider gave. `lives`: how long the access token is taken."""

    access: str
    refresh: str
    lives: dt.timedelta


def settle(session: Session, bot: str, refresh: str) -> None:
    """Take over the operator's refresh token: the first time, and whenever it is another one than the pair began with."""
    seed = hashlib.sha256(refresh.encode()).hexdigest()
    fresh = {"seed": seed, "refresh": refresh, "refreshing_by": "", "refreshing_until": None, "refreshed_at": None, "trouble": "", "refused_at": None}
    row = upsert.insert(session, ProviderToken, bot=bot, access="", expires_at=None, **fresh)
    session.execute(row.on_conflict_do_update(index_elements=["bot"], set_=fresh, where=_TABLE.c.seed != seed))


def pair(session: Session, bot: str) -> Pair | None:
    columns = (_TABLE.c.access, _TABLE.c.refresh, _TABLE.c.expires_at, _TABLE.c.refreshed_at, _TABLE.c.trouble, _TABLE.c.refused_at)
    row = session.execute(select(*columns).where(_TABLE.c.bot == bot)).first()
    return None if row is None else Pair(*row)


def begin(session: Session, bot: str, worker: str, *, spent: str | None = None, now: dt.datetime) -> Pair | None:
    """Become the one who asks; None while another one does, or when the pair is no longer the one with the access token `spent`."""
    free = or_(_TABLE.c.refreshing_until.is_(None), _TABLE.c.refreshing_until < now)
    same = () if spent is None else (_TABLE.c.access == spent,)
    taken = update(_TABLE).where(_TABLE.c.bot == bot, free, *same).values(refreshing_by=worker, refreshing_until=now + ASKING)
    return pair(session, bot) if session.execute(taken.returning(_TABLE.c.bot)).first() is not None else None


def keep(session: Session, bot: str, spent: str, new: Given, *, now: dt.datetime) -> bool:
    """Keep the pair that was given for the refresh token `spent`, before anybody uses it; False when the operator set another one meanwhile."""
    values = {"access": new.access, "refresh": new.refresh, "expires_at": now + new.lives, "refreshed_at": now}
    free = {"refreshing_by": "", "refreshing_until": None, "trouble": "", "refused_at": None}
    kept = update(_TABLE).where(_TABLE.c.bot == bot, _TABLE.c.refresh == spent).values(**values, **free)
    return session.execute(kept.returning(_TABLE.c.bot)).first() is not None


def fail(session: Session, bot: str, worker: str, trouble: str, *, refused: bool, now: dt.datetime) -> None:
    """It did not work; another try may be made, at once or, when the token itself was `refused`, after a rest."""
    mine = (_TABLE.c.bot == bot, _TABLE.c.refreshing_by == worker)
    values = {"refreshing_by": "", "refreshing_until": None, "trouble": trouble, "refused_at": now if refused else None}
    session.execute(update(_TABLE).where(*mine).values(**values))


class Alarm(NamedTuple):
    """`refused`: only an operator can help. `failed`: it is tried again by itself. `ended`: nobody asks for a new one. `ending`: nobody has
    for long. `until`: as long as messages leave, or, of one that is `ending`, as long as there is time.
    """

    bot: str
    kind: Literal["refused", "failed", "ended", "ending"]
    said: str
    until: dt.datetime | None


def alarms(session: Session, *, now: dt.datetime) -> list[Alarm]:
    """What somebody has to know about the tokens of the bots that are served here."""
    bots = session.execute(select(_TABLE.c.bot).where(_TABLE.c.bot.not_in(senders.retired())).order_by(_TABLE.c.bot)).scalars().all()
    found = (alarm(bot, held, now) for bot in bots if (held := pair(session, bot)) is not None)
    return [one for one in found if one is not None]


def alarm(bot: str, held: Pair, now: dt.datetime) -> Alarm | None:
    if held.refused_at is not None:
        return Alarm(bot, "refused", held.trouble, held.expires_at)
    if held.trouble:
        return Alarm(bot, "failed", held.trouble, held.expires_at)
    if held.expires_at is not None and held.expires_at <= now:
        return Alarm(bot, "ended", "", held.expires_at)
    if held.refreshed_at is not None and now >= held.refreshed_at + LIFE - EARLY:
        return Alarm(bot, "ending", "", held.refreshed_at + LIFE)
    return None
