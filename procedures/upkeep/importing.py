"""Lays a whole official list over the catalog of one installation, as listed and elsewhere entries that never displace a hand-written one."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from procedures import listed, text
from procedures.catalog import Catalog
from procedures.models import IMPORTED, Procedure
from procedures.upkeep import sheets

TABLE, FIELDS = "imported.csv", "fields.yaml"
# The longest official name known is 1,094 characters.
LONGEST_NAME, LONGEST_AGENCY, LONGEST_FIELD, LONGEST_DECISION = 1_200, 300, 80, 120
Reason = Literal["curated", "listed", "elsewhere", "replaced", "no_code", "bad_code", "duplicate", "no_name", "level", "repealed", "bad_row"]
Level = Literal["commune", "province", "ministry", "other"]
# A provincial portal appends its own number: 1.001193.000.00.00.H13.
_CODE = re.compile(r"^(\d{1,2}\.\d{6})(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{1,3})?$")
_WEB = re.compile(r"^https?://[^\s\"'<>]+$")
_REPEALED = re.compile(r"\b(bai bo|het hieu luc|huy cong khai|ngung hieu luc|khong con hieu luc|da huy)\b")
_LEVELS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("commune", re.compile(r"\b(xa|phuong|dac khu)\b")),
    ("province", re.compile(r"\b(tinh|thanh pho|so)\b")),
    ("ministry", re.compile(r"\b(bo|trung uong|nganh doc)\b")),
    ("other", re.compile(r"\b(co quan khac|huyen|quan|khac)\b")),
)
# "Cấp xã" on the portal also marks units of customs, tax, treasury, social insurance and the border guard.
_NOT_THE_COMMUNE = re.compile(r"\b(hai quan|thue|kho bac|bao hiem xa hoi|bien phong|cang vu|ngan hang|kiem lam|toa an|thi hanh an)\b")
_THE_COMMUNE = re.compile(
    r"\b(cap xa|ubnd xa|ubnd phuong|uy ban nhan dan (?:cac )?(?:xa|phuong|dac khu)|phuc vu hanh chinh cong"
    r"|(?:cong an|ban chi huy quan su) (?:cap )?(?:xa|phuong))\b"
)
_POLICE, _MILITARY = re.compile(r"\bcong an (?:cap )?(?:xa|phuong)\b"), re.compile(r"\b(?:quan su|chqs) (?:cap )?(?:xa|phuong)\b")


@dataclass(frozen=True)
class Words:
    """What a citizen reads in an imported entry. `how` has a place {code}; the offices stand in where the list names none."""

    how: str
    offices: Mapping[str, str]
    other_field: str


@dataclass(frozen=True)
class Skipped:
    """A row that was not taken. `detail`: the entry that wins, or what was found in the cell."""

    line: int
    code: str
    name: str
    reason: Reason
    detail: str = ""


@dataclass
class Report:
    """What became of every row: `rows` = taken + skipped."""

    rows: int = 0
    taken: list[Procedure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[str]:
        return Counter(skipped.reason for skipped in self.skipped)


class _Refused(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail


def sort(rows: Iterable[sheets.Row], catalog: Catalog, words: Words, *, source: str, today: dt.date) -> Report:
    """Every row taken or skipped with its reason. `catalog` is what stands already, without an earlier import of this list."""
    sorter = _Sorter(catalog, words, source, today)
    report = Report()
    for row in rows:
        report.rows += 1
        try:
            report.taken.append(sorter.entry(row.cells))
        except _Refused as refused:
            cells = row.cells
            report.skipped.append(Skipped(row.number, cells.get("code", ""), cells.get("name", "")[:120], refused.reason, refused.detail))
    used = {entry.field for entry in report.taken}
    report.fields = {slug: name for slug, name in sorter.fields.added.items() if slug in used}
    return report


class _Sorter:
    """What one run knows: the catalog, the fields met, the codes taken."""

    def __init__(self, catalog: Catalog, words: Words, source: str, today: dt.date) -> None:
        self._catalog, self._words = catalog, words
        self._shared = {"checked_on": today.isoformat(), "record": source, "by": IMPORTED}
        self._handlers = _usual_handlers(catalog)
        self._seen: set[str] = set()
        self.fields = _Fields(catalog.fields, words.other_field)

    def entry(self, cells: Mapping[str, str]) -> Procedure:
        code = _code(cells.get("code", ""), self._catalog, self._seen)
        name = sheets.clean(cells.get("name", ""), LONGEST_NAME)
        if not name:
            raise _Refused("no_name")
        if _REPEALED.search(text.fold(cells.get("status", ""))) or "bãi bỏ)" in name.lower():
            raise _Refused("repealed", cells.get("status", "")[:60])
        decision = sheets.clean(cells.get("decision", ""), LONGEST_DECISION)
        cell = {**self._shared, "code": code, "name": name, "decision": decision, **self._handled(code, cells)}
        try:
            entry = Procedure.model_validate(listed.fields(cell))
        except ValidationError as error:
            raise _Refused("bad_row", str(error.errors()[0]["msg"])) from None
        self._seen.add(code)
        return entry

    def _handled(self, code: str, cells: Mapping[str, str]) -> dict[str, str]:
        """Field, depth, and who handles it or where else to go."""
        agency = sheets.clean(cells.get("agency", ""), LONGEST_AGENCY)
        level = _level(cells.get("level", ""), agency)
        slug = self.fields.slug(sheets.clean(cells.get("field", ""), LONGEST_FIELD))
        link = cells.get("link", "") if _WEB.match(cells.get("link", "")) else ""
        if level == "commune":
            return {"field": slug, "depth": "listed", "handled_by": _handler(agency, self._handlers.get(slug)), "portal": link}
        where = {"office": agency or self._words.offices[level], "how": self._words.how.format(code=code), "link": link}
        return {"field": slug, "depth": "elsewhere", "handled_by": "elsewhere", **where}


def _code(given: str, catalog: Catalog, seen: set[str]) -> str:
    given = given.replace(" ", "")
    match = _CODE.match(given)
    if match is None:
        raise _Refused("bad_code" if given else "no_code", given[:40])
    code = match[1]
    standing = catalog.procedures.get(code)
    if standing is not None:
        raise _Refused(standing.depth, standing.title)
    if catalog.successor(code) != code:
        raise _Refused("replaced", catalog.successor(code))
    if code in seen:
        raise _Refused("duplicate")
    return code


def _level(level: str, agency: str) -> Level:
    """Where the matter is handled: by the level the list names, else by the office."""
    office, found = text.fold(agency), text.fold(level)
    named: list[Level] = [name for name, pattern in _LEVELS if pattern.search(found)]
    if not named:
        if _THE_COMMUNE.search(office):
            return "commune"
        if office:
            return "other"
        raise _Refused("level", level[:60])
    if named[0] == "commune" and _NOT_THE_COMMUNE.search(office) and not _THE_COMMUNE.search(office):
        return "other"
    return named[0]


def _handler(agency: str, usual: str | None) -> str:
    office = text.fold(agency)
    if _POLICE.search(office):
        return "commune_police"
    if _MILITARY.search(office):
        return "commune_military"
    return "commune_center" if office or usual is None else usual


def _usual_handlers(catalog: Catalog) -> dict[str, str]:
    """Who handles most entries of a field, for lists that name no office."""
    counts: dict[str, Counter[str]] = {}
    for entry in catalog.procedures.values():
        if entry.depth != "elsewhere":
            counts.setdefault(entry.field, Counter())[entry.handled_by] += 1
    return {slug: count.most_common(1)[0][0] for slug, count in counts.items()}


class _Fields:
    """The slug of a field by its name as lists write it; a new one where the catalog has none."""

    def __init__(self, known: Mapping[str, str], other: str) -> None:
        self._slugs = {text.fold(name): slug for slug, name in known.items()}
        self._taken = set(known)
        self._other = other
        self.added: dict[str, str] = {}

    def slug(self, name: str) -> str:
        name = name or self._other
        folded = text.fold(name)
        if folded not in self._slugs:
            slug = self._new(folded)
            self._slugs[folded] = slug
            self.added.setdefault(slug, name)
        return self._slugs[folded]

    def _new(self, folded: str) -> str:
        words = re.sub(r"[^a-z]+", "-", folded).strip("-")
        short = words if len(words) <= 28 else words[:28].rpartition("-")[0] or words[:28]
        short = short if len(short) > 1 else "khac"
        if short in self._taken and short not in self.added:
            return short  # the field is known under a longer name
        tail = next(tail for tail in ("", *(f"-{letter}" for letter in "bcdeghiklmnopqrstuvxy")) if short + tail not in self.added)
        return short + tail


def write(report: Report, folder: Path) -> None:
    """The overlay of this import: one table and the names of its new fields. An earlier import in the folder is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{TABLE}.{os.getpid()}"
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, listed.COLUMNS)
        writer.writeheader()
        writer.writerows(_row(entry) for entry in report.taken)
    names = folder / f"{FIELDS}.{os.getpid()}"
    names.write_text(yaml.safe_dump(report.fields, allow_unicode=True, sort_keys=True), encoding="utf-8")
    names.replace(folder / FIELDS)
    table.replace(folder / TABLE)


def _row(entry: Procedure) -> dict[str, str]:
    where = entry.where.model_dump(exclude_none=True) if entry.where else {}
    source = {"decision": entry.checked.decision, "record": entry.checked.record, "portal": entry.checked.portal, "by": entry.checked.by}
    return {
        "code": entry.code,
        "depth": entry.depth,
        "name": entry.name,
        "field": entry.field,
        "handled_by": entry.handled_by,
        "checked_on": entry.checked.on.isoformat(),
        **{column: value for column, value in source.items() if value},
        **{column: where[column] for column in ("office", "how", "link") if column in where},
    }
