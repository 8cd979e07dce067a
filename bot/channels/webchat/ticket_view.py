"""What a ticket's page shows in each state of its visit. Reading is one function, the faces are pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import AT_COUNTER, LIVE
from bot.domain import booking, centers, checklists, counters, line, queue, visits
from bot.domain.centers import Center
from bot.domain.line import Wait
from bot.domain.visits import Visit
from bot.texts import t
from handlers import telling

KEPT = dt.timedelta(days=30)  # after the day a ticket's page is gone
PLATES = 5  # how many people before the reader are shown one by one
LATE = (10, 20, 30)
HERE = ("arrived", "waiting")

_VISITS = upsert.table(Row)


@dataclass(frozen=True)
class Before:
    """Those who are called first: the next plates, how many more, and what it means. `wait` is None where nobody serves yet."""

    plates: tuple[str, ...] = ()
    more: int = 0
    wait: Wait | None = None

    @property
    def count(self) -> int:
        return len(self.plates) + self.more


@dataclass(frozen=True)
class Facts:
    """All that a face depends on. `counter`: where the visit is or was, or 0."""

    visit: Visit
    now: dt.datetime
    before: Before = Before()
    counter: int = 0


@dataclass(frozen=True)
class Face:
    """The first card. `plate`: how the number is drawn (now, green, quiet); `big` and `then` are what is announced when they change."""

    head: str
    big: str
    then: tuple[str, ...] = ()
    plate: str = "quiet"
    tone: str = ""
    quiet: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Left:
    """The papers of the list that are not ticked; `missing` were asked for at the counter."""

    link: str = ""
    total: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ticket:
    """Everything the page shows."""

    facts: Facts
    face: Face
    center: Center
    what: str
    steps: tuple[Step, ...]
    left: Left
    serving: str
    newest: int
    next: str

    @property
    def visit(self) -> Visit:
        return self.facts.visit

    @property
    def held(self) -> bool:
        return booking.alive(self.visit, self.facts.now)

    @property
    def today(self) -> bool:
        return self.visit.day == clock.today(self.facts.now)

    @property
    def live(self) -> bool:
        """Whether something can happen while somebody looks."""
        return self.today and self.visit.state in (*LIVE, "must_return") and self.visit.state != "held"

    @property
    def in_line(self) -> bool:
        return self.visit.state in HERE

    @property
    def may_cancel(self) -> bool:
        return self.visit.state in booking.BEFORE_CALL and self.visit.state != "held"

    @property
    def may_be_late(self) -> bool:
        return self.visit.state == "booked" and self.today

    @property
    def over(self) -> bool:
        """Ended, or a hold that ran out: one can book again."""
        return state(self.facts) in ("cancelled", "no_show", "expired")

    @property
    def title(self) -> str:
        return ", ".join(filter(None, (self.visit.ticket, self.face.big)))

    @property
    def version(self) -> str:
        """Changes when the place or the state does, not each minute."""
        return f"{self.visit.state}-{self.facts.before.count}-{self.visit.calls}-{self.visit.late_until or ''}"


def state(facts: Facts) -> str:
    """The visit's state; a hold that ran out is over before anybody swept it away."""
    return "expired" if facts.visit.state == "held" and not booking.alive(facts.visit, facts.now) else facts.visit.state


def face(facts: Facts) -> Face:
    return _FACES[state(facts)](facts)


def _held(facts: Facts) -> Face:
    assert facts.visit.hold_until is not None
    until = clock.hour(facts.visit.hold_until)
    minutes = max(1, round((facts.visit.hold_until - facts.now).total_seconds() / 60))
    left = t("ticket.held_left", minutes=minutes, now=clock.hour(facts.now)) if minutes < 60 else ""
    return Face(t("ticket.held_head"), telling.when(facts.visit), (t("ticket.held", until=until),), tone="now", quiet=tuple(filter(None, (left,))))


def _booked(facts: Facts) -> Face:
    visit = facts.visit
    said = [t("ticket.booked")]
    if visit.late_until is not None:
        said = [t("ticket.late", until=clock.hour(visit.late_until))]
    elif visit.starts_at is not None and facts.now > visit.starts_at + line.GRACE:
        said = [t("ticket.overdue")]
    return Face(t("ticket.booked_head"), telling.when(visit), tuple(said))


def _arrived(facts: Facts) -> Face:
    assert facts.visit.starts_at is not None
    return Face(t("ticket.head"), t("ticket.arrived_big"), (t("ticket.arrived", hour=clock.hour(facts.visit.starts_at)),), plate="now")


def _waiting(facts: Facts) -> Face:
    count = facts.before.count
    big = t("ticket.ahead", count=count) if count else t("ticket.next")
    return Face(t("ticket.head"), big, (_wait(facts.before),), plate="now")


def _wait(before: Before) -> str:
    if before.wait is None:
        return t("ticket.wait_unknown")
    if not before.count:
        return t("ticket.wait_next")
    return t("ticket.wait", low=before.wait.low, high=before.wait.high) if before.wait.low else t("ticket.wait_short", high=before.wait.high)


def _called(facts: Facts) -> Face:
    assert facts.visit.called_at is not None
    hour = clock.hour(facts.visit.called_at)
    quiet = t("ticket.called_at", hour=hour) if facts.visit.calls <= 1 else t("ticket.recalled_at", hour=hour, count=facts.visit.calls)
    return Face(t("ticket.called_head"), t("ticket.called_big", counter=_counter(facts)), (t("ticket.called"),), "called", "now", (quiet,))


def _serving(facts: Facts) -> Face:
    return Face(t("ticket.head"), t("ticket.serving_big", counter=_counter(facts)), plate="green")


def _parked(_facts: Facts) -> Face:
    return Face(t("ticket.head"), t("ticket.parked_big"), (t("ticket.parked"),))


def _missed(facts: Facts) -> Face:
    return Face(t("ticket.head"), t("ticket.missed_big", ticket=facts.visit.ticket), (t("ticket.missed"),), tone="now")


def _must_return(facts: Facts) -> Face:
    if facts.visit.outcome == "not_served":
        text = t("visits.closed", code=telling.spoken(facts.visit.code))
        return Face(t("ticket.head"), t("ticket.not_served_big"), (text,), tone="note")
    count = len(facts.visit.papers_missing)
    then = t("ticket.must_return", counter=_counter(facts)) if facts.counter else t("ticket.must_return_any")
    return Face(t("ticket.head"), t("ticket.must_return_big", count=count), (then,), tone="now")


def _done(facts: Facts) -> Face:
    said = {"accepted": "visits.done_accepted", "done_now": "visits.done_now", "wrong_place": "visits.done_elsewhere"}.get(facts.visit.outcome)
    return Face(t("ticket.head"), t("ticket.done_big"), (t(said),) if said else ())


def _cancelled(facts: Facts) -> Face:
    visit = facts.visit
    big = t("ticket.cancelled_big") if visit.starts_at else t("ticket.cancelled_number", ticket=visit.ticket)
    when = (t("ticket.cancelled_when", when=telling.when(visit)),) if visit.starts_at else ()
    return Face(t("ticket.over_head"), big, (*when, *([visit.note] if visit.note else [t("ticket.cancelled")])))


def _no_show(facts: Facts) -> Face:
    when = t("ticket.no_show_when", when=telling.when(facts.visit))
    return Face(t("ticket.over_head"), t("ticket.no_show_big"), (when, t("ticket.no_show")), tone="note")


def _expired(facts: Facts) -> Face:
    return Face(t("ticket.over_head"), t("ticket.expired_big"), (t("ticket.expired", when=telling.when(facts.visit)),), tone="note")


_FACES: Mapping[str, Callable[[Facts], Face]] = {
    "held": _held,
    "booked": _booked,
    "arrived": _arrived,
    "waiting": _waiting,
    "called": _called,
    "serving": _serving,
    "parked": _parked,
    "missed": _missed,
    "must_return": _must_return,
    "done": _done,
    "cancelled": _cancelled,
    "no_show": _no_show,
    "expired": _expired,
}


def _counter(facts: Facts) -> str:
    return t("ticket.counter", number=facts.counter) if facts.counter else t("ticket.counter_unknown")


def steps(facts: Facts) -> tuple[Step, ...]:
    """The way through the day, and where the reader is on it."""
    visit = facts.visit
    if state(facts) not in LIVE or state(facts) == "held":
        return ()
    come = t("ticket.step_come", code=telling.spoken(visit.code))
    if visit.arrived_at is not None:
        come = t("ticket.step_came", hour=clock.hour(visit.arrived_at))
    texts = [come, t("ticket.step_wait"), t("ticket.step_called"), t("ticket.step_done")]
    if visit.source != "kiosk" and visit.starts_at is not None:
        texts.insert(0, t("ticket.step_booked"))
    last = len(texts) - 1
    here = {"booked": last - 3, "called": last - 1, "serving": last}.get(visit.state, last - 2)
    return tuple(Step(text, "done" if place < here else "here" if place == here else "") for place, text in enumerate(texts))


def read(session: Session, premises: Premises, token: str, *, now: dt.datetime) -> Ticket | None:
    """The ticket of this token; None for one that never was or is too old."""
    visit = visits.by_token(session, token)
    if visit is None or visit.day + KEPT < clock.today(now):
        return None
    newest = visits.newest_event(session, [visit.center_id])[visit.center_id]
    facts = Facts(visit, now, _before(session, visit, now=now), _number(session, visit))
    return Ticket(
        facts=facts,
        face=face(facts),
        center=premises.directory.get(visit.center_id) or premises.center,
        what=telling.title(premises, visit),
        steps=steps(facts),
        left=_left(session, visit),
        serving=_serving_now(session, visit) if visit.state in HERE else "",
        newest=newest,
        next=_following(session, visit) if visit.state == "must_return" else "",
    )


def _before(session: Session, visit: Visit, *, now: dt.datetime) -> Before:
    group = next((group for group in counters.groups(session, visit.center_id) if group.id == visit.group_id), None)
    if visit.state not in HERE or group is None:
        return Before()
    first = [other.ticket for other in queue.ahead(session, visit, now=now)]
    served = queue.staffed(session, visit.center_id, visit.group_id)
    wait = queue.expected_wait(session, group, len(first), visit.day) if served else None
    return Before(tuple(first[:PLATES]), max(0, len(first) - PLATES), wait)


def _number(session: Session, visit: Visit) -> int:
    desks = counters.counters(session, visit.center_id) if visit.counter_id is not None else ()
    return next((desk.number for desk in desks if desk.id == visit.counter_id), 0)


def _serving_now(session: Session, visit: Visit) -> str:
    """Who stands at the counters of this group: "Quầy 1 đang phục vụ A007, quầy 2 đang gọi A008." """
    desks = {desk.id: desk.number for desk in counters.counters(session, visit.center_id) if visit.group_id in desk.serves}
    there = visits.of_day(session, visit.center_id, visit.day, AT_COUNTER)
    said = [
        t(f"ticket.now_{other.state}", number=number, ticket=other.ticket)
        for other in sorted(there, key=lambda other: desks.get(other.counter_id or 0, 0))
        if (number := desks.get(other.counter_id or 0))
    ]
    together = ", ".join(said)
    return f"{together[:1].upper()}{together[1:]}." if said else ""


def _left(session: Session, visit: Visit) -> Left:
    row = checklists.of_person(session, visit.checklist_id, visit.person_id) if visit.checklist_id and visit.person_id else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return Left()
    have = checklists.ticked(row)
    return Left(f"/d/{row.token}", len(kept.papers), tuple(paper.name for paper in kept.papers if paper.id not in have))


def _following(session: Session, visit: Visit) -> str:
    """The link of the ticket with which the person came back on another day."""
    after = select(_VISITS.c.token).where(_VISITS.c.follows_id == visit.id).order_by(_VISITS.c.id.desc()).limit(1)
    token = session.execute(after).scalar()
    return f"{telling.TICKET}{token}" if token else ""


def map_link(ticket: Ticket) -> str:
    return centers.map_link(ticket.center)


def papers(visit: Visit) -> Sequence[str]:
    """What was missing at the counter, and why."""
    return [paper.name if paper.why == "missing" else f"{paper.name} ({t(f'visits.why_{paper.why}')})" for paper in visit.papers_missing]
