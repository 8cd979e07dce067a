"""Telegram: aiogram receives, python-telegram-bot sends."""

from __future__ import annotations

import os

# python-telegram-bot warns at every 429 unless told to use time spans, as its next major version will.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from bot.channels.telegram.channel import Telegram
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.settings import Settings


def connect(settings: Settings, store: Store, dispatcher: Dispatcher) -> Telegram:
    return Telegram(settings, store, dispatcher)
