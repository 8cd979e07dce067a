"""What people are told about their visit without having asked: called, moved, papers missing, a seat got free, reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from bot import clock
from bot.conversation import memory
from bot.conversation.context import Premises, numbered, option
from bot.db.tables import Account
from bot.domain import checklists, outbox, withdrawal
from bot.domain import reach as chosen
from bot.domain.hours import DayHours
from bot.domain.reminders import Due
from bot.domain.slots import Slot
from bot.domain.visits import Event, Missing, Visit
from bot.domain.waitlist import Offer, Waiting
from bot.messages import Choice, OutgoingKind, Reply, State
from bot.texts import t
from handlers import payloads, welcome

TICKET = "/phieu/"


def page(premises: Premises, visit: Visit) -> str:
    """The ticket page: who has the link sees it."""
    return f"{premises.address}{TICKET}{visit.token}"


def when(visit: Visit) -> str:
    """thứ Tư 25/11, 08:30"""
    if visit.starts_at is None:
        return clock.day(visit.day)
    return t("visits.when", day=clock.day(visit.day), hour=clock.hour(visit.starts_at))


def spoken(code: str) -> str:
    """483 920, as it is read out."""
    return f"{code[:3]} {code[3:]}"


def title(premises: Premises, visit: Visit) -> str:
    """What the person comes for, in a few words."""
    entry = premises.catalog.get(visit.procedure, visit.day) if visit.procedure else None
    return entry.title if entry is not None else t("visits.procedure_unknown")


def reach(session: Session, visit: Visit | Waiting) -> Account | None:
    """The account of who made the visit, or waits; another of theirs where that one does not ring."""
    return chosen.of_maker(session, visit.account_id, visit.person_id) if visit.account_id is not None else None


def tell(
    session: Session,
    visit: Visit | Waiting,
    state: State,
    *,
    now: dt.datetime,
    about: str = "",
    kind: OutgoingKind = "ticket",
    choices: tuple[Choice, ...] = (),
    not_after: dt.datetime | None = None,
    skipped: str = "",
) -> int | None:
    """Queue the message to whoever made the visit; None when nobody can be written to. `about`: the step it tells, should that be undone."""
    account = reach(session, visit)
    if account is None:
        return None
    assert account.id is not None
    reply = Reply(blocks=(state,), choices=numbered(choices, welcome.person()) if choices else (), key=_key(visit, about))
    if reply.choices:
        memory.menu(session, account.id, reply.choices, now=now)
    return outbox.put(session, account.bot, account.address, reply, now=now, kind=kind, not_after=not_after, skipped=skipped)


def _key(visit: Visit | Waiting, about: str) -> str:
    return f"visit:{visit.id}:{about}" if about else ""


def called(session: Session, visit: Visit, counter: int, *, now: dt.datetime, again: bool = False) -> None:
    key = "visits.recalled_title" if again else "visits.called_title"
    line = t(key, ticket=visit.ticket, counter=t("visits.counter", number=counter))
    state = State(tone="now", icon="bell", title=line, text=(t("visits.called"),))
    tell(session, visit, state, now=now, about="called", not_after=now + dt.timedelta(minutes=15))


def soon(session: Session, visit: Visit, count: int, *, now: dt.datetime) -> None:
    state = State(tone="now", icon="clock", title=t("visits.soon_title", ticket=visit.ticket), text=(t("visits.soon", count=count),))
    tell(session, visit, state, now=now, not_after=now + dt.timedelta(minutes=15))


def finished(session: Session, visit: Visit, counter: int, *, now: dt.datetime) -> None:
    """How the visit ended; with papers missing: which, why, and what happens when they come back."""
    if visit.outcome == "papers_missing":
        tell(session, visit, must_return(visit, counter), now=now, about="finished")
        return
    key = {"accepted": "visits.done_accepted", "done_now": "visits.done_now", "wrong_place": "visits.done_elsewhere"}.get(visit.outcome)
    if key is not None:
        how = (option(t("feedback.how"), payloads.RateVisit(visit.id)),)
        done = State(icon="check", title=t("visits.done_title", ticket=visit.ticket), text=(t(key),))
        tell(session, visit, done, now=now, about="finished", choices=how)


def must_return(visit: Visit, counter: int) -> State:
    papers = visit.papers_missing
    lines = (*map(_paper, papers), t("visits.must_return", counter=t("visits.counter", number=counter)))
    return State(tone="stop", icon="doc", title=t("visits.must_return_title", ticket=visit.ticket, count=len(papers)), text=lines)


def _paper(paper: Missing) -> str:
    if paper.why == "missing":
        return t("visits.must_return_paper", name=paper.name)
    return t("visits.must_return_why", name=paper.name, why=t(f"visits.why_{paper.why}"))


def transferred(session: Session, visit: Visit, group: str, *, now: dt.datetime) -> None:
    line = t("visits.transferred_title", ticket=visit.ticket, group=group)
    tell(session, visit, State(icon="info", title=line, text=(t("visits.transferred"),)), now=now, about="transferred")


UNDONE = ("called", "finished", "transferred")  # the steps that are told


def taken_back(session: Session, visit: Visit, step: Event, *, now: dt.datetime) -> None:
    """A step was undone: what was to be said about it is not sent; where it was said already, it is put right."""
    account = reach(session, visit)
    if account is None or step.kind not in UNDONE:
        return
    if withdrawal.withdraw(session, account, _key(visit, step.kind), step.at, t("visits.undone_reason"), now=now):
        title = t(f"visits.undone_{step.kind}_title", ticket=visit.ticket)
        tell(session, visit, State(tone="note", icon="info", title=title, text=(t(f"visits.undone_{step.kind}"),)), now=now)


def closed(session: Session, visit: Visit, *, now: dt.datetime) -> None:
    """Came, and the day ended before they were called."""
    text = t("visits.closed", code=spoken(visit.code))
    tell(session, visit, State(tone="note", icon="clock", title=t("visits.closed_title", ticket=visit.ticket), text=(text,)), now=now)


def moved(session: Session, visit: Visit, old: Visit, note: str, *, now: dt.datetime) -> None:
    """The center moved it."""
    lines = (*([note] if note else []), t("visits.moved", old=when(old), new=when(visit)))
    state = State(tone="now", icon="clock", title=t("visits.moved_title"), text=lines)
    tell(session, visit, state, now=now, choices=own(premises=None, visit=visit))


def cancelled(session: Session, visit: Visit, note: str, near: Sequence[Slot], *, now: dt.datetime) -> None:
    """The center cancelled it. `near`: free times close to it."""
    lines = [t("visits.cancelled", note=note).strip()]
    if near:
        named = (t("visits.when", day=clock.day(clock.today(slot.starts_at)), hour=clock.hour(slot.starts_at)) for slot in near)
        lines.append(t("visits.near", times="; ".join(named)))
    state = State(tone="stop", icon="warn", title=t("visits.cancelled_title", when=when(visit)), text=tuple(lines))
    tell(session, visit, state, now=now, choices=(option(t("booking.again"), payloads.BookAt(visit.checklist_id or 0, visit.center_id)),))


def in_vain(session: Session, waiting: Waiting, day: DayHours, near: Sequence[dt.date], *, now: dt.datetime) -> None:
    """They waited for a seat on a day that has no time left."""
    name = clock.day(waiting.day)
    lines = [
        *([t("booking.days_shut", days=f"{name} ({day.reason})")] if not day.spans else []),
        t("visits.in_vain"),
        t("visits.in_vain_near", days=", ".join(clock.day(date) for date in near)) if near else t("booking.days_none"),
    ]
    state = State(tone="note", icon="cal", title=t("visits.in_vain_title", day=f"{name[:1].upper()}{name[1:]}"), text=tuple(lines))
    choices = (option(t("booking.do_other_days"), payloads.BookAt(waiting.checklist_id or 0, waiting.center_id)),)
    tell(session, waiting, state, now=now, choices=choices)


def offered(session: Session, offer: Offer, *, now: dt.datetime) -> None:
    """A seat got free and is kept for them."""
    visit = offer.visit
    assert visit.hold_until is not None
    until = clock.hour(visit.hold_until)
    if (day := clock.today(visit.hold_until)) != clock.today(now):
        until = t("visits.when", day=clock.day(day), hour=until)
    state = State(tone="now", icon="bell", title=t("visits.offer_title", when=when(visit)), text=(t("visits.offer", until=until),))
    choices = (option(t("visits.offer_take"), payloads.Confirm(visit.id)), option(t("visits.offer_leave"), payloads.Cancel(visit.id, sure=True)))
    tell(session, visit, state, now=now, kind="reminder", choices=choices, not_after=visit.hold_until)


def own(premises: Premises | None, visit: Visit) -> tuple[Choice, ...]:
    """What one can do with a booking; with its page where the premises are known."""
    link = (Choice(number=-1, label=t("booking.do_page"), link=page(premises, visit)),) if premises is not None else ()
    return (*link, option(t("booking.do_move"), payloads.Move(visit.id)), option(t("booking.do_cancel"), payloads.Cancel(visit.id, sure=False)))


def reminded(session: Session, premises: Premises, due: Due, *, now: dt.datetime, skipped: str) -> int | None:
    """The reminder with the papers still unticked."""
    visit = due.visit
    center = premises.directory.get(visit.center_id) or premises.center
    lines = (
        t("visits.reminder_when", when=when(visit), center=center.name, address=center.address),
        papers_left(session, visit),
        t("visits.reminder_code", code=spoken(visit.code)),
    )
    state = State(tone="now", icon="bell", title=t(f"visits.reminder_{due.kind}_title"), text=lines)
    return tell(session, visit, state, now=now, kind="reminder", choices=own(premises, visit), not_after=due.not_after, skipped=skipped)


def papers_left(session: Session, visit: Visit) -> str:
    """Which papers of the visit's list are not ticked."""
    row = checklists.of_person(session, visit.checklist_id, visit.person_id) if visit.checklist_id and visit.person_id else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return t("visits.reminder_none")
    have = checklists.ticked(row)
    left = [paper.name for paper in kept.papers if paper.id not in have]
    if not left:
        return t("visits.reminder_all", total=len(kept.papers))
    return t("visits.reminder_missing", count=len(left), papers="; ".join(left))
