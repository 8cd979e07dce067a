"""`motcua audit verify`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlmodel import Session, col

from bot import errors, settings
from bot.commands import single
from bot.db import schema
from bot.db.staff import Audit
from bot.db.store import Store
from bot.domain import audit

app = typer.Typer(help="Prove that nobody changed the audit log.", no_args_is_help=True)
SHORTEST = 12


@app.callback()
def _group() -> None:
    """Prove that nobody changed the audit log."""


@app.command()
def verify(
    noted: Annotated[str, typer.Option(help=f"A digest written down earlier, {SHORTEST} letters or more: nothing up to it may be missing")] = "",
) -> None:
    """Exit 0 when every row is as it was written and follows the one before; else 1 and the first one that is not."""
    if noted and len(noted) < SHORTEST:
        raise errors.MotCuaError(f"--noted wants at least {SHORTEST} letters of the digest")
    store = Store(settings.read().database)
    try:
        if not schema.is_current(store.engine):
            raise errors.MotCuaError("there is no database of this version yet; motcua db up")
        broken, rows, newest = asyncio.run(_looked(store, noted.lower()))
    finally:
        store.close()
    if broken is not None:
        print(
            f"audit: row {broken} is not as it was written, or does not follow the row before it"
            if broken
            else f"audit: rows up to {noted} are missing"
        )
        raise typer.Exit(1)
    print(f"audit: {rows} rows, unbroken; newest digest {newest or 'none'}")


async def _looked(store: Store, noted: str) -> tuple[int | None, int, str]:
    return await store.read(lambda session: (audit.verify(session, noted), _count(session), audit.newest(session)))


def _count(session: Session) -> int:
    return int(session.execute(select(func.count(col(Audit.id)))).scalar_one())


command = single(app)
