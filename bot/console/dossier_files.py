"""A day's dossiers in and out of the console as a file: CSV or XLSX, with a report of what was taken and what was not, and why."""

from __future__ import annotations

import datetime as dt
import hmac

from sqlmodel import Session
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import PRIVATE, TOKEN, Desk
from bot.conversation.context import Premises
from bot.domain import audit, dossier_lists, dossier_sheets
from bot.domain.dossier_sheets import Unreadable
from bot.domain.roles import Member
from bot.pages import forms
from bot.texts import t
from handlers import dossier_import, dossier_words

SLUG = "ho-so"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        lines = dossier_sheets.read(content)
        report = await desk.store.write(dossier_import.take, desk.premises, center.id, lines, actor=member.actor, now=clock.now())
    except Unreadable as unreadable:
        error = str(unreadable)
    today = clock.today(clock.now())
    status = 422 if error else 200
    return desk.html("console/dossiers_file.html", request, member, center, status=status, report=report, error=error, today=today, date=clock.date)


async def export(desk: Desk, request: Request) -> Response:
    """What was received, changed or due on a day. Taking it along is itself written down."""
    member, center = await desk.page(request, "dossiers.read")
    asked = request.query_params
    day, kind = _day(asked.get("ngay", "")) or clock.today(clock.now()), "xlsx" if asked.get("kieu") == "xlsx" else "csv"
    table = await desk.store.write(_table, desk.premises, center.id, day, member, now=clock.now())
    body = dossier_sheets.as_xlsx(table) if kind == "xlsx" else dossier_sheets.as_csv(table)
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="ho-so-{center.id}-{day.isoformat()}.{kind}"'}
    return Response(body, media_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8", headers=headers)


def _table(session: Session, premises: Premises, center_id: str, day: dt.date, member: Member, *, now: dt.datetime) -> list[list[str]]:
    found = dossier_lists.of_day(session, center_id, day)
    after = {"day": day.isoformat(), "count": len(found)}
    audit.write(session, actor=member.actor, center_id=center_id, action="dossier.export", after=after, now=now)
    return dossier_sheets.rows((one, dossier_words.title(premises, one)) for one in found)


def _day(typed: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
