"""Serves the small catalog on the port given, as `motcua run` does: for tests that stop or kill it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from sqlmodel import Session

from bot import clock, web
from bot.conversation.context import Premises
from bot.db import schema
from bot.db.store import Store
from bot.domain import centers
from bot.settings import Settings
from procedures import loader, search
from tests.channels.webchat.conftest import wire


def main(folder: str, port: str) -> None:
    settings = Settings.model_validate({"data_dir": folder, "port": port, "secret_key": "for tests"})
    store = Store(settings.database)
    if not schema.is_current(store.engine):
        schema.upgrade(store.engine)
    catalog = loader.load(Path(__file__).parent / "catalog")
    directory = centers.Directory(centers.read(None))
    with Session(store.engine) as session, session.begin():
        centers.settle(session, directory.all, now=clock.now())
    premises = Premises(catalog=catalog, index=search.build(catalog), directory=directory, address=settings.address)
    asyncio.run(web.serve(wire(store, premises, settings), web.listen(settings.host, settings.port)))
    print("stopped")


if __name__ == "__main__":
    main(*sys.argv[1:])
