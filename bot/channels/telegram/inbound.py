"""A Telegram update as one of our messages. Pure; https://core.telegram.org/bots/api#update"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from pydantic import ValidationError

from bot.messages import Incoming, IncomingKind

LONGEST_TEXT = 8_192  # an update's text has at most 4,096 characters; a caption is shorter
_KINDS: tuple[tuple[str, IncomingKind], ...] = (
    ("photo", "photo"), ("video", "photo"), ("animation", "sticker"), ("sticker", "sticker"), ("dice", "sticker"),
    ("voice", "voice"), ("audio", "voice"), ("video_note", "voice"), ("document", "file"),
    ("location", "location"), ("venue", "location"), ("contact", "contact"),
)  # fmt: skip


@dataclass(frozen=True)
class Membership:
    """The person blocked (`active` false) or unblocked the bot."""

    address: str
    active: bool


def read(raw: dict[str, Any]) -> Update | None:
    """The update, or None when it is not one."""
    try:
        return Update.model_validate(raw)
    except ValidationError:
        return None


def message_of(update: Update, bot: str, *, now: dt.datetime) -> Incoming | Membership | None:
    """What the update means to us; None for what private chats do not need (groups, channels, polls …)."""
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query, bot, now)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    return _said(update.update_id, message, bot, now) if message is not None and message.chat.type == "private" else None


def _pressed(update_id: int, pressed: CallbackQuery, bot: str, now: dt.datetime) -> Incoming | None:
    if pressed.message is not None and pressed.message.chat.type != "private":
        return None
    # In a private chat the chat's id is the person's id.
    return Incoming(bot=bot, update_id=str(update_id), address=str(pressed.from_user.id), kind="choice", payload=pressed.data or "", sent_at=now)


def _membership(changed: ChatMemberUpdated) -> Membership | None:
    if changed.chat.type != "private":
        return None
    return Membership(str(changed.chat.id), active=changed.new_chat_member.status not in ("kicked", "left"))


def _said(update_id: int, message: Message, bot: str, now: dt.datetime) -> Incoming:
    text = (message.text or message.caption or "")[:LONGEST_TEXT]
    place, address = _place(message), str(message.chat.id)
    return Incoming(bot=bot, update_id=str(update_id), address=address, kind=_kind(message), text=text, place=place, sent_at=now)


def _place(message: Message) -> tuple[float, float] | None:
    """To a hundred metres: enough to find the nearest center."""
    found = message.location
    return (round(found.latitude, 3), round(found.longitude, 3)) if found is not None else None


def _kind(message: Message) -> IncomingKind:
    """A document that is a picture counts as a photo: it is refused in the same words."""
    if message.text is not None:
        return "start" if message.text.split("@")[0].split(" ")[0] == "/start" else "text"
    if message.document is not None and (message.document.mime_type or "").startswith("image/"):
        return "photo"
    return next((kind for name, kind in _KINDS if getattr(message, name, None) is not None), "other")
