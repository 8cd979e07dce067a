"""Reads the catalog's files into a Catalog; whatever is wrong in them is named by file, line and field."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from procedures import cache, rules
from procedures.catalog import Catalog
from procedures.errors import CatalogError, Problem
from procedures.models import Ambiguous, LifeEvent, Overlay, Procedure

DATA = Path(__file__).parent / "data"
T = TypeVar("T")
FieldPath = Sequence[str | int]


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's booleans only: `on`, `yes` and `no` are words in this catalog."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


@dataclass
class _Reading:
    """What has been read so far, and what was wrong with it."""

    procedures: dict[str, Procedure] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, file: Path, path: FieldPath, says: str, *, line: int | None = None) -> None:
        where = _line_of(file, path) if line is None else line
        self.problems.append(Problem(file, where, ".".join(str(step) for step in path), says))


def load(data: Path = DATA, overlays: Iterable[Path] = (), cache_dir: Path | None = None) -> Catalog:
    """The catalog of `data` with `overlays` laid over it. Raises CatalogError with every problem found.

    With `cache_dir` a catalog that was read before, unchanged, is taken from there: reading and proving all entries takes
    seconds, the cached copy milliseconds.
    """
    roots = [data, *overlays]
    version = cache.version(roots)
    kept = cache.read(cache_dir, version) if cache_dir else None
    if kept is not None:
        return kept
    catalog, problems = read(data, overlays)
    if problems:
        raise CatalogError(problems)
    if cache_dir:
        cache.write(cache_dir, catalog)
    return catalog


def read(data: Path = DATA, overlays: Iterable[Path] = ()) -> tuple[Catalog, list[Problem]]:
    """Everything that could be read, and everything that was wrong. `motcua catalog check` shows the latter."""
    overlays = list(overlays)
    reading = _Reading()
    for root in [data, *(overlay for overlay in overlays if overlay.is_dir())]:
        _read_entries(reading, root)
    for overlay in overlays:
        _lay_over(reading, overlay / "overlay.yaml" if overlay.is_dir() else overlay)
    catalog = Catalog(
        version=cache.version([data, *overlays]),
        procedures={code: entry.model_copy(update={"version": cache.entry_version(entry)}) for code, entry in reading.procedures.items()},
        fields=_read_as(reading, data / "fields.yaml", dict[str, str]) or {},
        life_events={event.id: event for event in _read_folder(reading, data / "life_events", LifeEvent)},
        ambiguous=tuple(_read_lists(reading, data / "phrases" / "ambiguous", Ambiguous)),
        nothing=tuple(_read_lists(reading, data / "phrases" / "nothing", str)),
        concepts=tuple(_read_as(reading, data / "words" / "concepts.yaml", tuple[tuple[str, ...], ...]) or ()),
        abbreviations=_read_as(reading, data / "words" / "abbreviations.yaml", dict[str, str]) or {},
    )
    _check_references(reading, catalog, data)
    return catalog, reading.problems


def _read_entries(reading: _Reading, root: Path) -> None:
    for file in sorted(root.glob("*/*.yaml")):
        if file.parent.name in ("elsewhere", "life_events", "phrases", "words"):
            continue
        entry = _read_as(reading, file, Procedure)
        if entry is None:
            continue
        if file.stem != entry.code:
            reading.problem(file, ["code"], f"is {entry.code}, but the file is named {file.stem}")
        if file.parent.name != entry.field:
            reading.problem(file, ["field"], f"is {entry.field}, but the folder is {file.parent.name}")
        for path, says in rules.findings(entry):
            reading.problem(file, path, says)
        _add(reading, entry, file)
    for file in sorted((root / "elsewhere").glob("*.yaml")):
        for index, entry in enumerate(_read_as(reading, file, tuple[Procedure, ...], _as_elsewhere) or ()):
            for path, says in rules.findings(entry):
                reading.problem(file, [index, *path], says)
            _add(reading, entry, file, index)
    for file in sorted(root.glob("listed*.csv")):
        _read_listed(reading, file)


def _as_elsewhere(raw: Any) -> Any:
    """A file of matters done elsewhere is a list; what all of them share is filled in here."""
    if not isinstance(raw, list):
        return raw
    shared = {"depth": "elsewhere", "handled_by": "elsewhere"}
    return [{**shared, **item} if isinstance(item, dict) else item for item in raw]


def _add(reading: _Reading, entry: Procedure, file: Path, index: int | None = None) -> None:
    """Hand-written entries win over listed ones; otherwise a code may stand only once."""
    other = reading.files.get(entry.code)
    if other is not None and entry.depth == "listed":
        return
    if other is not None and reading.procedures[entry.code].depth != "listed":
        reading.problem(file, ["code"] if index is None else [index, "code"], f"{entry.code} stands already in {other}")
        return
    reading.procedures[entry.code] = entry
    reading.files[entry.code] = file


def _read_listed(reading: _Reading, file: Path) -> None:
    """Columns: code, name, short, field, handled_by, checked_on, decision, record, portal, replaces, also (several: `|`)."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reading.problem(file, [], f"cannot be read: {error}", line=1)
        return
    for number, row in enumerate(rows, start=2):
        cell = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str) and not isinstance(value, list)}
        try:
            entry = Procedure.model_validate(_listed(cell))
        except ValidationError as error:
            for path, says in _reasons(error):
                reading.problem(file, path, says, line=number)
            continue
        _add(reading, entry, file)


def _listed(cell: dict[str, str]) -> dict[str, Any]:
    def several(name: str) -> list[str]:
        return [part.strip() for part in cell.get(name, "").split("|") if part.strip()]

    checked = {key: cell.get(column) or None for key, column in (("on", "checked_on"), ("decision", "decision"), ("record", "record"), ("portal", "portal"))}
    return {
        "code": cell.get("code"),
        "depth": "listed",
        "name": cell.get("name"),
        "short": cell.get("short") or None,
        "field": cell.get("field"),
        "handled_by": cell.get("handled_by"),
        "checked": checked,
        "replaces": several("replaces"),
        "also": several("also"),
    }


def _lay_over(reading: _Reading, file: Path) -> None:
    overlay = _read_as(reading, file, Overlay)
    if overlay is None:
        return
    for code, change in overlay.procedures.items():
        entry = reading.procedures.get(code)
        if entry is None:
            reading.problem(file, ["procedures", code], "names a procedure the catalog does not hold")
            continue
        laid = {"notes": (*entry.notes, *change.notes), "overlay": f"{overlay.name}, {overlay.decision}"}
        laid |= {name: value for name, value in (("fees", change.fees), ("time", change.time)) if value is not None}
        changed = entry.model_copy(update=laid)
        for path, says in rules.findings(changed):
            reading.problem(file, ["procedures", code, *path], says)
        reading.procedures[code] = changed


def _check_references(reading: _Reading, catalog: Catalog, data: Path) -> None:
    """Codes named by other entries must exist, and so must the fields."""
    known = set(catalog.procedures) | set(catalog.old_codes)
    for code, entry in catalog.procedures.items():
        file = reading.files[code]
        if catalog.fields and entry.field not in catalog.fields:
            reading.problem(file, ["field"], f"{entry.field} is not in fields.yaml")
        for path, named in _named_codes(entry):
            if named not in known:
                reading.problem(file, path, f"names {named}, which the catalog does not hold")
        for index, following in enumerate(entry.next):
            if following.life_event and following.life_event not in catalog.life_events:
                reading.problem(file, ["next", index, "life_event"], f"names {following.life_event}, which does not exist")
    for event in catalog.life_events.values():
        for index, step in enumerate(event.steps):
            if step.code not in known:
                reading.problem(data / "life_events" / f"{event.id}.yaml", ["steps", index], f"names {step.code}, which the catalog does not hold")
    for item in catalog.ambiguous:
        for code in item.choices:
            if code not in known:
                reading.problem(data / "phrases" / "ambiguous", [item.text], f"names {code}, which the catalog does not hold", line=1)


def _named_codes(entry: Procedure) -> Iterator[tuple[FieldPath, str]]:
    if entry.valid.replaced_by:
        yield ("valid", "replaced_by"), entry.valid.replaced_by
    for index, question in enumerate(entry.questions):
        for key, option in question.options:
            if option.goes_to:
                yield ("questions", index, "options", key), option.goes_to
    for index, following in enumerate(entry.next):
        for code in following.codes:
            yield ("next", index, "codes"), code


def _read_folder(reading: _Reading, folder: Path, kind: type[T]) -> list[T]:
    found = [_read_as(reading, file, kind) for file in sorted(folder.glob("*.yaml"))]
    return [item for item in found if item is not None]


def _read_lists(reading: _Reading, folder: Path, kind: type[T]) -> list[T]:
    lists = [_read_as(reading, file, tuple[kind, ...]) for file in sorted(folder.glob("*.yaml"))]  # type: ignore[valid-type]
    return [item for items in lists if items for item in items]


def _read_as(reading: _Reading, file: Path, kind: type[T], prepare: Callable[[Any], Any] | None = None) -> T | None:
    """The file as `kind`, or None after noting what is wrong. A missing optional file is simply None."""
    if not file.exists():
        return None
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reading.problem(file, [], f"is not YAML: {getattr(error, 'problem', None) or error}", line=mark.line + 1 if mark else 1)
        return None
    except (OSError, UnicodeDecodeError) as error:
        reading.problem(file, [], f"cannot be read: {error}", line=1)
        return None
    try:
        return TypeAdapter(kind).validate_python(prepare(raw) if prepare else raw)
    except ValidationError as error:
        for path, says in _reasons(error):
            reading.problem(file, path, says)
        return None


def _reasons(error: ValidationError) -> Iterator[tuple[FieldPath, str]]:
    for item in error.errors(include_url=False):
        given = item.get("input")
        shown = f" (given: {given!r:.60})" if isinstance(given, (str, int, float, bool)) else ""
        yield item["loc"], item["msg"] + shown


def _line_of(file: Path, path: FieldPath) -> int:
    """The line a field stands on, as near as the file allows; 1 when it cannot be told."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except (yaml.YAMLError, OSError, UnicodeDecodeError):
        return 1
    line = 1
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        for position, (key, value) in enumerate(node.value):
            # Options are a mapping in the file and numbered pairs in the model.
            if key.value == str(step) or position == step:
                return value
    return None
