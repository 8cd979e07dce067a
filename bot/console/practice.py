"""Practice of helpers as pages: a situation with its papers to pick, the correction, and for the lead who has practised what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock
from bot.console import desk as desks
from bot.console.desk import Desk, see_other
from bot.domain import exercises, practice, roster
from bot.domain.centers import Center
from bot.domain.practice import Kept, Record
from bot.domain.roles import Action, Member
from handlers import practice as told
from handlers import presenting
from procedures.catalog import Catalog
from procedures.models import Procedure
from procedures.text import fold

SLUG = "luyen-tap"
# Why there is no exercise, by the word in the address.
SAID = {"doi": "practice.changed", "khong": "practice.none"}


def routes(desk: Desk) -> list[BaseRoute]:
    return [
        desks.get(desk, "/{center}/luyen-tap", show),
        desks.post(desk, "/{center}/luyen-tap", begin),
        desks.get(desk, "/{center}/luyen-tap/{id:int}", one),
        desks.post(desk, "/{center}/luyen-tap/{id:int}", correct),
    ]


class Line(NamedTuple):
    """A procedure to practise, and how the member stands with it."""

    code: str
    title: str
    record: Record | None


class Field(NamedTuple):
    name: str
    lines: Sequence[Line]

    @property
    def done(self) -> int:
        return sum(line.record is not None for line in self.lines)


class Helper(NamedTuple):
    """Somebody who has practised; `records` the newest first, each with the procedure's title."""

    name: str
    roles: Sequence[str]
    records: Sequence[tuple[str, Record]]

    @property
    def times(self) -> int:
        return sum(record.times for _, record in self.records)


async def show(desk: Desk, request: Request) -> Response:
    """The procedures by field for who practises; for who leads, also the others' results."""
    practises = (await desk.member(request)).may("practice", request.path_params["center"])
    action: Action = "practice" if practises else "practice.read"
    member, center = await desk.page(request, action)
    today = clock.today(clock.now())
    mine = (await desk.store.read(practice.records, [member.id])).get(member.id, []) if practises else []
    helpers = await desk.store.read(_helpers, desk.premises.catalog, center) if member.may("practice.read", center.id) else None
    return desk.html(
        "console/practice.html",
        request,
        member,
        center,
        fields=_fields(desk.premises.catalog, {record.code: record for record in mine}, today) if practises else [],
        helpers=helpers,
        said=SAID.get(request.query_params.get("bao", ""), ""),
    )


def _fields(catalog: Catalog, mine: dict[str, Record], today: dt.date) -> list[Field]:
    found: dict[str, list[Line]] = {}
    for entry in catalog.procedures.values():
        if exercises.suits(entry, today):
            found.setdefault(entry.field, []).append(Line(entry.code, entry.title, mine.get(entry.code)))
    return [Field(name, sorted(found[slug], key=lambda line: fold(line.title))) for slug, name in catalog.fields.items() if slug in found]


def _helpers(session: Session, catalog: Catalog, center: Center) -> list[Helper]:
    """Those with a role here who have practised, by name."""
    people = [known for known in roster.everyone(session) if known.active and known.member.at(center.id)]
    records = practice.records(session, [known.member.id for known in people])
    return [
        Helper(known.member.name, known.member.at(center.id), [(_title(catalog, record.code), record) for record in records[known.member.id]])
        for known in people
        if known.member.id in records
    ]


def _title(catalog: Catalog, code: str) -> str:
    entry = catalog.procedures.get(code)
    return entry.title if entry is not None else code


async def begin(desk: Desk, request: Request) -> Response:
    form, member, center = await desk.form(request, "practice")
    made = await desk.store.write(_begin, desk.premises.catalog, member, form.one("viec"), now=clock.now())
    home = desks.at(center, SLUG)
    return see_other(f"{home}/{made.id}" if made is not None else f"{home}?bao=khong")


def _begin(session: Session, catalog: Catalog, member: Member, code: str, *, now: dt.datetime) -> Kept | None:
    code = code or practice.suggest(session, catalog, member.id, now=now)
    return practice.begin(session, catalog, member.id, code, now=now) if code else None


async def one(desk: Desk, request: Request) -> Response:
    """The exercise to do, or corrected."""
    member, center = await desk.page(request, "practice")
    kept = await desk.store.read(practice.get, member.id, request.path_params["id"])
    if kept is None:
        raise HTTPException(404)
    entry = practice.entry_of(desk.premises.catalog, kept, clock.today(clock.now()))
    if entry is None:
        return see_other(f"{desks.at(center, SLUG)}?bao=doi")
    return desk.html(
        "console/exercise.html",
        request,
        member,
        center,
        kept=kept,
        entry=entry,
        case=told.case(entry, kept.exercise),
        papers=_papers(desk.premises.catalog, entry, kept),
        correction=kept.correction,
        source=presenting.source(entry, desk.premises.catalog),
    )


@dataclass(frozen=True)
class Shown:
    """One paper. `verdict`: "" before the correction, else right, wrong, missed or left."""

    place: int
    name: str
    taken: bool
    verdict: str = ""
    why: str = ""


def _papers(catalog: Catalog, entry: Procedure, kept: Kept) -> list[Shown]:
    found = kept.correction
    shown = []
    for place, offer in enumerate(kept.exercise.papers):
        taken, verdict = place in kept.taken, ""
        if found is not None:
            verdict = "right" if place in found.right else "wrong" if place in found.wrong else "missed" if place in found.missed else "left"
        why = told.why(catalog, entry, kept.exercise, place) if verdict else ""
        shown.append(Shown(place, offer.name, taken, verdict, why))
    order = ("", "missed", "wrong", "right", "left")
    return sorted(shown, key=lambda paper: order.index(paper.verdict))


async def correct(desk: Desk, request: Request) -> Response:
    """What was picked, corrected; sent again it is the correction that was."""
    form, member, center = await desk.form(request, "practice")
    places = [int(place) for place in form.all("giay") if place.isdecimal()]
    home, number = desks.at(center, SLUG), request.path_params["id"]
    ended = await desk.store.write(_correct, desk.premises.catalog, member, number, places, now=clock.now())
    return see_other(f"{home}/{ended.id}" if ended is not None else f"{home}?bao=doi")


def _correct(session: Session, catalog: Catalog, member: Member, number: int, places: Sequence[int], *, now: dt.datetime) -> Kept | None:
    kept = practice.get(session, member.id, number, lock=True)
    if kept is None:
        return None
    practice.pick(session, kept, places, now=now)
    return practice.finish(session, catalog, kept, now=now)
