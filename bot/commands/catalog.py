"""`motcua catalog check|stats|show|import|diff|report|draft|misses|proposals`."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from bot import clock, errors, late, settings
from bot.commands import single
from bot.settings import Settings
from bot.texts import t
from procedures import loader
from procedures.catalog import Catalog

app = typer.Typer(help="Check, count and show the catalog, and keep it true.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="For machines")]


@app.command()
def check(data: Annotated[Path, typer.Option(help="The folder of the catalog")] = loader.DATA) -> None:
    """Everything wrong, one line each, by file, line and field. Exit 0 when nothing is."""
    if not data.is_dir():
        raise errors.MotCuaError(f"{data} is not a folder")
    _, problems = loader.read(data, settings.read().overlays)
    for problem in problems:
        print(problem)
    if problems:
        raise typer.Exit(1)
    print("catalog: no problem found")


@app.command()
def stats(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """How many entries of each depth, how many phrases, which fields."""
    chosen = settings.read()
    counted = loader.load(overlays=chosen.overlays, cache_dir=chosen.cache_dir).stats(clock.today(clock.now()))
    if as_json:
        print(json.dumps(counted, ensure_ascii=False))
    else:
        print(yaml.safe_dump(counted, allow_unicode=True, sort_keys=False).rstrip())


@app.command()
def show(code: Annotated[str, typer.Argument(help="Code of the procedure")]) -> None:
    """One entry as it was read, overlays included."""
    chosen = settings.read()
    entry = loader.load(overlays=chosen.overlays, cache_dir=chosen.cache_dir).get(code)
    if entry is None:
        raise errors.MotCuaError(f"no procedure has the code {code}")
    told = entry.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    print(yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=140).rstrip())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, JSON or JSON lines, as a portal gives it out")],
    into: Annotated[Path | None, typer.Option(help="The folder of the overlay to write; else the one this installation uses by itself")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, write nothing")] = False,
    as_json: Json = False,
) -> None:
    """Lay an official list over the catalog: names, fields and offices of what nobody has written by hand."""
    importing, sheets, words = (late.load(name) for name in ("procedures.upkeep.importing", "procedures.upkeep.sheets", "bot.commands.upkeep_words"))
    chosen = settings.read()
    folder = into or chosen.imported
    standing = _load(chosen, without=folder)
    try:
        rows = sheets.read(file)
    except sheets.Unreadable as error:
        raise errors.MotCuaError(str(error)) from None
    report = importing.sort(rows, standing, words.import_words(), source=file.name[:80], today=clock.today(clock.now()))
    if not dry_run:
        importing.write(report, folder)
        _make_ready()
    if as_json:
        _print_json(words.import_facts(report))
        return
    print("\n".join(words.imported(report, file.name)))
    used = folder.resolve() in {overlay.resolve() for overlay in (chosen.imported, *chosen.overlays)}
    print(t("upkeep.import_dry") if dry_run else t(f"upkeep.import_{'used' if used else 'unused'}", folder=folder))


def _make_ready() -> None:
    """Prove the catalog with what was imported and keep it and its index, so that the service starts in no time."""
    chosen = settings.read()
    late.load("procedures.search").build(_load(chosen), chosen.cache_dir)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A folder of the catalog, or a revision of git")],
    new: Annotated[str, typer.Argument(help="The same; without it, the catalog as it is")] = "",
    as_json: Json = False,
) -> None:
    """What changed between two versions of the catalog, in words a clerk understands."""
    differences, words = late.load("procedures.upkeep.differences"), late.load("bot.commands.upkeep_words")
    found = differences.between(_version(old), _version(new or str(loader.DATA)), today=clock.today(clock.now()))
    if as_json:
        _print_json([words.difference_facts(difference) for difference in found])
    else:
        print("\n".join(words.differences(found)))


@app.command()
def report(
    unchecked_days: Annotated[int, typer.Option(min=0, help="Entries nobody compared with the record for so long")] = 180,
    ending_days: Annotated[int, typer.Option(min=0, help="Entries and sources that end within so many days")] = 120,
    as_json: Json = False,
) -> None:
    """What a person has to look at: unchecked for long, ending soon, resting on repealed documents, without a successor."""
    review, words = late.load("procedures.upkeep.review"), late.load("bot.commands.upkeep_words")
    catalog, today = _load(settings.read()), clock.today(clock.now())
    found = review.report(catalog, review.documents(), today=today, unchecked_days=unchecked_days, ending_days=ending_days)
    if as_json:
        _print_json(words.report_facts(found))
    else:
        print("\n".join(words.report(found, unchecked_days=unchecked_days, ending_days=ending_days)))


@app.command()
def draft(
    file: Annotated[Path, typer.Argument(help="Records of the portal: a JSON object, an array, or one object a line")],
    code: Annotated[list[str] | None, typer.Option(help="Only this code; may be repeated")] = None,
    into: Annotated[Path | None, typer.Option(help="The folder for the drafts; else `drafts` in the data folder")] = None,
) -> None:
    """Make a draft entry out of a record. It cannot be published before a person has sorted its papers."""
    drafts, sheets = late.load("procedures.upkeep.drafts"), late.load("procedures.upkeep.sheets")
    chosen = settings.read()
    catalog, _ = loader.read(loader.DATA, chosen.overlays)
    try:
        records = [record for record in sheets.records(file) if not code or record.get("code") in code]
    except (sheets.Unreadable, OSError, ValueError) as error:
        raise errors.MotCuaError(f"{file}: {error}") from None
    if not records:
        raise errors.MotCuaError(f"{file}: holds no record{' of ' + ', '.join(code) if code else ''}")
    for record in records:
        try:
            made = drafts.of(record, catalog)
            written = drafts.write(made, into or chosen.data_dir / "drafts")
        except drafts.NoRecord as error:
            print(error)
            continue
        except FileExistsError as error:
            print(t("upkeep.draft_exists", file=error.filename))
            continue
        print(t("upkeep.draft_written", file=written, papers=len(made["unsorted"]["papers"])))
        standing = catalog.get(made["code"])
        if standing is not None:
            print("  " + t("upkeep.draft_standing", depth=t(f"upkeep.depth_{standing.depth}")))
    print(t("upkeep.draft_do"))


@app.command()
def misses(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the most frequent first")] = 100,
    nearest: Annotated[bool, typer.Option(help="Say which are found by now")] = False,
    as_json: Json = False,
) -> None:
    """Questions nobody could answer, without identity: the work list for new phrases."""
    missed = late.load("bot.commands.missed")
    chosen = settings.read()
    groups = missed.read(chosen.database, limit)
    if nearest:
        groups = missed.ask_again(groups, _load(chosen), chosen.cache_dir, today=clock.today(clock.now()))
    if as_json:
        _print_json([group.facts() for group in groups])
    else:
        print("\n".join(missed.said(groups)))


@app.command()
def proposals(
    take: Annotated[list[int] | None, typer.Option(help="This one is in the catalog now; may be repeated")] = None,
    drop: Annotated[list[int] | None, typer.Option(help="This one is not wanted; may be repeated")] = None,
    as_json: Json = False,
) -> None:
    """Phrases and notes that staff proposed while answering: the lines to put into the entries' files, or into an overlay."""
    proposed = late.load("bot.commands.proposals")
    database = settings.read().database
    for ids, state in ((take, "taken"), (drop, "dropped")):
        if ids:
            proposed.settle(database, ids, state)
    found = proposed.read(database)
    if as_json:
        _print_json([one.facts() for one in found])
    else:
        print("\n".join(proposed.said(found)))


def _load(chosen: Settings, without: Path | None = None) -> Catalog:
    """The catalog of this installation, if wanted without one of its overlays."""
    overlays = [overlay for overlay in chosen.overlays if without is None or overlay.resolve() != without.resolve()]
    return loader.load(loader.DATA, overlays, chosen.cache_dir)


def _version(named: str) -> Catalog:
    """The catalog of a folder, or of a revision of the repository this code stands in. What is wrong in an old version is passed over."""
    folder = Path(named)
    if folder.is_dir():
        catalog, _ = loader.read(folder)
    else:
        with _revision(named) as checked_out:
            catalog, _ = loader.read(checked_out)
    if not catalog.procedures:
        raise errors.MotCuaError(f"{named}: holds no catalog")
    return catalog


@contextmanager
def _revision(named: str) -> Iterator[Path]:
    """The data folder as it stood at a revision of git."""
    git = shutil.which("git")
    if git is None or named.startswith("-"):
        raise errors.MotCuaError(f"{named} is no folder")
    asked: Sequence[str] = [git, "-C", str(loader.DATA), "archive", "--format=tar", named]
    made = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603 (no shell; a revision cannot begin with a dash)
    if made.returncode:
        raise errors.MotCuaError(f"{named} is neither a folder nor a revision: {made.stderr.decode(errors='replace').strip()}")
    with tempfile.TemporaryDirectory(prefix="motcua-") as folder, tarfile.open(fileobj=BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
        yield Path(folder)


def _print_json(facts: Any) -> None:
    print(json.dumps(facts, ensure_ascii=False, default=str))


command = single(app)
