"""An update as one of our messages. Pure; https://bot.zaloplatforms.com/docs/webhook"""

from __future__ import annotations

import datetime as dt
from typing import Any

from bot.messages import File, Incoming, IncomingKind

LONGEST_TEXT = 8_192
_KINDS: dict[str, IncomingKind] = {
    "message.text.received": "text",
    "message.image.received": "photo",
    "message.sticker.received": "sticker",
    "message.unsupported.received": "other",
}


def message_of(update: dict[str, Any], bot: str, *, now: dt.datetime) -> Incoming | None:
    """What the update means to us; None for what cannot be read or comes from a bot. In groups only mentions arrive at all."""
    result = update.get("result", update)
    if not isinstance(result, dict):
        return None
    kind, said = _KINDS.get(str(result.get("event_name", ""))), result.get("message")
    if kind is None or not isinstance(said, dict):
        return None
    chat, who = _part(said, "chat"), _part(said, "from")
    number, address, person = (str(found or "") for found in (said.get("message_id"), chat.get("id"), who.get("id")))
    if not number or not address or who.get("is_bot") is True:
        return None
    text = str(said.get("text") or said.get("caption") or "")[:LONGEST_TEXT]
    photo = str(said.get("photo") or said.get("photo_url") or "")
    made = Incoming(
        bot=bot,
        update_id=number,
        address=address,
        kind="start" if kind == "text" and text.split(" ")[0] == "/start" else kind,
        text=text,
        message_id=number,
        file=File(id=photo, picture=True, name="anh.jpg", mime="image/jpeg") if kind == "photo" and photo.startswith("https://") else None,
        sent_at=now,
    )
    if chat.get("chat_type") != "GROUP":
        return made
    words = " ".join(word for word in text.split() if not word.startswith("@")).removeprefix("/hoi").strip()
    there = {
        "group": str(chat.get("title") or ""),
        "sender": person,
        "addressed": True,
        "text": words,
        "kind": "text" if made.kind == "start" else made.kind,
    }
    return made.model_copy(update=there) if person else None


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}
