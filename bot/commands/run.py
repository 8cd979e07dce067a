"""`motcua run`: the web pages and every configured channel in one process."""

from __future__ import annotations

import asyncio

import structlog
import typer
from rich.console import Console

from bot import app as service
from bot import logs, settings, web
from bot.commands import single

app = typer.Typer()


@app.command()
def run() -> None:
    """Start the service: web chat, and Telegram when a token is set. Ctrl-C finishes what was begun and stops."""
    read = settings.read()
    logs.configure(read.log_format)
    listening = web.listen(read.host, read.port)
    running = service.build(read)
    Console(highlight=False, soft_wrap=True).print(announcement(running), markup=False)
    asyncio.run(web.serve(running, listening))
    structlog.get_logger().info("service.stopped")


def announcement(running: service.App) -> str:
    """What an operator wants to know at the start: whose center, where the pages are, what else is connected."""
    center, address = running.premises.center, running.settings.address
    lines = [center.name]
    if center.sample:
        lines.append("This is the SAMPLE center. Copy bot/domain/sample_center.yaml and set MOTCUA_CENTER_FILE to serve a real one.")
    pages = (("Chat", "/"), ("Procedures", "/thu-tuc"), ("Privacy", "/rieng-tu"), ("Embedding", "/nhung"), ("Health", "/suc-khoe"))
    lines += [f"  {name:<11}{address}{path}" for name, path in pages]
    lines += [f"  {name.capitalize():<11}connected" for name in running.channels if name != "webchat"]
    return "\n".join([*lines, "Ctrl-C stops."])


command = single(app)
