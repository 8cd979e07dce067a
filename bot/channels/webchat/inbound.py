"""What a form holds, cleaned, and made into messages."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import parse_qsl

from bot import clock
from bot.channels.webchat.session import Once
from bot.messages import Incoming

BOT = "web"
LONGEST = 4000
MOST_FIELDS = 100
FORM_TYPE = "application/x-www-form-urlencoded"
# Control characters, and the ones that turn the direction of writing around.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@dataclass(frozen=True)
class Form:
    """The fields of a form; several boxes may share a name."""

    fields: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The last field of that name, or nothing."""
        return next((value for key, value in reversed(self.fields) if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == name)

    @property
    def text(self) -> str:
        return cut(self.one("tin"))


def read(body: bytes) -> Form:
    """Fields of a posted form. Bytes that are no UTF-8 become replacement marks; more fields than anyone needs are left out."""
    pairs = body.split(b"&", MOST_FIELDS)[:MOST_FIELDS]
    fields = parse_qsl(b"&".join(pairs).decode("utf-8", "replace"), keep_blank_values=True, errors="replace")
    return Form(tuple((name, clean(value)) for name, value in fields))


def clean(text: str) -> str:
    """Text as it may be kept and shown: NFC, one kind of line end, nothing unseen."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _UNSEEN.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).strip()


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


def _message(once: Once, address: str, kind: str, what: str, **fields: str) -> Incoming:
    """The same thing sent twice from one page has the same update id, and is received once."""
    digest = hashlib.sha256(f"{kind}|{what}".encode()).hexdigest()[:16]
    return Incoming.model_validate(
        {"bot": BOT, "update_id": f"{once.nonce}-{digest}", "address": address, "kind": kind, "sent_at": clock.now(), **fields}
    )
