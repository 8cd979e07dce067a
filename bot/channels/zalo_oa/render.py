"""A reply as Zalo shows it: numbered text, which every phone shows alike. https://developers.zalo.me/docs/official-account/tin-nhan"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.channels.zalo_oa.inbound import PRESSED
from bot.conversation import plain
from bot.messages import Attached, Choice, Reply

LONGEST_TEXT = 2_000
MOST_BUTTONS, LONGEST_BUTTON = 5, 100


@dataclass(frozen=True)
class Wire:
    """The texts to send, in order; pictures and files go before them, `buttons` hang on the last text."""

    parts: tuple[str, ...]
    attached: tuple[Attached, ...] = ()
    buttons: tuple[dict[str, Any], ...] = ()


def wire(reply: Reply, *, buttons: bool = False) -> Wire:
    """`buttons`: only where every choice fits in; the numbers stand in the text all the same."""
    attached = tuple(block for block in reply.blocks if isinstance(block, Attached))
    words = reply.model_copy(update={"blocks": tuple(block for block in reply.blocks if not isinstance(block, Attached))})
    fits = buttons and 0 < len(reply.choices) <= MOST_BUTTONS
    return Wire(tuple(plain.split(plain.text(words), LONGEST_TEXT)), attached, tuple(map(_button, reply.choices)) if fits else ())


def _button(choice: Choice) -> dict[str, Any]:
    title = f"{choice.number}. {choice.label}"
    title = title if len(title) <= LONGEST_BUTTON else f"{title[: LONGEST_BUTTON - 1].rstrip()}…"
    if choice.payload:
        return {"title": title, "type": "oa.query.hide", "payload": f"{PRESSED}{choice.payload}"}
    return {"title": title, "type": "oa.open.url", "payload": {"url": choice.link}}
