"""A conversation on the terminal: `motcua chat`, and `motcua say` for pipes."""

from __future__ import annotations

from bot.channels.terminal.channel import Terminal
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings


def connect(_settings: Settings, _store: Store, dispatcher: Dispatcher) -> Terminal:
    return Terminal(dispatcher)
