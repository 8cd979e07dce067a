"""Takes in a day's dossiers from the province's system, which remains the record. Sent again it changes nothing, and every line is accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session

from bot import clock, errors
from bot.conversation.context import Premises
from bot.domain import audit, dossier_sheets, dossiers
from bot.domain.dossier_sheets import Line, Taken, Wrong
from bot.domain.dossiers import Dossier
from bot.domain.visits import Missing
from bot.texts import t
from handlers import dossier_deeds

SOURCE = "import"
UNNAMED = "portal"  # the paper of a pause whose papers the province's table does not name


class Skipped(NamedTuple):
    """A line that was not taken, and why in words."""

    number: int
    receipt: str
    why: str


@dataclass
class Report:
    """What became of every line: `lines` = new + changed + same + skipped."""

    lines: int = 0
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def take(session: Session, premises: Premises, center_id: str, lines: Sequence[Line], *, actor: str, now: dt.datetime) -> Report:
    """Each line by itself: one that cannot be kept hinders no other. Who follows a dossier is told what changed."""
    report, seen = Report(lines=len(lines)), set[str]()
    for line in lines:
        try:
            said = dossier_sheets.taken(line)
            if said.receipt in seen:
                raise Wrong("twice")
            seen.add(said.receipt)
            with session.begin_nested():
                _one(session, premises, center_id, said, report, actor=actor, now=now)
        except Wrong as wrong:
            why = t(f"dossiers_desk.skip_{wrong.reason}")
            report.skipped.append(Skipped(line.number, line.cells.get("receipt", ""), f"{why} {wrong.said[:60]}".strip()))
    counts = {"new": len(report.new), "changed": len(report.changed), "same": report.same, "skipped": len(report.skipped)}
    audit.write(session, actor=actor, center_id=center_id, action="dossier.import", after=counts, now=now)
    return report


def _one(session: Session, premises: Premises, center_id: str, said: Taken, report: Report, *, actor: str, now: dt.datetime) -> None:
    if said.received_at > now + dt.timedelta(days=1):
        raise Wrong("future")
    if said.due is not None and said.due > clock.today(now) + dossiers.FARTHEST:
        raise Wrong("due_far")
    known = dossiers.with_code(session, said.receipt, (center_id,))
    dossier = known[0] if known else _new(session, premises, center_id, said, actor=actor, now=now)
    moved = _follow(session, premises, dossier, said, actor=actor, now=now)
    if not known:
        report.new.append(dossier.receipt)
    elif moved != dossier:
        report.changed.append(dossier.receipt)
    else:
        report.same += 1


def _new(session: Session, premises: Premises, center_id: str, said: Taken, *, actor: str, now: dt.datetime) -> Dossier:
    works = dossiers.works(session, center_id, clock.today(said.received_at))
    made = dossier_deeds.slip(premises, works, procedure(premises, said.procedure, clock.today(now)), said.received_at, code=said.receipt)
    try:
        made = dossier_deeds.with_due(made, said.due, works)
    except ValueError:
        raise Wrong("due_before") from None
    return dossiers.receive(session, center_id, made._replace(source=SOURCE), said.received_at, actor=actor, now=now)


def procedure(premises: Premises, said: str, today: dt.date) -> str:
    """The code of what the table calls it, when that is one; a name has to be exactly the catalog's."""
    code = said.partition(".000.")[0] if said[:1].isdigit() else said
    if premises.catalog.get(code, today) is not None:
        return code
    found = premises.index.find(said, today=today) if said else None
    return found.hits[0].code if found is not None and found.decision == "answer" and found.hits else ""


def _follow(session: Session, premises: Premises, dossier: Dossier, said: Taken, *, actor: str, now: dt.datetime) -> Dossier:
    """Bring our row to where the province's stands; what would go backwards is left to a clerk."""
    try:
        return _moved(session, premises, dossier, said, actor=actor, now=now)
    except errors.TooLate:
        raise Wrong("backwards", t(f"dossiers.state_{said.state}")) from None


def _moved(session: Session, premises: Premises, dossier: Dossier, said: Taken, *, actor: str, now: dt.datetime) -> Dossier:
    if said.due is not None:
        dossier = dossiers.put_off(session, dossier, said.due, actor=actor, now=now)
    if said.state in ("", dossier.state):
        return dossier
    if said.state == "withdrawn":
        return dossier_deeds.withdraw(session, dossier, t("dossiers_desk.imported"), actor=actor, now=now)
    if said.state == "paused":
        papers = (Missing(UNNAMED, t("dossiers_desk.portal_papers")),)
        return dossier_deeds.pause(session, dossier, papers, actor=actor, now=now)
    if dossier.state == "paused":
        dossier = dossier_deeds.resume(session, dossier, actor=actor, now=now)
    if said.state == "ready":
        return dossier_deeds.ready(session, premises, dossier, actor=actor, now=now, at=_when(said.finished_at, now))
    if said.state == "returned":
        if dossier.state == "open" and said.finished_at is not None:  # ready then, and fetched whenever they came
            dossier = dossiers.ready(session, dossier, actor=actor, now=_when(said.finished_at, now))
        return dossier_deeds.hand_over(session, dossier, actor=actor, now=now, at=_when(said.returned_at, now))
    if dossier.state != "open":
        raise errors.TooLate(dossier.state)
    return dossier


def _when(said: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    return min(said, now) if said is not None else now
