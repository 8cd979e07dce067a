"""A catalog of one entry, in a folder and as a model, to be changed in one place per test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from procedures import loader
from procedures.catalog import Catalog
from procedures.errors import Problem
from procedures.models import Procedure

CODE = "1.000001"
ENTRY = """\
code: "1.000001"
name: Thủ tục thử
field: ho-tich
handled_by: commune_center
checked: {on: 2026-11-21, decision: 1/QĐ-TEST}
also: [việc thử]
questions:
  - id: proof
    ask: Có giấy báo không?
    options:
      paper: Có giấy
      none: {label: Không có, hint: mất rồi}
documents:
  - {id: form, name: Tờ khai, originals: 1}
  - {id: notice, name: Giấy báo, originals: 1, when: [{proof: paper}]}
fees: [{amount: 5000}]
time: {kind: same_day, cutoff: "15:00"}
submit: [counter]
"""
COLUMNS = "code,name,short,field,handled_by,checked_on,decision,record,portal,replaces,also"
ROW = "1.000002,Thủ tục kê sẵn,,ho-tich,commune_center,2026-11-21,2/QĐ-TEST,2026-07,,,việc kê|kê sẵn"


class Folder:
    """The catalog of ENTRY and a field; `write` adds or replaces a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.entry = self.write(f"ho-tich/{CODE}.yaml", ENTRY)
        self.write("fields.yaml", "ho-tich: Hộ tịch\n")

    def write(self, name: str, text: str | bytes) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def change(self, old: str, new: str) -> None:
        assert ENTRY.count(old) == 1, f"{old!r} does not stand once in the entry"
        self.entry.write_text(ENTRY.replace(old, new), encoding="utf-8")

    def read(self, *overlays: Path) -> tuple[Catalog, list[Problem]]:
        return loader.read(self.root, overlays)

    def problems(self, *overlays: Path) -> list[tuple[str, int, str, str]]:
        """File below the root, line, field and sentence of all that is wrong."""
        _, found = self.read(*overlays)
        return [(str(item.file.relative_to(self.root)), item.line, item.field, item.says) for item in found]


def table(*rows: str) -> str:
    return "\n".join([COLUMNS, *rows]) + "\n"


def entry(**changes: Any) -> Procedure:
    """A curated entry that may be used; `changes` replace its fields as they stand in a file."""
    fields: dict[str, Any] = {
        "code": CODE,
        "name": "Thủ tục thử",
        "field": "ho-tich",
        "handled_by": "commune_center",
        "checked": {"on": "2026-11-21", "decision": "1/QĐ-TEST"},
        "documents": [{"id": "form", "name": "Tờ khai", "originals": 1}],
        "fees": [{"amount": 0}],
        "time": {"kind": "same_day"},
        "submit": ["counter"],
    }
    return Procedure.model_validate({**fields, **changes})


def question(name: str, *options: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "ask": f"{name}?", "options": {option: f"{name} {option}" for option in options}, **more}


def document(name: str, *when: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "originals": 1, "when": list(when), **more}
