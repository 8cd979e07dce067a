"""A reply as Telegram shows it. Limits: https://core.telegram.org/bots/api#sendmessage and #inlinekeyboardbutton"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation import plain
from bot.messages import Choice, Papers, Reply
from bot.texts import t

LONGEST_TEXT = 4096  # UTF-16 units after the markup is taken away
LONGEST_BUTTON = 60  # longer labels are cut off by phones
MOST_BUTTONS = 90


@dataclass(frozen=True)
class Button:
    """One row of the keyboard: either data that comes back, or a page that opens."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True)
class Wire:
    """The messages to send, in order; the keyboard hangs on the last. `html`: whether the text carries markup."""

    parts: tuple[str, ...]
    html: bool
    keyboard: tuple[Button, ...]


def wire(reply: Reply) -> Wire:
    """With markup where it fits one message, else as plain text cut at sentence ends."""
    lines = any(choice.hint or _only_text(choice) for choice in reply.choices)
    hint = _numbers(reply) if reply.choices and not lines else ""
    marked = plain.text(reply, menu=lines, bold=lambda text: f"<b>{text}</b>", escape=lambda text: html.escape(text, quote=False))
    bare = plain.text(reply, menu=lines)
    keyboard = tuple(_buttons(reply))[:MOST_BUTTONS]
    if units(bare) + units(hint) + 2 <= LONGEST_TEXT:
        return Wire(("\n\n".join(filter(None, (marked, html.escape(hint, quote=False)))),), html=True, keyboard=keyboard)
    # Split counts characters; letters outside the BMP (emoji) count twice here, hence the margin.
    parts = plain.split("\n\n".join(filter(None, (bare, hint))), LONGEST_TEXT // 2)
    return Wire(tuple(parts), html=False, keyboard=keyboard)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _numbers(reply: Reply) -> str:
    if reply.many:
        return t("channels.type_several")
    return t("channels.telegram_pick", numbers=", ".join(str(choice.number) for choice in reply.choices))


def _only_text(choice: Choice) -> bool:
    """Telegram takes only public https pages behind a button; any other link stands in the text."""
    return bool(choice.link) and not choice.link.startswith("https://")


def _buttons(reply: Reply) -> Iterable[Button]:
    for block in reply.blocks:
        if isinstance(block, Papers):
            for number, paper in enumerate(block.papers, start=1):
                if paper.payload:
                    yield Button(_cut(f"{'☑' if paper.have else '☐'} {number}. {paper.name}"), data=paper.payload)
    for choice in reply.choices:
        if choice.payload:
            yield Button(_cut(f"{choice.number}. {choice.label}"), data=choice.payload)
        elif not _only_text(choice):
            yield Button(_cut(f"{choice.number}. {choice.label}"), url=choice.link)


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST_BUTTON else f"{label[: LONGEST_BUTTON - 1].rstrip()}…"
