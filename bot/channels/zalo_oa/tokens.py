"""The access token in use, renewed in time by one process for all of them."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Callable

import structlog

from bot import clock, errors
from bot.channels.zalo_oa.client import Application, Client
from bot.db.store import Store
from bot.domain import provider_tokens
from bot.domain.provider_tokens import Given, Pair

log = structlog.get_logger()

LOOK_SECONDS = 60.0
WAIT_SECONDS = 0.2  # between two looks while another process asks
KEEP_AGAIN_SECONDS = 1.0
FIRST_SECONDS = 2.0  # until the channel has settled the operator's token, at the very first start
PATIENCE = 20.0  # seconds a send waits for another process's new pair
ADVICE = "get a new refresh token in the Zalo developer console, set MOTCUA_ZALO_REFRESH_TOKEN and restart"


class Tokens:
    """`current` hands out a token that should be good; `renew` is for one that turned out not to be."""

    def __init__(self, store: Store, client: Client, bot: str, application: Application, now: Callable[[], dt.datetime] = clock.now) -> None:
        self.client, self.bot = client, bot
        self._store, self._application, self._now = store, application, now
        self._name = f"tokens-{secrets.token_hex(4)}"
        self._asking = asyncio.Lock()
        self._exchanges: set[asyncio.Task[None]] = set()

    async def finish(self) -> None:
        """What was asked for is kept: a pair that got lost between the provider and the database cannot be had again."""
        if self._exchanges:
            await asyncio.wait(self._exchanges)

    async def current(self) -> str:
        """Raises ChannelMisconfigured when there is none and none is to be had."""
        held = await self._held()
        if held.usable(self._now()):
            return held.access
        return await self.renew(held.access)

    async def renew(self, spent: str) -> str:
        """Another token than `spent`: asked for by this process, or by the one that does so already."""
        async with self._asking:
            loop = asyncio.get_running_loop()
            until = loop.time() + PATIENCE
            while loop.time() < until:
                held = await self._held()
                if held.access != spent and held.usable(self._now()):
                    return held.access
                if await self._ask(spent):
                    continue
                await asyncio.sleep(WAIT_SECONDS)
            raise errors.TryLater("another process renews the token")

    async def keep_fresh(self) -> None:
        """Look now and then, and ask when half of the token's life is over."""
        while True:
            try:
                held = await self._held()
                if held.due(self._now()):
                    await self._ask(held.access)
            except (errors.ChannelError, errors.StoreUnavailable) as error:
                log.error("zalo.token_not_renewed", error=str(error), do=ADVICE)
            await asyncio.sleep(LOOK_SECONDS)

    async def _held(self) -> Pair:
        held = await self._store.read(provider_tokens.pair, self.bot)
        if held is None:
            raise errors.TryLater("no Zalo token is kept yet", FIRST_SECONDS)
        return held

    async def _ask(self, spent: str) -> bool:
        """Ask for a new pair, unless another process does; False then. Raises what the provider said."""
        held = await self._held()
        if held.rests(self._now()):
            raise errors.ChannelMisconfigured(held.trouble)
        mine = await self._store.write(provider_tokens.begin, self.bot, self._name, spent=spent, now=self._now())
        if mine is None:
            return False
        exchange = asyncio.create_task(self._exchange(mine.refresh))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._exchanges.discard)
        await asyncio.shield(exchange)  # whoever waits may be cancelled; the pair may not
        return True

    async def _exchange(self, refresh: str) -> None:
        try:
            given = await self.client.refresh(self._application, refresh)
        except errors.ChannelError as error:
            refused = isinstance(error, errors.ChannelMisconfigured)
            await self._store.write(provider_tokens.fail, self.bot, self._name, str(error), refused=refused, now=self._now())
            if isinstance(error, errors.OutcomeUnknown):  # of the token, not of the message that waits for it
                raise errors.TryLater(str(error)) from error
            raise
        await self._keep(refresh, given)
        log.info("zalo.token_renewed", lives=str(given.lives))

    async def _keep(self, spent: str, given: Given) -> None:
        """Until it is kept: a full disk must not cost the account."""
        while True:
            try:
                if not await self._store.write(provider_tokens.keep, self.bot, spent, given, now=self._now()):
                    log.error("zalo.token_overtaken", do="the operator's newer refresh token is used")
                return
            except errors.StoreUnavailable as error:
                log.error("zalo.token_not_kept", error=str(error))
                await asyncio.sleep(KEEP_AGAIN_SECONDS)
