"""Moved to bot.pages.qr; removed as soon as nobody imports it from here."""

from bot.pages.qr import modules as modules
from bot.pages.qr import svg as svg
