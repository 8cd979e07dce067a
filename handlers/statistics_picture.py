"""Figures as one picture that is readable on a phone: tiles with numbers, and bars. Drawn by hand, with the font of the printed sheet."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import bot
from bot import late, numbers

WIDTH, MARGIN = 1080, 56  # three points each for one of a phone's
FONTS = Path(bot.__file__).parent / "pages" / "fonts"
GROUND, SURFACE, INK, SOFT, LINE = "#FBF7EC", "#FFFFFF", "#211D14", "#4D4634", "#DDD2B9"
DOOR, STOP = "#0B5747", "#A3271A"
TILE, GAP, CHART = 210, 24, 440
HATCH = 14
NARROW = 110  # between two bars: both numbers have no room beside each other


class Tile(NamedTuple):
    """A number, what it is, and what it stands against."""

    value: str
    label: str
    note: str


class Bar(NamedTuple):
    """`back` of `came` had to come back. `label` may have a second line. `ahead`: its days are still to come."""

    label: str
    came: int
    back: int
    ahead: bool = False


class Picture(NamedTuple):
    title: str
    tiles: tuple[Tile, ...]
    question: str
    bars: tuple[Bar, ...]
    legend: tuple[str, str]
    foot: str


def draw(picture: Picture) -> bytes:
    """A PNG."""
    sheet = _Sheet(_height(picture))
    sheet.words(MARGIN, 44, picture.title, 46, bold=True)
    top = _tiles(sheet, picture.tiles, 130)
    sheet.words(MARGIN, top + 10, picture.question, 36, bold=True)
    _legend(sheet, picture.legend, top + 70)
    _bars(sheet, picture.bars, top + 130)
    sheet.words(MARGIN, sheet.height - 56, picture.foot, 26, SOFT)
    return sheet.png()


def _height(picture: Picture) -> int:
    rows = (len(picture.tiles) + 1) // 2
    return 130 + rows * (TILE + GAP) + 130 + CHART + 150


class _Sheet:
    """A picture of this height, and what is put on it."""

    def __init__(self, height: int) -> None:
        image, drawing = late.load("PIL.Image"), late.load("PIL.ImageDraw")
        self.height = height
        self._image: Any = image.new("RGB", (WIDTH, height), GROUND)
        self.pen: Any = drawing.Draw(self._image)
        self._fonts: dict[tuple[int, bool], Any] = {}

    def words(self, x: float, y: float, said: str, size: int, ink: str = INK, *, bold: bool = False, anchor: str = "la", room: float = 0) -> None:
        """In NFC, or marks stand beside their letters; smaller where there is no room for them."""
        said = unicodedata.normalize("NFC", said)
        room = room or WIDTH - MARGIN - x
        while size > 18 and self._font(size, bold=bold).getlength(said) > room:
            size -= 2
        self.pen.text((x, y), said, fill=ink, font=self._font(size, bold=bold), anchor=anchor)

    def _font(self, size: int, *, bold: bool) -> Any:
        if (size, bold) not in self._fonts:
            name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
            self._fonts[size, bold] = late.load("PIL.ImageFont").truetype(str(FONTS / name), size)
        return self._fonts[size, bold]

    def hatch(self, left: float, top: float, right: float, bottom: float) -> None:
        """Red, and striped: colour never speaks alone."""
        self.pen.rectangle((left, top, right, bottom), fill=SURFACE, outline=STOP, width=4)
        for y in range(int(top), int(bottom + right - left), HATCH):
            x_low, y_low = left + max(0.0, y - bottom), min(float(y), bottom)
            x_high, y_high = left + min(right - left, y - top), max(top, y - (right - left))
            self.pen.line((x_low, y_low, x_high, y_high), fill=STOP, width=4)

    def png(self) -> bytes:
        out = io.BytesIO()
        self._image.quantize(64, method=2).save(out, "PNG")  # 2: the fast octree
        return out.getvalue()


def _tiles(sheet: _Sheet, tiles: Sequence[Tile], top: int) -> int:
    """Two in a row; returns where the next thing begins."""
    width = (WIDTH - 2 * MARGIN - GAP) // 2
    for number, tile in enumerate(tiles):
        x, y = MARGIN + number % 2 * (width + GAP), top + number // 2 * (TILE + GAP)
        sheet.pen.rounded_rectangle((x, y, x + width, y + TILE), 20, fill=SURFACE, outline=LINE, width=3)
        sheet.words(x + 28, y + 18, tile.value, 72, bold=True, room=width - 56)
        sheet.words(x + 28, y + 112, tile.label, 32, room=width - 56)
        sheet.words(x + 28, y + 156, tile.note, 28, SOFT, room=width - 56)
    return top + (len(tiles) + 1) // 2 * (TILE + GAP)


def _legend(sheet: _Sheet, legend: tuple[str, str], y: int) -> None:
    sheet.pen.rectangle((MARGIN, y, MARGIN + 34, y + 34), fill=DOOR)
    sheet.words(MARGIN + 48, y, legend[0], 28, SOFT, room=300)
    sheet.hatch(MARGIN + 300, y, MARGIN + 334, y + 34)
    sheet.words(MARGIN + 348, y, legend[1], 28, SOFT)


def _said(bar: Bar, *, narrow: bool) -> list[str]:
    """The numbers above it, in two lines where bars stand close together."""
    if bar.ahead:
        return []
    came, back = numbers.grouped(bar.came), numbers.grouped(bar.back)
    if not bar.back:
        return [came]
    return [came, f"/ {back}"] if narrow else [f"{came} / {back}"]


def _bars(sheet: _Sheet, bars: Sequence[Bar], top: int) -> None:
    """From zero, each with its numbers."""
    if not bars:
        return
    most = max(1, *(bar.came for bar in bars))
    step = (WIDTH - 2 * MARGIN) / len(bars)
    bottom, room = top + CHART, CHART - 60
    for number, bar in enumerate(bars):
        left, right = MARGIN + number * step + step * 0.14, MARGIN + (number + 1) * step - step * 0.14
        middle = (left + right) / 2
        high, low = bottom - room * bar.came / most, bottom - room * bar.back / most
        if bar.came:
            sheet.pen.rectangle((left, high, right, bottom), fill=DOOR)
        if bar.back:
            sheet.hatch(left, low, right, bottom)
        for line, said in enumerate(reversed(_said(bar, narrow=step < NARROW))):
            sheet.words(middle, high - 12 - line * 30, said, 30, bold=True, anchor="mb", room=step - 4)
        for line, words in enumerate(bar.label.split("\n")):
            sheet.words(middle, bottom + 12 + line * 36, words, 28, SOFT, anchor="ma", room=step - 4)
    sheet.pen.line((MARGIN, bottom, WIDTH - MARGIN, bottom), fill=INK, width=4)
