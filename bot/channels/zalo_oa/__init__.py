"""Zalo Official Account: webhook in, requests out, numbered text for everybody."""

from __future__ import annotations

from bot.channels.zalo_oa.channel import ZaloAccount
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings


def connect(settings: Settings, store: Store, dispatcher: Dispatcher) -> ZaloAccount:
    return ZaloAccount(settings, store, dispatcher)
