"""A Telegram update as one of our messages. Pure; https://core.telegram.org/bots/api#update"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update
from pydantic import ValidationError

from bot.messages import File, Incoming, IncomingKind

LONGEST_TEXT = 8_192  # an update's text has at most 4,096 characters; a caption is shorter
_KINDS: tuple[tuple[str, IncomingKind], ...] = (
    ("photo", "photo"), ("video", "photo"), ("animation", "sticker"), ("sticker", "sticker"), ("dice", "sticker"),
    ("voice", "voice"), ("audio", "voice"), ("video_note", "voice"), ("document", "file"),
    ("location", "location"), ("venue", "location"), ("contact", "contact"),
)  # fmt: skip
_GROUPS = ("group", "supergroup")
_GONE = ("kicked", "left")
_COMMAND = re.compile(r"/([a-z_]+)(?:@(\w+))?(?:\s+|$)", re.IGNORECASE)
ASK, SET_UP = "hoi", "caidat"


@dataclass(frozen=True)
class Membership:
    """The person blocked (`active` false) or unblocked the bot; or a group took it out."""

    address: str
    active: bool
    group: bool = False


@dataclass(frozen=True)
class Moved:
    """A group got a new id."""

    address: str
    to: str


Meaning = Incoming | Membership | Moved


def read(raw: dict[str, Any]) -> Update | None:
    """The update, or None when it is not one."""
    try:
        return Update.model_validate(raw)
    except ValidationError:
        return None


def message_of(update: Update, bot: str, *, now: dt.datetime, username: str = "", admin: bool | None = None) -> Meaning | None:
    """What the update means to us; None for what is not ours: channels, polls, and all that people in a group say to each other.

    `username` is the bot's own; `admin` whether the sender runs the group, where that was looked up (`asks_for_admin`).
    """
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query, bot, now, admin)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member, bot, now, admin)
    message = update.message or update.edited_message
    if message is None:
        return None
    if message.chat.type in _GROUPS:
        if message.migrate_to_chat_id is not None:
            return Moved(str(message.chat.id), str(message.migrate_to_chat_id))
        heard = _said(update.update_id, message, bot, now, edited=update.edited_message is not None)
        return _in_group(heard, message, _meant(message, bot, username), admin)
    return _said(update.update_id, message, bot, now, edited=update.edited_message is not None) if message.chat.type == "private" else None


def asks_for_admin(update: Update) -> tuple[int, int] | None:
    """The chat and the person to look up, when only those who run a group may do what this update asks for."""
    if (pressed := update.callback_query) is not None:
        return (pressed.message.chat.id, pressed.from_user.id) if pressed.message and pressed.message.chat.type in _GROUPS else None
    if (changed := update.my_chat_member) is not None:
        return (changed.chat.id, changed.from_user.id) if changed.chat.type in _GROUPS else None
    message = update.message
    if message is None or message.chat.type not in _GROUPS or message.from_user is None:
        return None
    command = _COMMAND.match(message.text or "")
    return (message.chat.id, message.from_user.id) if command and command[1].lower() == SET_UP else None


def _pressed(update_id: int, pressed: CallbackQuery, bot: str, now: dt.datetime, admin: bool | None) -> Incoming | None:
    where = pressed.message.chat if pressed.message is not None else None
    person = str(pressed.from_user.id)  # in a private chat the chat's id as well
    made = Incoming(bot=bot, update_id=str(update_id), address=person, kind="choice", payload=pressed.data or "", sent_at=now)
    if where is None or where.type == "private":
        return made
    if where.type not in _GROUPS or pressed.message is None:
        return None
    there = {"address": str(where.id), "group": where.title or "", "sender": person, "admin": admin, "addressed": True}
    return made.model_copy(update={**there, "message_id": str(pressed.message.message_id)})


def _membership(update_id: int, changed: ChatMemberUpdated, bot: str, now: dt.datetime, admin: bool | None) -> Membership | Incoming | None:
    address, active = str(changed.chat.id), changed.new_chat_member.status not in _GONE
    if changed.chat.type == "private":
        return Membership(address, active)
    if changed.chat.type not in _GROUPS:
        return None
    if not active:
        return Membership(address, active=False, group=True)
    if changed.old_chat_member.status not in _GONE:
        return None
    return Incoming(
        bot=bot, update_id=str(update_id), address=address, kind="start", group=changed.chat.title or "", sender=str(changed.from_user.id),
        addressed=True, admin=admin, sent_at=now,
    )  # fmt: skip


def _in_group(heard: Incoming, message: Message, text: str | None, admin: bool | None) -> Incoming | None:
    """`text`: what was meant for the bot, None when nothing was. Other bots are not listened to."""
    if text is None or message.from_user is None or (message.from_user.is_bot and message.sender_chat is None):
        return None
    # an admin who writes in the group's own name: https://core.telegram.org/bots/api#message (sender_chat)
    in_its_name = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    there = {"group": message.chat.title or "", "sender": str(message.from_user.id), "addressed": True, "admin": admin or in_its_name or None}
    return heard.model_copy(update={**there, "kind": "text" if heard.kind == "start" else heard.kind, "text": text, "place": None})


def _meant(message: Message, bot: str, username: str) -> str | None:
    """The words, without how the bot was called; None when it was not: only a command of its own, its name, an answer to a message of its."""
    said = (message.text or message.caption or "")[:LONGEST_TEXT]
    quoted = message.reply_to_message
    if (command := _COMMAND.match(said)) is not None:
        if (command[2] or username).lower() != username.lower() or command[1].lower() not in (ASK, SET_UP, "start", "help"):
            return None
        rest = said[command.end() :].strip()
        if command[1].lower() != ASK:
            return f"/{command[1].lower()}"
        return rest or ((quoted.text or quoted.caption or "")[:LONGEST_TEXT] if quoted is not None else "")
    name = re.compile(rf"@{re.escape(username)}\b", re.IGNORECASE) if username else None
    if name is not None and name.search(said):
        return " ".join(name.sub(" ", said).split())
    ours = quoted is not None and quoted.from_user is not None and str(quoted.from_user.id) == bot.rpartition(":")[2]
    return said if ours else None


def _said(update_id: int, message: Message, bot: str, now: dt.datetime, *, edited: bool) -> Incoming:
    quoted = message.reply_to_message
    return Incoming(
        bot=bot,
        update_id=str(update_id),
        address=str(message.chat.id),
        kind=_kind(message),
        text=(message.text or message.caption or "")[:LONGEST_TEXT],
        place=_place(message),
        language=(message.from_user.language_code or "") if message.from_user is not None else "",
        message_id=str(message.message_id),
        reply_to=str(quoted.message_id) if quoted is not None else "",
        edited=edited,
        file=_file(message),
        sent_at=now,
    )


def _file(message: Message) -> File | None:
    """A photo in its largest size, or a document."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return File(id=largest.file_id, picture=True, name="anh.jpg", mime="image/jpeg", size=largest.file_size or 0)
    sent = message.document
    if sent is None or message.animation is not None:
        return None
    mime = sent.mime_type or ""
    return File(id=sent.file_id, picture=mime in ("image/jpeg", "image/png"), name=sent.file_name or "", mime=mime, size=sent.file_size or 0)


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
