"""`motcua say --json`: whole dialogs piped through the real dispatcher and database, one JSON object a line."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from bot import app as service
from bot import errors, logs, settings
from bot.channels.terminal.channel import Terminal
from bot.commands import lines, single
from bot.conversation import plain
from bot.messages import Reply

app = typer.Typer()


@app.command()
def say(as_json: Annotated[bool, typer.Option("--json", help="Kept for scripts; the only form there is")] = True) -> None:
    """Lines in: {"person": "lan", "text": "…"} or {"person": "lan", "payload": "…"}. Lines out: {"person", "text", "choices"}."""
    asyncio.run(_say())


async def _say() -> None:
    read = settings.read()
    logs.configure(read.log_format)
    running = service.build(read, channels=["terminal"])
    terminal = running.channels["terminal"]
    assert isinstance(terminal, Terminal)
    try:
        for number, line in enumerate(lines(), start=1):
            if line.strip():
                await _one(running, terminal, _read(line, number))
    finally:
        running.store.close()


def _read(line: str, number: int) -> dict[str, str]:
    try:
        said = json.loads(line)
        return {"person": _clean(said["person"]), "text": _clean(said.get("text", "")), "payload": _clean(said.get("payload", ""))}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise errors.MotCuaError(f'line {number}: wants {{"person": "…", "text": "…"}}') from None


def _clean(value: object) -> str:
    """As every channel hands it over: no half characters, no NUL."""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")


async def _one(running: service.App, terminal: Terminal, said: dict[str, str]) -> None:
    await terminal.say(said["person"], said["text"], said["payload"])
    await running.worker.flush(terminal.bot, said["person"])
    for person, reply in terminal.sender.take():
        print(json.dumps(_machine(person, reply), ensure_ascii=False), flush=True)


def _machine(person: str, reply: Reply) -> dict[str, Any]:
    choices = [{"label": choice.label, "payload": choice.payload or choice.link} for choice in reply.choices]
    return {"person": person, "text": plain.text(reply), "choices": choices}


command = single(app)
