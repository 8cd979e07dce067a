"""`motcua bench NAME`: speed and memory beside off-the-shelf baselines, measured in the same run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import errors, late, logs, settings
from bot.bench.measure import Figures, Measured
from bot.commands import single
from procedures import loader

# Each is a module of bot/bench with a function `run(settings, data)`.
BENCHMARKS = ("search", "turns", "booking", "notices", "statistics", "start", "webhook")

app = typer.Typer()


@app.command()
def bench(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(BENCHMARKS)}")],
    as_json: Annotated[bool, typer.Option("--json", help="The machine interface of the design's section 9")] = False,
    data: Annotated[Path, typer.Option(help="The folder of the catalog (search, turns)")] = loader.DATA,
) -> None:
    """Measure one thing, about a minute each; statistics makes ten million rows first, and takes longer."""
    if name not in BENCHMARKS:
        raise errors.MotCuaError(f"no benchmark is called {name}; there are {', '.join(BENCHMARKS)}")
    chosen = settings.read()
    logs.configure(chosen.log_format)  # on stderr: standard output is the figures alone
    measured: Measured = late.load(f"bot.bench.{name}").run(chosen, data)
    if as_json:
        print(json.dumps(dataclasses.asdict(measured), ensure_ascii=False))
    else:
        _show(measured)


def _show(measured: Measured) -> None:
    table = Table("", "", title=f"motcua bench {measured.name}", show_header=False, box=None)
    for title, figures in (("Measured", measured.figures), ("Baseline", measured.baseline), ("Ratio to the baseline", measured.ratio)):
        table.add_row(f"[bold]{title}[/bold]")
        for row in _rows(figures):
            table.add_row(*row)
    Console(highlight=False).print(table)


def _rows(figures: Figures) -> list[tuple[str, str]]:
    return [(f"  {name.replace('_', ' ')}", f"{value:,}" if isinstance(value, int | float) else value) for name, value in figures.items()]


command = single(app)
