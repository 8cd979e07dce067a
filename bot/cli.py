"""The command `motcua`. Each command lives in bot/commands and is loaded only when it is the one that runs."""

from __future__ import annotations

import gc
import sys
from typing import Any

import typer.core

from bot import errors, late
from procedures.errors import CatalogError

COMMANDS = {
    "run": "Start the service: web chat, and Telegram when a token is set",
    "chat": "Talk to Một Cửa on this terminal",
    "say": "Pipe whole dialogs through the real dispatcher, as JSON lines",
    "ask": "Search: what a citizen typed to a decision and procedures",
    "checklist": "The paper list of a procedure for given answers",
    "catalog": "Check, count and show the catalog",
    "center": "Check the file of your center; show its hours and counters",
    "kiosk": "Links for the kiosks in the hall",
    "staff": "Add staff, print sign-in links, change roles",
    "audit": "Prove that nobody changed the audit log",
    "channels": "Check what the channels need: credentials, webhook, permissions",
    "db": "Bring the database up or down to a version of its tables",
    "outbox": "What waits to leave; try a row again or drop it",
    "figures": "Count the figures for managers anew, and compare",
    "bench": "Measure speed and memory beside off-the-shelf baselines",
}


class Commands(typer.core.TyperGroup):
    """The commands above by name, each imported when asked for: `motcua ask` must not wait for web frameworks.

    typer brings its own copy of click, whose types are not public, hence Any.
    """

    def list_commands(self, _context: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: Any, name: str) -> Any:
        """Enough of a command to be listed in the help."""
        return typer.core.TyperCommand(name, short_help=COMMANDS[name]) if name in COMMANDS else None

    def resolve_command(self, context: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command, imported now that it is the one to run."""
        if args and args[0] in COMMANDS:
            return args[0], late.load(f"bot.commands.{args[0]}").command, args[1:]
        return super().resolve_command(context, args)


def main() -> None:
    """Entry point of `motcua` and `python -m bot`."""
    # Imports and the catalog make hundreds of thousands of objects that stay; looking through them again and again for garbage
    # took a tenth of every start.
    gc.set_threshold(50_000, 20, 20)
    group = Commands(name="motcua", help="Một Cửa: đúng giấy, một lần.", no_args_is_help=True)
    try:
        group(prog_name="motcua")
    except (errors.MotCuaError, CatalogError, BrokenPipeError) as error:
        print(f"motcua: {error}", file=sys.stderr)
        raise SystemExit(1) from None
