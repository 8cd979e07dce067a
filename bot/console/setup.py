"""Counter groups, counters and kiosks. What is booked stays booked: a change that no longer fits it is asked about first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.bookings import Line, lines
from bot.console.desk import Desk, see_other
from bot.conversation.context import Premises
from bot.domain import audit, counters, devices, displaced, queue
from bot.domain.centers import Center
from bot.domain.counters import Desk as Counter
from bot.domain.counters import Group, NotPossible
from bot.domain.devices import Device
from bot.domain.displaced import Crowded
from bot.domain.roles import Member
from bot.pages.forms import Form
from bot.texts import t

SLUG = "thiet-lap"
KIOSK = "/ki-ot/"
DONE = frozenset(("nhom", "quay", "kiot", "kiot-bo", "khong"))
LONGEST_NAME = 80


class Unsure(Exception):
    """Nothing was changed: these bookings would not fit any more, though they stay as they are. `closed`: bookings of a group no longer in use."""

    def __init__(self, crowded: Sequence[Crowded], between: Sequence[Line], closed: int) -> None:
        super().__init__(f"{len(crowded)}, {len(between)}, {closed}")
        self.crowded, self.between, self.closed = tuple(crowded), tuple(between), closed

    @property
    def kept(self) -> int:
        """How many bookings stay although they do not fit."""
        return self.closed or sum(one.booked - one.seats for one in self.crowded) + len(self.between)


@dataclass(frozen=True)
class View:
    """`free`: group id (0: a new one) → the fields it can take; `theirs`: the fields of others, with their letter."""

    groups: tuple[Group, ...]
    counters: tuple[Counter, ...]
    names: dict[int, str]
    kiosks: tuple[Device, ...]
    free: Mapping[int, tuple[str, ...]]
    theirs: Mapping[int, tuple[tuple[str, str], ...]]
    unserved: frozenset[int]


def routes(desk: Desk) -> list[BaseRoute]:
    return [desks.get(desk, "/{center}/thiet-lap", show), desks.post(desk, "/{center}/thiet-lap", change)]


async def show(desk: Desk, request: Request) -> Response:
    member, center = await desk.page(request, "center.read")
    return await _page(desk, request, member, center)


async def _page(
    desk: Desk,
    request: Request,
    member: Member,
    center: Center,
    *,
    status: int = 200,
    error: str = "",
    form: Form = Form(),  # noqa: B008
    unsure: Unsure | None = None,
    link: str = "",
) -> Response:
    view = await desk.store.read(_view, desk.premises, center.id)
    said = request.query_params.get("xong", "")
    typed = _group(center.id, form, view.groups) if form.one("viec") == "nhom" else None
    return desk.html(
        "console/setup.html", request, member, center, status=status,
        view=view, sets=member.may("center.setup", center.id), fields=desk.premises.catalog.fields, error=error, form=form, typed=typed,
        said=said if said in DONE else "", unsure=unsure, link=link, day=clock.day,
        letters=sorted(counters.LETTERS - {one.letter for one in view.groups}),
    )  # fmt: skip


def _view(session: Session, premises: Premises, center_id: str) -> View:
    groups, found = counters.groups(session, center_id), counters.counters(session, center_id)
    free, theirs = {}, {}
    for number in (0, *(group.id for group in groups)):
        others = {field: group.letter for group in groups if group.active and group.id != number for field in group.fields}
        free[number] = tuple(field for field in premises.catalog.fields if field not in others)
        theirs[number] = tuple((field, letter) for field, letter in others.items())
    kiosks = tuple(device for device in devices.known(session) if device.center_id == center_id and device.revoked_at is None)
    unserved = frozenset(group.id for group in groups if group.active and group.id not in _served(found))
    return View(tuple(groups), tuple(found), counters.sitting(session, center_id), kiosks, free, theirs, unserved)


def _served(found: Sequence[Counter]) -> set[int]:
    return {group for counter in found if counter.active for group in counter.serves}


def _group(center_id: str, form: Form, known: Sequence[Group]) -> Group:
    """The group as it was typed; a number that is none becomes 0, which no rule allows."""
    before = next((group for group in known if str(group.id) == form.one("nhom")), None)
    name = " ".join(form.one("ten").split())[:LONGEST_NAME]
    seats, slot, service = (_number(form.one(field)) for field in ("cho", "phut", "luot"))
    active = before is not None and form.one("dung") == "1"
    letter = before.letter if before else form.one("chu")
    return Group(before.id if before else 0, center_id, letter, name, form.all("linh-vuc"), seats, slot, service, active)


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 0


async def change(desk: Desk, request: Request) -> Response:
    """One change of the set-up."""
    form, member, center = await desk.form(request, "center.setup")
    deed = _DEEDS.get(form.one("viec"))
    if deed is None:
        return await _page(desk, request, member, center, status=422, error=t("desk.old_form"))
    setting = Setting(desk.premises, form, member, center.id, clock.now())
    try:
        done = await desk.store.write(deed, setting)
    except Unsure as unsure:
        return await _page(desk, request, member, center, status=409, form=form, unsure=unsure)
    except ValueError as error:
        return await _page(desk, request, member, center, status=422, error=str(error), form=form)
    if done.startswith(KIOSK):
        return await _page(desk, request, member, center, link=f"{desk.premises.address}{done}")
    desk.hub.wake(center.id)
    return see_other(f"{desks.at(center, SLUG)}?xong={done}")


@dataclass(frozen=True)
class Setting:
    """What a deed of this page is done with."""

    premises: Premises
    form: Form
    member: Member
    center_id: str
    now: dt.datetime


def _save_group(session: Session, setting: Setting) -> str:
    known = counters.groups(session, setting.center_id)
    group = _group(setting.center_id, setting.form, known)
    before = next((one for one in known if one.id == group.id), None)
    unknown = set(group.fields) - set(setting.premises.catalog.fields)
    group = replace(group, fields=tuple(field for field in group.fields if field not in unknown))
    if group.active and before is not None and not before.active and group.id not in _served(counters.counters(session, setting.center_id)):
        raise NotPossible(t("desk.group_unserved", letter=group.letter))
    coming = displaced.booked(session, setting.center_id, now=setting.now)
    unfit = displaced.find(session, setting.center_id, coming)
    saved = counters.save_group(session, group, actor=setting.member.actor, now=setting.now)
    if not saved.before and not saved.after:
        return "khong"
    if before is not None and setting.form.one("chac") != "1":
        mine = [visit for visit in coming if visit.group_id == group.id]
        between = [one.visit for one in displaced.worse(unfit, displaced.find(session, setting.center_id, coming)) if one.inside]
        crowded = displaced.crowded(session, group, now=setting.now) if group.seats < before.seats else []
        closed = len(mine) if before.active and not group.active else 0
        if between or crowded or closed:
            raise Unsure(crowded, lines(session, setting.premises, between), closed)
    audit.write(
        session, actor=setting.member.actor, center_id=setting.center_id, action="group.set" if before else "group.add", subject=group.letter,
        before=saved.before or None, after=saved.after, now=setting.now,
    )  # fmt: skip
    return "nhom"


def _save_counter(session: Session, setting: Setting) -> str:
    form = setting.form
    known = counters.counters(session, setting.center_id)
    before = next((one for one in known if str(one.id) == form.one("quay")), None)
    serves = tuple(int(number) for number in form.all("phuc-vu") if number.isdecimal() and len(number) < 19)
    active = before is None or form.one("dung") == "1"
    number = before.number if before else _number(form.one("so"))
    if before is not None and not active and queue.at_counter(session, before.id) is not None:
        raise NotPossible(t("desk.counter_busy", number=before.number))
    saved = counters.save_counter(
        session, Counter(before.id if before else 0, setting.center_id, number, serves, active), actor=setting.member.actor, now=setting.now
    )
    if not saved.before and not saved.after:
        return "khong"
    _still_served(session, setting.center_id, known)
    audit.write(
        session, actor=setting.member.actor, center_id=setting.center_id, action="counter.set" if before else "counter.add", subject=str(number),
        before=saved.before or None, after=saved.after, now=setting.now,
    )  # fmt: skip
    return "quay"


def _still_served(session: Session, center_id: str, before: Sequence[Counter]) -> None:
    """No group in use loses its last counter: its people would wait for a call that never comes."""
    lost = _served(before) - _served(counters.counters(session, center_id))
    letters = [group.letter for group in counters.groups(session, center_id) if group.id in lost and group.active]
    if letters:
        raise NotPossible(t("desk.last_counter", letter=letters[0]))


def _add_kiosk(session: Session, setting: Setting) -> str:
    if not setting.form.one("ten"):
        raise ValueError(t("desk.kiosk_name"))
    _, token = devices.create(session, setting.center_id, setting.form.one("ten"), now=setting.now, actor=setting.member.actor)
    return f"{KIOSK}{token}"


def _revoke_kiosk(session: Session, setting: Setting) -> str:
    asked = setting.form.one("kiot")
    mine = [device for device in devices.known(session) if device.center_id == setting.center_id and str(device.id) == asked]
    return "kiot-bo" if mine and devices.revoke(session, mine[0].id, now=setting.now, actor=setting.member.actor) else "khong"


_DEEDS: Mapping[str, Callable[[Session, Setting], str]] = {
    "nhom": _save_group, "quay": _save_counter, "kiot": _add_kiosk, "kiot-bo": _revoke_kiosk,
}  # fmt: skip
