"""The printed list as a PDF: A5 by default, boxes to tick by hand, the QR code, the complaint line and the source always on it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from bot.domain.centers import Center
from bot.messages import Fact, Paper, Papers
from bot.pages import qr
from bot.texts import t
from handlers import presenting

FONTS = Path(__file__).parent.parent.parent / "pages" / "fonts"


@dataclass(frozen=True)
class Format:
    """Millimetres and points of one paper size."""

    width: float
    height: float
    margin: float
    text: float
    qr: float
    box: float


A5 = Format(148, 210, 9, 9, 25, 3.6)
A4 = Format(210, 297, 16, 11.5, 34, 4.6)
FORMATS = {"a5": A5, "a4": A4}
# The largest text with which a list stays on one page; below the last a second page is kinder.
SCALES = (1.15, 1.0, 0.92, 0.84)


@dataclass(frozen=True)
class Printed:
    """What is to stand on the sheet. `link`: where the QR code leads, `made`: when the list was made, as a sentence."""

    papers: Papers
    center: Center
    link: str
    made: str


def make(printed: Printed, format_: Format = A5) -> bytes:
    """One page if the list fits at a readable size, else as many as it takes, numbered."""
    with closing(_Fonts()) as fonts:
        drawn = (_draw(printed, _Sheet(format_, scale, fonts)) for scale in SCALES)
        sheet = next((sheet for sheet in drawn if sheet.pages_count == 1), None)
        return bytes((sheet or _draw(printed, _Sheet(format_, 1.0, fonts))).output())


def _draw(printed: Printed, sheet: _Sheet) -> _Sheet:
    papers = printed.papers
    sheet.head(papers, printed.center, printed.link)
    for heading, items in ((t("web.sheet_submit"), papers.submit), (t("web.sheet_show"), papers.show)):
        if items:
            sheet.boxes(heading, items)
    if papers.looked_up:
        sheet.lines(t("list.looked_up"), [f"{item.name}. {item.note}".strip() for item in papers.looked_up])
    sheet.facts([fact for fact in papers.facts if fact.text and fact.icon != presenting.RELATED])
    if papers.notes:
        sheet.lines("", papers.notes)
    sheet.foot(papers, printed.made)
    return sheet


class _Fonts(FPDF):
    """Both faces, read once for all tries of a sheet: reading them costs more than drawing."""

    def __init__(self) -> None:
        super().__init__()
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")

    def close(self) -> None:
        """Let go of the files, which fpdf keeps open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


class _Sheet(FPDF):
    """The parts of the sheet, from top to bottom."""

    def __init__(self, format_: Format, scale: float, fonts: _Fonts) -> None:
        super().__init__(format=(format_.width, format_.height))
        self._format, self._size = format_, format_.text * scale
        self.fonts.update(fonts.fonts)
        self.set_margin(format_.margin)
        self.set_auto_page_break(True, format_.margin + 5)  # noqa: FBT003
        self.set_title(t("web.list_title"))
        self.set_lang("vi")
        self.add_page()

    def footer(self) -> None:
        """Page numbers, once there is a second page."""
        if self.page > 1:
            self.set_y(-self._format.margin)
            self._font(0.85)
            self.cell(0, self._line, t("web.page_of", page=self.page, total="{nb}"), align="R")

    def head(self, papers: Papers, center: Center, link: str) -> None:
        side = self._format.qr
        top, width = self.get_y(), self.epw - side - 4
        self._qr(link, self.w - self.r_margin - side, top, side)
        self._write(center.name, 0.9, width=width)
        self._write(t("web.list_title"), 1.7, bold=True, width=width)
        self._write(f"{papers.name}.", 1, bold=True, width=width)
        if papers.situation:
            self._write(f"{papers.situation.rstrip('.')}.", 1, width=width)
        if papers.assumed:
            self._write(t("list.assumed", what=papers.assumed[0].lower() + papers.assumed[1:]), 0.9, width=width)
        self.set_y(max(self.get_y(), top + side) + 1)
        self._rule(0.7)

    def boxes(self, heading: str, papers: Sequence[Paper]) -> None:
        self.ln(1.2)
        self._keep(4)
        self._write(heading, 1.15, bold=True)
        for paper in papers:
            self._box(paper)

    def lines(self, heading: str, lines: Sequence[str]) -> None:
        self.ln(1.2)
        if heading:
            self._keep(3)
            self._write(heading, 1, bold=True)
        for line in lines:
            self._write(f"– {line}", 0.92)

    def facts(self, facts: Sequence[Fact]) -> None:
        self.ln(1.2)
        label = self._format.text * 3.1
        for fact in facts:
            self._keep(2)
            top = self.get_y()
            self._write(fact.label, 0.92, bold=True, width=label - 2)
            below = self.get_y()
            self.set_xy(self.l_margin + label, top)
            self._write(fact.text, 0.92, left=label)
            self.set_y(max(self.get_y(), below))

    def foot(self, papers: Papers, made: str) -> None:
        self.ln(1)
        self._keep(8)
        self._rule(0.7)
        self._write(t("web.over"), 0.92, bold=True)
        self._write(f"{t('web.over_do')} {t('web.never_ask')}", 0.92)
        self.ln(0.8)
        found = papers.source
        parts = [t("web.source_code", code=found.code), t("list.source_decision", decision=found.decision) if found.decision else ""]
        parts += [t("web.source_checked", checked=found.checked), t("web.source_catalog", catalog=found.catalog), made]
        self._write(" · ".join(part for part in parts if part), 0.85)

    def _box(self, paper: Paper) -> None:
        """A square to tick, what the paper is, how many."""
        side = self._format.box
        note = " ".join(part for part in (_official(paper), paper.note) if part)
        self._keep(3 if note else 2)
        top = self.get_y() + 0.9
        self.set_line_width(0.35)
        self.rect(self.l_margin, top, side, side)
        if paper.have:
            self.line(self.l_margin + 0.7, top + side / 2, self.l_margin + side * 0.42, top + side - 0.7)
            self.line(self.l_margin + side * 0.42, top + side - 0.7, self.l_margin + side - 0.5, top + 0.6)
        self.set_xy(self.l_margin, top - 0.4)
        self._write(f"{paper.name}{': ' if paper.quantity else ''}{paper.quantity}", 1, bold=True, left=side + 2.4)
        if note:
            self._write(note, 0.88, left=side + 2.4)
        self.ln(0.5)
        self._rule(0.1)

    def _qr(self, link: str, left: float, top: float, side: float) -> None:
        rows = qr.modules(link)
        step = side / len(rows)
        self.set_fill_color(0)
        for y, row in enumerate(rows):
            for start, end in _runs(row):
                self.rect(left + start * step, top + y * step, (end - start) * step, step * 1.02, style="F")

    def _write(self, text: str, size: float, *, bold: bool = False, width: float | None = None, left: float = 0) -> None:
        self._font(size, bold=bold)
        self.set_x(self.l_margin + left)
        wide = width if width is not None else self.epw - left
        self.multi_cell(wide, self._line, _nfc(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _font(self, size: float, *, bold: bool = False) -> None:
        self.set_font("DejaVu", "B" if bold else "", self._size * size)
        self._line = self._size * size * 0.3528 * 1.38  # points to millimetres; 1.38 keeps Vietnamese marks apart

    def _rule(self, width: float) -> None:
        self.set_line_width(width)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(0.9)

    def _keep(self, lines: float) -> None:
        """Begin a new page when fewer than so many lines are left on this one."""
        if self.will_page_break(lines * self._size * 0.3528 * 1.38):
            self.add_page()


def _official(paper: Paper) -> str:
    return t("web.official", name=paper.official) if paper.official and paper.official != paper.name else ""


def _runs(row: Sequence[bool]) -> list[tuple[int, int]]:
    """Dark stretches of a row as (first, after the last)."""
    edges = [at for at, (before, here) in enumerate(zip((False, *row), (*row, False), strict=True)) if before != here]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _nfc(text: str) -> str:
    """Marks in one piece, and without the word joiner, which DejaVu draws as a box."""
    return unicodedata.normalize("NFC", text).replace("\u2060", "")
