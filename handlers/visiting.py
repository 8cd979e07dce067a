"""What is done to a visit, by whomever: one way for chat, pages and staff. The change and what people are told commit together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlmodel import Session

from bot import clock, errors
from bot.conversation.context import Premises
from bot.db.enums import Outcome
from bot.domain import booking, closing, counters, displaced, hours, line, queue, reminders, traces, undoing, visits, waitlist
from bot.domain.counters import Group
from bot.domain.visits import Missing, Visit
from bot.domain.waitlist import Waiting
from bot.texts import t
from handlers import answering, digest_duties, dossier_deeds, feedback_duties, notices, telling

# Who is told that it is nearly their turn: this many people are still before them.
SOON = 2
CITIZEN, MACHINE = "citizen", "machine"
# A day nobody closed is closed this long after the last hour.
AFTER_HOURS = dt.timedelta(hours=3)


def group_of(session: Session, visit: Visit) -> Group:
    """The counter group of the visit. Raises TooLate when it was taken away."""
    group = next((group for group in counters.groups(session, visit.center_id) if group.id == visit.group_id), None)
    if group is None:
        raise errors.TooLate("group")
    return group


def group_for(session: Session, premises: Premises, center_id: str, procedure: str, *, today: dt.date) -> Group:
    """The group that handles this procedure at the center."""
    entry = premises.catalog.get(procedure, today) if procedure else None
    return counters.group_for(counters.groups(session, center_id), entry.field if entry is not None else "")


def cancel(session: Session, visit: Visit, *, actor: str, now: dt.datetime, note: str = "") -> Visit:
    """Give up a visit; a seat that gets free is offered at once to whoever waits for it. `note` is told as it is, and kept without traces."""
    before = visits.get(session, visit.id, lock=True)
    ended = booking.cancel(session, visit, actor=actor, now=now, note=traces.blotted(note))
    if actor != CITIZEN and ended != before:
        telling.cancelled(session, visit, note, displaced.near(session, visit, now=now), now=now)
    offer_free(session, now=now)
    return ended


def move(session: Session, visit: Visit, group: Group, starts_at: dt.datetime, *, actor: str, now: dt.datetime, note: str = "") -> Visit:
    """Another time; `note` tells the person why it was not they who chose it. Raises as booking.move."""
    moved = booking.move(session, visit, group, starts_at, actor=actor, now=now)
    if actor != CITIZEN and moved.starts_at != visit.starts_at:
        telling.moved(session, moved, visit, note, now=now)
    offer_free(session, now=now)
    return moved


def check_in(session: Session, visit: Visit, *, actor: str, now: dt.datetime, priority: str = "") -> Visit:
    """The person is here. Raises TooLate when the visit is over or belongs to another day."""
    return queue.check_in(session, visit, group_of(session, visit), actor=actor, now=now, priority=priority)


def call_next(session: Session, counter_id: int, *, actor: str, now: dt.datetime) -> Visit | None:
    called = queue.call_next(session, counter_id, actor=actor, now=now)
    if called is not None:
        _tell_called(session, called, now=now)
    return called


def call(session: Session, visit: Visit, counter_id: int, *, actor: str, now: dt.datetime) -> Visit:
    called = queue.call(session, visit, counter_id, actor=actor, now=now)
    _tell_called(session, called, now=now)
    return called


def recall(session: Session, visit: Visit, *, actor: str, now: dt.datetime) -> Visit:
    called = queue.recall(session, visit, actor=actor, now=now)
    telling.called(session, called, _number(session, called), now=now, again=True)
    return called


def _tell_called(session: Session, called: Visit, *, now: dt.datetime) -> None:
    telling.called(session, called, _number(session, called), now=now)
    waiting = line.order(queue.waiting(session, called.center_id, called.day, (called.group_id,)), 0, now)
    for ahead, visit in enumerate(waiting[: SOON + 1]):
        about = dt.datetime.combine(visit.day, dt.time(), dt.UTC)
        if ahead and reminders.settle(session, visit, "soon", "queued", now=now, about=about):
            telling.soon(session, visit, ahead, now=now)


def _number(session: Session, visit: Visit) -> int:
    """Of the counter, also of one that was closed meanwhile."""
    return next((desk.number for desk in counters.counters(session, visit.center_id) if desk.id == visit.counter_id), 0)


def finish(
    session: Session, visit: Visit, outcome: Outcome, *, actor: str, now: dt.datetime, missing: Iterable[Missing] = (), note: str = ""
) -> Visit:
    """The visit is over, and the person has it in writing. Raises TooLate or ValueError as queue.finish."""
    before = visits.get(session, visit.id, lock=True)
    ended = queue.finish(session, visit, outcome, actor=actor, now=now, missing=missing, note=traces.blotted(note))
    if ended != before:
        telling.finished(session, ended, _number(session, ended), now=now)
    return ended


def transfer(session: Session, visit: Visit, group: Group, *, actor: str, now: dt.datetime) -> Visit:
    sent = queue.transfer(session, visit, group, actor=actor, now=now)
    telling.transferred(session, sent, group.name, now=now)
    return sent


def close(session: Session, center_id: str, day: dt.date, *, actor: str, now: dt.datetime) -> tuple[Visit, ...]:
    """End the day, also before its hours are over; who was here and not served is told what they keep, who was to come when they can."""
    closing.stop_early(session, center_id, day, actor=actor, now=now)
    ended = closing.close(session, center_id, day, actor=actor, now=now)
    waitlist.give_back(session, [visit.id for visit in ended if visit.state == "expired"])
    for visit in ended:
        if visit.outcome == "not_served":
            telling.closed(session, visit, now=now)
        elif visit.state == "cancelled":
            telling.cancelled(session, visit, t("visits.closed_early"), displaced.near(session, visit, now=now), now=now)
    offer_free(session, now=now)
    return ended


def undo(session: Session, actor: str, *, now: dt.datetime) -> Visit:
    """Take back the clerk's last step; what was said about it is not sent, or put right. Raises TooLate as undoing.undo."""
    undone = undoing.undo(session, actor, now=now)
    telling.taken_back(session, undone.visit, undone.step, now=now)
    return undone.visit


def offer_free(session: Session, *, now: dt.datetime) -> int:
    """Offer free seats to those who wait for one; returns how many. Who waits for a day without any time left is told."""
    for waiting in waitlist.give_up(session, now=now):
        _tell_in_vain(session, waiting, now=now)
    offers = waitlist.offer(session, now=now)
    for offer in offers:
        telling.offered(session, offer, now=now)
    return len(offers)


def _tell_in_vain(session: Session, waiting: Waiting, *, now: dt.datetime) -> None:
    day = hours.of_days(session, waiting.center_id, waiting.day, waiting.day)[waiting.day]
    telling.in_vain(session, waiting, day, waitlist.nearest_days(session, waiting, now=now), now=now)


def give_back_holds(session: Session, _premises: Premises, *, now: dt.datetime) -> None:
    booking.expire(session, now=now)


def offer_seats(session: Session, _premises: Premises, *, now: dt.datetime) -> None:
    offer_free(session, now=now)


def remind(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    for due in reminders.due(session, now=now):
        _remind(session, premises, due, now=now)


def close_forgotten(session: Session, _premises: Premises, *, now: dt.datetime) -> None:
    """End the days nobody closed."""
    for center_id, day in closing.forgotten_days(session, clock.today(now) + dt.timedelta(days=1)):
        if now >= _ends(session, center_id, day) + AFTER_HOURS:
            close(session, center_id, day, actor=MACHINE, now=now)


# What comes due by itself, each in a transaction of its own. Safe to run from several processes at once.
DUTIES = (
    give_back_holds, offer_seats, remind, close_forgotten, notices.advance,
    *answering.DUTIES, *feedback_duties.DUTIES, *dossier_deeds.DUTIES, *digest_duties.DUTIES,
)  # fmt: skip


def _ends(session: Session, center_id: str, day: dt.date) -> dt.datetime:
    """When the center's last hour of that day ends; the day's end where it was shut."""
    spans = hours.of_days(session, center_id, day, day)[day].spans
    return hours.at(day, spans[-1].closes if spans else hours.MIDNIGHT)


def _remind(session: Session, premises: Premises, due: reminders.Due, *, now: dt.datetime) -> None:
    account = telling.reach(session, due.visit)
    fate, why = due.fate, "late_booking" if due.fate == "skipped" else ""
    if fate == "queued" and account is None:
        fate, why = "skipped", "gone"
    elif fate == "queued" and account is not None and account.bot in premises.silent:
        fate, why = "skipped", "web"
    reason = t(f"visits.reminder_skipped_{why}") if why else ""
    if not reminders.settle(session, due.visit, due.kind, fate, now=now, reason=reason):
        return
    if fate == "queued" or why == "web":  # what cannot ring still stands in the conversation, and in the ledger as skipped
        outbox_id = telling.reminded(session, premises, due, now=now, skipped=reason)
        if outbox_id is not None:
            reminders.queued(session, due.visit, due.kind, outbox_id)
