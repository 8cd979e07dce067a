"""`motcua catalog check|stats|show`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
import yaml

from bot import clock, errors, settings
from bot.commands import single
from procedures import loader

app = typer.Typer(help="Check, count and show the catalog.", no_args_is_help=True)


@app.command()
def check(data: Annotated[Path, typer.Option(help="The folder of the catalog")] = loader.DATA) -> None:
    """Everything wrong, one line each, by file, line and field. Exit 0 when nothing is."""
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


command = single(app)
