"""Figures for managers: the first page of a center, a page for each subject, the visits behind them, spreadsheets and the report."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, NamedTuple

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from bot import clock, late
from bot.console import desk as desks
from bot.console import exports
from bot.console import figures_asked as asking
from bot.console import figures_behind as behinds
from bot.console import figures_centers as everywhere
from bot.console import figures_dash as dash
from bot.console import figures_province as province
from bot.console import figures_sections as sections
from bot.console import figures_tables as tables
from bot.console import figures_visits as listing
from bot.console import figures_words as words
from bot.console.desk import HOME, Desk
from bot.console.exports import File, Taken
from bot.console.figures_asked import Asked
from bot.console.figures_behind import Behind
from bot.console.figures_dash import Dash
from bot.console.figures_ground import Ground
from bot.console.figures_sections import SECTIONS, Section
from bot.console.figures_tables import Table
from bot.console.figures_visits import Listed
from bot.console.figures_words import Names
from bot.domain import recounting
from bot.domain.centers import Center
from bot.domain.paging import Turn
from bot.domain.roles import EVERYWHERE, Member
from bot.texts import t

SLUG = "so-lieu"
ALL = "tat-ca"  # instead of a section: all tables in one file


def routes(desk: Desk) -> list[BaseRoute]:
    own = f"/{{center}}/{SLUG}"
    return [
        desks.get(desk, f"/{SLUG}", centers),
        desks.get(desk, f"/{SLUG}/tep", centers_file),
        desks.get(desk, own, show),
        desks.get(desk, f"{own}/luot", visits),
        desks.get(desk, f"{own}/luot/{{id:int}}", visit),
        desks.get(desk, f"{own}/bao-cao.pdf", report),
        desks.get(desk, f"{own}/tep", file),
        *province.routes(desk),
        desks.get(desk, f"{own}/{{section}}", subject),
    ]


class Wanted(NamedTuple):
    """Who asks for what, checked. `recounted`: figures of the period are still being counted anew."""

    member: Member
    center: Center
    asked: Asked
    names: Names
    recounted: bool

    @property
    def head(self) -> str:
        return _head(self.asked, self.names, recounted=self.recounted)

    def ground(self, session: Session) -> Ground:
        return Ground(session, self.asked, self.names, self.center.id, desks.at(self.center, SLUG), clock.now())


async def _wanted(desk: Desk, request: Request) -> Wanted:
    member, center = await desk.page(request, "figures.read")
    today = clock.today(clock.now())
    asked = asking.read(request.query_params, today)
    return Wanted(member, center, asked, Names(desk.premises, today), await _recounted(desk, asked))


async def _recounted(desk: Desk, asked: Asked) -> bool:
    return await desk.store.read(recounting.unsure, asked.period.last)


def _html(desk: Desk, request: Request, template: str, wanted: Wanted, **values: Any) -> Response:
    """What every page of a center's figures shows around its own."""
    asked, base = wanted.asked, desks.at(wanted.center, SLUG)
    return desk.html(
        f"console/{template}", request, wanted.member, wanted.center, asked=asked, base=base, sections=SECTIONS.values(), words=words,
        kinds=[(kind, asked.of_kind(kind, wanted.names.today)) for kind in asking.KINDS], current=asked.period.last >= wanted.names.today,
        names=wanted.names, channels=asking.CHANNELS, now=clock.now(), all_centers=wanted.member.may("figures.read", EVERYWHERE),
        recounted=wanted.recounted, **values,
    )  # fmt: skip


async def show(desk: Desk, request: Request) -> Response:
    wanted = await _wanted(desk, request)
    found, offered = await desk.store.read(_dash, wanted)
    return _html(desk, request, "figures.html", wanted, dash=found, offered=offered, section=None)


def _dash(session: Session, wanted: Wanted) -> tuple[Dash, list[str]]:
    ground = wanted.ground(session)
    return dash.look(ground, sections.hours(ground)), ground.offered


async def subject(desk: Desk, request: Request) -> Response:
    """Every table of one section."""
    wanted = await _wanted(desk, request)
    section = _section(request.path_params["section"])
    found, offered = await desk.store.read(_tables, wanted, section)
    return _html(desk, request, "figures_section.html", wanted, section=section, tables=found, offered=offered)


def _section(slug: str) -> Section:
    if slug not in SECTIONS:
        raise HTTPException(404)
    return SECTIONS[slug]


def _tables(session: Session, wanted: Wanted, section: Section) -> tuple[list[Table], list[str]]:
    ground = wanted.ground(session)
    return section.tables(ground), ground.offered


async def file(desk: Desk, request: Request) -> Response:
    """The tables of a section, or all of them, for a spreadsheet."""
    wanted = await _wanted(desk, request)
    slug = request.query_params.get("muc", ALL)
    some = tuple(SECTIONS.values()) if slug == ALL else (_section(slug),)
    found = await desk.store.read(partial(_some, printed=False), wanted, some)
    part = t("figures.every_section") if slug == ALL else t(f"figures.section_{some[0].name}")
    made = _sheet(request, found, f"{wanted.center.name}. {wanted.head}", f"{SLUG}-{wanted.center.id}-{slug}-{wanted.asked.begins}")
    return await exports.send(desk, _taken(wanted.member, wanted.center.id, wanted.asked, part, wanted.names), made)


def _some(session: Session, wanted: Wanted, some: tuple[Section, ...], *, printed: bool) -> list[Table]:
    ground = wanted.ground(session)
    first = dash.summary(ground) if len(some) > 1 else []
    found = [*first, *(table for section in some for table in section.tables(ground))]
    return [table for table in found if table.printed and table.rows] if printed else found


def _head(asked: Asked, names: Names, *, recounted: bool) -> str:
    """What a paper or file says that leaves the page."""
    parts = (words.period(asked.period), _filters(asked, names), t("figures.recounted") if recounted else "")
    return ". ".join(part for part in parts if part)


def _filters(asked: Asked, names: Names) -> str:
    return names.filters(asked.field, asked.procedure, asked.channel)


def _sheet(request: Request, found: list[Table], head: str, name: str) -> File:
    kind = exports.asked(request.query_params)
    return File(name, kind, tables.as_xlsx(head, found) if kind == "xlsx" else tables.as_csv(head, found))


def _taken(member: Member, center: str, asked: Asked, part: str, names: Names) -> Taken:
    return Taken(member, center, "figures.export", words.period(asked.period), {"part": part, "filters": _filters(asked, names)})


async def report(desk: Desk, request: Request) -> Response:
    """For the monthly meeting: the sentence, the figures, obstacles and the shortened tables, on paper.

    fpdf is slow to import and draws for half a second: loaded for the first report, and drawn when the session is closed.
    """
    wanted = await _wanted(desk, request)
    found, listed = await desk.store.read(_report, wanted)
    pdf = late.load("bot.console.figures_pdf")
    made = pdf.Report(wanted.center.name, wanted.head, found, listed, t("figures.made", moment=_moment()))
    body = await asyncio.to_thread(pdf.make, made)
    taken = _taken(wanted.member, wanted.center.id, wanted.asked, t("figures.report_title"), wanted.names)
    return await exports.send(desk, taken, File(f"{SLUG}-{wanted.center.id}-{wanted.asked.begins}", "pdf", body))


def _report(session: Session, wanted: Wanted) -> tuple[Dash, list[Table]]:
    found, _ = _dash(session, wanted)
    return found, _some(session, wanted, tuple(SECTIONS.values()), printed=True)


def _moment() -> str:
    now = clock.now()
    return f"{clock.hour(now)}, {clock.date(clock.today(now))}"


# visits behind a figure


async def visits(desk: Desk, request: Request) -> Response:
    wanted = await _wanted(desk, request)
    behind, turn = behinds.read(request.query_params), behinds.turned(request.query_params)
    found, offered = await desk.store.read(_visits, wanted, behind, turn)
    paper = wanted.names.paper(wanted.asked.procedure, behind.paper) if behind.paper else ""
    return _html(
        desk, request, "figures_visits.html", wanted, section=None, behind=behind, turn=turn, found=found, offered=offered, paper=paper,
        most=behinds.MOST_COUNTED,
    )  # fmt: skip


def _visits(session: Session, wanted: Wanted, behind: Behind, turn: Turn) -> tuple[Listed, list[str]]:
    ground = wanted.ground(session)
    return listing.listed(session, ground.scope, wanted.names, behind, turn), ground.offered


async def visit(desk: Desk, request: Request) -> Response:
    """What happened to one, without who did it."""
    wanted = await _wanted(desk, request)
    found = await desk.store.read(listing.one, wanted.center.id, request.path_params["id"], wanted.names)
    if found is None:
        raise HTTPException(404)
    back = behinds.read(request.query_params).words() | behinds.turned(request.query_params).words()
    return _html(desk, request, "figures_visit.html", wanted, section=None, found=found, back=back)


# all centers


async def centers(desk: Desk, request: Request) -> Response:
    member = await desk.everywhere(request, "figures.read")
    today = clock.today(clock.now())
    asked, names = asking.read(request.query_params, today), Names(desk.premises, today)
    found, offered = await desk.store.read(everywhere.look, asked, names)
    return desk.html(
        "console/figures_centers.html", request, member, None, asked=asked, base=f"{HOME}/{SLUG}",
        words=words, names=names, found=everywhere.table(found),
        kinds=[(kind, asked.of_kind(kind, today)) for kind in asking.KINDS], current=asked.period.last >= today, offered=offered,
        channels=asking.CHANNELS, now=clock.now(), section=None, sections=(), all_centers=False, recounted=await _recounted(desk, asked),
    )  # fmt: skip


async def centers_file(desk: Desk, request: Request) -> Response:
    member = await desk.everywhere(request, "figures.read")
    today = clock.today(clock.now())
    asked, names = asking.read(request.query_params, today), Names(desk.premises, today)
    found, _ = await desk.store.read(everywhere.look, asked, names)
    head = _head(asked, names, recounted=await _recounted(desk, asked))
    made = _sheet(request, [everywhere.table(found)], head, f"{SLUG}-{asked.begins}")
    return await exports.send(desk, _taken(member, "", asked, t("figures.all_link"), names), made)
