"""`motcua db up|down`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import settings
from bot.commands import single
from bot.db import schema
from bot.db.store import Store

app = typer.Typer(help="Bring the database up or down to a version of its tables.", no_args_is_help=True)


@app.command()
def up() -> None:
    """To the tables this version expects. `motcua run` does it by itself."""
    store = Store(settings.read().database)
    schema.upgrade(store.engine)
    store.close()
    print(f"database: at {schema.HEAD}")


@app.command()
def down(revision: Annotated[str, typer.Argument(help="The version to go back to; `base` removes all tables and all data")]) -> None:
    """To an earlier version of the tables."""
    store = Store(settings.read().database)
    schema.downgrade(store.engine, revision)
    store.close()
    print(f"database: at {revision}")


command = single(app)
