"""The route Telegram posts updates to."""

from __future__ import annotations

from fastapi import APIRouter

from bot.channels import hooks
from bot.channels.hooks import Hook, Take

PATH = "/telegram/webhook"
LARGEST_BODY = hooks.LARGEST_BODY
# What we want to be sent; also asked for when polling.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
_HOOK = Hook("telegram", PATH, "X-Telegram-Bot-Api-Secret-Token")


def router(take: Take, secret: str) -> APIRouter:
    return hooks.router(_HOOK, take, secret)
