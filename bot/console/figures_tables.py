"""A table of figures as data: shown on a page, written to a spreadsheet safe against formulas, or printed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import openpyxl  # type: ignore[import-untyped]

from bot import numbers
from bot.console import figures_words as words
from bot.console.figures_words import NONE, Manner
from bot.domain import dossier_sheets
from bot.domain.indicators import Figure
from bot.texts import t

_BAD_IN_SHEET = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
LONGEST_SHEET = 31  # characters of a sheet's name, https://support.microsoft.com/office/rename-a-worksheet


class Cell(NamedTuple):
    """`number`: what the text says, for a spreadsheet. `link`: where more of it is."""

    text: str
    number: float | None = None
    link: str = ""


class Column(NamedTuple):
    words: str
    numeric: bool = False


class Table(NamedTuple):
    """The first cell of a row is its head. `note`: what one has to know to read it. `printed`: how many rows go into the report.

    `source`: where numbers come from that are not counted here; it goes wherever the table goes.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    printed: int = 0
    source: str = ""

    @property
    def under(self) -> str:
        return " ".join(part for part in (self.note, self.source) if part)


def columns(*names: str, head: int = 1) -> list[Column]:
    """By the words of figures.col_…; all but the first `head` hold numbers."""
    return [Column(t(f"figures.col_{name}"), place >= head) for place, name in enumerate(names)]


def text(of: str, link: str = "") -> Cell:
    return Cell(of, None, link)


def count(of: int, link: str = "") -> Cell:
    return Cell(numbers.grouped(of), of, link if of else "")


def figure(of: Figure, manner: Manner) -> Cell:
    return Cell(words.said(of, manner), words.value(of, manner))


def plain(of: float | None, manner: Manner) -> Cell:
    """A number that is no figure of people, such as a median of centers."""
    shown = None if of is None else round(of / manner.per, manner.places)
    return Cell(NONE if shown is None else words.amount(shown, manner), shown)


def as_csv(head: str, tables: Sequence[Table]) -> bytes:
    """All tables below each other, each with its title."""
    lines: list[list[str]] = [[head]]
    for table in tables:
        lines += [[], [table.title], *([[table.under]] if table.under else []), [column.words for column in table.columns]]
        lines += [[cell.text for cell in row] for row in table.rows]
    return dossier_sheets.as_csv(lines)


def as_xlsx(head: str, tables: Sequence[Table]) -> bytes:
    """A sheet a table; numbers are numbers."""
    book: Any = openpyxl.Workbook(write_only=True)
    for place, table in enumerate(tables, start=1):
        sheet = book.create_sheet(f"{place}. {table.title}".translate(_BAD_IN_SHEET)[:LONGEST_SHEET])
        for line in ([head], [table.title], [table.under], [column.words for column in table.columns]):
            sheet.append([dossier_sheets.harmless(cell) for cell in line])
        for row in table.rows:
            sheet.append([dossier_sheets.harmless(cell.text) if cell.number is None else cell.number for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
