"""The pages for managers as the console makes them, for `motcua bench statistics`: their queries and their words, without the HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from sqlmodel import Session

from bot import clock
from bot.bench.ratings import Size
from bot.console import figures_centers, figures_dash, figures_sections, figures_visits
from bot.console.figures_asked import Asked
from bot.console.figures_behind import Behind
from bot.console.figures_ground import Ground
from bot.console.figures_sections import SECTIONS, Section
from bot.console.figures_words import Names
from bot.conversation.context import Premises
from bot.domain import centers
from bot.domain.centers import Directory
from bot.domain.paging import Turn
from procedures import loader, search


class Look(NamedTuple):
    """Whose page, of which period and filters."""

    center: str
    asked: Asked

    def __str__(self) -> str:
        asked = self.asked
        words = (self.center, f"{asked.period.first}–{asked.period.last}", asked.field, asked.procedure, asked.channel)
        return " ".join(word for word in words if word)


Page = Callable[[Session, Look, Names], object]


def names(size: Size) -> Names:
    """Of a province with the centers of the bench."""
    [sample] = centers.read(None)
    directory = Directory(tuple(sample.model_copy(update={"id": name, "place": name}) for name in size.names))
    catalog = loader.load()
    return Names(Premises(catalog, search.build(catalog), directory, "https://motcua.example"), size.last)


def _ground(session: Session, look: Look, words: Names) -> Ground:
    return Ground(session, look.asked, words, look.center, f"/ban-lam-viec/{look.center}/so-lieu", clock.now())


def _dashboard(session: Session, look: Look, words: Names) -> object:
    ground = _ground(session, look, words)
    return figures_dash.look(ground, figures_sections.hours(ground)), ground.offered


def _section(section: Section, session: Session, look: Look, words: Names) -> object:
    ground = _ground(session, look, words)
    return section.tables(ground), ground.offered


def _centers(session: Session, look: Look, words: Names) -> object:
    return figures_centers.look(session, look.asked, words)


def _visits(behind: Behind, session: Session, look: Look, words: Names) -> object:
    listed = figures_visits.listed(session, look.asked.scope(look.center), words, behind, Turn())
    return listed, _ground(session, look, words).offered


PAGES: Mapping[str, Page] = {
    "dashboard": _dashboard,
    **{section.name: partial(_section, section) for section in SECTIONS.values()},
    "centers": _centers,
    "visits": partial(_visits, Behind()),
    "visits_of_a_paper": partial(_visits, Behind(paper="paper3")),
    "visits_of_an_hour": partial(_visits, Behind(weekday=1, hour=8)),
}
