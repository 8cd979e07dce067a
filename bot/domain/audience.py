"""Who gets a notice: a description that says it, one statement that finds them, and the numbers shown while it is written.

The ground (RULES: personal data). A notice needs consent to "notices" at the center. The one exception are people with a live booking,
for a notice about just those days: telling them that their counter is shut rests on the state task, like the booking itself. A
correction goes to exactly those who may have read the wrong notice, on the ground that one had.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from sqlalchemy import CTE, ColumnElement, FromClause, Select, and_, case, exists, func, literal, or_, select, true
from sqlmodel import Session

from bot.db import upsert
from bot.db.day import Visit
from bot.db.enums import LIVE, SEATLESS
from bot.db.leaving import Consent, Notice
from bot.db.tables import Account, Checklist, Outbox
from bot.domain import reach

NOTICES: Literal["notices"] = "notices"
WITHDRAWN, CLOSED = "withdrawn", "window closed"  # why a row is written down and not sent
LONGEST_SPAN = dt.timedelta(days=7)  # a notice about more days than these is not about the day of a booking any more
GOT = ("sent", "unknown")
COMING = tuple(state for state in LIVE if state != "held")
NEVER_CAME = (*SEATLESS, "held")

_CONSENT, _VISIT, _ACCOUNT, _CHECKLIST, _OUTBOX, _NOTICE = (upsert.table(kind) for kind in (Consent, Visit, Account, Checklist, Outbox, Notice))
_STANDING = _CONSENT.c.withdrawn_at.is_(None)

Ground = Literal["consent", "booking"]


class Audience(BaseModel):
    """Everybody it fits. `since` to `until`: days of a visit booked at the center; `procedures`: asked about or booked for.

    Narrower with everything that is named. On the ground `booking` only days and procedures count, of the booking itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    ground: Ground = "consent"
    areas: tuple[str, ...] = ()
    procedures: tuple[str, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None
    language: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Audience:
        if (self.since is None) != (self.until is None) or (self.since and self.until and self.since > self.until):
            raise ValueError("span")
        if self.ground == "booking" and (self.since is None or self.until is None or self.until - self.since >= LONGEST_SPAN):
            raise ValueError("days")
        if self.ground == "booking" and (self.areas or self.language):
            raise ValueError("narrow")
        return self


def read(text: str) -> Audience:
    """The stored description. Raises ValueError for one that says nothing sure: better no notice than one to the wrong people."""
    try:
        return Audience.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(str(error)) from error


class Target(NamedTuple):
    """Whose notice it is: center, description, and the notice it corrects."""

    center_id: str
    audience: Audience
    corrects_id: int | None = None


def recipients(target: Target) -> Select[Any]:
    """Rows (person_id, bot, address, skipped), one a person. `skipped`: why it is not sent, "" when it is: got the wrong notice and wants
    none any more, or has not written for longer than the provider lets them be written to.
    """
    people = _reached(target)
    skipped = case((people.c.withdrawn == 1, WITHDRAWN), (reach.is_closed(_ACCOUNT), CLOSED), else_="")
    rows = select(people.c.person_id, _ACCOUNT.c.bot, _ACCOUNT.c.address, skipped.label("skipped"))
    return rows.join_from(people, _ACCOUNT, _ACCOUNT.c.id == people.c.account_id).where(_speaks(target.audience))


def _reached(target: Target) -> CTE:
    """Everybody with the account to use, worked out before anything is joined: SQLite would try every account with every person."""
    people = _people(target).subquery()
    chosen = select(people.c.person_id, people.c.withdrawn, reach.best(people.c.person_id).label("account_id"))
    return chosen.cte("reached", nesting=True).prefix_with("MATERIALIZED")


def _speaks(audience: Audience) -> ColumnElement[bool]:
    """Accounts whose language nobody told are taken for Vietnamese."""
    if not audience.language:
        return true()
    known = _ACCOUNT.c.language.like(f"{audience.language}%")
    return or_(known, _ACCOUNT.c.language == "") if audience.language == "vi" else known


def _people(target: Target) -> Select[Any]:
    """(person_id, withdrawn) of everybody who may be written to."""
    if target.corrects_id is not None:
        return _misled(target)
    if target.audience.ground == "booking":
        return select(_VISIT.c.person_id, literal(0).label("withdrawn")).where(*_booked(target)).distinct()
    agreed = (_CONSENT.c.center_id == target.center_id, _CONSENT.c.purpose == NOTICES, _STANDING)
    return select(_CONSENT.c.person_id, literal(0).label("withdrawn")).where(*agreed, *_narrowed(target, _CONSENT.c.person_id))


def _misled(target: Target) -> Select[Any]:
    """Who got, or may have got, the notice that is corrected."""
    got = (_OUTBOX.c.notice_id == target.corrects_id, _OUTBOX.c.state.in_(GOT), _OUTBOX.c.person_id.is_not(None))
    willing = agrees(target.center_id, _OUTBOX.c.person_id)
    withdrawn = literal(0) if target.audience.ground == "booking" else case((willing, 0), else_=1)
    return select(_OUTBOX.c.person_id, withdrawn.label("withdrawn")).where(*got)


def agrees(center_id: str, person: ColumnElement[int | None]) -> ColumnElement[bool]:
    """Consent to notices of the center stands."""
    return exists().where(_CONSENT.c.person_id == person, _CONSENT.c.center_id == center_id, _CONSENT.c.purpose == NOTICES, _STANDING)


def _booked(target: Target) -> tuple[ColumnElement[bool], ...]:
    """Live bookings on the days the notice is about."""
    audience = target.audience
    days = _VISIT.c.day.between(audience.since, audience.until)
    about = (_VISIT.c.procedure.in_(audience.procedures),) if audience.procedures else ()
    return _VISIT.c.center_id == target.center_id, days, _VISIT.c.state.in_(COMING), _VISIT.c.person_id.is_not(None), *about


def _narrowed(target: Target, person: ColumnElement[int]) -> list[ColumnElement[bool]]:
    audience = target.audience
    fits: list[ColumnElement[bool]] = []
    if audience.areas:
        fits.append(_CONSENT.c.area.in_(audience.areas))
    if audience.procedures:
        fits.append(or_(*(exists().where(*of) for of in _concerned(target, person))))
    if audience.since is not None:
        fits.append(exists().where(_VISIT.c.person_id == person, *_visited(target)))
    return fits


def _concerned(target: Target, person: ColumnElement[int]) -> tuple[tuple[ColumnElement[bool], ...], ...]:
    codes = target.audience.procedures
    asked = (_CHECKLIST.c.person_id == person, _CHECKLIST.c.code.in_(codes))
    booked = (_VISIT.c.person_id == person, _VISIT.c.center_id == target.center_id, _VISIT.c.procedure.in_(codes), _VISIT.c.state.not_in(NEVER_CAME))
    return asked, booked


def _visited(target: Target) -> tuple[ColumnElement[bool], ...]:
    span = _VISIT.c.day.between(target.audience.since, target.audience.until)
    return _VISIT.c.center_id == target.center_id, span, _VISIT.c.state.not_in(NEVER_CAME)


@dataclass(frozen=True)
class Reached:
    """The numbers of an audience. `channels`: people by channel, as `telegram`; the rest are those who get nothing, by why."""

    channels: Mapping[str, int] = field(default_factory=dict)
    bots: Mapping[str, int] = field(default_factory=dict)
    withdrawn: int = 0  # a correction's: want no notices any more
    window: int = 0  # may not be written to before they write again
    lost: Mapping[str, int] = field(default_factory=dict)  # no account of theirs works: by reach.Standing, and "none"
    refused: int = 0  # fit, and said no, or stopped it
    unasked: int = 0  # fit, and were never asked or did not answer

    @property
    def sending(self) -> int:
        """How many messages leave."""
        return sum(self.bots.values())

    @property
    def recipients(self) -> int:
        """How many rows the ledger will have."""
        return self.sending + self.withdrawn + self.window

    @property
    def unserved(self) -> int:
        """Are only on bots that nobody here serves."""
        return self.lost.get("unserved", 0)

    @property
    def no_account(self) -> int:
        """Every account of theirs is blocked or gone."""
        return sum(self.lost.values()) - self.unserved

    @property
    def missed(self) -> int:
        return self.withdrawn + self.window + sum(self.lost.values()) + self.refused + self.unasked

    @property
    def people(self) -> int:
        """Everybody it fits."""
        return self.sending + self.missed


def count(session: Session, target: Target) -> Reached:
    people, account = _reached(target), _ACCOUNT
    closed = case((reach.is_closed(account), 1), else_=0)
    rows = select(account.c.bot, people.c.withdrawn, closed, func.count()).select_from(people)
    rows = rows.outerjoin(account, account.c.id == people.c.account_id).where(_speaks(target.audience))
    bots, sums = Counter[str](), Counter[str]()
    for bot, stopped, shut, number in session.execute(rows.group_by(account.c.bot, people.c.withdrawn, closed)):
        if bot is not None and not stopped and not shut:
            bots[bot] += number
        else:
            sums["lost" if bot is None else WITHDRAWN if stopped else CLOSED] += number
    lost = reach.lost(session, select(people.c.person_id).where(people.c.account_id.is_(None))) if sums["lost"] else {}
    refused, unasked = _unwilling(session, target)
    return Reached(_by_channel(bots), bots, sums[WITHDRAWN], sums[CLOSED], lost, refused, unasked)


def _by_channel(bots: Mapping[str, int]) -> Counter[str]:
    channels = Counter[str]()
    for bot, number in bots.items():
        channels[bot.partition(":")[0]] += number
    return channels


def known(center_id: str) -> Select[tuple[int]]:
    """Everybody this center has to do with: who was asked about notices, and whose booking it has."""
    asked = select(_CONSENT.c.person_id).where(_CONSENT.c.center_id == center_id, _CONSENT.c.purpose == NOTICES)
    booked = select(_VISIT.c.person_id).where(_VISIT.c.center_id == center_id, _VISIT.c.person_id.is_not(None), _VISIT.c.state.not_in(NEVER_CAME))
    return select(asked.union(booked).subquery().c.person_id)


def today(session: Session, center_id: str) -> Reached:
    """Who of them can be sent a notice today, each counted once."""
    found = count(session, Target(center_id, Audience()))
    refused, unasked = _undecided(session, center_id, known(center_id).subquery())
    return replace(found, refused=refused, unasked=unasked)


def _unwilling(session: Session, target: Target) -> tuple[int, int]:
    """Who fits and did not agree: those who said no, and those nobody asked. An area is known only of who agreed."""
    audience = target.audience
    if target.corrects_id is not None or audience.ground == "booking" or audience.areas or audience.language:
        return 0, 0
    return _undecided(session, target.center_id, _fitting(target))


def _undecided(session: Session, center_id: str, fitting: FromClause) -> tuple[int, int]:
    here = (_CONSENT.c.person_id == fitting.c.person_id, _CONSENT.c.center_id == center_id, _CONSENT.c.purpose == NOTICES)
    said_no = and_(exists().where(*here), ~exists().where(*here, _STANDING))
    silent = ~exists().where(*here)
    columns = (func.count().filter(said_no), func.count().filter(silent))
    refused, unasked = session.execute(select(*columns).select_from(fitting)).one()
    return int(refused), int(unasked)


def _fitting(target: Target) -> Any:
    """People by what they asked or booked, whether they agreed or not."""
    audience = target.audience
    if not audience.procedures and audience.since is None:
        met = (_CONSENT.c.center_id == target.center_id, _CONSENT.c.purpose == NOTICES)
        return select(_CONSENT.c.person_id).where(*met).distinct().subquery()
    if audience.since is not None:
        base = select(_VISIT.c.person_id).where(_VISIT.c.person_id.is_not(None), *_visited(target)).distinct().subquery()
        if not audience.procedures:
            return base
        concerned = or_(*(exists().where(*of) for of in _concerned(target, base.c.person_id)))
        return select(base.c.person_id).where(concerned).subquery()
    asked = select(_CHECKLIST.c.person_id).where(_CHECKLIST.c.code.in_(audience.procedures))
    here = (_VISIT.c.center_id == target.center_id, _VISIT.c.procedure.in_(audience.procedures), _VISIT.c.state.not_in(NEVER_CAME))
    return asked.union(select(_VISIT.c.person_id).where(_VISIT.c.person_id.is_not(None), *here)).subquery()


def settled(session: Session, corrects_id: int) -> bool:
    """Whether the wrong notice has ended, so that nobody else can get it any more."""
    over = session.execute(select(_NOTICE.c.state).where(_NOTICE.c.id == corrects_id)).scalar()
    open_ = select(_OUTBOX.c.id).where(_OUTBOX.c.notice_id == corrects_id, _OUTBOX.c.state.in_(("queued", "retry", "sending"))).limit(1)
    return over in ("stopped", "done") and session.execute(open_).first() is None


def areas(session: Session, center_id: str) -> list[tuple[str, int]]:
    """The hamlets and former communes people named, with how many agreed there."""
    here = (_CONSENT.c.center_id == center_id, _CONSENT.c.purpose == NOTICES, _STANDING, _CONSENT.c.area != "")
    rows = session.execute(
        select(_CONSENT.c.area, func.count()).where(*here).group_by(_CONSENT.c.area).order_by(func.count().desc(), _CONSENT.c.area)
    )
    return [(str(area), int(number)) for area, number in rows]


def procedures(session: Session, center_id: str, limit: int = 100) -> list[tuple[str, int]]:
    """The procedures people booked here, most often first: what an audience can be made of."""
    here = (_VISIT.c.center_id == center_id, _VISIT.c.procedure != "", _VISIT.c.state.not_in(NEVER_CAME), _VISIT.c.person_id.is_not(None))
    counted = select(_VISIT.c.procedure, func.count()).where(*here).group_by(_VISIT.c.procedure)
    asked = select(_CHECKLIST.c.code, func.count()).group_by(_CHECKLIST.c.code)
    found = Counter[str]()
    for code, number in [*session.execute(counted), *session.execute(asked)]:
        found[code] += number
    return found.most_common(limit)


def languages(session: Session, center_id: str) -> list[str]:
    """What the accounts of those who agreed here speak, apart from Vietnamese."""
    agreed = (_CONSENT.c.center_id == center_id, _CONSENT.c.purpose == NOTICES, _STANDING)
    spoken = select(_ACCOUNT.c.language).join(_CONSENT, _CONSENT.c.person_id == _ACCOUNT.c.person_id).where(*agreed, _ACCOUNT.c.language != "")
    return sorted({language.partition("-")[0] for language in session.execute(spoken.distinct()).scalars()} - {"vi"})
