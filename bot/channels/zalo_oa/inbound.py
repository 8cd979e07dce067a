"""A webhook event as one of our messages. Pure; https://developers.zalo.me/docs/official-account/webhook

The names of group events and where they carry the group are not certain (CHANNELS.md): they are read only when groups are switched on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from bot.messages import File, Incoming, IncomingKind

LONGEST_TEXT = 8_192
# What our own buttons send back (oa.query.hide); a person does not begin a sentence like this.
PRESSED = "#mc:"
_KINDS: dict[str, IncomingKind] = {
    "user_send_text": "text", "user_send_image": "photo", "user_send_file": "file", "user_send_sticker": "sticker", "user_send_gif": "sticker",
    "user_send_location": "location", "user_send_audio": "voice", "user_send_video": "photo", "user_send_link": "text",
    "user_send_business_card": "contact", "user_submit_info": "contact", "follow": "start",
}  # fmt: skip
COMMANDS = ("/hoi", "/caidat")
_GROUP = "_group_"
# A group's address with us: its number may be a person's too, and answers to it go another way.
IN_GROUP = "group:"


@dataclass(frozen=True)
class Left:
    """The person unfollowed: nothing may be sent any more, unless they have written since (`at`)."""

    address: str
    at: dt.datetime


def sent_at(event: dict[str, Any]) -> dt.datetime | None:
    """When Zalo sent it, None when that cannot be read."""
    try:
        return dt.datetime.fromtimestamp(int(event["timestamp"]) / 1000, dt.UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


def message_of(event: dict[str, Any], bot: str, *, now: dt.datetime, groups: bool = False) -> Incoming | Left | None:
    """What the event means to us; None for what is not for us: receipts, what the account itself wrote, what cannot be read."""
    name, person = str(event.get("event_name", "")), _id(event, "follower") or _id(event, "sender")
    if name == "unfollow" and person:
        return Left(person, sent_at(event) or now)
    in_group = _GROUP in name
    kind = _KINDS.get(name.replace(_GROUP, "_send_") if in_group and "_send_" not in name else name.replace(_GROUP, "_"))
    if kind is None or not person or (in_group and not groups):
        return None
    said = _message(event)
    text = str(said.get("text") or "")[:LONGEST_TEXT]
    made = Incoming(
        bot=bot,
        update_id=str(said.get("msg_id") or f"{name}:{person}:{event.get('timestamp', '')}"),
        address=person,
        kind=kind,
        text=text,
        place=_place(said) if kind == "location" else None,
        message_id=str(said.get("msg_id") or ""),
        reply_to=str(said.get("quote_msg_id") or ""),
        file=_file(said) if kind in ("photo", "file") else None,
        sent_at=now,
    )
    if kind == "text" and text.startswith(PRESSED):
        made = made.model_copy(update={"kind": "choice", "text": "", "payload": text.removeprefix(PRESSED)})
    return _in_group(event, made) if in_group else made


def _in_group(event: dict[str, Any], made: Incoming) -> Incoming | None:
    group = _id(event, "group") or str(event.get("group_id") or "") or _id(event, "recipient")
    if not group:
        return None
    account = _id(event, "recipient") or str(event.get("oa_id") or "")
    mention = f"@{account}"
    addressed = bool(made.payload) or made.text.startswith(COMMANDS) or (bool(account) and mention in made.text)
    if not addressed:
        return None
    text = " ".join(made.text.replace(f"[{mention}]", " ").replace(mention, " ").removeprefix("/hoi").split())
    return made.model_copy(
        update={"address": f"{IN_GROUP}{group}", "group": str(event.get("group_name") or ""), "sender": made.address, "addressed": True, "text": text}
    )


def _id(event: dict[str, Any], part: str) -> str:
    found = event.get(part)
    return str(found.get("id") or "") if isinstance(found, dict) else ""


def _message(event: dict[str, Any]) -> dict[str, Any]:
    found = event.get("message")
    return found if isinstance(found, dict) else {}


def _payload(said: dict[str, Any]) -> dict[str, Any]:
    """Of the first attachment."""
    attachments = said.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments else None
    payload = first.get("payload") if isinstance(first, dict) else None
    return payload if isinstance(payload, dict) else {}


def _place(said: dict[str, Any]) -> tuple[float, float] | None:
    """To a hundred metres: enough to find the nearest center."""
    found = _payload(said).get("coordinates")
    try:
        return (round(float(found["latitude"]), 3), round(float(found["longitude"]), 3)) if isinstance(found, dict) else None
    except (KeyError, TypeError, ValueError):
        return None


def _file(said: dict[str, Any]) -> File | None:
    """Zalo names what people send by an address that is open for a while."""
    found = _payload(said)
    url = str(found.get("url") or "")
    if not url.startswith("https://"):
        return None
    size = str(found.get("size") or "0")
    return File(id=url, picture="type" not in found, name=str(found.get("name") or ""), mime="", size=int(size) if size.isdigit() else 0)
