"""A day's dossiers in and out of the console as a file: CSV or XLSX, with a report of what was taken and what was not, and why."""

from __future__ import annotations

import asyncio
import datetime as dt
import hmac
from collections.abc import Sequence

from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console import exports
from bot.console.desk import TOKEN, Desk
from bot.console.exports import File, Taken
from bot.conversation.context import Premises
from bot.domain import dossier_lists, dossier_sheets
from bot.domain.dossier_sheets import Line, Unreadable
from bot.pages import forms
from bot.texts import t
from handlers import dossier_import, dossier_words
from handlers.dossier_import import Report

SLUG = "ho-so"


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}/bang", export),
        desks.get(desk, f"/{{center}}/{SLUG}/tep", upload),
        desks.post(desk, f"/{{center}}/{SLUG}/tep", take_in),
    ]


async def upload(desk: Desk, request: Request) -> Response:
    """Where a file is sent from, and what it has to look like."""
    member, center = await desk.page(request, "dossiers.work")
    today = clock.today(clock.now())
    return desk.html("console/dossiers_file.html", request, member, center, report=None, error="", today=today, date=clock.date)


async def take_in(desk: Desk, request: Request) -> Response:
    """Every line by itself: what can be kept is kept, the rest is named with its reason."""
    member, center = await desk.page(request, "dossiers.work")
    if forms.foreign(request):
        raise HTTPException(403, "foreign")
    async with request.form(max_files=1, max_fields=4, max_part_size=4096) as given:
        token, sent = given.get(TOKEN), given.get("tep")
        content = await sent.read() if isinstance(sent, UploadFile) else b""
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), desk.token(request).encode()):
        raise HTTPException(403, "foreign")
    report, error = None, ""
    try:
        if not content:
            raise Unreadable(t("dossiers_desk.file_none"))
        lines = await asyncio.to_thread(dossier_sheets.read, content)  # a large sheet takes seconds, and everybody else is served meanwhile
        report = await _taken(desk, center.id, lines, member.actor)
    except Unreadable as unreadable:
        error = str(unreadable)
    today = clock.today(clock.now())
    status = 422 if error else 200
    return desk.html("console/dossiers_file.html", request, member, center, status=status, report=report, error=error, today=today, date=clock.date)


async def _taken(desk: Desk, center_id: str, lines: Sequence[Line], actor: str) -> Report:
    """Piece by piece: between two of them everybody else writes, and people are called."""
    report = Report(len(lines))
    for piece in dossier_import.pieces(lines):
        report = await desk.store.write(dossier_import.take, desk.premises, center_id, piece, report, actor=actor, now=clock.now())
    return report


async def export(desk: Desk, request: Request) -> Response:
    """What was received, changed or due on a day. Taking it along is itself written down."""
    member, center = await desk.page(request, "dossiers.read")
    day, kind = _day(request.query_params.get("ngay", "")) or clock.today(clock.now()), exports.asked(request.query_params)
    table = await desk.store.read(_table, desk.premises, center.id, day)
    body = dossier_sheets.as_xlsx(table) if kind == "xlsx" else dossier_sheets.as_csv(table)
    taken = Taken(member, center.id, "dossier.export", told={"day": day.isoformat(), "count": len(table) - 1})
    return await exports.send(desk, taken, File(f"ho-so-{center.id}-{day.isoformat()}", kind, body))


def _table(session: Session, premises: Premises, center_id: str, day: dt.date) -> list[list[str]]:
    """With a row of heads."""
    found = dossier_lists.of_day(session, center_id, day)
    return dossier_sheets.rows((one, dossier_words.title(premises, one)) for one in found)


def _day(typed: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
