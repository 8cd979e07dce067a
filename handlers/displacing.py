"""A change of a center's hours together with everybody it displaces: moved, cancelled or kept, and told why, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import booking, displaced, waitlist
from bot.domain.displaced import Proposal
from bot.domain.hours import Change
from bot.domain.visits import Visit
from handlers import telling, visiting

Choice = Literal["move", "keep", "cancel"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
Reach = Literal["told", "web", "nobody"]


@dataclass(frozen=True)
class Decisions:
    """What staff chose for the plan with this `seal`: `every` for all, `single` for one visit. `why` is what citizens read."""

    seal: str = ""
    every: Choice | None = None
    single: Mapping[int, Choice] = field(default_factory=dict)
    why: str = ""

    def of(self, visit: Visit) -> Choice | None:
        return self.single.get(visit.id, self.every)


class Undecided(Exception):
    """Nothing was changed: somebody has to decide about these first. `wrong`: what was chosen cannot be done to them."""

    def __init__(self, proposals: Sequence[Proposal], *, changed: bool = False, wrong: frozenset[int] = frozenset(), no_why: bool = False) -> None:
        super().__init__(f"{len(proposals)} bookings")
        self.proposals, self.changed, self.wrong, self.no_why = tuple(proposals), changed, wrong, no_why


@dataclass(frozen=True)
class Done:
    """`change`: of the hours, for the audit log."""

    change: Change
    moved: int = 0
    kept: int = 0
    cancelled: int = 0


def apply(session: Session, center_id: str, change: Callable[[Session], Change], decided: Decisions, *, actor: str, now: dt.datetime) -> Done:
    """Do `change`, and to whom it displaces what was decided. Raises Undecided, or a VisitError when a seat was taken at this moment.

    Who is just choosing a time that is no more is told when they confirm it; who waits for a day without any time left is told at once.
    """
    coming, held = displaced.booked(session, center_id, now=now), displaced.held(session, center_id, now=now)
    before = displaced.find(session, center_id, coming)
    changed = change(session)
    needy = displaced.worse(before, displaced.find(session, center_id, coming))
    proposals = displaced.plan(session, center_id, needy, now=now)
    _check(proposals, decided)
    gone = [one.visit.id for one in displaced.find(session, center_id, held) if booking.release(session, one.visit, actor=visiting.MACHINE, now=now)]
    waitlist.give_back(session, gone)
    chosen = [_settle(session, proposal, decided, actor=actor, now=now) for proposal in proposals]
    visiting.offer_free(session, now=now)
    return Done(changed, *(chosen.count(choice) for choice in CHOICES))


def _check(proposals: Sequence[Proposal], decided: Decisions) -> None:
    if not proposals:
        return
    if decided.seal != displaced.seal(proposals):
        raise Undecided(proposals, changed=bool(decided.seal))
    wrong = frozenset(one.visit.id for one in proposals if decided.of(one.visit) not in possible(one))
    if wrong:
        raise Undecided(proposals, wrong=wrong)
    if not decided.why and any(decided.of(one.visit) != "keep" for one in proposals):
        raise Undecided(proposals, no_why=True)


def possible(one: Proposal) -> tuple[Choice, ...]:
    """What can be done: stay only inside the hours, move only where a seat is free."""
    return (*(("move",) if one.to is not None else ()), *(("keep",) if one.inside else ()), "cancel")


def _settle(session: Session, one: Proposal, decided: Decisions, *, actor: str, now: dt.datetime) -> Choice:
    choice = decided.of(one.visit)
    assert choice is not None
    if choice == "move":
        assert one.to is not None
        visiting.move(session, one.visit, one.group, one.to, actor=actor, now=now, note=decided.why)
    elif choice == "cancel":
        visiting.cancel(session, one.visit, actor=actor, now=now, note=decided.why)
    return choice


def reach(session: Session, premises: Premises, visit: Visit) -> Reach:
    """Whether the person hears of a change: at once, when they open the page again, or not at all (booked over the phone)."""
    account = telling.reach(session, visit)
    if account is None:
        return "nobody"
    return "web" if account.bot in premises.silent else "told"
