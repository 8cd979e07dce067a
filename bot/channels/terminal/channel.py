"""Takes lines in, collects replies going out."""

from __future__ import annotations

import itertools
import secrets

from bot import clock
from bot.conversation.dispatch import Dispatcher
from bot.messages import Incoming, IncomingKind, Outgoing, Reply

BOT = "terminal"


class Terminal:
    """Both ends of the channel: `say` puts a line in, the replies wait in `replies`."""

    bot = BOT
    router = None

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.sender = Collector()
        self._dispatcher = dispatcher
        self._run = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    async def say(self, address: str, text: str = "", payload: str = "") -> None:
        """One line of a person, or a button."""
        kind: IncomingKind = "choice" if payload else "start" if text == "/start" else "text"
        update_id = f"{self._run}-{next(self._numbers)}"
        message = Incoming(bot=BOT, update_id=update_id, address=address, kind=kind, text=text, payload=payload, sent_at=clock.now())
        await self._dispatcher.answer(message)

    async def run(self) -> None:
        return None

    def stop(self) -> None:
        return None


class Collector:
    """A sender that keeps what it was given until somebody takes it."""

    bot = BOT

    def __init__(self) -> None:
        self._kept: list[tuple[str, Reply]] = []

    async def send(self, message: Outgoing) -> str:
        self._kept.append((message.address, message.reply))
        return str(message.id)

    def take(self) -> list[tuple[str, Reply]]:
        kept, self._kept = self._kept, []
        return kept

    async def close(self) -> None:
        return None
