"""Moved to bot.pages.session; removed as soon as nobody imports it from here."""

from bot.pages.session import COOKIE as COOKIE
from bot.pages.session import Once as Once
from bot.pages.session import Sessions as Sessions
from bot.pages.session import Visitor as Visitor
