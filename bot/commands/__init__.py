"""One file per command of `motcua`. Each holds `command`, ready for bot/cli.py."""

from __future__ import annotations

import click
import typer
import typer.main


def single(app: typer.Typer) -> click.Command:
    """The click command of a typer app."""
    return typer.main.get_command(app)
