"""What staff do to a dossier: the change, what its holder is told, and the audit row commit together. No message goes without a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises
from bot.domain import audit, checklists, dossiers, outbox, reach, traces, visits, withdrawal, working_days
from bot.domain.dossiers import Dossier, Slip
from bot.domain.visits import Missing, Visit
from bot.domain.working_days import Works
from bot.messages import Reply, State
from bot.texts import t
from handlers import dossier_words as words
from procedures import checklist
from procedures.models import Procedure, Time

MACHINE = "machine"


def slip(
    premises: Premises, works: Works, procedure: str, received_at: dt.datetime, *, code: str = "", answers: dict[str, str] | None = None
) -> Slip:
    """What the catalog promises for this procedure, handed in then."""
    entry = premises.catalog.get(procedure, clock.today(received_at)) if procedure else None
    time = _time(entry, answers or {}) if isinstance(entry, Procedure) else None
    promise = working_days.promise(received_at, time, works)
    return Slip(procedure, entry.field if entry is not None else "", promise, (time.cutoff or "") if time is not None else "", code)


def _time(entry: Procedure, answers: dict[str, str]) -> Time | None:
    """By the answers of the list; where they leave it open the longest that may hold is promised."""
    made = checklist.build(entry, answers)
    if made.time is not None and (made.done or len(entry.time) == 1):
        return made.time
    return max(entry.time, key=lambda time: time.up_to or time.amount or 0, default=None)


def with_due(made: Slip, due: dt.date | None, works: Works) -> Slip:
    """The date that stands on the slip of the province's system goes before our own. ValueError when it is before the receipt, or years later."""
    if due is None:
        return made
    if not made.promise.counts_from <= due <= made.promise.counts_from + dossiers.FARTHEST:
        raise ValueError("due")
    return made._replace(promise=working_days.promised_by(made.promise.counts_from, due, works))


def receive(session: Session, center_id: str, made: Slip, received_at: dt.datetime, *, actor: str, now: dt.datetime) -> Dossier:
    """Raises as dossiers.receive."""
    dossier = dossiers.receive(session, center_id, made, received_at, actor=actor, now=now)
    _audit(session, dossier, "receive", actor, {"due": _day(dossier.due)}, now=now)
    return dossier


def of_visit(session: Session, premises: Premises, visit: Visit, *, code: str, due: dt.date | None, actor: str, now: dt.datetime) -> Dossier:
    """Of a visit at which papers were handed in. Raises as dossiers.of_finished."""
    received_at = visit.ended_at or now
    works = dossiers.works(session, visit.center_id, clock.today(received_at))
    kept = checklists.get(session, visit.checklist_id) if visit.checklist_id is not None else None
    answers = checklists.answers(kept) if kept is not None and kept.code == visit.procedure else None
    made = with_due(slip(premises, works, visit.procedure, received_at, code=code, answers=answers), due, works)
    known = dossiers.of_visit(session, visit.id)
    dossier = dossiers.of_finished(session, visit, made, actor=actor, now=now)
    if dossier not in known:
        _tell(session, dossier, _received(dossier), "received", now=now)
        _audit(session, dossier, "receive", actor, {"due": _day(dossier.due)}, now=now)
    return dossier


def pause(session: Session, dossier: Dossier, papers: Iterable[Missing], *, actor: str, now: dt.datetime) -> Dossier:
    asked = tuple(papers)
    changed = dossiers.pause(session, dossier, asked, actor=actor, now=now)
    if changed.paused_at == now:
        lines = (t("dossiers.paused"), *map(words.paper, asked), t("dossiers.paused_then"))
        state = State(tone="stop", icon="doc", title=t("dossiers.told_paused_title", receipt=changed.receipt, count=len(asked)), text=lines)
        _tell(session, changed, state, "paused", now=now)
        _audit(session, changed, "pause", actor, {"papers": [paper.name for paper in changed.papers_missing]}, now=now)
    return changed


def resume(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    changed = dossiers.resume(session, dossier, actor=actor, now=now)
    if changed.changed_at == now:
        lines = (t("dossiers.told_resumed", day=words.said(changed.due)),) if changed.due is not None else (t("dossiers.due_none"),)
        _tell(session, changed, State(icon="check", title=t("dossiers.told_resumed_title", receipt=changed.receipt), text=lines), "resumed", now=now)
        _audit(session, changed, "resume", actor, {"due": _day(changed.due)}, now=now)
    return changed


def ready(session: Session, premises: Premises, dossier: Dossier, *, actor: str, now: dt.datetime, at: dt.datetime | None = None) -> Dossier:
    """`at`: when it was, where that was not now."""
    changed = dossiers.ready(session, dossier, actor=actor, now=at or now)
    if changed.ready_at == (at or now):
        center = premises.directory.get(changed.center_id) or premises.center
        state = State(tone="now", icon="bell", title=t("dossiers.told_ready_title", receipt=changed.receipt), text=words.come(center, now))
        _tell(session, changed, state, "ready", now=now)
        _audit(session, changed, "ready", actor, {}, now=now)
    return changed


def reopen(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime) -> Dossier:
    """It was not ready after all: what was said about it is not sent, or put right."""
    changed = dossiers.reopen(session, dossier, actor=actor, now=now)
    account = reach.of_maker(session, changed.account_id, changed.person_id) if changed.account_id is not None else None
    if account is not None and dossier.ready_at is not None:
        gone = withdrawal.withdraw(session, account, _key(changed, "ready"), dossier.ready_at, t("visits.undone_reason"), now=now)
        if gone:
            state = State(
                tone="note", icon="info", title=t("dossiers.told_reopened_title", receipt=changed.receipt), text=(t("dossiers.told_reopened"),)
            )
            _tell(session, changed, state, "reopened", now=now)
    _audit(session, changed, "reopen", actor, {}, now=now)
    return changed


def hand_over(session: Session, dossier: Dossier, *, actor: str, now: dt.datetime, at: dt.datetime | None = None) -> Dossier:
    changed = dossiers.hand_over(session, dossier, actor=actor, now=at or now)
    if changed.returned_at == (at or now):
        _audit(session, changed, "return", actor, {}, now=now)
    return changed


def withdraw(session: Session, dossier: Dossier, reason: str, *, actor: str, now: dt.datetime) -> Dossier:
    changed = dossiers.withdraw(session, dossier, reason, actor=actor, now=now)
    _audit(session, changed, "withdraw", actor, {"reason": traces.blotted(reason)}, now=now)
    return changed


def apologise(session: Session, premises: Premises, dossier: Dossier, reason: str, due: dt.date, *, actor: str, now: dt.datetime) -> Dossier:
    """The clerk read the letter and agreed: the new date holds, and the letter goes out. Raises as dossiers.late."""
    changed = dossiers.late(session, dossier, reason, due, actor=actor, now=now)
    if changed.late_told_at == now:
        _tell(session, changed, words.letter(premises, dossier, reason, due), "late", now=now)
        after = {"due": _day(due), "reason": traces.blotted(reason)}
        _audit(session, changed, "late", actor, after, before={"due": _day(dossier.due)}, now=now)
    return changed


def _tell(session: Session, dossier: Dossier, state: State, about: str, *, now: dt.datetime) -> int | None:
    """Queue it for whoever handed it in, or follows it; None when nobody can be written to."""
    account = reach.of_maker(session, dossier.account_id, dossier.person_id) if dossier.account_id is not None else None
    if account is None:
        return None
    reply = Reply(blocks=(state,), key=_key(dossier, about))
    return outbox.put(session, account.bot, account.address, reply, now=now, kind="ticket")


def _key(dossier: Dossier, about: str) -> str:
    return f"dossier:{dossier.id}:{about}"


def _received(dossier: Dossier) -> State:
    day = t("dossiers.due", day=words.said(dossier.due)) if dossier.due is not None else t("dossiers.due_none")
    lines = (day, t("dossiers.told_received"))
    return State(icon="check", title=t("dossiers.told_received_title", receipt=dossier.receipt), text=lines)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day is not None else ""


def _audit(
    session: Session, dossier: Dossier, action: str, actor: str, after: dict[str, Any], *, before: dict[str, Any] | None = None, now: dt.datetime
) -> None:
    audit.write(
        session, actor=actor, center_id=dossier.center_id, action=f"dossier.{action}", subject=dossier.receipt, before=before, after=after, now=now
    )  # fmt: skip


def accepted_today(session: Session, center_id: str, *, now: dt.datetime) -> Sequence[Visit]:
    """Visits of today at which papers were handed in and which have no dossier yet, the newest first."""
    today = clock.today(now)
    ended = [visit for visit in visits.of_day(session, center_id, today, ("done",)) if visit.outcome == "accepted"]
    return [visit for visit in reversed(ended) if not dossiers.of_visit(session, visit.id)]


def note_missed(session: Session, premises: Premises, *, now: dt.datetime) -> None:
    """What passed its date is written down; the console shows it, and a clerk decides what is said."""
    for center in premises.directory.all:
        dossiers.note_missed(session, center.id, actor=MACHINE, now=now)


DUTIES = (note_missed,)
