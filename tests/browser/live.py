"""The running service a browser goes to, and what happens there meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock, web
from bot.app import App
from bot.channels.webchat.inbound import BOT
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.db.store import Store
from bot.db.tables import Account
from bot.domain import centers, outbox, staff
from bot.messages import Reply, Say
from bot.settings import Settings
from tests.channels.webchat.conftest import wire

CENTER = "trung-tam"
SECONDS = 10


class Live:
    """The service, and what a test does to it from outside."""

    def __init__(self, app: App, listening: socket.socket) -> None:
        self.app, self.address = app, f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.loop = asyncio.new_event_loop()
        self.server = uvicorn.Server(uvicorn.Config(web.build(app), log_config=None, lifespan="off", timeout_graceful_shutdown=2))
        self._listening = listening
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())
        self.loop.close()

    async def _serve(self) -> None:
        await asyncio.gather(self.server.serve(sockets=[self._listening]), self.app.run())

    def start(self) -> None:
        self._thread.start()
        for _ in range(SECONDS * 20):
            if self.server.started:
                return
            threading.Event().wait(0.05)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self.server.should_exit = True
        self.loop.call_soon_threadsafe(self.app.stop)
        self._thread.join(SECONDS)
        self.app.store.close()

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def do(self, work: Any, *given: Any, **named: Any) -> Any:
        """Write as of now."""
        return self.wait(self.app.store.write(work, *given, now=clock.now(), **named))

    def read(self, work: Any, *given: Any, **named: Any) -> Any:
        return self.wait(self.app.store.read(work, *given, **named))

    def hire(self, role: Role, name: str = "chị Hạnh", scope: str = CENTER) -> tuple[int, str]:
        """Somebody new at the center: their number, and the link they come in by."""
        number = self.do(staff.create, name, scope, role)
        return number, self.do(staff.link, number, "sign_in")

    def newest_address(self) -> str:
        """Of whoever wrote last."""
        newest = select(col(Account.address)).order_by(col(Account.id).desc()).limit(1)
        return str(self.read(lambda session: session.execute(newest).scalar_one()))

    def staff_says(self, text: str) -> None:
        """A message to whoever wrote last, as another process would queue it."""
        self.do(_put, self.newest_address(), Reply(blocks=(Say(text=text),)))


def _put(session: Session, address: str, reply: Reply, *, now: Any) -> None:
    outbox.put(session, BOT, address, reply, now=now)


@contextmanager
def served(folder: Path, template: Path, premises: Premises, **more: Any) -> Iterator[Live]:
    """A service of its own, with its centers, over an empty database."""
    (folder / "motcua.db").write_bytes(template.read_bytes())
    listening = web.listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    settings = Settings.model_validate({"data_dir": folder, "secret_key": "for the browser", "port": port, **more})
    own = dataclasses.replace(premises, directory=centers.Directory(centers.read(None)), address=settings.address)
    live = Live(wire(Store(f"sqlite:///{folder / 'motcua.db'}"), own, settings), listening)
    live.start()
    try:
        live.do(centers.settle, own.directory.all)
        yield live
    finally:
        live.stop()
