"""What was typed or pressed, made into messages."""

from __future__ import annotations

import datetime as dt
import hashlib

from bot import clock
from bot.domain.threads import Source
from bot.messages import Incoming, IncomingKind
from bot.pages import session
from bot.pages.forms import Form
from bot.pages.session import Once

BOT = session.BOT
LONGEST = 4000


def typed(form: Form) -> str:
    """What was written into the field of the conversation."""
    return cut(form.one("tin"))


def cut(text: str) -> str:
    """At most LONGEST characters; a longer text visibly ends in an ellipsis."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def text(once: Once, address: str, said: str) -> Incoming:
    return _message(once, address, "text", said, text=said)


def press(once: Once, address: str, label: str, payload: str, *, place: str) -> Incoming:
    """A line of a menu: the label is kept as what the person said. `place` tells the same line of two menus apart."""
    return _message(once, address, "choice", f"{place}|{payload}", text=label, payload=payload)


def start(once: Once, address: str) -> Incoming:
    return _message(once, address, "start", "")


def handed(source: Source, words: str, *, picture: bool, now: dt.datetime) -> Incoming:
    """A picture or file that went to staff; what was on it stands with their question only."""
    kind: IncomingKind = "photo" if picture else "file"
    return Incoming(bot=BOT, update_id=source.message_id, address=source.address, kind=kind, text=words, sent_at=now)


def _message(once: Once, address: str, kind: str, what: str, **fields: str) -> Incoming:
    """The same thing sent twice from one page has the same update id, and is received once."""
    digest = hashlib.sha256(f"{kind}|{what}".encode()).hexdigest()[:16]
    return Incoming.model_validate(
        {"bot": BOT, "update_id": f"{once.nonce}-{digest}", "address": address, "kind": kind, "sent_at": clock.now(), **fields}
    )
