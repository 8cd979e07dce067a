"""All centers of this installation beside each other, the one that hurts most first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session

from bot.console import figures_pains as pains
from bot.console import figures_tables as tables
from bot.console.desk import HOME
from bot.console.figures_asked import Asked
from bot.console.figures_tables import Cell, Table
from bot.console.figures_words import MANNERS, NONE, Names
from bot.db.sums import NOTHING, Sums
from bot.domain import figure_times, figures, indicators
from bot.texts import t
from procedures.text import fold

SHOWN = ("wait", "must_return", "on_time", "satisfaction", "over_collected")
WORST = 5  # of these also the hours are looked at, so that each is named with what its own page begins with; hours do not rank


class Line(NamedTuple):
    """A center. `why`: what hurts most there. `score`: how much altogether."""

    center: str
    name: str
    address: str
    why: str
    score: float
    sums: Sums


def look(session: Session, asked: Asked, names: Names) -> tuple[list[Line], list[str]]:
    """Every center the installation has, also those where nothing was counted; and the procedures one can choose."""
    found = figures.by_center(session, asked.scope(None))
    known = {center.id: center.id for center in names.premises.directory.all}
    lines = [_line(center, found.get(center, NOTHING), asked, names) for center in {**dict.fromkeys(found), **known}]
    ranked = sorted(lines, key=lambda one: (-one.score, -one.sums.visits, one.name))
    return [*(_with_hours(session, asked, one) for one in ranked[:WORST]), *ranked[WORST:]], offered(session, asked, names)


def offered(session: Session, asked: Asked, names: Names) -> list[str]:
    """Procedures one can choose, by their names."""
    there = figures.procedures(session, asked.period)
    chosen = {asked.procedure} if asked.procedure else set()
    return sorted(there | chosen, key=lambda code: (fold(names.procedure(code)), code))


def _line(center: str, sums: Sums, asked: Asked, names: Names) -> Line:
    hurts = pains.of(sums)
    why = pains.brief(hurts[0]) if hurts and hurts[0].weight >= pains.WORTH else ""
    known = names.premises.directory.get(center) is not None
    return Line(center, names.center(center), f"{HOME}/{center}/so-lieu?{asked.query()}" if known else "", why, pains.score(hurts), sums)


def _with_hours(session: Session, asked: Asked, one: Line) -> Line:
    said = pains.sentences(one.sums, figure_times.heat(session, asked.scope(one.center)), "")
    return one._replace(why=said[0].strong if said else "")


def table(lines: Sequence[Line]) -> Table:
    rows = [
        [tables.text(one.name, one.address), tables.text(one.why or NONE), tables.count(one.sums.served), *(_cell(one.sums, name) for name in SHOWN),
         tables.count(one.sums.ratings)]
        for one in lines
    ]  # fmt: skip
    return Table(t("figures.centers"), tables.columns("center", "worst", "served", *SHOWN, "ratings", head=2), rows, t("figures.centers_note"))


def _cell(sums: Sums, name: str) -> Cell:
    return tables.figure(indicators.ALL[name](sums), MANNERS[name])
