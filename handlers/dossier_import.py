"""Takes in a day's dossiers from the province's system, which remains the record. Sent again it changes nothing, and every line is accounted for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
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
PIECE = 20  # lines in one transaction, of about 5 ms each: while it runs nobody else writes, nobody is called


class Skipped(NamedTuple):
    """A line that was not taken, and why in words."""

    number: int
    receipt: str
    why: str


@dataclass(frozen=True)
class Report:
    """What became of every line so far: `lines` = new + changed + same + skipped, in the end all `of` them. `seen`: the codes that came already."""

    of: int
    lines: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    skipped: tuple[Skipped, ...] = ()
    seen: frozenset[str] = frozenset()

    def counts(self) -> dict[str, int]:
        return {"new": len(self.new), "changed": len(self.changed), "same": self.same, "skipped": len(self.skipped)}


@dataclass
class _Piece:
    """What becomes of the lines at hand."""

    seen: set[str]
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    skipped: list[Skipped] = field(default_factory=list)


def pieces(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Each to be taken in a transaction of its own. After a kill the same file is sent again: what was taken is the same, the rest follows."""
    return (lines[start : start + PIECE] for start in range(0, len(lines), PIECE))


def take(session: Session, premises: Premises, center_id: str, lines: Sequence[Line], so_far: Report, *, actor: str, now: dt.datetime) -> Report:
    """The report with one piece more. Each line by itself: one that cannot be kept hinders no other. Who follows a dossier is told what changed."""
    piece = _Piece(set(so_far.seen))
    for line in lines:
        _line(session, premises, center_id, line, piece, actor=actor, now=now)
    report = _joined(so_far, piece, len(lines))
    _note(session, center_id, report, first=not so_far.lines, actor=actor, now=now)
    return report


def _joined(so_far: Report, piece: _Piece, lines: int) -> Report:
    new, changed, skipped = (*so_far.new, *piece.new), (*so_far.changed, *piece.changed), (*so_far.skipped, *piece.skipped)
    return Report(so_far.of, so_far.lines + lines, new, changed, so_far.same + piece.same, skipped, frozenset(piece.seen))


def _note(session: Session, center_id: str, report: Report, *, first: bool, actor: str, now: dt.datetime) -> None:
    """In the audit log that a long file was begun, and what the whole of it came to."""
    if report.lines == report.of:
        audit.write(session, actor=actor, center_id=center_id, action="dossier.import", after=report.counts(), now=now)
    elif first:
        audit.write(session, actor=actor, center_id=center_id, action="dossier.import_begun", after={"lines": report.of}, now=now)


def _line(session: Session, premises: Premises, center_id: str, line: Line, piece: _Piece, *, actor: str, now: dt.datetime) -> None:
    try:
        said = dossier_sheets.taken(line)
        if said.receipt in piece.seen:
            raise Wrong("twice")
        piece.seen.add(said.receipt)
        with session.begin_nested():
            _one(session, premises, center_id, said, piece, actor=actor, now=now)
    except Wrong as wrong:
        why = t(f"dossiers_desk.skip_{wrong.reason}")
        piece.skipped.append(Skipped(line.number, line.cells.get("receipt", ""), f"{why} {wrong.said[:60]}".strip()))


def _one(session: Session, premises: Premises, center_id: str, said: Taken, piece: _Piece, *, actor: str, now: dt.datetime) -> None:
    if said.received_at > now + dt.timedelta(days=1):
        raise Wrong("future")
    if said.due is not None and said.due > clock.today(now) + dossiers.FARTHEST:
        raise Wrong("due_far")
    known = dossiers.with_code(session, said.receipt, (center_id,))
    dossier = known[0] if known else _new(session, premises, center_id, said, actor=actor, now=now)
    moved = _follow(session, premises, dossier, said, actor=actor, now=now)
    if not known:
        piece.new.append(dossier.receipt)
    elif moved != dossier:
        piece.changed.append(dossier.receipt)
    else:
        piece.same += 1


def _new(session: Session, premises: Premises, center_id: str, said: Taken, *, actor: str, now: dt.datetime) -> Dossier:
    if clock.today(said.received_at) < clock.today(now) - dossiers.FARTHEST:
        raise Wrong("past")
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
