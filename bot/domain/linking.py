"""One person on several channels: a short code shown on one account and typed on the other joins both; leaving takes one account out again.

Joining moves everything to the older of the two persons, or nothing. Of a code only a keyed hash is kept, made with the installation's key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, and_, case, delete, func, or_, select, update
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.columns import metadata
from bot.db.day import Wait
from bot.db.enums import WAITING
from bot.db.leaving import Consent
from bot.db.questions import Question
from bot.db.tables import Account, AccountLink, Outbox, Person
from bot.domain import booking, ledger, reach, rollups, turning, visits
from bot.domain.visits import Visit
from bot.messages import Outgoing, Reply

LIVES = dt.timedelta(minutes=10)
MOST_TRIES = 50  # wrong codes by anybody while one lives; a code is one of a million
MOST_TYPED, WITHIN = 5, dt.timedelta(hours=1)  # wrong codes by one account
KEPT = dt.timedelta(days=1)
CHANNELS = frozenset(("telegram", "zalo_oa", "zalo_bot", "web", "terminal"))
BORROWED = ("assist-", "kiosk-")  # addresses of tablets and kiosks, which are somebody else's a minute later
JOINED = "joined"
_NOT_GOT = ("refused", "skipped")

_LINK, _ACCOUNT, _PERSON, _OUTBOX = (upsert.table(kind) for kind in (AccountLink, Account, Person, Outbox))
_WAIT, _CONSENT, _QUESTION = (upsert.table(kind) for kind in (Wait, Consent, Question))


class End(NamedTuple):
    """An account: one end of a link."""

    account_id: int
    person_id: int
    bot: str
    address: str


class Typed(NamedTuple):
    """A right code: `code` is its hash, to be given to `join`; `shown`: the account it was shown to."""

    code: str
    shown: End


class Clash(NamedTuple):
    """Why two people cannot become one now: both have a visit (`visits`, of this and the other account), or a place in line, on a day."""

    day: dt.date
    visits: tuple[Visit, ...] = ()


def is_own(bot: str, address: str) -> bool:
    """Whether the account is one person's for good. Tablets and kiosks are not."""
    return bot.partition(":")[0] in CHANNELS and not address.startswith(BORROWED)


# the code


def show(session: Session, account_id: int, key: str, *, now: dt.datetime) -> str:
    """Six digits for this account, in place of those it had; they are kept nowhere but in the message that shows them."""
    session.execute(delete(_LINK).where(or_(_LINK.c.expires_at < now - KEPT, and_(_LINK.c.account_id == account_id, _LINK.c.used_at.is_(None)))))
    while True:
        digits = f"{secrets.randbelow(1_000_000):06}"
        row = {"code": hashed(digits, key), "account_id": account_id, "tries": 0, "created_at": now, "expires_at": now + LIVES}
        made = upsert.insert(session, AccountLink, **row).on_conflict_do_nothing(index_elements=["code"]).returning(_LINK.c.code)
        if session.execute(made).first() is not None:
            return digits


def hashed(digits: str, key: str) -> str:
    """Short enough for a button; without the key a million tries do not undo it."""
    return hmac.new(key.encode(), f"link:{digits}".encode(), hashlib.sha256).hexdigest()[:24]


def type_(session: Session, account_id: int, digits: str, key: str, *, now: dt.datetime) -> Typed | None:
    """Whose code it is; from now on only this account may use it. None for a wrong one, or for who has typed too many wrong ones."""
    if _typed_wrongly(session, account_id, now) >= MOST_TYPED:
        return None
    code = hashed(digits, key)
    if not _take(session, code, account_id, now):
        _count_wrong(session, account_id, now)
        return None
    shown = _end(session, select(_LINK.c.account_id).where(_LINK.c.code == code).scalar_subquery())
    return Typed(code, shown) if shown is not None else None


def _take(session: Session, code: str, account_id: int, now: dt.datetime) -> bool:
    """Typed by two at once, one of them has it."""
    free = or_(_LINK.c.typed_by.is_(None), _LINK.c.typed_by == account_id)
    taken = update(_LINK).where(_LINK.c.code == code, _LINK.c.account_id != account_id, free, *_good(now)).values(typed_by=account_id)
    return session.execute(taken.returning(_LINK.c.code)).first() is not None


def _good(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return _LINK.c.used_at.is_(None), _LINK.c.expires_at > now, _LINK.c.tries < MOST_TRIES


def _typed_wrongly(session: Session, account_id: int, now: dt.datetime) -> int:
    mine = select(_LINK.c.tries).where(_LINK.c.code == _counter(account_id), _LINK.c.expires_at > now)
    return int(session.execute(mine).scalar() or 0)


def _count_wrong(session: Session, account_id: int, now: dt.datetime) -> None:
    """For the account that typed, and for every code somebody might be guessing at."""
    session.execute(update(_LINK).where(*_good(now)).values(tries=_LINK.c.tries + 1))
    first = {"code": _counter(account_id), "account_id": account_id, "tries": 1, "created_at": now, "expires_at": now + WITHIN, "used_at": now}
    again = {"tries": case((_LINK.c.expires_at > now, _LINK.c.tries + 1), else_=1), "expires_at": now + WITHIN}
    session.execute(upsert.insert(session, AccountLink, **first).on_conflict_do_update(index_elements=["code"], set_=again))


def _counter(account_id: int) -> str:
    return f"tries:{account_id}"


def decline(session: Session, code: str, account_id: int, *, now: dt.datetime) -> None:
    """The person does not want it after all: the code is of no use to anybody any more."""
    session.execute(update(_LINK).where(_LINK.c.code == code, _LINK.c.typed_by == account_id, _LINK.c.used_at.is_(None)).values(used_at=now))


# joining


def join(session: Session, code: str, account_id: int, *, now: dt.datetime) -> End | Clash | None:
    """Make one person of the two; the account the code was shown to. A Clash leaves all as it was; None when the code is of no use any more."""
    row = session.execute(select(_LINK.c.account_id).where(_LINK.c.code == code, _LINK.c.typed_by == account_id, *_good(now))).first()
    if row is None:
        return None
    locks.hold(session, ledger.LOCK)
    mine, other = _locked(session, account_id, row[0])
    if mine.person_id != other.person_id:
        clash = _clash(session, mine.person_id, other.person_id, now=now)
        if clash is not None:
            return clash
        _merge(session, mine.person_id, other.person_id, now=now)
    used = update(_LINK).where(_LINK.c.code == code, _LINK.c.used_at.is_(None)).values(used_at=now)
    session.execute(used)
    return other


def _locked(session: Session, mine: int, other: int) -> tuple[End, End]:
    """Both ends, and whatever their people do at this moment waited for: the accounts first, as every turn begins with one."""
    people = select(_ACCOUNT.c.person_id).where(_ACCOUNT.c.id.in_((mine, other)))
    session.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.person_id.in_(people)).order_by(_ACCOUNT.c.id).with_for_update()).all()
    ends = _end(session, mine), _end(session, other)
    assert ends[0] is not None
    assert ends[1] is not None
    for person in sorted({end.person_id for end in ends if end is not None}):
        locks.hold(session, "person", person)
    return ends[0], ends[1]


def _end(session: Session, account_id: object) -> End | None:
    columns = (_ACCOUNT.c.id, _ACCOUNT.c.person_id, _ACCOUNT.c.bot, _ACCOUNT.c.address)
    row = session.execute(select(*columns).where(_ACCOUNT.c.id == account_id)).first()
    return None if row is None else End(*row)


def _clash(session: Session, mine: int, other: int, *, now: dt.datetime) -> Clash | None:
    """What the database's rules forbid one person to have twice. Holds that ran out do not count."""
    live = {person: [visit for visit in visits.of_person(session, person) if not _lapsed(session, visit, now)] for person in (mine, other)}
    for one in live[mine]:
        for two in live[other]:
            same_day = (one.center_id, one.day, one.party) == (two.center_id, two.day, two.party)
            if same_day or (one.party == two.party and one.state == two.state == "held"):
                return Clash(one.day, (one, two))
    waits = select(_WAIT.c.day).where(_WAIT.c.person_id.in_((mine, other)), _WAIT.c.state.in_(("waiting", "offered")))
    twice = waits.group_by(_WAIT.c.center_id, _WAIT.c.day).having(func.count() > 1).order_by(_WAIT.c.day)
    day = session.execute(twice.limit(1)).scalar()
    return Clash(day) if day is not None else None


def _lapsed(session: Session, visit: Visit, now: dt.datetime) -> bool:
    return visit.state == "held" and not booking.alive(visit, now) and booking.release(session, visit, actor="machine", now=now)


def _merge(session: Session, one: int, two: int, *, now: dt.datetime) -> None:
    keeps, goes = sorted((one, two))
    _one_consent(session, keeps, goes, now=now)
    _one_notice(session, keeps, goes, now=now)
    for table in of_people():
        session.execute(update(table).where(table.c.person_id == goes).values(person_id=keeps))
    session.execute(delete(_PERSON).where(_PERSON.c.id == goes))


def of_people() -> Iterable[Table]:
    """Every table that says whose a row is."""
    return [table for table in metadata.sorted_tables if "person_id" in table.c]


def _one_consent(session: Session, keeps: int, goes: int, *, now: dt.datetime) -> None:
    """Of two that stand for the same, the earlier proof is kept; the later one says why it ended."""
    columns = (_CONSENT.c.id, _CONSENT.c.center_id, _CONSENT.c.purpose)
    standing = select(*columns).where(_CONSENT.c.person_id.in_((keeps, goes)), _CONSENT.c.withdrawn_at.is_(None))
    seen: set[tuple[str, str]] = set()
    for consent_id, *about in session.execute(standing.order_by(_CONSENT.c.given_at, _CONSENT.c.id)).all():
        if tuple(about) in seen:
            session.execute(update(_CONSENT).where(_CONSENT.c.id == consent_id).values(withdrawn_at=now, withdrawn_way=JOINED))
        seen.add((about[0], about[1]))


def _one_notice(session: Session, keeps: int, goes: int, *, now: dt.datetime) -> None:
    """A notice that both had a row of counts one for them: the one that arrived or will, else the earlier. The other, if it waits, is skipped."""
    rank = case((_OUTBOX.c.state.in_(_NOT_GOT), 2), (_OUTBOX.c.state.in_(WAITING), 1), else_=0)
    theirs = select(_OUTBOX.c.id, _OUTBOX.c.notice_id).where(_OUTBOX.c.person_id.in_((keeps, goes)), _OUTBOX.c.notice_id.is_not(None))
    seen: set[int] = set()
    for row_id, notice_id in session.execute(theirs.order_by(_OUTBOX.c.notice_id, rank, _OUTBOX.c.id)).all():
        if notice_id in seen:
            _lose(session, row_id, now)
        seen.add(notice_id)


def _lose(session: Session, row_id: int, now: dt.datetime) -> None:
    skipped = {"state": "skipped", "reason": turning.MOVED, "settled_at": now, "not_before": None}
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id, _OUTBOX.c.state.in_(WAITING)).values(**skipped))
    session.execute(update(_OUTBOX).where(_OUTBOX.c.id == row_id).values(person_id=None))


# leaving


def linked(session: Session, person_id: int) -> Sequence[End]:
    """The person's accounts, the oldest first."""
    columns = (_ACCOUNT.c.id, _ACCOUNT.c.person_id, _ACCOUNT.c.bot, _ACCOUNT.c.address)
    return [End(*row) for row in session.execute(select(*columns).where(_ACCOUNT.c.person_id == person_id).order_by(_ACCOUNT.c.id))]


def leave(session: Session, account_id: int, *, now: dt.datetime) -> bool:
    """Give this account a person of its own; all stays with the other accounts, but for a question still open in this very chat.

    False when there is no other account.
    """
    locks.hold(session, ledger.LOCK)
    mine, _ = _locked(session, account_id, account_id)
    others = [end for end in linked(session, mine.person_id) if end.account_id != account_id]
    if not others:
        return False
    own = session.execute(_PERSON.insert().values(created_at=now).returning(_PERSON.c.id)).scalar_one()
    session.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(person_id=own))
    here = (_QUESTION.c.account_id == account_id, _QUESTION.c.state != "closed")
    session.execute(update(_QUESTION).where(*here).values(person_id=own))
    closed = select(_QUESTION.c.id).where(_QUESTION.c.account_id == account_id, _QUESTION.c.person_id == mine.person_id)
    rollups.touch(session, "question", *session.execute(closed).scalars())  # its channel becomes the heir's
    likeliest = reach.another(session, mine.person_id, mine.bot, mine.address)
    heir = likeliest.account_id if likeliest is not None else others[0].account_id
    for table in of_people():
        if "account_id" in table.c:
            left = (table.c.account_id == account_id, table.c.person_id == mine.person_id)
            session.execute(update(table).where(*left).values(account_id=heir))
    turning.elsewhere(session, Outgoing(id=0, bot=mine.bot, address=mine.address, kind="notice", reply=Reply()), "unlinked", now=now)
    return True
