"""A notice on its way and afterwards: the ledger as a bar and a table whose sums add up, what a person decides, and the table to take along."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot import clock, numbers, texts
from bot.console import exports
from bot.console.desk import Desk
from bot.console.exports import File, Taken
from bot.console.log import harmless
from bot.console.notices_writing import Shown
from bot.db.enums import OutboxState
from bot.db.leaving import Notice
from bot.db.staff import Audit
from bot.domain import audience, ledger, night, notices, roster
from bot.domain.audience import Audience
from bot.domain.centers import Center
from bot.domain.ledger import Progress, Unknown
from bot.domain.roles import Member
from bot.messages import Reply
from bot.texts import t

ORDER: tuple[OutboxState, ...] = ("sent", "sending", "queued", "retry", "unknown", "refused", "skipped")
THINNEST = 1.1  # % a part of the bar has at least, so that one person in a thousand is seen


class Part(NamedTuple):
    """One state: its people, why, and where it stands in the bar, in %."""

    state: OutboxState
    people: int
    why: str
    at: float
    wide: float


@dataclass(frozen=True)
class View:
    parts: tuple[Part, ...]
    recipients: int
    progress: Progress
    unknown: tuple[Unknown, ...]
    steps: tuple[Audit, ...]
    names: Mapping[str, str]
    reply: Reply
    chosen: Audience
    corrections: tuple[int, ...] = ()

    @property
    def adds_up(self) -> bool:
        return sum(part.people for part in self.parts) == self.recipients

    @property
    def left(self) -> int:
        return sum(part.people for part in self.parts if part.state in ("queued", "retry"))

    @property
    def sent(self) -> int:
        return next(part.people for part in self.parts if part.state == "sent")

    @property
    def sum(self) -> str:
        return " + ".join(numbers.grouped(part.people) for part in self.parts)


async def page(desk: Desk, request: Request, member: Member, center: Center, shown: Shown) -> Response:
    notice, now = shown.notice, clock.now()
    view = await desk.store.read(_view, notice, now)
    return desk.html(
        "console/notice_report.html", request, member, center, status=shown.status,
        notice=notice, view=view, chosen=view.chosen, error=shown.error, done=shown.done, sends=member.may("notices.send", center.id),
        writes=member.may("notices.write", center.id), now=now, waits=_waits(notice, now), wake=clock.hour(night.ends(now)),
        live=notice.state in ("sending", "paused"), worded=worded, channel=channel, step=step,
    )  # fmt: skip


def _waits(notice: Notice, now: dt.datetime) -> bool:
    """Nobody's phone rings now."""
    return notice.state == "sending" and not notice.urgent and night.is_at(now)


def _view(session: Session, notice: Notice, now: dt.datetime) -> View:
    assert notice.id is not None
    sums, progress = ledger.sums(session, notice.id), ledger.progress(session, notice.id)
    words: dict[str, list[str]] = {}
    for found in ledger.reasons(session, notice.id):
        if found.reason:
            words.setdefault(found.state, []).append(t("notices_desk.of", count=numbers.grouped(found.people), why=worded(found.reason)))
    steps = tuple(notices.steps(session, notice.center_id, notice.id))
    actors = {notice.author, notice.submitted_by, notice.confirmed_by, *(row.actor for row in steps)}
    return View(
        parts=tuple(_parts(sums, words, progress, notice, now)),
        recipients=notice.recipients or 0,
        progress=progress,
        unknown=tuple(ledger.undecided(session, notice.id)),
        steps=steps,
        names=roster.names(session, actors),
        reply=Reply.model_validate_json(notice.reply),
        chosen=audience.read(notice.audience),
        corrections=tuple(notices.corrections(session, notice.id)),
    )


def _parts(sums: Mapping[OutboxState, int], words: Mapping[str, list[str]], progress: Progress, notice: Notice, now: dt.datetime) -> list[Part]:
    total = sum(sums.values())
    wide = {state: max(100 * sums[state] / total, THINNEST) if sums[state] else 0.0 for state in ORDER} if total else dict.fromkeys(ORDER, 0.0)
    scale = 100 / (sum(wide.values()) or 1)
    parts, at = [], 0.0
    for state in ORDER:
        width = round(wide[state] * scale, 2)
        parts.append(Part(state, sums[state], _why(state, words.get(state, []), progress, notice), round(at, 2), width))
        at += width
    return parts


def _why(state: OutboxState, words: list[str], progress: Progress, notice: Notice) -> str:
    if words:
        return ", ".join(words)
    if state == "queued" and progress.seconds and notice.state == "sending":
        return t("notices_desk.left_seconds", seconds=progress.seconds) if progress.seconds < 90 else _minutes(progress.seconds)
    return t(f"notices_desk.state_{state}_is")


def _minutes(seconds: int) -> str:
    return t("notices_desk.left_minutes", minutes=-(-seconds // 60))


def worded(reason: str) -> str:
    """The reason in words; what a provider said and nobody worded stands as it was said."""
    return texts.sentences().get(f"notices_desk.why_{reason}", reason)


def channel(bot: str) -> str:
    name = bot.partition(":")[0]
    return texts.sentences().get(f"privacy.channel_{name}", name)


def step(row: Audit, names: Mapping[str, str]) -> str:
    """One line of the notice's history."""
    who = names.get(row.actor) or t("notices_desk.machine")
    deed = texts.sentences().get(f"console.act_{row.action.replace('.', '_')}", row.action)
    return t("notices_desk.step", moment=f"{clock.hour(row.at)} {clock.date(clock.today(row.at))}", who=who, deed=deed)


async def table(desk: Desk, request: Request) -> Response:
    """Every row for a spreadsheet, without whom it was for. Taking it along is itself written down."""
    member, center = await desk.page(request, "notices.read")
    notice_id = request.path_params["id"]
    body = await desk.store.read(_csv, center.id, notice_id)
    if body is None:
        raise HTTPException(404)
    taken = Taken(member, center.id, "notice.export", f"notice:{notice_id}")
    return await exports.send(desk, taken, File(f"thong-bao-{notice_id}", "csv", body))


def _csv(session: Session, center_id: str, notice_id: int) -> bytes | None:
    notice = notices.find(session, center_id, notice_id)
    if notice is None or notice.recipients is None:
        return None
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([t(f"notices_desk.csv_{column}") for column in ("id", "channel", "state", "reason", "attempts", "at")])
    for line in ledger.lines(session, notice_id):
        at = clock.local(line.settled_at).isoformat(sep=" ", timespec="seconds") if line.settled_at else ""
        state, reason = t(f"notices_desk.state_{line.state}"), worded(ledger.reason_of(line.reason))
        writer.writerow([harmless(cell) for cell in (str(line.id), channel(line.bot), state, reason, str(line.attempts), at)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # without the mark a spreadsheet reads UTF-8 as something else
