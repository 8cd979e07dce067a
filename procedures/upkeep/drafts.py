"""A record of the portal made into a draft entry: everything in it stands under `unsorted` until a person has put it where it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from procedures import text
from procedures.catalog import Catalog
from procedures.upkeep import sheets

CODE = re.compile(r"^\d{1,2}\.\d{6}$")
LONGEST_PAPER, LONGEST_STEPS = 1_500, 12_000
_HANDLERS = (("commune_police", "cong an"), ("commune_military", "quan su"), ("commune_military", "chqs"))


class NoRecord(Exception):
    """The object is no record of a procedure; the message says what is missing."""


class _Dumper(yaml.SafeDumper):
    """Long texts as blocks."""


def _written(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _written)


def of(record: Mapping[str, Any], catalog: Catalog) -> dict[str, Any]:
    """The draft of one record. `draft` and `unsorted` keep it out of the catalog; `checked.on` is left to whoever compares it.

    Raises NoRecord when there is no code or no name.
    """
    code, name = sheets.clean(record.get("code"), 40), sheets.clean(record.get("name"), 1_200)
    if not CODE.match(code) or not name:
        raise NoRecord(f"{code or 'no code'}: a record needs a code such as 1.001193 and a name")
    source = {
        key: sheets.clean(record.get(column), 300) for key, column in (("decision", "decision"), ("record", "record_seen"), ("portal", "portal_url"))
    }
    told = {
        "draft": True,
        "code": code,
        "name": name,
        "short": "",
        "field": _field(record, catalog),
        "handled_by": _handler(record),
        "checked": {key: value for key, value in source.items() if value},
        "legal_basis": [sheets.clean(number, 60) for number in _list(record.get("legal_basis"))],
        "result": sheets.clean(record.get("result"), 400),
        "unsorted": dict(_unsorted(record)),
    }
    return {key: value for key, value in told.items() if value or key == "short"}


def write(draft: Mapping[str, Any], folder: Path) -> Path:
    """The file of a draft. Raises FileExistsError: somebody may have begun to sort it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{draft['code']}.yaml"
    with file.open("x", encoding="utf-8") as made:
        made.write(yaml.dump(dict(draft), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120))
    return file


def _unsorted(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each part of the record a person has to read, in the order to read it."""
    papers = list(_papers(record))
    yield "papers", papers
    yield "methods", [_short(method) for method in _list(record.get("methods"))]
    for key in ("requirements", "steps", "warning"):
        if record.get(key):
            yield key, _lines(record[key])


def _papers(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every component, with the case it stands under; a case that is one text stays one. 0 and 0 copies is most often a note."""
    for case in _list(record.get("cases")):
        if not isinstance(case, dict):
            continue
        under = {"case": sheets.clean(case.get("case"), 300)} if case.get("case") else {}
        yield from ({**_paper(component), **under} for component in _list(case.get("components")) if isinstance(component, dict))
        if case.get("components_text"):
            yield {"text": _lines(case["components_text"]), **under}
    extra = record.get("extra")
    for name in _list(extra.get("requiredDocs")) if isinstance(extra, dict) else ():
        yield {"name": sheets.clean(name, LONGEST_PAPER)}


def _paper(component: Mapping[str, Any]) -> dict[str, Any]:
    form = sheets.clean(component.get("form_code_guess") or component.get("form_file"), 120)
    told = {"name": sheets.clean(component.get("name"), LONGEST_PAPER), "originals": _count(component.get("originals"))}
    return {**told, "copies": _count(component.get("copies")), **({"form": form} if form else {})}


def _short(method: Any) -> Any:
    """A way to hand in with its time and fee; portals put objects where others put text."""
    if not isinstance(method, dict):
        return sheets.clean(method, 300)
    return {sheets.clean(key, 40): _flat(value) for key, value in method.items() if value}


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{sheets.clean(key, 40)}: {_flat(item)}" for key, item in value.items() if item)
    if isinstance(value, list):
        return "; ".join(_flat(item) for item in value[:40])
    return sheets.clean(value, 600)


def _lines(value: Any) -> str:
    lines = (sheets.clean(line, 2_000) for line in str(value)[:LONGEST_STEPS].splitlines())
    return "\n".join(line for line in lines if line)


def _list(value: Any) -> list[Any]:
    return value[:500] if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= 9 else 0


def _field(record: Mapping[str, Any], catalog: Catalog) -> str:
    """The field that is called so; else left for a person, empty."""
    name = text.fold(sheets.clean(record.get("field"), 80))
    return next((slug for slug, known in catalog.fields.items() if text.fold(known) == name), "")


def _handler(record: Mapping[str, Any]) -> str:
    said = text.fold(sheets.clean(record.get("handler_guess") or record.get("agency"), 300))
    return next((handler for handler, words in _HANDLERS if words in said), "commune_center")
