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
from bot.domain.roles import Action, Member
from bot.pages.forms import Form
from bot.texts import t
from handlers import digest_deeds, digest_words
from handlers.digest_words import SLUG, Fate, Proposal

HIGHEST = 2**63
REPORTED_FOR = dt.timedelta(days=7)
# What the page says after something was done: the sentence digest.….
DONE = {"xong": "ticked", "chua": "unticked", "bao": "reported_done", "ghi-chu": "noted", "giao": "given_told"}
GIVEN: Mapping[str, str] = {"untold": "given_untold", "own": "give_own", "back": "give_back", "same": "given_same"}
OWN = frozenset({"xong", "chua"})  # what whoever was given a line may do with it


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, f"/{{center}}/{SLUG}", show),
        desks.post(desk, f"/{{center}}/{SLUG}", act),
        desks.get(desk, f"/{{center}}/{digest_words.ALL}", show_all),
    ]


class Told(NamedTuple):
    """One obstacle as it is shown. `quotes`: of citizens; `fate`: who did what about it, and when."""

    line: Line
    words: str
    proposals: Sequence[Proposal]
    quotes: Sequence[str]
    fate: Fate


class View(NamedTuple):
    """`staff`: who can be given a line."""

    digest: Digest | None
    told: Sequence[Told] = ()
    earlier: Sequence[Digest] = ()
    chat: str = ""
    staff: Sequence[Member] = ()


class Given(NamedTuple):
    """The work of whoever looks, of one day."""

    digest: Digest
    told: Sequence[Told]


class Error(NamedTuple):
    words: str
    status: int


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, await _right(desk, request, "digest.read"))
    return await _show(desk, request, member, center, day=_day(request.query_params.get("ngay", "")))


async def _right(desk: Desk, request: Request, action: Action) -> Action:
    """What is asked of whoever comes: a member without `action` may do as much as their own work needs, if they were given some."""
    member, center_id = await desk.member(request), request.path_params["center"]
    if member.may(action, center_id):
        return action
    given = await desk.store.read(digest.given, center_id, member.actor)
    return digest_deeds.DOES if given else action


async def _show(desk: Desk, request: Request, member: Member, center: Center, *, day: dt.date | None, error: Error | None = None) -> Response:
    if not member.may("digest.read", center.id):
        return await _show_own(desk, request, member, center, error)
    view = await desk.store.read(_view, desk.premises, center.id, day)
    return desk.html(
        "console/digest.html", request, member, center, status=error.status if error else 200, view=view, words=digest_words,
        facts=view.digest.facts if view.digest else None,
        works=member.may("digest.work", center.id), done=_done(request, error), error=error.words if error else "",
        day=clock.day, hour=clock.hour, today=clock.today, longest=digest.LONGEST,
    )  # fmt: skip


async def _show_own(desk: Desk, request: Request, member: Member, center: Center, error: Error | None) -> Response:
    """What somebody was given who reads nothing else of the day."""
    given = await desk.store.read(_given, desk.premises, center.id, member.actor)
    return desk.html(
        "console/digest_own.html", request, member, center, status=error.status if error else 200, given=given,
        done=_done(request, error), error=error.words if error else "", day=clock.day,
    )  # fmt: skip


def _done(request: Request, error: Error | None) -> str:
    asked = request.query_params.get("xong", "")
    if error or asked not in DONE:
        return ""
    return t(f"digest.{GIVEN.get(request.query_params.get('sao', ''), DONE[asked])}")


def _given(session: Session, premises: Premises, center_id: str, actor: str) -> list[Given]:
    return [Given(one, _told(session, premises, one, own=True)) for one in digest.given(session, center_id, actor)]


def _view(session: Session, premises: Premises, center_id: str, day: dt.date | None) -> View:
    earlier = digest.earlier(session, center_id)
    chosen = next((one for one in earlier if day is None or one.day == day), None)
    if chosen is None and day is not None:
        chosen = digest.of(session, center_id, day)
    if chosen is None:
        return View(None, earlier=earlier)
    message = digest_words.message(premises, chosen)
    chat = plain.text(message.model_copy(update={"choices": tuple(choice for choice in message.choices if choice.payload)}))
    return View(chosen, _told(session, premises, chosen), earlier, chat, digest_deeds.staff(session, center_id))


def _told(session: Session, premises: Premises, one: Digest, *, own: bool = False) -> list[Told]:
    """`own`: for whoever has the work, without what citizens wrote and what was said upward."""
    names = roster.names(session, digest_words.actors(one.lines))
    return [
        Told(
            line,
            digest_words.line(premises, one, line) if own else digest_words.with_words(premises, one, line),
            digest_words.proposals(one.center_id, line),
            () if own else obstacles.words(session, one.center_id, line.detail.get("ids", ())),
            digest_words.fate(names, line),
        )
        for line in one.lines
    ]


def _day(typed: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        return None


async def act(desk: Desk, request: Request) -> Response:
    """Give a line to somebody, tick it off, take that back, report it upward, or propose a note for the catalog."""
    form, member, center = await desk.form(request, await _right(desk, request, "digest.work"))
    deed, day = form.one("viec"), _day(form.one("ngay"))
    own = not member.may("digest.work", center.id)
    if deed not in (OWN if own else DONE) or day is None:
        raise HTTPException(404)
    said = form.one("loi")
    if len(said) > digest.LONGEST:
        return await _show(desk, request, member, center, day=day, error=Error(t("digest.too_long", most=digest.LONGEST), 422))
    wanted = Wanted(center.id, day, _number(form, "so"), said, member, own, _number(form, "cho", "0"), _number(form, "tu", "0"))
    outcome = await desk.store.write(_DEEDS[deed], desk.premises, wanted, now=clock.now())
    if outcome.error:
        return await _show(desk, request, member, center, day=day, error=Error(outcome.error, 409))
    return see_other(f"{desks.at(center, SLUG)}?ngay={day}&xong={deed}{outcome.more}")


def _number(form: Form, name: str, otherwise: str = "") -> int:
    typed = form.one(name) or otherwise
    if not (typed.isascii() and typed.isdecimal()) or int(typed) >= HIGHEST:
        raise HTTPException(404)
    return int(typed)


class Wanted(NamedTuple):
    """What was posted. `own`: by somebody who may do it with their own work only. `to`, `was`: whose work it shall be, and was when they looked."""

    center_id: str
    day: dt.date
    line: int
    said: str
    member: Member
    own: bool
    to: int
    was: int

    @property
    def actor(self) -> str:
        return self.member.actor


class Outcome(NamedTuple):
    """`error`: why not, in words. `more`: what the page says besides."""

    error: str = ""
    more: str = ""


def _so(done: bool) -> Outcome:
    return Outcome() if done else Outcome(t("digest.late_deed"))


def _tick(session: Session, premises: Premises, wanted: Wanted, *, now: dt.datetime, done: bool = True) -> Outcome:
    one = digest.holding(session, wanted.line)
    line = one.line(wanted.line) if one is not None and one.center_id == wanted.center_id else None
    if one is None or line is None:
        return _so(done=False)
    return _so(digest_deeds.tick(session, premises, digest_deeds.Tick(one, line, done, wanted.member, wanted.own), now=now))


def _untick(session: Session, premises: Premises, wanted: Wanted, *, now: dt.datetime) -> Outcome:
    return _tick(session, premises, wanted, now=now, done=False)


def _report(session: Session, _premises: Premises, wanted: Wanted, *, now: dt.datetime) -> Outcome:
    return _so(digest.report(session, wanted.center_id, wanted.line, wanted.said, actor=wanted.actor, now=now))


def _note(session: Session, premises: Premises, wanted: Wanted, *, now: dt.datetime) -> Outcome:
    """A note about a paper people come without, for whoever keeps the catalog; the line is done with it. Not for any other line."""
    one = digest.of(session, wanted.center_id, wanted.day)
    line = one.line(wanted.line) if one is not None else None
    if line is None or line.kind != "papers" or _tick(session, premises, wanted, now=now).error:
        return _so(done=False)
    words = t("digest.note_words", paper=digest_words.paper(premises, wanted.day, line))
    proposals.make(session, Wish(wanted.center_id, None, line.detail["procedure"], "note", words), author=wanted.actor, now=now)
    return Outcome()


def _give(session: Session, premises: Premises, wanted: Wanted, *, now: dt.datetime) -> Outcome:
    one = digest.of(session, wanted.center_id, wanted.day)
    line = one.line(wanted.line) if one is not None else None
    if one is None or line is None:
        return _so(done=False)
    given = digest_deeds.give(session, premises, digest_deeds.Wish(one, line, wanted.to, wanted.was, wanted.member), now=now)
    return Outcome(more=f"&sao={given.outcome}") if given.fine else Outcome(given.words)


_DEEDS: Mapping[str, Callable[..., Outcome]] = {"xong": _tick, "chua": _untick, "bao": _report, "ghi-chu": _note, "giao": _give}


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
