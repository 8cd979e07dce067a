"""The web chat: pages a citizen opens without an account, complete without JavaScript."""

from __future__ import annotations

from bot.channels.webchat.channel import WebChat
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings


def connect(settings: Settings, store: Store, dispatcher: Dispatcher) -> WebChat:
    return WebChat(settings, store, dispatcher)
