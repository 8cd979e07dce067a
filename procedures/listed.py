"""Reads the table of listed procedures, a row each; whatever is wrong with its shape is said by line."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

COLUMNS = (
    "code", "name", "short", "field", "handled_by", "checked_on", "decision", "record", "portal", "replaces", "also",
    "depth", "office", "how", "link", "by",  # written by an import: matters done elsewhere, and that nobody compared the row
)  # fmt: skip
_SOURCE = {"on": "checked_on", "decision": "decision", "record": "record", "portal": "portal", "by": "by"}
_WHERE = ("office", "how", "link")


def rows(file: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """Each row with its line: the fields of an entry, or a sentence about what is wrong. `replaces` and `also` hold several: `|`."""
    line = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:  # spreadsheets begin their UTF-8 with a mark
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            yield from ((1, f"has a column {name!r}, which means nothing") for name in header if name not in COLUMNS)
            if not header:
                yield 1, "has no line that names its columns"
            for cells in filter(None, reader):
                line = reader.line_num
                if len(cells) == len(header):
                    yield line, fields({name: unicodedata.normalize("NFC", cell).strip() for name, cell in zip(header, cells, strict=True)})
                else:
                    yield line, f"has {len(cells)} cells, the first line names {len(header)}"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield line + 1, f"cannot be read: {error}"


def fields(cell: Mapping[str, str]) -> dict[str, Any]:
    """A row as the fields of an entry."""

    def several(name: str) -> list[str]:
        return [part.strip() for part in cell.get(name, "").split("|") if part.strip()]

    return {
        "code": cell.get("code"),
        "depth": cell.get("depth") or "listed",
        "name": cell.get("name"),
        "short": cell.get("short") or None,
        "field": cell.get("field"),
        "handled_by": cell.get("handled_by"),
        "checked": {key: cell.get(column) or None for key, column in _SOURCE.items()},
        "where": {column: cell[column] for column in _WHERE if cell.get(column)} or None,
        "replaces": several("replaces"),
        "also": several("also"),
    }
