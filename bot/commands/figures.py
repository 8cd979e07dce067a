"""`motcua figures rebuild`: the figures for managers counted anew from what happened."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot import errors, settings
from bot.commands import single
from bot.db import schema
from bot.db.store import Store
from bot.domain import rebuilding, recounting

app = typer.Typer(help="Count the figures anew and compare: there must be no difference.", no_args_is_help=True)
MOST = 50


@app.callback()
def _group() -> None:
    """Count the figures anew and compare: there must be no difference."""


@app.command()
def rebuild(check: Annotated[bool, typer.Option("--check", help="Only look: exit 1 when a figure is not what was counted")] = False) -> None:
    """Month by month, beside the running service. Needed after rows came from elsewhere; what an upgrade leaves the service counts itself."""
    store = Store(settings.read().database)
    try:
        if not schema.is_current(store.engine):
            raise errors.MotCuaError("there is no database of this version yet; motcua db up")
        found = asyncio.run(_rebuilt(store, check=check))
    finally:
        store.close()
    if not found:
        print("figures: no difference")
        return
    print(f"figures: {found} rows {'are not what was counted' if check else 'were not what was counted, and are now'}")
    if check:
        raise typer.Exit(1)


async def _rebuilt(store: Store, *, check: bool) -> int:
    found = 0
    async for difference in rebuilding.everything(store, check=check):
        found += 1
        if found <= MOST:
            print(difference)
    if not check:
        await store.write(recounting.settled)
    return found


command = single(app)
