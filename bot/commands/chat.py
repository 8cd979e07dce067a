"""`motcua chat`: talk to Một Cửa on this terminal, by numbers and words only."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from bot import app as service
from bot import logs, settings
from bot.channels.terminal.channel import Terminal
from bot.commands import single
from bot.conversation import plain

app = typer.Typer()


@app.command()
def chat(person: Annotated[str, typer.Option(help="Whose conversation to go on with")] = "") -> None:
    """Talk to Một Cửa here. An empty line or Ctrl-D leaves; the conversation is kept."""
    asyncio.run(_chat(person or getpass.getuser()))


async def _chat(person: str) -> None:
    read = settings.read()
    logs.configure(read.log_format)
    running = service.build(read, channels=["terminal"])
    terminal, console = running.channels["terminal"], Console(highlight=False)
    assert isinstance(terminal, Terminal)
    said = "/start"
    try:
        while said:
            await terminal.say(person, said)
            await running.worker.flush(terminal.bot, person)
            for _, reply in terminal.sender.take():
                console.print(Panel(plain.text(reply), border_style="green", width=min(console.width, 88)), markup=False)
            said = (await asyncio.to_thread(_line)).strip()
    finally:
        running.store.close()


def _line() -> str:
    try:
        return input("› ")
    except (EOFError, KeyboardInterrupt):
        return ""


command = single(app)
