"""Notices of a center: the list, and one notice by how far it is: written, confirmed by a second person, on its way, reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, numbers
from bot.console import desk as desks
from bot.console import notices_report as report
from bot.console import notices_writing as writing
from bot.console.desk import Desk, Posted, see_other
from bot.db.leaving import Notice
from bot.domain import broadcast, notices, roster
from bot.domain.audience import Audience
from bot.domain.centers import Center
from bot.domain.notices import NotNow, Words
from bot.domain.roles import Action, Member
from bot.texts import t

SLUG = "thong-bao"
DONE = frozenset({"luu", "trinh", "tra", "hen", "gui", "tam-dung", "tiep", "dung", "quyet", "xoa", "tep", "thu"})


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", begin),
        desks.get(desk, f"/{{center}}/{SLUG}/{{id:int}}", one),
        desks.post(desk, f"/{{center}}/{SLUG}/{{id:int}}", act),
        desks.post(desk, f"/{{center}}/{SLUG}/{{id:int}}/tep", writing.attach),
        desks.get(desk, f"/{{center}}/{SLUG}/{{id:int}}/anh", writing.picture),
        desks.get(desk, f"/{{center}}/{SLUG}/{{id:int}}/qr.png", writing.code),
        desks.get(desk, f"/{{center}}/{SLUG}/{{id:int}}/bang.csv", report.table),
    ]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "notices.read")
    rows, names = await desk.store.read(_rows, center.id)
    may = {"writes": member.may("notices.write", center.id), "sends": member.may("notices.send", center.id)}
    return desk.html(
        "console/notices.html", request, member, center, rows=rows, names=names, done=done(request), **may
    )  # fmt: skip


def _rows(session: Session, center_id: str) -> tuple[list[Notice], Mapping[str, str]]:
    found = notices.of_center(session, center_id)
    return found, roster.names(session, {notice.author for notice in found})


async def begin(desk: Desk, request: Request) -> Response:
    """An empty draft, to be written on its own page."""
    _, member, center = await desk.form(request, "notices.write")
    words = Words("", "", Audience())
    made = await desk.store.write(notices.draft, center.id, words, actor=member.actor, now=clock.now())
    return see_other(f"{desks.at(center, SLUG)}/{made}")


async def one(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "notices.read")
    return await page(desk, request, member, center)


async def page(desk: Desk, request: Request, member: Member, center: Center, **said: Any) -> Response:
    """The notice as far as it is. `said`: what writing.Shown takes, such as what was typed and is not kept."""
    notice = await desk.store.read(notices.find, center.id, request.path_params["id"])
    if notice is None:
        raise HTTPException(404)
    show_it = report.page if notice.recipients is not None else writing.page
    return await show_it(desk, request, member, center, writing.Shown(notice, done=done(request), **said))


def done(request: Request) -> str:
    said = request.query_params.get("xong", "")
    return t(f"notices_desk.done_{said.replace('-', '_')}") if said in DONE else ""


Deed = Callable[[Session, Posted, int, dt.datetime], str]


async def act(desk: Desk, request: Request) -> Response:
    """One step, checked again in the transaction that takes it. A step that is refused leaves the page as it is, and says why."""
    posted = await desk.form(request, "notices.read")
    word = posted.form.one("viec")
    action, deed = DEEDS.get(word, ("notices.write", None))
    form, member, center = await desk.form(request, action)
    if word == "xem":
        return await page(desk, request, member, center, form=form)
    if deed is None:
        raise HTTPException(404)
    notice_id = request.path_params["id"]
    try:
        said = await desk.store.write(deed, Posted(form, member, center), notice_id, clock.now())
    except NotNow as error:
        return await page(desk, request, member, center, status=409, error=why(error), form=form)
    except writing.Wrong as wrong:
        return await page(desk, request, member, center, status=422, form=form, wrong=wrong.said)
    if word == "xoa":
        return see_other(f"{desks.at(center, SLUG)}?xong=xoa")
    where, _, what = said.rpartition("/")
    return see_other(f"{desks.at(center, SLUG)}/{where or notice_id}?xong={what}")


def why(error: NotNow) -> str:
    """The reason in words, with how many it would go to now."""
    if error.why == "count":
        return t("notices_desk.no_count", count=numbers.grouped(error.count))
    return t(f"notices_desk.no_{error.why}")


def _submit(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    """Kept first, so that what is handed on is what was on the screen."""
    version = writing.save(session, posted, notice_id, now)
    broadcast.submit(session, posted.center.id, notice_id, version, actor=posted.member.actor, now=now)
    return "trinh"


def _save(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    writing.save(session, posted, notice_id, now)
    return "luu"


def _test(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    """To the writer's own chat; a draft is kept first."""
    if posted.form.one("ban") and posted.form.one("tieu-de"):
        writing.save(session, posted, notice_id, now)
    member = posted.member
    if not notices.test(session, posted.center.id, notice_id, member.id, actor=member.actor, now=now):
        raise NotNow("alone")
    return "thu"


def _confirm(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    form, member, center = posted
    typed = form.one("dem").replace(".", "").replace(" ", "")
    state = broadcast.confirm(
        session, center.id, notice_id, writing.version(form), int(typed) if typed.isdecimal() and len(typed) < 10 else -1,
        actor=member.actor, now=now,
    )  # fmt: skip
    return "hen" if state == "scheduled" else "gui"


def _plain(step: Callable[..., Any], said: str) -> Deed:
    def take(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
        step(session, posted.center.id, notice_id, actor=posted.member.actor, now=now)
        return said

    return take


def _decide(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    form, member, center = posted
    rows = [int(row) for row in form.all("dong") if row.isdecimal() and len(row) < 19]
    again = form.one("viec") == "gui-lai"
    if not rows or not broadcast.decide(session, center.id, notice_id, rows, again=again, actor=member.actor, now=now):
        raise NotNow("none")
    return "quyet"


def _correct(session: Session, posted: Posted, notice_id: int, now: dt.datetime) -> str:
    made = notices.correct(session, posted.center.id, notice_id, actor=posted.member.actor, now=now)
    return f"{made}/luu"


# What a form may ask for, the right it takes, and how it is done. "xem" only shows what was typed.
DEEDS: Mapping[str, tuple[Action, Deed | None]] = {
    "xem": ("notices.write", None),
    "luu": ("notices.write", _save),
    "thu": ("notices.write", _test),
    "trinh": ("notices.write", _submit),
    "xoa": ("notices.write", _plain(notices.delete, "xoa")),
    "tra": ("notices.write", _plain(broadcast.back, "tra")),
    "gui": ("notices.send", _confirm),
    "tam-dung": ("notices.send", _plain(broadcast.pause, "tam-dung")),
    "tiep": ("notices.send", _plain(broadcast.resume, "tiep")),
    "dung": ("notices.send", _plain(broadcast.stop, "dung")),
    "gui-lai": ("notices.send", _decide),
    "de-nguyen": ("notices.send", _decide),
    "dinh-chinh": ("notices.write", _correct),
}
