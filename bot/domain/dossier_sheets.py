"""A day's dossiers as a table: read from what the province's system exports, written for a spreadsheet. Names of people are never read."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import openpyxl  # type: ignore[import-untyped]

from bot import clock
from bot.domain import dossier_codes, hours
from bot.domain.dossiers import Dossier, State
from bot.texts import t
from procedures import text

MOST_ROWS, MOST_UNPACKED, HEADER_WITHIN = 5_000, 60_000_000, 30
# A spreadsheet takes a cell that begins so for a formula, https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
SEPARATORS = ",;\t"
Column = Literal["receipt", "procedure", "received", "due", "state", "finished", "returned"]
# Headers as `text.fold` leaves them. A header row names at least the first and the third.
HEADERS: Mapping[Column, tuple[str, ...]] = {
    "receipt": ("ma ho so", "so ho so", "ma bien nhan", "so bien nhan", "ma so ho so", "ma", "receipt"),
    "procedure": ("ma thu tuc", "ma tthc", "ma thu tuc hanh chinh", "thu tuc", "ten thu tuc", "ten thu tuc hanh chinh", "procedure"),
    "received": (
        "ngay nhan", "ngay tiep nhan", "thoi gian tiep nhan", "ngay gio nhan", "ngay nop", "ngay tiep nhan ho so", "ngay nhan ho so", "received",
    ),
    "due": ("ngay hen tra", "ngay hen tra ket qua", "han tra", "han xu ly", "thoi gian hen tra", "han giai quyet", "due"),
    "state": ("trang thai", "tinh trang", "trang thai ho so", "tinh trang ho so", "tinh trang xu ly", "state"),
    "finished": ("ngay co ket qua", "ngay ket thuc xu ly", "ngay hoan thanh", "ngay xu ly xong"),
    "returned": ("ngay tra", "ngay tra ket qua", "ngay tra kq", "returned"),
}  # fmt: skip
_KNOWN = {header: column for column, headers in HEADERS.items() for header in headers}
# What a portal calls a state, by words it holds; the first that fits. Ours as they are exported come out the same.
_STATES: tuple[tuple[State, re.Pattern[str]], ...] = (
    ("withdrawn", re.compile(r"\b(rut|tu choi|huy|da dung|(?<!tam )dung xu ly|khong giai quyet|tra lai)\b")),
    ("returned", re.compile(r"\b(da tra|hoan thanh tra|da trao|da nhan ket qua)\b")),
    ("ready", re.compile(r"\b(co ket qua|cho tra|da xu ly xong|da xong|hoan thanh|cho nhan ket qua)\b")),
    ("paused", re.compile(r"\b(bo sung|tam dung)\b")),
    ("open", re.compile(r"\b(dang|moi|cho|tiep nhan|da nhan|qua han)\b")),
)
_DATE = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:\D+(\d{1,2})[:h](\d{2}))?(?::\d{2})?"
    r"|(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}))?(?::\d{2}.*)?"
)
_CLOCK_FIRST = re.compile(r"(\d{1,2}:\d{2})(?::\d{2})?\s+(\S+)")
NOON = (12, 0)


class Unreadable(ValueError):
    """The file is no table of dossiers; the message is for the person who sent it."""


class Line(NamedTuple):
    """One row as it was found. `number` as the spreadsheet shows it."""

    number: int
    cells: Mapping[Column, str]


class Taken(NamedTuple):
    """What a line says. `due` is None where it says nothing; `state` "" likewise."""

    number: int
    receipt: str
    procedure: str
    received_at: dt.datetime
    due: dt.date | None
    state: State | Literal[""]
    finished_at: dt.datetime | None
    returned_at: dt.datetime | None


class Wrong(Exception):
    """A line that is not taken: `reason` is a key of dossiers_desk.skip_…, `said` what was found."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


def read(content: bytes) -> list[Line]:
    """Every row with a code in it, from CSV or XLSX whatever it is called. Raises Unreadable."""
    try:
        found = list(_excel(content) if content[:2] == b"PK" else _csv(content))
    except Unreadable:
        raise
    except (OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, RecursionError, SyntaxError):
        raise Unreadable(t("dossiers_desk.file_kind")) from None
    if len(found) > MOST_ROWS:
        raise Unreadable(t("dossiers_desk.file_rows", most=MOST_ROWS))
    return found


def _csv(content: bytes) -> Iterator[Line]:
    try:
        written = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(t("dossiers_desk.file_utf8")) from None
    if "\0" in written:
        raise Unreadable(t("dossiers_desk.file_kind"))
    for separator in SEPARATORS:
        found = _table(csv.reader(io.StringIO(written, newline=""), delimiter=separator))
        if found is not None:
            return iter(found)
    raise Unreadable(t("dossiers_desk.file_header"))


def _excel(content: bytes) -> Iterator[Line]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise Unreadable(t("dossiers_desk.file_rows", most=MOST_ROWS))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles nobody reads here
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            found = next((table for sheet in book.worksheets if (table := _table(sheet.iter_rows(values_only=True))) is not None), None)
        finally:
            book.close()
    if found is None:
        raise Unreadable(t("dossiers_desk.file_header"))
    return iter(found)


def _table(lines: Iterable[Sequence[object]]) -> list[Line] | None:
    """The rows below the header; None where there is no header."""
    columns: dict[int, Column] = {}
    found: list[Line] = []
    for number, line in enumerate(lines, start=1):
        if not columns:
            columns = _columns(line)
            if number > HEADER_WITHIN:
                return None
            continue
        cells = {column: cell for place, column in columns.items() if place < len(line) and (cell := _cell(line[place]))}
        if cells:
            found.append(Line(number, cells))
        if len(found) > MOST_ROWS:
            break
    return found if columns else None


def _columns(line: Sequence[object]) -> dict[int, Column]:
    found: dict[int, Column] = {}
    for place, header in enumerate(line):
        column = _KNOWN.get(text.fold(header)) if isinstance(header, str) and len(header) < 80 else None
        if column is not None and column not in found.values():
            found[place] = column
    return found if {"receipt", "received"} <= set(found.values()) else {}


def _cell(value: object) -> str:
    """One line of text; a date as it is written in Vietnam. The apostrophe that kept a cell from being a formula goes."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value < 100:
        return f"{value:.6f}"  # 1.002200, which a spreadsheet turned into a number
    said = unicodedata.normalize("NFC", str(value))[:400]
    visible = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in said)
    line = " ".join(visible.split())
    return line[1:] if line.startswith("'") and line[1:2] in _FORMULA else line


def taken(line: Line) -> Taken:
    """Raises Wrong for what cannot be kept."""
    said = line.cells.get("receipt", "")
    receipt = dossier_codes.clean(said)
    if not receipt:
        raise Wrong("code", said)
    at = _moment(line, "received")
    if at is None:
        raise Wrong("received", line.cells.get("received", ""))
    due = _moment(line, "due")
    day, state = clock.today(due) if due else None, _state(line.cells.get("state", ""))
    finished, returned = _moment(line, "finished"), _moment(line, "returned")
    if any(ended is not None and clock.today(ended) < clock.today(at) for ended in (finished, returned)):
        raise Wrong("ended_before")
    return Taken(line.number, receipt, line.cells.get("procedure", ""), at, day, state, finished, returned)


def _state(said: str) -> State | Literal[""]:
    if not said:
        return ""
    folded = text.fold(said)
    found = next((state for state, words in _STATES if words.search(folded)), None)
    if found is None:
        raise Wrong("state", said)
    return found


def _moment(line: Line, column: Column) -> dt.datetime | None:
    """Local; without a time of day it is noon, before any cut-off. Raises Wrong for what is no date."""
    said = line.cells.get(column, "")
    if not said:
        return None
    swapped = _CLOCK_FIRST.fullmatch(said)
    match = _DATE.fullmatch(f"{swapped[2]} {swapped[1]}" if swapped else said)
    if match is None:
        raise Wrong(column, said)
    parts = match.groups()
    year, month, day, hour, minute = (*reversed(parts[:3]), *parts[3:5]) if parts[0] else parts[5:]
    try:
        date = dt.date(int(year or 0), int(month or 0), int(day or 0))
        time = (int(hour), int(minute or 0)) if hour else NOON
        if not 2000 <= date.year <= 2100 or time[0] > 23 or time[1] > 59:
            raise ValueError(said)
    except ValueError:
        raise Wrong(column, said) from None
    return hours.at(date, time[0] * 60 + time[1])


# Written


def rows(found: Iterable[tuple[Dossier, str]]) -> list[list[str]]:
    """With its header; `found` are dossiers with what they are about. What is read again means the same."""
    return [[t(f"dossiers_desk.column_{name}") for name in _WRITTEN], *(_row(dossier, what) for dossier, what in found)]


_WRITTEN = ("receipt", "procedure", "name", "received", "first_due", "due", "state", "supplements", "late", "finished", "returned")


def _row(dossier: Dossier, what: str) -> list[str]:
    return [
        dossier.receipt, dossier.procedure, what, _at(dossier.received_at), _on(dossier.first_due), _on(dossier.due),
        t(f"dossiers.state_{dossier.state}"), str(dossier.supplements), t("dossiers_desk.late_yes") if dossier.late else "",
        _at(dossier.ready_at), _at(dossier.returned_at),
    ]  # fmt: skip


def _at(moment: dt.datetime | None) -> str:
    return f"{clock.local(moment):%d/%m/%Y %H:%M}" if moment is not None else ""


def _on(date: dt.date | None) -> str:
    return f"{date:%d/%m/%Y}" if date is not None else ""


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def as_csv(table: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in table)
    return b"\xef\xbb\xbf" + out.getvalue().encode()  # without the mark a spreadsheet reads UTF-8 as something else


def as_xlsx(table: Iterable[Sequence[str]]) -> bytes:
    """Every cell is text: a code such as 1.002200 stays what it is."""
    book: Any = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(t("dossiers_desk.sheet"))
    for row in table:
        sheet.append([harmless(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
