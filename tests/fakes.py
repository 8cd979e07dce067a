"""Stand-ins for what is outside: somebody who types, a channel that records, a provider that misbehaves on demand."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools

from sqlmodel import Session

from bot.conversation import plain
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import centers, outbox
from bot.messages import Incoming, IncomingKind, Outgoing, Reply
from handlers import ROUTES

NOON = dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC)


class Talk:
    """Types as one or more people and reads what came back, through the real dispatcher and database."""

    bot = "terminal"

    def __init__(self, store: Store, premises: Premises, now: dt.datetime = NOON) -> None:
        self.store, self.now = store, now
        with Session(store.engine) as session, session.begin():
            centers.settle(session, premises.directory.all, now=now)
        self.dispatcher = Dispatcher(store, premises, ROUTES, now=lambda: self.now)
        self._updates = itertools.count(1)
        self._read: dict[str, int] = {}

    async def say(
        self, text: str = "", *, person: str = "lan", kind: IncomingKind = "text", payload: str = "", update: str = "",
        place: tuple[float, float] | None = None,
    ) -> list[Reply]:  # fmt: skip
        """The replies to one message."""
        message = Incoming(
            bot=self.bot, update_id=update or f"u{next(self._updates)}", address=person, kind="choice" if payload else kind,
            text=text, payload=payload, place=place, sent_at=self.now,
        )  # fmt: skip
        await self.dispatcher.answer(message)
        return await self.unread(person)

    async def press(self, label: str, *, person: str = "lan", replies: list[Reply]) -> list[Reply]:
        """Press the button whose label begins so."""
        choice = next(c for reply in replies for c in reply.choices if c.label.startswith(label))
        return await self.say(payload=choice.payload, person=person)

    async def unread(self, person: str = "lan") -> list[Reply]:
        rows = await self.store.read(outbox.log, self.bot, person, after=self._read.get(person, 0))
        for row in rows:
            self._read[person] = row.id or 0
        return [Reply.model_validate_json(row.body) for row in rows]

    async def read(self, text: str = "", **options: object) -> str:
        """What comes back as plain text, for (said, answered) pairs."""
        return "\n\n".join(plain.text(reply) for reply in await self.say(text, **options))  # type: ignore[arg-type]


class Recorder:
    """A sender that remembers, and fails as it is told: `failures` are raised one after another before anything is taken."""

    def __init__(self, bot: str = "terminal", failures: list[Exception] | None = None, seconds: float = 0.0) -> None:
        self.bot = bot
        self.failures = failures or []
        self.seconds = seconds
        self.sent: list[Outgoing] = []

    async def send(self, message: Outgoing) -> str:
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)
        return f"m{len(self.sent)}"

    async def close(self) -> None:
        return None
