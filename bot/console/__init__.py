"""The pages of those who work here: no passwords, roles checked on the server, complete without JavaScript."""

from __future__ import annotations

from bot.console.console import Console
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.settings import Settings


def connect(settings: Settings, store: Store, premises: Premises) -> Console:
    return Console(settings, store, premises)
