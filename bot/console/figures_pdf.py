"""The figures on paper for the monthly meeting: A4, black on white, every number with how many it is made of."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace, TTFFont

from bot.console.figures_dash import Dash
from bot.console.figures_tables import Cell, Table
from bot.pages import environment
from bot.texts import t

FONTS = Path(environment.__file__).parent / "fonts"
MARGIN, SIZE, SMALL = 14.0, 9.5, 8.0
POINT = 0.3528 * 1.38  # points to millimetres; 1.38 keeps Vietnamese marks apart
LEAST_WORDS, NUMBERS = 40.0, 18.0  # millimetres of a column of words, and of one of numbers where there is room
BESIDE = (0.6, 1.2)  # millimetres around what stands in a cell, above and beside
PAPER_ONLY = {"\u2060": "", "\u00a0": " "}  # DejaVu draws the word joiner as a box


class Report(NamedTuple):
    """`head`: period and filters, `made`: when."""

    center: str
    head: str
    dash: Dash
    tables: Sequence[Table]
    made: str


def make(report: Report) -> bytes:
    with closing(_Sheet(report.made)) as sheet:
        sheet.write(report.center, SMALL)
        sheet.write(t("figures.report_title"), 17, bold=True)
        sheet.write(report.head, 12, bold=True)
        sheet.ln(2)
        _pains(sheet, report.dash)
        for table in report.tables:
            sheet.figures(table)
        sheet.ln(3)
        sheet.write(f"{t('figures.not_sipas')} {t('figures.few_note')} {report.made}", SMALL)
        return bytes(sheet.output())


def _pains(sheet: _Sheet, dash: Dash) -> None:
    sheet.write(t("figures.hurts"), SIZE, bold=True)
    for sentence in dash.sentences:
        sheet.write(f"{sentence.strong}{sentence.rest}.", 12, bold=True)
    if not dash.sentences:
        sheet.write(t("figures.hurts_nothing"), SIZE)


class _Sheet(FPDF):
    def __init__(self, made: str) -> None:
        super().__init__(format="A4")
        self._made = made
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN + 4)  # noqa: FBT003
        self.set_title(t("figures.report_title"))
        self.set_lang("vi")
        self.add_page()

    def close(self) -> None:
        """Let go of the files, which fpdf keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        self.set_y(-MARGIN)
        self.set_font("DejaVu", "", SMALL)
        self.cell(0, SMALL * POINT, t("web.page_of", page=self.page, total="{nb}"), align="R")

    def write(self, text: str, size: float, *, bold: bool = False) -> None:  # type: ignore[override]
        self.set_font("DejaVu", "B" if bold else "", size)
        self.set_x(self.l_margin)
        self.multi_cell(self.epw, size * POINT, _plain(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def figures(self, table: Table) -> None:
        """The first rows of a table, with its title; what does not fit is counted."""
        rows = table.rows[: table.printed]
        if self.will_page_break(5 * SIZE * POINT + 6):
            self.add_page()
        self.ln(3.5)
        self.write(table.title, 11, bold=True)
        self.set_font("DejaVu", "", SMALL)
        widths = self._widths(table, rows)
        aligns = tuple("RIGHT" if column.numeric else "LEFT" for column in table.columns)
        head = FontFace(emphasis="BOLD")
        with self.table(
            col_widths=widths,
            text_align=aligns,
            line_height=SMALL * POINT,
            borders_layout="HORIZONTAL_LINES",
            headings_style=head,
            padding=BESIDE,
        ) as drawn:
            for line in ([column.words for column in table.columns], *([cell.text for cell in row] for row in rows)):
                shown = drawn.row()
                for cell in line:
                    shown.cell(_plain(cell))
        more = len(table.rows) - len(rows)
        if more > 0:
            self.write(t("figures.rows_more", count=more), SMALL)
        if table.source:
            self.write(table.source, SMALL)

    def _widths(self, table: Table, rows: Sequence[Sequence[Cell]]) -> tuple[float, ...]:
        """Numbers get what they need in one line, words share the rest."""
        needed = [
            1.15 * max(self.get_string_width(_plain(part)) for part in (*column.words.split(), *(row[place].text for row in rows)))
            + 2 * BESIDE[1]
            + 2
            for place, column in enumerate(table.columns)
        ]
        numeric = [column.numeric for column in table.columns]
        said = len(numeric) - sum(numeric)
        least = min(NUMBERS, (self.epw - LEAST_WORDS * said) / max(sum(numeric), 1))
        rest = self.epw - sum(max(least, width) for width, number in zip(needed, numeric, strict=True) if number)
        words = max(LEAST_WORDS, rest / max(said, 1))
        return tuple(max(least, width) if number else words for width, number in zip(needed, numeric, strict=True))


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    for seen, written in PAPER_ONLY.items():
        composed = composed.replace(seen, written)
    return composed
