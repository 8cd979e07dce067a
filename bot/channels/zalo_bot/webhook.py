"""The route the Bot Platform posts updates to."""

from __future__ import annotations

from fastapi import APIRouter

from bot.channels import hooks
from bot.channels.hooks import Hook, Take

PATH = "/zalo-bot/webhook"
_HOOK = Hook("zalo_bot", PATH, "X-Bot-Api-Secret-Token")


def router(take: Take, secret: str) -> APIRouter:
    return hooks.router(_HOOK, take, secret)
