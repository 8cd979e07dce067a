"""The channel as the service sees it: receives through its routes, sends by waking the pages that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from bot import settings as configuration
from bot.channels.webchat import about, booking, chat, dossier, feedback, files, handing, lists, log, procedures, ticket
from bot.channels.webchat.house import House
from bot.channels.webchat.inbound import BOT
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import delivery, retention
from bot.messages import Outgoing
from bot.pages.live import Hub
from bot.pages.session import Sessions
from bot.settings import Settings


class WebChat:
    """Both ends of the channel. What is sent stands in the outbox already, and the pages read it there."""

    bot = BOT

    def __init__(self, settings: Settings, store: Store, dispatcher: Dispatcher) -> None:
        async def newest(addresses: Sequence[str]) -> Mapping[str, int]:
            tickets = [address for address in addresses if address.startswith(ticket.KEY)]
            talks = [address for address in addresses if not address.startswith(ticket.KEY)]
            found = await store.read(log.newest, talks) if talks else {}
            return {**found, **await store.read(ticket.newest, tickets)} if tickets else found

        self.hub = Hub(newest)
        self.sender: delivery.Sender = Waker(self.hub)
        sessions = Sessions(configuration.secret(settings), retention.days(settings.keep_days))
        house = House(store, dispatcher, dispatcher.premises, sessions, self.hub, settings.secure_cookies, about.origins(settings.embed_origins))
        parts = (chat, handing, files, lists, procedures, booking, ticket, dossier, feedback, about)
        self.router = APIRouter(routes=[route for part in parts for route in part.routes(house)])

    async def run(self) -> None:
        await self.hub.run()

    def stop(self) -> None:
        self.hub.stop()


class Waker:
    """The channel's way out."""

    bot = BOT

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def send(self, message: Outgoing) -> str:
        self._hub.wake(message.address)
        return str(message.id)

    async def close(self) -> None:
        return None
