"""Zalo Bot Platform: for demos and staff alerts. Its free tier is small (CHANNELS.md), and the channel says so when it is used up."""

from __future__ import annotations

from bot.channels.zalo_bot.channel import ZaloBot
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings


def connect(settings: Settings, store: Store, dispatcher: Dispatcher) -> ZaloBot:
    return ZaloBot(settings, store, dispatcher)
