"""Telegram: aiogram receives, python-telegram-bot sends."""

from __future__ import annotations

import os

# python-telegram-bot warns at every 429 unless told to use time spans, as its next major version will.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from bot.channels.telegram.channel import Telegram  # noqa: E402
from bot.conversation.dispatch import Dispatcher  # noqa: E402
from bot.db.store import Store  # noqa: E402
from bot.settings import Settings  # noqa: E402


def connect(settings: Settings, store: Store, dispatcher: Dispatcher) -> Telegram:
    return Telegram(settings, store, dispatcher)
