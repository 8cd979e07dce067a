"""One file per command of `motcua`. Each holds `command`, ready for bot/cli.py."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer
import typer.main


def lines() -> Iterator[str]:
    """Standard input line by line. What is not UTF-8 comes as replacement marks: one bad line must not end the others."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def single(app: typer.Typer) -> Any:
    """The command of a typer app, as bot/cli.py wants it (typer brings its own copy of click, which has no public types)."""
    return typer.main.get_command(app)
