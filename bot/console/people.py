"""Who works here: the list, somebody new, roles, ways in, and out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, get_args

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import SIGN_IN, Desk, see_other
from bot.db.enums import Role
from bot.domain import roster, staff
from bot.domain.centers import Center
from bot.domain.roles import EVERYWHERE, Member
from bot.domain.roster import Known
from bot.pages.forms import Form

SLUG = "nguoi"
# What a page may say after something was done: the sentence console.done_….
DONE = frozenset({"added", "renamed", "role", "disconnected", "out", "off", "on", "nothing"})


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/nguoi", show),
        desks.post(desk, "/{center}/nguoi", add),
        desks.get(desk, "/{center}/nguoi/{id:int}", one),
        desks.post(desk, "/{center}/nguoi/{id:int}", change),
    ]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "people.read")
    return await _list(desk, request, member, center)


async def _list(desk: Desk, request: Request, member: Member, center: Center, *, status: int = 200, form: Form = Form(), error: str = "") -> Response:  # noqa: B008
    people = [known for known in await desk.store.read(roster.everyone) if _visible(member, known, center)]
    groups = {
        "here": [known for known in people if known.active and known.member.at(center.id)],
        "elsewhere": [known for known in people if known.active and not known.member.at(center.id)],
        "off": [known for known in people if not known.active],
    }
    scopes = [scope for scope in (center.id, EVERYWHERE) if member.grants(scope)]
    return desk.html(
        "console/people.html",
        request,
        member,
        center,
        status=status,
        people=groups,
        scopes=scopes,
        roles=member.grants(center.id),
        name=form.one("ten"),
        role=form.one("vai-tro") or "clerk",
        scope=form.one("noi") or center.id,
        error=error,
        done=_done(request),
    )


def _visible(member: Member, known: Known, center: Center) -> bool:
    """Colleagues at this center; whoever may see people everywhere sees all of them."""
    return bool(known.member.at(center.id)) or member.may("people.read", EVERYWHERE)


async def add(desk: Desk, request: Request) -> Response:
    form, member, center = await desk.form(request, "people.manage")
    role, scope = _role(form.one("vai-tro")), form.one("noi") or center.id
    if not form.one("ten"):
        return await _list(desk, request, member, center, status=422, form=form, error="console.no_name")
    if role is None or scope not in (center.id, EVERYWHERE) or not member.may_grant(role, scope):
        return await _list(desk, request, member, center, status=403, form=form, error="console.not_yours")
    made = await desk.store.write(staff.create, form.one("ten"), scope, role, actor=member.actor, now=clock.now())
    return see_other(f"{desks.at(center, SLUG)}/{made}?xong=added")


def _role(word: str) -> Role | None:
    return next((role for role in get_args(Role) if role == word), None)


async def one(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "people.read")
    return await _one(desk, request, member, center)


class Way(NamedTuple):
    """A way in, shown once: the link that signs in, or the code that connects a chat."""

    kind: staff.Purpose
    text: str


async def _one(
    desk: Desk, request: Request, member: Member, center: Center, *, status: int = 200, error: str = "", way: Way | None = None
) -> Response:
    asked = request.path_params["id"]
    known = next((known for known in await desk.store.read(roster.everyone) if known.member.id == asked and _visible(member, known, center)), None)
    if known is None:
        raise HTTPException(404)
    manages = member.may("people.manage", center.id)
    return desk.html(
        "console/person.html",
        request,
        member,
        center,
        status=status,
        known=known,
        mine=known.member.id == member.id,
        handles=manages and member.may_handle(known.member),
        places=[_place(desk, member, known.member, scope) for scope in _scopes(member, known.member, center)],
        error=error,
        done=_done(request),
        way=way,
        minutes=_minutes(way),
    )


class Place(NamedTuple):
    """The role at one center. `choices`: what it may be made by who looks; empty when it is not theirs to change."""

    scope: str
    name: str
    role: Role | None
    choices: tuple[Role, ...]


def _scopes(member: Member, other: Member, center: Center) -> list[str]:
    """This center, wherever else the other has a role, and all centers for whoever may give such roles."""
    offered = [EVERYWHERE] if member.grants(EVERYWHERE) else []
    return list(dict.fromkeys([center.id, *other.roles, *offered]))


def _place(desk: Desk, member: Member, other: Member, scope: str) -> Place:
    role, known = other.roles.get(scope), desk.premises.directory.get(scope)
    free = other.id != member.id and (role is None or member.may_grant(role, scope))
    return Place(scope, known.place if known else scope, role, member.grants(scope) if free else ())


def _minutes(way: Way | None) -> int:
    return int(staff.LIVES[way.kind].total_seconds() // 60) if way else 0


def _done(request: Request) -> str:
    said = request.query_params.get("xong", "")
    return said if said in DONE else ""


@dataclass(frozen=True)
class Outcome:
    """`done` leads to the page again; `way` is shown at once; `error` is a sentence's key."""

    done: str = ""
    way: Way | None = None
    error: str = ""


async def change(desk: Desk, request: Request) -> Response:
    """One deed on one person, checked again in the transaction that does it."""
    form, member, center = await desk.form(request, "people.manage")
    outcome = await desk.store.write(_change, member, request.path_params["id"], form, center.id, now=clock.now())
    if outcome is None:
        raise HTTPException(404)
    if outcome.error:
        return await _one(desk, request, member, center, status=403 if outcome.error == "console.not_yours" else 422, error=outcome.error)
    if outcome.way is not None:
        way = outcome.way if outcome.way.kind == "connect" else Way("sign_in", f"{desk.premises.address}{SIGN_IN}/{outcome.way.text}")
        return await _one(desk, request, member, center, way=way)
    return see_other(f"{desks.at(center, SLUG)}/{request.path_params['id']}?xong={outcome.done}")


def _change(session: Session, by: Member, staff_id: int, form: Form, center_id: str, *, now: dt.datetime) -> Outcome | None:
    other = staff.find(session, staff_id)
    if other is None or not (other.at(center_id) or by.may("people.read", EVERYWHERE)):
        return None
    if form.one("viec") == "vai-tro":
        return _set_role(session, by, other, form, now=now)
    deed = _DEEDS.get(form.one("viec"))
    if deed is None or not by.may_handle(other):
        return Outcome(error="console.not_yours")
    return deed(session, by, other, form, now)


def _set_role(session: Session, by: Member, other: Member, form: Form, *, now: dt.datetime) -> Outcome:
    """Neither the role that was nor the one that comes may be above what `by` may give; nobody changes their own."""
    scope, role = form.one("noi"), _role(form.one("vai-tro"))
    before = other.roles.get(scope)
    wanted = [given for given in (before, role) if given is not None]
    if other.id == by.id or not wanted or not all(by.may_grant(given, scope) for given in wanted):
        return Outcome(error="console.not_yours")
    changed = staff.set_role(session, other.id, scope, role, actor=by.actor, now=now)
    return Outcome("role" if changed else "nothing")


def _rename(session: Session, by: Member, other: Member, form: Form, now: dt.datetime) -> Outcome:
    if not form.one("ten"):
        return Outcome(error="console.no_name")
    changed = staff.rename(session, other.id, form.one("ten"), actor=by.actor, now=now)
    return Outcome("renamed" if changed else "nothing")


def _link(purpose: staff.Purpose) -> Deed:
    def make(session: Session, by: Member, other: Member, _form: Form, now: dt.datetime) -> Outcome:
        token = staff.link(session, other.id, purpose, actor=by.actor, now=now)
        return Outcome(way=Way(purpose, token)) if token else Outcome(error="console.is_off")

    return make


def _disconnect(session: Session, by: Member, other: Member, _form: Form, now: dt.datetime) -> Outcome:
    return Outcome("disconnected" if staff.disconnect(session, other.id, actor=by.actor, now=now) else "nothing")


def _sign_out(session: Session, by: Member, other: Member, _form: Form, now: dt.datetime) -> Outcome:
    return Outcome("out" if staff.sign_out_everywhere(session, other.id, actor=by.actor, now=now) else "nothing")


def _off(session: Session, by: Member, other: Member, _form: Form, now: dt.datetime) -> Outcome:
    if other.id == by.id:
        return Outcome(error="console.not_self")
    return Outcome("off" if staff.deactivate(session, other.id, actor=by.actor, now=now) else "nothing")


def _on(session: Session, by: Member, other: Member, _form: Form, now: dt.datetime) -> Outcome:
    return Outcome("on" if staff.activate(session, other.id, actor=by.actor, now=now) else "nothing")


Deed = Callable[[Session, Member, Member, Form, dt.datetime], Outcome]
_DEEDS: Mapping[str, Deed] = {
    "ten": _rename,
    "duong-dan": _link("sign_in"),
    "ma-noi": _link("connect"),
    "bo-noi": _disconnect,
    "ra": _sign_out,
    "nghi": _off,
    "lam-lai": _on,
}
