"""Papers that were received, until their result is handed over. Every change is a conditional update and an event, in one transaction.

open ⇄ paused (papers are missing, the clock stands still) · open → ready → returned · withdrawn at any time before that.
Being late is no state: it is the first promise that was not kept (`missed_due`), or a second request for papers.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, select, update
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Visit as Visits
from bot.db.results import Dossier as Row
from bot.domain import dossier_codes, dossier_history, hours, rollups, traces, working_days
from bot.domain.dossier_history import Event
from bot.domain.visits import Missing, Visit
from bot.domain.working_days import Promise, Works

State = Literal["open", "paused", "ready", "returned", "withdrawn"]
LIVE: tuple[State, ...] = ("open", "paused", "ready")
WHYS = ("missing", "incorrect", "outdated", "not_required")
SECOND = 2  # a second request for papers counts as late (QĐ 766)
LONGEST_REASON = 300
FARTHEST = dt.timedelta(days=5 * 366)  # from now or from the receipt; what is due later, or was received earlier, is a slip of the finger
CODE_TRIES = 5


class ReceiptTaken(ValueError):
    """A dossier of the center has this code already: `dossier`."""

    def __init__(self, dossier: Dossier) -> None:
        super().__init__(dossier.receipt)
        self.dossier = dossier


@dataclass(frozen=True)
class Dossier:
    """One row, as db.results.Dossier describes it. Never changed in place."""

    id: int
    center_id: str
    receipt: str
    receipt_key: str
    visit_id: int | None
    person_id: int | None
    account_id: int | None
    procedure: str
    field: str
    source: str
    state: str
    received_at: dt.datetime
    counts_from: dt.date
    working_days: int | None
    used_days: int
    first_due: dt.date | None
    due: dt.date | None
    missed_due: dt.date | None
    cutoff: str
    missing: str
    lacked: str
    paused_at: dt.datetime | None
    supplements: int
    late_told_at: dt.datetime | None
    ready_at: dt.datetime | None
    returned_at: dt.datetime | None
    changed_at: dt.datetime

    @property
    def papers_missing(self) -> tuple[Missing, ...]:
        return tuple(Missing(**paper) for paper in json.loads(self.missing))

    @property
    def papers_lacked(self) -> tuple[Missing, ...]:
        """All that were ever asked for."""
        return tuple(Missing(**paper) for paper in json.loads(self.lacked))

    @property
    def late(self) -> bool:
        """As the official index counts it."""
        return self.missed_due is not None or self.supplements >= SECOND

    def overdue(self, today: dt.date) -> bool:
        return self.state == "open" and self.due is not None and self.due < today


class Slip(NamedTuple):
    """What is received. `code`: of the province, else one of our own is made. `due`: as the slip says, else by the catalog's promise."""

    procedure: str
    field: str
    promise: Promise
    cutoff: str = ""
    code: str = ""
    source: str = "desk"
    person_id: int | None = None
    account_id: int | None = None
    visit_id: int | None = None


_TABLE, _VISITS = upsert.table(Row), upsert.table(Visits)
_NAMES = tuple(field.name for field in fields(Dossier))
COLUMNS = tuple(_TABLE.c[name] for name in _NAMES)
_MOMENTS = frozenset(field.name for field in fields(Dossier) if "datetime" in str(field.type))
_DATES = frozenset(field.name for field in fields(Dossier) if "dt.date " in f"{field.type} ")


def found(session: Session, statement: Select[Any]) -> list[Dossier]:
    """The dossiers of a statement over COLUMNS."""
    return [Dossier(*row) for row in session.execute(statement)]


def get(session: Session, center_id: str, dossier_id: int, *, lock: bool = False) -> Dossier | None:
    """One of this center's. With `lock` nobody else changes it before this transaction ends."""
    mine = select(*COLUMNS).where(_TABLE.c.id == dossier_id, _TABLE.c.center_id == center_id)
    return next(iter(found(session, mine.with_for_update() if lock else mine)), None)


def with_code(session: Session, code: str, centers: Collection[str]) -> list[Dossier]:
    """Those with exactly this code, however its dashes are set. Several centers may use the same one."""
    key = dossier_codes.key(code)
    same = select(*COLUMNS).where(_TABLE.c.receipt_key == key, _TABLE.c.center_id.in_(centers))
    return found(session, same.order_by(_TABLE.c.id.desc()).limit(5)) if key else []


def of_visit(session: Session, visit_id: int) -> list[Dossier]:
    return found(session, select(*COLUMNS).where(_TABLE.c.visit_id == visit_id).order_by(_TABLE.c.id))


def of_person(session: Session, person_id: int, *, since: dt.datetime | None = None) -> list[Dossier]:
    """Those that are not over, or were changed since then (None: all); the newest first."""
    mine = select(*COLUMNS).where(_TABLE.c.person_id == person_id)
    if since is not None:
        mine = mine.where(_TABLE.c.state.in_(LIVE) | (_TABLE.c.changed_at >= since))
    return found(session, mine.order_by(_TABLE.c.id.desc()))


def works(session: Session, center_id: str, since: dt.date) -> Works:
    """The working days of a center from `since` on."""
    return working_days.works_at(hours.week_of(session, center_id), hours.exceptions(session, center_id, since))


def receive(session: Session, center_id: str, slip: Slip, received_at: dt.datetime, *, actor: str, now: dt.datetime) -> Dossier:
    """Raises ReceiptTaken when the typed code belongs to another one, ValueError for what is no code."""
    code = dossier_codes.clean(slip.code)
    if slip.code and not code:
        raise ValueError(slip.code)
    for _ in range(1 if code else CODE_TRIES):
        receipt = code or dossier_codes.own(session, center_id, clock.today(received_at))
        made = _added(session, center_id, receipt, slip, received_at, actor=actor, now=now)
        if made is not None:
            return made
    raise ReceiptTaken(with_code(session, receipt, (center_id,))[0])


def _added(session: Session, center_id: str, receipt: str, slip: Slip, received_at: dt.datetime, *, actor: str, now: dt.datetime) -> Dossier | None:
    counts_from, days, due = slip.promise
    new: dict[str, Any] = dict.fromkeys(_NAMES) | {
        "center_id": center_id, "receipt": receipt, "receipt_key": dossier_codes.key(receipt), "visit_id": slip.visit_id,
        "person_id": slip.person_id, "account_id": slip.account_id, "procedure": slip.procedure, "field": slip.field, "source": slip.source,
        "state": "open", "received_at": received_at, "counts_from": counts_from, "working_days": days, "used_days": 0, "first_due": due,
        "due": due, "cutoff": slip.cutoff, "missing": "[]", "lacked": "[]", "supplements": 0, "changed_at": now,
    }  # fmt: skip
    del new["id"]
    row = upsert.insert(session, Row, **new).on_conflict_do_nothing(index_elements=["center_id", "receipt_key"]).returning(_TABLE.c.id)
    number = session.execute(row).scalar()
    if number is None:
        return None
    rollups.born(session, "dossier", number)
    dossier_history.tell(session, number, "received", {name: (None, value) for name, value in new.items() if value is not None}, actor=actor, now=now)
    return Dossier(id=number, **new)


def of_finished(session: Session, visit: Visit, slip: Slip, *, actor: str, now: dt.datetime) -> Dossier:
    """Of a visit that ended with "accepted": the moment and the person are the visit's. Asked twice it is the same dossier.

    Raises TooLate when the visit did not end so; else as `receive`.
    """
    session.execute(select(_VISITS.c.id).where(_VISITS.c.id == visit.id).with_for_update())
    if visit.outcome != "accepted" or visit.ended_at is None:
        raise errors.TooLate(visit.state)
    known = of_visit(session, visit.id)
    if known:
        return known[0]
    mine = slip._replace(visit_id=visit.id, person_id=visit.person_id, account_id=visit.account_id, source="visit")
    return receive(session, visit.center_id, mine, visit.ended_at, actor=actor, now=now)


def pause(session: Session, dossier: Dossier, papers: Iterable[Missing], *, actor: str, now: dt.datetime) -> Dossier:
    """Papers are asked for and the clock stands still. Each with its reason; ValueError without any. The second time counts as late."""
    asked = tuple(paper._replace(name=traces.blotted(traces.readable(paper.name))[:LONGEST_REASON]) for paper in papers)
    if not asked or any(paper.why not in WHYS or not paper.name for paper in asked):
        raise ValueError("papers")
    current = _locked(session, dossier)
    if (current.state, current.papers_missing) == ("paused", asked):
        return current
    days = works(session, current.center_id, current.counts_from)
    used = working_days.between(current.counts_from, clock.today(now), days)
    new = {
        "state": "paused", "paused_at": now, "supplements": current.supplements + 1, "used_days": current.used_days + used,
        "missing": _listed(asked), "lacked": _listed(dict.fromkeys((*current.papers_lacked, *asked))),
    }  # fmt: skip
    return _step(session, current, "paused", ("open",), new, actor=actor, now=now)


def _listed(papers: Iterable[Missing]) -> str:
    return json.dumps([paper._asdict() for paper in papers], ensure_ascii=False)


def resume(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    """What was missing is here: the clock goes on, and the promise is later by the working days of the pause."""
    current = _locked(session, dossier)
    if current.state == "open":
        return current
    if current.state != "paused" or current.paused_at is None:
        raise errors.TooLate(current.state)
    paused_on = clock.today(current.paused_at)
    days = works(session, current.center_id, min(paused_on, current.counts_from))
    counted = working_days.counted_on(now, days, current.cutoff or None)
    due = working_days.resumed(current.due, paused_on, counted, days) if current.due is not None else None
    new = {"state": "open", "paused_at": None, "counts_from": counted, "due": due, "missing": "[]"}
    return _step(session, current, "resumed", ("paused",), new, actor=actor, now=now)


def ready(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    """The result is here. Heard of afterwards, a promise that was kept is no missed one; an apology that went out stands."""
    current = _locked(session, dossier)
    if current.state == "ready":
        return current
    kept = current.missed_due is not None and clock.today(now) <= current.missed_due and current.late_told_at is None
    new: dict[str, Any] = {"state": "ready", "ready_at": now} | ({"missed_due": None} if kept else {})
    return _step(session, current, "ready", ("open",), new, actor=actor, now=now)


def reopen(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    """It was not ready: pressed by mistake, or the result has to be made again."""
    current = _locked(session, dossier)
    return _step(session, current, "reopened", ("ready",), {"state": "open", "ready_at": None}, actor=actor, now=now)


def hand_over(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    """Somebody has the result in their hands."""
    current = _locked(session, dossier)
    if current.state == "returned":
        return current
    new = {"state": "returned", "ready_at": current.ready_at or now, "returned_at": now}
    return _step(session, current, "returned", ("open", "ready"), new, actor=actor, now=now)


def withdraw(session: Session, dossier: Dossier, reason: str, *, actor: str, now: dt.datetime) -> Dossier:
    """Taken back by who handed it in, or refused in writing."""
    current = _locked(session, dossier)
    if current.state == "withdrawn":
        return current
    return _step(session, current, "withdrawn", LIVE, {"state": "withdrawn", "paused_at": None}, reason=reason, actor=actor, now=now)


def late(session: Session, dossier: Dossier, reason: str, due: dt.date, *, actor: str, now: dt.datetime) -> Dossier:
    """The apology went out, with this reason and this new date. ValueError for a date that is no working day to come, or no later one."""
    current = _locked(session, dossier)
    if current.due == due and current.late_told_at is not None:
        return current
    if not may_promise(session, current, due, now=now):
        raise ValueError("due")
    new = {"due": due, "late_told_at": now, "missed_due": current.missed_due or current.due}
    return _step(session, current, "late", ("open",), new, reason=reason, actor=actor, now=now)


def may_promise(session: Session, dossier: Dossier, due: dt.date, *, now: dt.datetime) -> bool:
    """Whether an apology may name this date: a working day to come, later than what was promised."""
    today = clock.today(now)
    later = dossier.due is None or due > dossier.due
    return later and today <= due <= today + FARTHEST and works(session, dossier.center_id, today)(due)


def put_off(session: Session, dossier: Dossier, due: dt.date, *, actor: str, now: dt.datetime) -> Dossier:
    """A later date the province's system gives; it stays what it is when it is not later."""
    current = _locked(session, dossier)
    if current.state not in ("open", "paused") or (current.due is not None and due <= current.due):
        return current
    return _step(session, current, "put_off", ("open", "paused"), {"due": due, "first_due": current.first_due or due}, actor=actor, now=now)


def follow(session: Session, dossier: Dossier, person_id: int, account_id: int, *, now: dt.datetime) -> bool:
    """Tell this account from now on; False when somebody else is told already. Asked twice it is the same."""
    current = _locked(session, dossier)
    if current.account_id is not None or current.state not in LIVE:
        return current.account_id == account_id
    free = (_TABLE.c.id == current.id, _TABLE.c.account_id.is_(None))
    session.execute(update(_TABLE).where(*free).values(person_id=person_id, account_id=account_id, changed_at=now))
    dossier_history.tell(session, current.id, "followed", {}, actor="citizen", now=now)
    return True


def note_missed(session: Session, center_id: str, *, actor: str, now: dt.datetime) -> int:
    """Write down which promises were not kept, for the figures; nobody is told. How many there were."""
    today = clock.today(now)
    missed = (_TABLE.c.center_id == center_id, _TABLE.c.state == "open", _TABLE.c.due < today, _TABLE.c.missed_due.is_(None))
    late_ones = found(session, select(*COLUMNS).where(*missed).order_by(_TABLE.c.due).limit(500).with_for_update(skip_locked=True))
    rollups.touch(session, "dossier", *(one.id for one in late_ones))
    for one in late_ones:
        _step(session, one, "missed", ("open",), {"missed_due": one.due}, actor=actor, now=now)
    return len(late_ones)


def _locked(session: Session, dossier: Dossier) -> Dossier:
    current = get(session, dossier.center_id, dossier.id, lock=True)
    if current is None:
        raise errors.TooLate("gone")
    return current


def _step(
    session: Session, current: Dossier, kind: str, among: Sequence[str], new: Mapping[str, Any], *, actor: str, now: dt.datetime, reason: str = ""
) -> Dossier:
    """Raises TooLate when it is in none of the states `among`, or somebody changed it since `current` was read."""
    if current.state not in among:
        raise errors.TooLate(current.state)
    values = dict(new)
    if current.overdue(clock.today(now)) and current.missed_due is None:
        values["missed_due"] = current.due
    rollups.touch(session, "dossier", current.id)
    if not _written(session, current, {**values, "changed_at": now}):
        raise errors.TooLate(current.state)
    changes = {name: (getattr(current, name), value) for name, value in values.items() if getattr(current, name) != value}
    dossier_history.tell(session, current.id, kind, changes, reason=reason, actor=actor, now=now)
    return replace(current, **values, changed_at=now)


def _written(session: Session, current: Dossier, values: Mapping[str, Any]) -> bool:
    """Whether the row was still as it was read."""
    unchanged = (_TABLE.c.id == current.id, _TABLE.c.state == current.state, _TABLE.c.changed_at == current.changed_at)
    return getattr(session.execute(update(_TABLE).where(*unchanged).values(**values)), "rowcount", 0) == 1


def as_told(dossier: Dossier, history: Sequence[Event]) -> Dossier:
    """The row as its events tell it; only who somebody is comes from the row itself."""
    told = {name: _read(name, value) for name, value in dossier_history.rebuilt(history).items()}
    known = {name: getattr(dossier, name) for name in dossier_history.UNTOLD}
    return Dossier(**{**dict.fromkeys(_NAMES), "lacked": "[]", **told, **known, "changed_at": history[-1].at})


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return dt.datetime.fromisoformat(value)
    return dt.date.fromisoformat(value) if name in _DATES else value
