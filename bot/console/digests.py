"""What stood in the way of a day: the newest and earlier ones, each line to be ticked off or reported upward; all centers for who manages several."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import Desk, see_other
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.domain import digest, obstacles, proposals, roster
from bot.domain.centers import Center
from bot.domain.digest import Digest, Line
from bot.domain.proposals import Wish
from bot.domain.roles import Member
from bot.texts import t
from handlers import digest_words
from handlers.digest_words import SLUG, Proposal

HIGHEST = 2**63
REPORTED_FOR = dt.timedelta(days=7)
# What the page says after something was done: the sentence digest.….
DONE = {"xong": "ticked", "chua": "unticked", "bao": "reported_done", "ghi-chu": "noted"}


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", act),
        desks.get(desk, f"/{{center}}/{digest_words.ALL}", show_all),
    ]


class Told(NamedTuple):
    """One obstacle as it is shown. `words`: of citizens; `done`, `reported`: who and when, "" while it is not."""

    line: Line
    words: str
    proposals: Sequence[Proposal]
    quotes: Sequence[str]
    done: str
    reported: str


class View(NamedTuple):
    digest: Digest | None
    told: Sequence[Told] = ()
    earlier: Sequence[Digest] = ()
    chat: str = ""


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "digest.read")
    return await _show(desk, request, member, center, day=_day(request.query_params.get("ngay", "")))


async def _show(desk: Desk, request: Request, member: Member, center: Center, *, day: dt.date | None, error: str = "", status: int = 200) -> Response:
    view = await desk.store.read(_view, desk.premises, center.id, day)
    done = DONE.get(request.query_params.get("xong", ""), "") if not error else ""
    return desk.html(
        "console/digest.html", request, member, center, status=status, view=view, words=digest_words,
        facts=view.digest.facts if view.digest else None,
        works=member.may("digest.work", center.id), done=t(f"digest.{done}") if done else "", error=error,
        day=clock.day, hour=clock.hour, today=clock.today, longest=digest.LONGEST,
    )  # fmt: skip


def _view(session: Session, premises: Premises, center_id: str, day: dt.date | None) -> View:
    earlier = digest.earlier(session, center_id)
    chosen = next((one for one in earlier if day is None or one.day == day), None)
    if chosen is None and day is not None:
        chosen = digest.of(session, center_id, day)
    if chosen is None:
        return View(None, earlier=earlier)
    return View(chosen, _told(session, premises, chosen), earlier, plain.text(digest_words.message(premises, chosen), menu=False))


def _told(session: Session, premises: Premises, one: Digest) -> list[Told]:
    names = roster.names(session, [actor for line in one.lines for actor in (line.done_by, line.reported_by) if actor])
    return [
        Told(
            line,
            digest_words.with_words(premises, one, line),
            digest_words.proposals(one.center_id, line),
            obstacles.words(session, one.center_id, line.detail.get("ids", ())),
            _by("done_by", names, line.done_by, line.done_at),
            _by("reported_by", names, line.reported_by, line.reported_at),
        )
        for line in one.lines
    ]


def _by(deed: str, names: Mapping[str, str], actor: str, at: dt.datetime | None) -> str:
    return t(f"digest.{deed}", name=names.get(actor, actor), at=f"{clock.hour(at)} {clock.day(clock.today(at))}") if at is not None else ""


def _day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        return None


async def act(desk: Desk, request: Request) -> Response:
    """Tick a line off, take that back, report it upward, or propose a note for the catalog."""
    form, member, center = await desk.form(request, "digest.work")
    deed, number, day, said = form.one("viec"), form.one("so"), _day(form.one("ngay")), form.one("loi")
    if deed not in DONE or not (number.isascii() and number.isdecimal()) or int(number) >= HIGHEST or day is None:
        raise HTTPException(404)
    if len(said) > digest.LONGEST:
        return await _show(desk, request, member, center, day=day, error=t("digest.too_long", most=digest.LONGEST), status=422)
    wanted = Wanted(center.id, day, int(number), said, member.actor)
    if not await desk.store.write(_DEEDS[deed], desk.premises, wanted, now=clock.now()):
        return await _show(desk, request, member, center, day=day, error=t("digest.late_deed"), status=409)
    return see_other(f"{desks.at(center, SLUG)}?ngay={day}&xong={deed}")


class Wanted(NamedTuple):
    """What was posted."""

    center_id: str
    day: dt.date
    line: int
    said: str
    actor: str


def _tick(session: Session, _premises: Premises, wanted: Wanted, *, now: dt.datetime) -> bool:
    return digest.tick(session, wanted.center_id, wanted.line, done=True, actor=wanted.actor, now=now)


def _untick(session: Session, _premises: Premises, wanted: Wanted, *, now: dt.datetime) -> bool:
    return digest.tick(session, wanted.center_id, wanted.line, done=False, actor=wanted.actor, now=now)


def _report(session: Session, _premises: Premises, wanted: Wanted, *, now: dt.datetime) -> bool:
    return digest.report(session, wanted.center_id, wanted.line, wanted.said, actor=wanted.actor, now=now)


def _note(session: Session, premises: Premises, wanted: Wanted, *, now: dt.datetime) -> bool:
    """A note about a paper people come without, for whoever keeps the catalog; the line is done with it. False for any other line."""
    one = digest.of(session, wanted.center_id, wanted.day)
    line = next((line for line in one.lines if line.id == wanted.line and line.kind == "papers"), None) if one is not None else None
    if line is None or not _tick(session, premises, wanted, now=now):
        return False
    words = t("digest.note_words", paper=digest_words.paper(premises, wanted.day, line))
    proposals.make(session, Wish(wanted.center_id, None, line.detail["procedure"], "note", words), author=wanted.actor, now=now)
    return True


_DEEDS: Mapping[str, Callable[..., bool]] = {"xong": _tick, "chua": _untick, "bao": _report, "ghi-chu": _note}


def _centers(desk: Desk, member: Member) -> list[str]:
    return [center.id for center in desk.centers(member) if member.may("digest.read", center.id)]


async def show_all(desk: Desk, request: Request) -> Response:
    """All centers of whoever looks, the one furthest behind first."""
    member, center = await desk.page(request, "digest.read")
    now = clock.now()
    centers = _centers(desk, member)
    day = _day(request.query_params.get("ngay", "")) or await desk.store.read(_newest_day, centers) or clock.today(now)
    found = await desk.store.read(digest.of_day, centers, day)
    reported = await desk.store.read(digest.reported, centers, now - REPORTED_FOR)
    return desk.html(
        "console/digest_all.html", request, member, center, found=found, reported=reported, on=day, words=digest_words, premises=desk.premises,
        day=clock.day,
    )  # fmt: skip


def _newest_day(session: Session, centers: Sequence[str]) -> dt.date | None:
    days = [one.day for center_id in centers if (one := digest.newest(session, center_id)) is not None]
    return max(days, default=None)
