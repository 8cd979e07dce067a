"""`motcua kiosk add|list|off`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot import clock, errors, settings
from bot.commands import single
from bot.db import schema
from bot.db.store import Store
from bot.domain import audit, centers, devices

PATH = "/ki-ot/"
app = typer.Typer(help="Kiosks in the hall: each is a browser that shows the link printed here, one link for one kiosk.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help='What staff call it, such as "Cửa chính"')],
    center: Annotated[str, typer.Option(help="The center's id, where there are several")] = "",
) -> None:
    """A new kiosk; prints its link once. Whoever has the link can take numbers: open it on the kiosk only."""
    chosen = settings.read()
    found = centers.read(chosen.center_file)
    here = next((one for one in found if one.id == (center or found[0].id)), None)
    if here is None or (not center and len(found) > 1):
        raise errors.MotCuaError(f"--center wants one of: {', '.join(one.id for one in found)}")
    if not name.strip():
        raise errors.MotCuaError("a kiosk wants a name")
    with _store(chosen) as store:
        asyncio.run(store.write(centers.settle, [here], now=clock.now()))
        _, token = asyncio.run(store.write(devices.create, here.id, name, now=clock.now(), actor=audit.CLI))
    print(f"{chosen.address}{PATH}{token}")


@app.command(name="list")
def list_() -> None:
    """Every kiosk there ever was; links cannot be shown again."""
    with _store(settings.read()) as store:
        for device in asyncio.run(store.read(devices.known)):
            off = f", off since {clock.date(clock.today(device.revoked_at))}" if device.revoked_at else ""
            print(f"{device.id}  {device.center_id}  {device.name}  since {clock.date(clock.today(device.created_at))}{off}")


@app.command()
def off(number: Annotated[int, typer.Argument(help="As `motcua kiosk list` shows it")]) -> None:
    """Its link opens nothing any more."""
    with _store(settings.read()) as store:
        if not asyncio.run(store.write(devices.revoke, number, now=clock.now(), actor=audit.CLI)):
            raise errors.MotCuaError(f"no kiosk {number} is in use; see `motcua kiosk list`")


@contextmanager
def _store(chosen: settings.Settings) -> Iterator[Store]:
    """The configured database, with its tables."""
    store = Store(chosen.database)
    try:
        if not schema.is_current(store.engine):
            schema.upgrade(store.engine)
        yield store
    finally:
        store.close()


command = single(app)
