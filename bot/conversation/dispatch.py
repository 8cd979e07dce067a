"""One message at a time per conversation: inbox row, handler, state and outbox rows in one transaction."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable

import structlog
from sqlmodel import Session

from bot import clock, errors
from bot.conversation import state as states
from bot.conversation.context import Context, Premises
from bot.conversation.routing import Routes
from bot.db.store import Store
from bot.db.tables import Conversation
from bot.domain import inbox, outbox, people
from bot.messages import Incoming, Reply, State
from bot.texts import t

log = structlog.get_logger()

AT_ONCE = 64
IDLE_SECONDS = 1.0


def turn(session: Session, premises: Premises, routes: Routes, bot: str, address: str, *, now: dt.datetime) -> bool:
    """Answer the oldest waiting message of one conversation; False when there is none.

    Everything happens in the caller's transaction, so after a kill the message is simply still waiting.
    """
    waiting = inbox.oldest(session, bot, address)
    if waiting is None:
        return False
    inbox_id, incoming = waiting
    if not inbox.finish(session, inbox_id, now=now):
        return True
    account = people.account_of(session, bot, address, now=now)
    people.seen(session, account, now=now)
    kept = session.get(Conversation, account.id)
    context = Context(session, now, incoming, account, states.read(kept.state if kept else ""), premises)
    replies = routes.answer(context)
    if context.secret:
        inbox.blot_out(session, inbox_id, incoming)
    _keep(session, context, kept, [replies] if isinstance(replies, Reply) else list(replies), inbox_id)
    return True


def _keep(session: Session, context: Context, kept: Conversation | None, replies: list[Reply], inbox_id: int) -> None:
    """Write the replies and the state; the newest menu is what numbers mean from now on."""
    forgotten = people.find(session, context.incoming.bot, context.incoming.address) is None
    for reply in replies:
        cause = None if forgotten else inbox_id
        outbox.put(session, context.incoming.bot, context.incoming.address, reply, now=context.now, inbox_id=cause)
    if forgotten:
        return  # by their own wish: only the answer goes out, nothing else may be kept
    menu = next((reply for reply in reversed(replies) if reply.choices), None)
    if menu is not None:
        context.state.menu, context.state.many = menu.choices, menu.many
    text = context.state.model_dump_json()
    if kept is None:
        session.add(Conversation(account_id=context.account_id, state=text, updated_at=context.now))
    elif kept.state != text:
        kept.state, kept.updated_at = text, context.now


def apologise(session: Session, bot: str, address: str, code: str, *, now: dt.datetime) -> None:
    """Set aside the message that could not be answered and tell the person, with a code for staff."""
    waiting = inbox.oldest(session, bot, address)
    if waiting is None or not inbox.finish(session, waiting[0], now=now, error=code):
        return
    block = State(tone="stop", icon="warn", title=t("errors.title"), text=(t("errors.ours"), t("errors.code", code=code, hour=clock.hour(now))))
    outbox.put(session, bot, address, Reply(blocks=(block,)), now=now, inbox_id=waiting[0])


class Dispatcher:
    """Takes messages in and sees to it that each is answered."""

    def __init__(self, store: Store, premises: Premises, routes: Routes, now: Callable[[], dt.datetime] = clock.now) -> None:
        self.premises = premises
        self._store, self._routes, self._now = store, routes, now
        self._due: dict[tuple[str, str], None] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self.answered: Callable[[str, str], None] = lambda bot, address: None

    async def receive(self, message: Incoming) -> bool:
        """Commit the message; False when it was received before. Only now may the provider be told that it arrived."""
        fresh = await self._store.write(inbox.receive, message, now=self._now()) is not None
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
        under_way: dict[tuple[str, str], asyncio.Task[None]] = {}
        while not self._stopping:
            self._wake.clear()
            if not self._due:
                await self._look_for_left_behind()
            for key in [key for key in self._due if key not in under_way][: AT_ONCE - len(under_way)]:
                del self._due[key]
                under_way[key] = asyncio.create_task(self.work(*key))
            woken = asyncio.create_task(self._wake.wait())
            await asyncio.wait({woken, *under_way.values()}, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
            under_way = {key: task for key, task in under_way.items() if not task.done()}
        if under_way:
            await asyncio.wait(under_way.values())

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def _look_for_left_behind(self) -> None:
        try:
            for key in await self._store.read(inbox.waiting):
                self._due.setdefault(key)
        except errors.StoreUnavailable as error:
            log.error("inbox.look_failed", error=str(error))

    async def _turn(self, bot: str, address: str) -> bool:
        try:
            return await self._store.write(turn, self.premises, self._routes, bot, address, now=self._now())
        except errors.StoreUnavailable as error:
            log.error("dispatch.store_unavailable", error=str(error))
            return False
        except Exception:
            code = f"E-{secrets.token_hex(2).upper()}"
            log.exception("dispatch.handler_failed", bot=bot, code=code)
            await self._store.write(apologise, bot, address, code, now=self._now())
            return True
