"""The console as the service sees it: routes, and the streams that tell open pages of news at their center."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from bot import settings as configuration
from bot.console import (
    assist,
    board,
    bookings,
    day,
    delivery,
    digests,
    dossiers,
    feedback,
    figures,
    hours,
    kiosk,
    live,
    log,
    misses,
    notices,
    people,
    practice,
    questions,
    queue,
    setup,
    signin,
)
from bot.console.desk import Desk
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.pages.live import Hub
from bot.settings import Settings

MOST_EACH = 100  # open pages of one center: its counters, and whoever looks on


class Console:
    """`hub` wakes open pages of a center: `hub.wake(center_id)` after an event there."""

    def __init__(self, settings: Settings, store: Store, premises: Premises) -> None:
        async def newest(keys: Sequence[str]) -> Mapping[str, int]:
            asked = [key for key in keys if key.startswith(questions.LIVE)]
            events = await store.read(live.newest, [key for key in keys if key not in asked])
            return {**events, **await store.read(questions.newest, asked)} if asked else events

        self.hub = Hub(newest, MOST_EACH)
        self.desk = Desk(store, premises, configuration.secret(settings), self.hub, settings.secure_cookies)
        parts = (
            signin,
            live,
            queue,
            people,
            log,
            board,
            kiosk,
            misses,
            bookings,
            day,
            hours,
            setup,
            assist,
            practice,
            questions,
            notices,
            delivery,
            digests,
            dossiers,
            feedback,
            figures,
        )
        self.router = APIRouter(routes=[route for part in parts for route in part.routes(self.desk)])

    async def run(self) -> None:
        await self.hub.run()

    def stop(self) -> None:
        self.hub.stop()
