"""One file per command of `motcua`. Each holds `command`, ready for bot/cli.py."""

from __future__ import annotations

from typing import Any

import typer
import typer.main


def single(app: typer.Typer) -> Any:
    """The command of a typer app, as bot/cli.py wants it (typer brings its own copy of click, which has no public types)."""
    return typer.main.get_command(app)
