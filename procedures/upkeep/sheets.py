"""Reads a table somebody else made (CSV, XLSX, JSON, JSON lines) into rows of named cells, whatever its columns are called."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl  # type: ignore[import-untyped]

from procedures import text

# A national list of 10,000 rows is 5 MB. What is far larger is another file, or one made to fill the memory.
MOST_BYTES = 50_000_000
MOST_UNPACKED = 500_000_000
MOST_ROWS = 100_000
# Titles and dates stand above the header of an exported list.
HEADER_WITHIN = 30
LONGEST_CELL = 4_000
SEPARATORS = ",;\t|"
# Column headers as `text.fold` leaves them. The first two columns make a row the header.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "code": (
        "ma tthc", "ma thu tuc", "ma thu tuc hanh chinh", "ma so", "ma so tthc", "ma so thu tuc", "ma so thu tuc hanh chinh", "ma",
        "code", "procedure code", "ma ho so tthc",
    ),
    "name": (
        "ten tthc", "ten thu tuc", "ten thu tuc hanh chinh", "thu tuc hanh chinh", "thu tuc", "ten", "name", "procedure name", "ten cua thu tuc",
    ),
    "field": ("linh vuc", "ten linh vuc", "linh vuc thuc hien", "field", "field name"),
    "level": ("cap thuc hien", "cap", "cap giai quyet", "cap thuc hien tthc", "cap co tham quyen", "level"),
    "agency": (
        "co quan thuc hien", "co quan giai quyet", "co quan thuc hien tthc", "don vi thuc hien", "co quan co tham quyen", "agency",
        "co quan tiep nhan", "co quan truc tiep thuc hien", "competent agency",
    ),
    "decision": ("quyet dinh cong bo", "so quyet dinh", "so quyet dinh cong bo", "quyet dinh", "qd cong bo", "decision", "so qd"),
    "status": ("trang thai", "tinh trang", "tinh trang hieu luc", "hieu luc", "trang thai hieu luc", "status"),
    "link": ("lien ket", "duong dan", "link", "url", "portal url", "duong dan chi tiet"),
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KNOWN = {header: column for column, headers in HEADERS.items() for header in headers}


class Unreadable(Exception):
    """The file is no list of procedures; the message says what was looked for."""


class Row(NamedTuple):
    """`number` as the spreadsheet or editor shows it; `cells` by the columns of HEADERS, cleaned, empty ones left out."""

    number: int
    cells: dict[str, str]


def read(file: Path) -> list[Row]:
    """All rows with anything in a known column. Raises Unreadable."""
    kind = file.suffix.lower()
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Unreadable(f"{file}: larger than {MOST_BYTES // 1_000_000} MB")
        if kind in (".json", ".jsonl", ".ndjson"):
            return _cut(_objects(file))
        return _cut(_excel(file) if kind in (".xlsx", ".xlsm") else _csv(file))
    except (OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, RecursionError) as error:
        raise Unreadable(f"{file}: cannot be read: {error}") from None


def clean(value: object, longest: int = LONGEST_CELL) -> str:
    """Text from outside made harmless: NFC, one line, no control or invisible characters, nothing a spreadsheet would calculate."""
    said = unicodedata.normalize("NFC", _spoken(value))[: 4 * longest]
    visible = "".join(" " if char.isspace() else char for char in said if char.isspace() or unicodedata.category(char)[0] != "C")
    line = " ".join(visible.split()).lstrip("=+-@*• ")
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _spoken(value: object) -> str:
    """Portals nest: {"name": …}, lists of such; spreadsheets turn 1.002200 into the number 1.0022."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return f"{value:.6f}" if value < 100 else f"{value:.0f}"
    if isinstance(value, Mapping):
        return next((_spoken(item) for key, item in value.items() if _column(str(key)) == "name"), "")
    if isinstance(value, (list, tuple)):
        return ", ".join(part for part in map(_spoken, value[:20]) if part)
    return str(value)


def _column(header: object) -> str | None:
    """The column a header means; camelCase and snake_case of a portal's JSON as well as Vietnamese with or without marks."""
    if not isinstance(header, str) or len(header) > 80:
        return None
    return _KNOWN.get(text.fold(_CAMEL.sub(" ", header))) or _KNOWN.get(text.fold(header))


def _columns(headers: Iterable[object]) -> dict[int, str]:
    """The columns by place; of two with one meaning the first."""
    found: dict[int, str] = {}
    for place, header in enumerate(headers):
        column = _column(header)
        if column and column not in found.values():
            found[place] = column
    return found


def _cut(rows: Iterable[Row]) -> list[Row]:
    found = list(itertools.islice((row for row in rows if row.cells), MOST_ROWS + 1))
    if len(found) > MOST_ROWS:
        raise Unreadable(f"more than {MOST_ROWS} rows")
    return found


def _csv(file: Path) -> Iterator[Row]:
    """Separated as its header is: official names are full of commas and semicolons, so counting them would mislead."""
    written = _decoded(file)
    for separator in SEPARATORS:
        table = _table(csv.reader(io.StringIO(written, newline=""), delimiter=separator))
        first = next(table, None)
        if first is not None:
            yield from itertools.chain([first], table)
            return
    raise Unreadable(_no_header(file.name))


def _decoded(file: Path) -> str:
    raw = file.read_bytes()
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(f"{file}: is not UTF-8; save it anew as “CSV UTF-8” or as XLSX") from None


def _excel(file: Path) -> Iterator[Row]:
    """Every sheet that has a header."""
    with zipfile.ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise Unreadable(f"{file}: unpacks to more than {MOST_UNPACKED // 1_000_000} MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and print settings nobody reads here
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            tables = [list(_table(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
        finally:
            book.close()
    if not any(tables):
        raise Unreadable(_no_header(file.name))
    yield from itertools.chain.from_iterable(tables)


def _table(lines: Iterable[Sequence[object]]) -> Iterator[Row]:
    """The rows below the header; none where there is no header."""
    columns: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        if columns:
            yield Row(number, _cells((column, line[place]) for place, column in columns.items() if place < len(line)))
            continue
        found = _columns(line)
        if {"code", "name"} <= set(found.values()):
            columns = found
        elif number > HEADER_WITHIN:
            return


def _cells(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    cleaned = ((column, clean(value)) for column, value in pairs)
    return {column: value for column, value in cleaned if value}


def _objects(file: Path) -> Iterator[Row]:
    for number, item in enumerate(records(file), start=1):
        columns: dict[str, object] = {}
        for key, value in item.items():
            columns.setdefault(_column(key) or "", value)
        columns.pop("", None)
        yield Row(number, _cells(columns.items()))


def records(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON file: an array, one object a line, or the first list of objects inside an answer of a portal."""
    if file.stat().st_size > MOST_BYTES:
        raise Unreadable(f"{file}: larger than {MOST_BYTES // 1_000_000} MB")
    written = _decoded(file)
    try:
        whole = json.loads(written)
        found = [whole] if isinstance(whole, dict) and {"code", "name"} <= set(map(_column, whole)) else _list_in(whole, 4)
    except ValueError:
        found = [json.loads(line) for line in written.splitlines() if line.strip()]
    if not found:
        raise Unreadable(f"{file}: holds no list of procedures")
    return [item for item in found if isinstance(item, dict)]


def _list_in(value: Any, depth: int) -> list[Any] | None:
    if isinstance(value, list):
        return value if any(isinstance(item, dict) for item in value) else None
    if not isinstance(value, dict) or depth == 0:
        return None
    return next((found for item in value.values() if (found := _list_in(item, depth - 1))), None)


def _no_header(name: str) -> str:
    return f"{name}: no header with a column for the code (Mã TTHC) and one for the name (Tên TTHC) in the first {HEADER_WITHIN} lines"
