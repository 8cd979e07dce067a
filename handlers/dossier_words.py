"""What is said of a dossier: where it stands, what is missing, where the result is, and the apology. Never anything about a person."""

from __future__ import annotations

import datetime as dt

from bot import clock
from bot.conversation.context import Premises
from bot.domain.centers import Center
from bot.domain.dossiers import Dossier
from bot.domain.visits import Missing
from bot.messages import State
from bot.texts import t

TONES = {"open": "plain", "paused": "now", "ready": "now", "returned": "plain", "withdrawn": "note"}
ICONS = {"open": "clock", "paused": "doc", "ready": "bell", "returned": "check", "withdrawn": "info"}


def unknown() -> State:
    return State(tone="note", icon="search", title=t("dossiers.unknown_title"), text=(t("dossiers.unknown"), t("dossiers.unknown_new")))


def title(premises: Premises, dossier: Dossier) -> str:
    """What it is about, in a few words."""
    return about(premises, dossier.procedure, clock.today(dossier.received_at))


def about(premises: Premises, procedure: str, date: dt.date) -> str:
    """The procedure of this code in a few words."""
    entry = premises.catalog.get(procedure, date) if procedure else None
    return entry.title if entry is not None else t("visits.procedure_unknown")


def status(premises: Premises, dossier: Dossier, *, now: dt.datetime) -> State:
    """Where it stands, without anything about a person."""
    center = premises.directory.get(dossier.center_id) or premises.center
    lines = (
        t("dossiers.about", what=title(premises, dossier), day=clock.date(clock.today(dossier.received_at)), center=center.name),
        *_stands(center, dossier, now),
    )
    state = t(f"dossiers.state_{dossier.state}")
    late = dossier.overdue(clock.today(now))
    return State(
        tone="note" if late else TONES[dossier.state],  # type: ignore[arg-type]
        icon="warn" if late else ICONS[dossier.state],
        title=t("dossiers.title", receipt=dossier.receipt, state=state),
        text=lines,
    )


def _stands(center: Center, dossier: Dossier, now: dt.datetime) -> tuple[str, ...]:
    match dossier.state:
        case "open":
            return (_due(dossier, clock.today(now)),)
        case "paused":
            return (t("dossiers.paused"), *map(paper, dossier.papers_missing), t("dossiers.paused_then"))
        case "ready":
            return come(center, now)
        case "returned" if dossier.returned_at is not None:
            return (t("dossiers.returned", day=clock.date(clock.today(dossier.returned_at))),)
    return (t("dossiers.withdrawn"),)


def _due(dossier: Dossier, today: dt.date) -> str:
    if dossier.due is None:
        return t("dossiers.due_none")
    day = said(dossier.due)
    if dossier.overdue(today):
        return t("dossiers.due_passed", day=day)
    return t("dossiers.due_new" if dossier.late_told_at is not None else "dossiers.due", day=day)


def paper(missing: Missing) -> str:
    """One paper and why it is asked for; one the law does not ask for is said to be so."""
    return t("dossiers.paper", name=missing.name, why=t(f"dossiers.why_{missing.why}"))


def come(center: Center, now: dt.datetime) -> tuple[str, ...]:
    """Where and when a result can be fetched, and what to bring."""
    return (
        t("dossiers.come", center=center.name, address=center.address),
        t("dossiers.come_hours", hours=center.hours, now=center.now_line(now)),
        t("dossiers.come_bring"),
    )


def letter(premises: Premises, dossier: Dossier, reason: str, due: dt.date) -> State:
    """The apology as it is read before it is sent, printed, and received."""
    center = premises.directory.get(dossier.center_id) or premises.center
    promised = said(dossier.due) if dossier.due is not None else t("dossiers.no_date")
    lines = (
        t("dossiers.letter_late", receipt=dossier.receipt, what=title(premises, dossier), day=promised),
        t("dossiers.letter_reason", reason=reason),
        t("dossiers.letter_due", day=said(due)),
        t("dossiers.letter_sorry", center=center.name),
    )
    return State(tone="note", icon="doc", title=t("dossiers.letter_title"), text=lines)


def said(day: dt.date | None) -> str:
    """thứ Tư, 25/11/2026"""
    return f"{clock.weekday(day)}, {clock.date(day)}" if day is not None else ""
