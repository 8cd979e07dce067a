"""One message at a time per conversation: inbox row, handler, state and outbox rows in one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import secrets
import time
from collections.abc import Callable

import structlog
from sqlmodel import Session

from bot import clock, errors
from bot.conversation import memory
from bot.conversation.beforehand import Beforehand, Wanted
from bot.conversation.context import Context, Premises
from bot.conversation.groups import GroupContext
from bot.conversation.routing import Routes
from bot.db.store import Store
from bot.domain import groups, inbox, outbox, people, traces
from bot.domain.inbox import Waiting
from bot.messages import Incoming, Reply, State
from bot.texts import t

log = structlog.get_logger()

AT_ONCE = 64
IDLE_SECONDS = 1.0


def turn(session: Session, premises: Premises, routes: Routes, bot: str, address: str, *, now: dt.datetime, made: Beforehand | None = None) -> bool:
    """Answer the oldest waiting message of one conversation; whether another one waits behind it.

    Everything happens in the caller's transaction, so after a kill the message is simply still waiting. Raises Wanted.
    """
    waiting = inbox.oldest(session, bot, address)
    if waiting is None:
        return False
    if not inbox.finish(session, waiting.id, now=now):
        return True
    if waiting.message.sender:
        _in_group(session, premises, routes, waiting, now)
        return waiting.more
    account = people.account_of(session, bot, address, now=now)
    people.seen(session, account, now=now, language=waiting.message.language)
    context = Context(session, now, waiting.message, account, memory.recall(session, account.account_id), premises)
    context.beforehand = made or context.beforehand
    replies = routes.answer(context)
    _blot(session, waiting, secret=context.secret)
    _keep(context, [replies] if isinstance(replies, Reply) else list(replies), waiting.id)
    return waiting.more


def _in_group(session: Session, premises: Premises, routes: Routes, waiting: Waiting, now: dt.datetime) -> None:
    """Nobody's account and no dialog: the group's row is what is locked."""
    message = waiting.message
    group = groups.of(session, message.bot, message.address, message.group, now=now)
    context = GroupContext(session, now, message, group, premises)
    replies = routes.in_group(context)
    _blot(session, waiting, secret=context.secret)
    for reply in [replies] if isinstance(replies, Reply) else replies:
        outbox.put(session, message.bot, message.address, reply, now=now, inbox_id=waiting.id)


def _blot(session: Session, waiting: Waiting, *, secret: bool) -> None:
    kept_words = traces.BLOT if secret else traces.blotted(waiting.message.text)
    if kept_words != waiting.message.text or waiting.message.place is not None or waiting.message.file is not None:
        inbox.keep_only(session, waiting.id, waiting.message, kept_words)


def _keep(context: Context, replies: list[Reply], inbox_id: int) -> None:
    """Write the state and the replies; the newest menu is what numbers mean from now on."""
    menu = next((reply for reply in reversed(replies) if reply.choices), None)
    if menu is not None:
        context.state.menu, context.state.many = menu.choices, menu.many
    remembered = memory.remember(context.session, context.account_id, context.state, now=context.now)
    cause = inbox_id if remembered else None  # a person just forgotten by their own wish only gets the answer
    for reply in replies:
        outbox.put(context.session, context.incoming.bot, context.incoming.address, reply, now=context.now, inbox_id=cause)


def apologise(session: Session, bot: str, address: str, code: str, *, now: dt.datetime) -> None:
    """Set aside the message that could not be answered and tell the person, with a code for staff."""
    waiting = inbox.oldest(session, bot, address)
    if waiting is None or not inbox.finish(session, waiting.id, now=now, error=code):
        return
    if waiting.message.place is not None:
        inbox.keep_only(session, waiting.id, waiting.message, waiting.message.text)
    block = State(tone="stop", icon="warn", title=t("errors.title"), text=(t("errors.ours"), t("errors.code", code=code, hour=clock.hour(now))))
    outbox.put(session, bot, address, Reply(blocks=(block,)), now=now, inbox_id=waiting.id)


class Dispatcher:
    """Takes messages in and sees to it that each is answered."""

    def __init__(self, store: Store, premises: Premises, routes: Routes, now: Callable[[], dt.datetime] = clock.now) -> None:
        self.premises = premises
        self._store, self._routes, self._now = store, routes, now
        self._due: dict[tuple[str, str], None] = {}
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self.answered: Callable[[str, str], None] = lambda bot, address: None

    async def receive(self, message: Incoming) -> bool:
        """Commit the message; False when it was received before. Only now may the provider be told that it arrived."""
        fresh = await self._store.write_first(inbox.receive, message, now=self._now()) is not None
        if fresh:
            self._due[message.bot, message.address] = None
            self._wake.set()
        return fresh

    async def answer(self, message: Incoming) -> None:
        """Receive the message and answer its conversation at once."""
        await self._store.write(inbox.receive, message, now=self._now())
        await self.work(message.bot, message.address)

    async def work(self, bot: str, address: str) -> None:
        """Answer everything waiting in one conversation, in order."""
        while await self._turn(bot, address):
            pass
        self.answered(bot, address)

    async def run(self) -> None:
        """Answer what comes in, and what an earlier process left behind, until `stop`."""
        look_at = 0.0
        while not self._stopping:
            self._wake.clear()
            if not self._due and time.monotonic() >= look_at:
                await self._look_for_left_behind()
                look_at = time.monotonic() + IDLE_SECONDS
            for key in [key for key in self._due if key not in self._under_way][: AT_ONCE - len(self._under_way)]:
                del self._due[key]
                self._begin(key)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await self._wake.wait()
        if self._under_way:
            await asyncio.wait(self._under_way.values())

    def _begin(self, key: tuple[str, str]) -> None:
        def end(_task: asyncio.Task[None]) -> None:
            del self._under_way[key]
            self._wake.set()

        task = self._under_way[key] = asyncio.create_task(self.work(*key))
        task.add_done_callback(end)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _look_for_left_behind(self) -> None:
        try:
            for key in await self._store.read(inbox.waiting):
                if key not in self._under_way:
                    self._due.setdefault(key)
        except errors.StoreUnavailable as error:
            log.error("inbox.look_failed", error=str(error))

    async def _turn(self, bot: str, address: str) -> bool:
        try:
            return await self._answer_oldest(bot, address)
        except errors.StoreUnavailable as error:
            log.error("dispatch.store_unavailable", error=str(error))
            return False

    async def _answer_oldest(self, bot: str, address: str) -> bool:
        try:
            return await self._begun(Beforehand(), bot, address)
        except errors.StoreUnavailable:
            raise
        except Exception:
            code = f"E-{secrets.token_hex(2).upper()}"
            log.exception("dispatch.handler_failed", bot=bot, code=code)
            await self._store.write(apologise, bot, address, code, now=self._now())
            return True

    async def _begun(self, made: Beforehand, bot: str, address: str) -> bool:
        """A turn, and again each time after what it wanted first."""
        try:
            return await self._store.write(turn, self.premises, self._routes, bot, address, now=self._now(), made=made)
        except Wanted as wanted:
            await wanted.work(self._store)
        return await self._begun(made, bot, address)
