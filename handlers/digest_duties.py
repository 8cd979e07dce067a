"""The end of a day: what stood in a center's way is found after it closes, kept once, and told to who leads it and, rolled up, to managers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises
from bot.db.enums import LIVE
from bot.domain import colleagues, digest, digest_day, hours, night, obstacles, roster, visits
from bot.domain.centers import Center
from bot.domain.digest import Digest, State
from bot.domain.obstacles import Evening
from bot.domain.roles import EVERYWHERE, Member
from bot.messages import Reply
from handlers import digest_deeds, digest_words

LOOKS = 6  # in the first so many seconds of a minute; the duties come round every three
AT_ONCE = 4  # centers, of some 20 ms each
AFTER = dt.timedelta(minutes=15)  # after the last hour; who is still being served is waited for
AT_LAST = dt.timedelta(hours=3, minutes=5)  # a day nobody closed is closed by itself before
LAST_ROLL = dt.time(20, 15)  # managers are told then of what is there
USEFUL = dt.timedelta(hours=15)
JUST_NOW = dt.timedelta(minutes=1)
ONE_DAY = dt.timedelta(days=1)


def make_due(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """The digests of today and yesterday that are missing and whose time has come. Not at night: then in the morning."""
    if night.is_at(now):
        return
    for day in (clock.today(now) - ONE_DAY, clock.today(now)):
        over = [center.id for center in premises.directory.all if (ends := _ends(center, day)) is not None and now >= ends + AFTER]
        for center_id in _some(sorted(digest.missing(session, over, day)), now):
            if not _still_busy(session, premises, center_id, day, now=now):
                make(session, premises, center_id, day, now=now)


def _some(centers: Sequence[str], now: dt.datetime) -> Sequence[str]:
    """As many as one transaction may take, others every time: a province closes at the same minute."""
    if len(centers) <= AT_ONCE:
        return centers
    first = int(now.timestamp()) // 3 * AT_ONCE % len(centers)
    return (*centers[first:], *centers[:first])[:AT_ONCE]


def _ends(center: Center, day: dt.date) -> dt.datetime | None:
    """When the last hour of that day ends; None where it was shut, which has no digest."""
    spans = center.day(day).spans
    return hours.at(day, spans[-1].closes) if spans else None


def _still_busy(session: Session, premises: Premises, center_id: str, day: dt.date, *, now: dt.datetime) -> bool:
    """Whether somebody is there, or left just now: figures know of a visit when the transaction that ended it is over."""
    center = premises.directory.get(center_id)
    ends = _ends(center, day) if center is not None else None
    if ends is None or now >= ends + AT_LAST:
        return False
    return any(
        visit.state in LIVE or (visit.ended_at is not None and visit.ended_at > now - JUST_NOW) for visit in visits.of_day(session, center_id, day)
    )


def make(session: Session, premises: Premises, center_id: str, day: dt.date, *, now: dt.datetime) -> Digest | None:
    """One center's day, kept and told to who leads it; None when that was done already."""
    before = digest.newest(session, center_id, before=day)
    alone = len(premises.directory.all) == 1
    evening = Evening(center_id, day, before.day if before is not None else day - ONE_DAY, alone, main=center_id == premises.center.id)
    found = obstacles.find(session, evening, now=now)
    chats = colleagues.chats(session, [member.id for member in _leads(session, center_id)]) if found else ()
    state: State = "quiet" if not found else "told" if chats else "page"
    made = digest.make(session, evening, state, digest_day.facts(session, evening, now=now), found, now=now)
    if made is not None and chats:
        digest_deeds.tell(session, chats, digest_words.message(premises, made), now=now, not_after=now + USEFUL)
    return made


def _leads(session: Session, center_id: str) -> list[Member]:
    """Who leads this very center; who leads several is told of all of them at once."""
    return [member for member in colleagues.able(session, center_id, "digest.work") if member.roles.get(center_id) == "lead" and not _manages(member)]


def _manages(member: Member) -> bool:
    return "manager" in member.roles.values() or member.roles.get(EVERYWHERE) == "lead"


def roll_up(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """Managers are told once a day of all their centers, when the last of them is closed, or in the evening of those that are."""
    if now.second >= LOOKS or night.is_at(now):
        return
    day = clock.today(now)
    ended = {center.id for center in premises.directory.all if _ends(center, day) is not None}
    waited_for = digest.missing(session, ended, day) if clock.local(now).time() < LAST_ROLL else set()
    told = digest.rolled(session, day)
    for known in roster.everyone(session):
        member = known.member
        centers = centers_of(premises, member)
        if known.active and _manages(member) and member.id not in told and ended & set(centers) and not waited_for & set(centers):
            _roll(session, premises, member, day, now=now)


def centers_of(premises: Premises, member: Member) -> list[str]:
    """Those whose days they may read."""
    return [center.id for center in premises.directory.all if member.may("digest.read", center.id)]


def _roll(session: Session, premises: Premises, member: Member, day: dt.date, *, now: dt.datetime) -> None:
    before = digest.rolled_before(session, member.id, day) or now - ONE_DAY
    if not digest.roll(session, day, member.id, now=now):
        return
    reply = rolled(session, premises, centers_of(premises, member), day, before)
    if reply is not None:
        digest_deeds.tell(session, colleagues.chats(session, [member.id]), reply, now=now, not_after=now + USEFUL)


def rolled(session: Session, premises: Premises, centers: list[str], day: dt.date, since: dt.datetime) -> Reply | None:
    """None when nothing stood in anybody's way and nothing was reported."""
    found, reported = digest.of_day(session, centers, day), digest.reported(session, centers, since)
    if not reported and not any(one.lines for one in found):
        return None
    if len(centers) == 1 and len(found) == 1 and not reported:
        return digest_words.message(premises, found[0])
    return digest_words.rolled_up(premises, day, found, reported)


DUTIES = (make_due, roll_up)
