"""Every file of data that leaves the console goes out here: written down in the audit log first, then handed over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlmodel import Session
from starlette.responses import Response

from bot import clock
from bot.console.desk import PRIVATE, Desk
from bot.domain import audit
from bot.domain.roles import Member

ACTION, FILE = ".export", "file"  # how their actions end, and where the log keeps what kind of file it was
Kind = Literal["csv", "xlsx", "pdf"]
MIMES: Mapping[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def asked(given: Mapping[str, str]) -> Kind:
    """Which of the two spreadsheets an address asks for."""
    return "xlsx" if given.get("kieu") == "xlsx" else "csv"


class File(NamedTuple):
    """`name`: without its ending."""

    name: str
    kind: Kind
    content: bytes


class Taken(NamedTuple):
    """What the audit log says of it. `center`: "" for all of them; `told`: what it was narrowed to, nothing of a citizen."""

    member: Member
    center: str
    action: str
    subject: str = ""
    told: Mapping[str, Any] = {}


async def send(desk: Desk, taken: Taken, file: File) -> Response:
    """A report opens in the browser, a spreadsheet is saved."""
    await desk.store.write(_note, taken, file.kind, now=clock.now())
    shown = "inline" if file.kind == "pdf" else "attachment"
    headers = PRIVATE | {"Content-Disposition": f'{shown}; filename="{file.name}.{file.kind}"'}
    return Response(file.content, media_type=MIMES[file.kind], headers=headers)


def _note(session: Session, taken: Taken, kind: Kind, *, now: dt.datetime) -> None:
    after = {FILE: kind.upper(), **{name: value for name, value in taken.told.items() if value != ""}}
    audit.write(session, actor=taken.member.actor, center_id=taken.center, action=taken.action, subject=taken.subject, after=after, now=now)
