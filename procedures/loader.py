"""Reads the catalog's files into a Catalog; whatever is wrong in them is named by file, line and field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from procedures import cache, dialect, listed, rules
from procedures.catalog import Catalog
from procedures.errors import CatalogError, Problem
from procedures.models import Ambiguous, LifeEvent, Overlay, Procedure

DATA = Path(__file__).parent / "data"
# What provinces set, shipped as examples: MOTCUA_OVERLAYS may name them by their folder alone.
OVERLAYS = Path(__file__).parent / "overlays"
T = TypeVar("T")


@dataclass(frozen=True)
class _Place:
    """Where something stands: its file, the way to it inside, and its line where the file is a table."""

    file: Path
    path: dialect.FieldPath = ()
    line: int | None = None


@dataclass
class _Reading:
    """What has been read so far, and what was wrong with it."""

    procedures: dict[str, Procedure] = field(default_factory=dict)
    places: dict[str, _Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, place: _Place | Path, path: dialect.FieldPath, says: str, *, line: int | None = None) -> None:
        """Note what is wrong with the field at `path` of what stands at `place`."""
        if isinstance(place, Path):
            place = _Place(place, line=line)
        found, spoken = dialect.located(place.file, [*place.path, *path])
        self.problems.append(Problem(place.file, place.line or found, spoken, says))


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


def shipped(overlay: Path) -> Path:
    """The overlay itself, or the one of that name that comes with the catalog."""
    ours = OVERLAYS / overlay
    return ours if len(overlay.parts) == 1 and not overlay.exists() and ours.exists() else overlay


def read(data: Path = DATA, overlays: Iterable[Path] = ()) -> tuple[Catalog, list[Problem]]:
    """Everything that could be read, and everything that was wrong. `motcua catalog check` shows the latter."""
    overlays = list(overlays)
    reading = _Reading()
    for missing in (root for root in [data, *overlays] if not root.exists()):
        reading.problem(missing, [], "does not exist", line=1)
    for root in [data, *(overlay for overlay in overlays if overlay.is_dir())]:
        _read_entries(reading, root)
    for overlay in overlays:
        _read_imported(reading, overlay / "imported.csv")
    for overlay in overlays:
        _lay_over(reading, overlay / "overlay.yaml" if overlay.is_dir() else overlay)
    ambiguous = _read_lists(reading, data / "phrases" / "ambiguous", Ambiguous)
    catalog = Catalog(
        version=cache.version([data, *overlays]),
        procedures={code: entry.model_copy(update={"version": cache.entry_version(entry)}) for code, entry in reading.procedures.items()},
        fields=_read_fields(reading, [*overlays, data]),
        life_events={event.id: event for event in _read_life_events(reading, data / "life_events")},
        ambiguous=tuple(item for _, item in ambiguous),
        nothing=tuple(item for _, item in _read_lists(reading, data / "phrases" / "nothing", str)),
        concepts=tuple(_read_as(reading, data / "words" / "concepts.yaml", tuple[tuple[str, ...], ...]) or ()),
        abbreviations=_read_as(reading, data / "words" / "abbreviations.yaml", dict[str, str]) or {},
    )
    _check_references(reading, catalog)
    _check_life_events(reading, catalog, data / "life_events")
    _check_ambiguous(reading, catalog, ambiguous)
    return catalog, reading.problems


def _read_entries(reading: _Reading, root: Path) -> None:
    for file in sorted(root.glob("*/*.yaml")):
        if file.parent.name == "elsewhere":
            for index, entry in enumerate(_read_as(reading, file, tuple[Procedure, ...], _as_elsewhere) or ()):
                _take(reading, entry, _Place(file, (index,)))
        elif file.parent.name not in ("life_events", "phrases", "words"):
            _read_curated(reading, file)
    for file in sorted(root.glob("listed*.csv")):
        _read_listed(reading, file)


def _read_curated(reading: _Reading, file: Path) -> None:
    entry = _read_as(reading, file, Procedure, refuse=rules.unfinished)
    if entry is None:
        return
    if file.stem != entry.code:
        reading.problem(file, ["code"], f"is {entry.code}, but the file is named {file.stem}")
    if file.parent.name != entry.field:
        reading.problem(file, ["field"], f"is {entry.field}, but the folder is {file.parent.name}")
    _take(reading, entry, _Place(file))


def _take(reading: _Reading, entry: Procedure, place: _Place) -> None:
    for path, says in rules.findings(entry):
        reading.problem(place, path, says)
    _add(reading, entry, place)


def _as_elsewhere(raw: Any) -> Any:
    """A file of matters done elsewhere is a list; what all of them share is filled in here."""
    if not isinstance(raw, list):
        return raw
    shared = {"depth": "elsewhere", "handled_by": "elsewhere"}
    return [{**shared, **item} if isinstance(item, dict) else item for item in raw]


def _add(reading: _Reading, entry: Procedure, place: _Place) -> None:
    """Hand-written entries win over listed ones; otherwise a code may stand only once."""
    other = reading.procedures.get(entry.code)
    if other is not None and entry.depth == "listed" and other.depth != "listed":
        return
    if other is not None and (other.depth != "listed" or entry.depth == "listed"):
        reading.problem(place, ["code"], f"{entry.code} stands already in {reading.places[entry.code].file}")
        return
    reading.procedures[entry.code] = entry
    reading.places[entry.code] = place


def _read_listed(reading: _Reading, file: Path) -> None:
    for entry, place in _read_rows(reading, file):
        _add(reading, entry, place)


def _read_imported(reading: _Reading, file: Path) -> None:
    """Rows of an imported list only fill gaps: what stands already, or replaced the code, wins."""
    if not file.exists():
        return
    standing = {*reading.procedures, *(old for entry in reading.procedures.values() for old in entry.replaces)}
    for entry, place in _read_rows(reading, file):
        if entry.code not in standing:
            _take(reading, entry, place)


def _read_rows(reading: _Reading, file: Path) -> Iterator[tuple[Procedure, _Place]]:
    for line, row in listed.rows(file):
        if isinstance(row, str):
            reading.problem(file, [], row, line=line)
            continue
        try:
            yield Procedure.model_validate(row), _Place(file, line=line)
        except ValidationError as error:
            for path, says in _reasons(error):
                reading.problem(file, path, says, line=line)


def _read_fields(reading: _Reading, roots: Iterable[Path]) -> dict[str, str]:
    """Names of fields. An overlay may bring some of its own; the catalog's own names win and come first."""
    read = [_read_as(reading, root / "fields.yaml", dict[str, str]) or {} for root in roots]
    return read[-1] | {slug: name for names in read for slug, name in names.items() if slug not in read[-1]}


def _lay_over(reading: _Reading, file: Path) -> None:
    overlay = _read_as(reading, file, Overlay)
    if overlay is None:
        return
    for code, change in overlay.procedures.items():
        entry = reading.procedures.get(code)
        if entry is None:
            reading.problem(file, ["procedures", code], "names a procedure the catalog does not hold")
            continue
        source = "; ".join(filter(None, (entry.overlay, f"{overlay.name}, {overlay.decision}")))
        laid: dict[str, Any] = {"notes": (*entry.notes, *change.notes), "overlay": source}
        laid |= {name: value for name, value in (("fees", change.fees), ("time", change.time)) if value is not None}
        changed = entry.model_copy(update=laid)
        for path, says in rules.findings(changed):
            reading.problem(file, ["procedures", code, *path], says)
        reading.procedures[code] = changed


def _check_references(reading: _Reading, catalog: Catalog) -> None:
    """Codes named by other entries must exist, and so must the fields."""
    for code, entry in catalog.procedures.items():
        place = reading.places[code]
        if catalog.fields and entry.field not in catalog.fields:
            reading.problem(place, ["field"], f"{entry.field} is not in fields.yaml")
        for path, named in _named_codes(entry):
            if not catalog.knows(named):
                reading.problem(place, path, f"names {named}, which the catalog does not hold")
        for index, following in enumerate(entry.next):
            if following.life_event and following.life_event not in catalog.life_events:
                reading.problem(place, ["next", index, "life_event"], f"names {following.life_event}, which does not exist")


def _check_life_events(reading: _Reading, catalog: Catalog, folder: Path) -> None:
    for event in catalog.life_events.values():
        for index, step in enumerate(event.steps):
            if not catalog.knows(step.code):
                reading.problem(folder / f"{event.id}.yaml", ["steps", index], f"names {step.code}, which the catalog does not hold")


def _check_ambiguous(reading: _Reading, catalog: Catalog, items: Iterable[tuple[_Place, Ambiguous]]) -> None:
    for place, item in items:
        for code in item.choices:
            if not catalog.knows(code):
                reading.problem(place, ["choices"], f"{item.text!r} names {code}, which the catalog does not hold")


def _named_codes(entry: Procedure) -> Iterator[tuple[dialect.FieldPath, str]]:
    if entry.valid.replaced_by:
        yield ("valid", "replaced_by"), entry.valid.replaced_by
    for index, question in enumerate(entry.questions):
        for key, option in question.options:
            if option.goes_to:
                yield ("questions", index, "options", key), option.goes_to
    for index, following in enumerate(entry.next):
        for code in following.codes:
            yield ("next", index, "codes"), code


def _read_life_events(reading: _Reading, folder: Path) -> Iterator[LifeEvent]:
    for file in sorted(folder.glob("*.yaml")):
        event = _read_as(reading, file, LifeEvent)
        if event is not None and event.id != file.stem:
            reading.problem(file, ["id"], f"is {event.id}, but the file is named {file.stem}")
        elif event is not None:
            yield event


def _read_lists(reading: _Reading, folder: Path, kind: type[T]) -> list[tuple[_Place, T]]:
    """The items of every list in the folder, each with where it stands."""
    files = sorted(folder.glob("*.yaml"))
    lists = ((file, _read_as(reading, file, tuple[kind, ...])) for file in files)  # type: ignore[valid-type]
    return [(_Place(file, (index,)), item) for file, items in lists for index, item in enumerate(items or ())]


def _read_as(
    reading: _Reading,
    file: Path,
    kind: type[T],
    prepare: Callable[[Any], Any] | None = None,
    refuse: Callable[[Any], Iterable[rules.Finding]] | None = None,
) -> T | None:
    """The file as `kind`, or None after noting what is wrong. A missing optional file is simply None."""
    if not file.exists():
        return None
    try:
        raw = dialect.parse(file.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reading.problem(file, [], f"is not YAML: {getattr(error, 'problem', None) or error}", line=mark.line + 1 if mark else 1)
        return None
    except (OSError, UnicodeDecodeError) as error:
        reading.problem(file, [], f"cannot be read: {error}", line=1)
        return None
    refusals = list(refuse(raw)) if refuse else []
    if refusals:
        for field_path, says in refusals:
            reading.problem(file, field_path, says)
        return None
    try:
        return TypeAdapter(kind).validate_python(prepare(raw) if prepare else raw)
    except ValidationError as error:
        for path, says in _reasons(error):
            reading.problem(file, path, says)
        return None


def _reasons(error: ValidationError) -> Iterator[tuple[dialect.FieldPath, str]]:
    for item in error.errors(include_url=False):
        given = item.get("input")
        shown = f" (given: {given!r:.60})" if isinstance(given, (str, int, float, bool)) else ""
        yield item["loc"], item["msg"] + shown
