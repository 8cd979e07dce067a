"""A reply as Telegram shows it. Limits: https://core.telegram.org/bots/api#sendmessage, #sendphoto and #inlinekeyboardbutton"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation import plain
from bot.messages import Attached, Choice, Papers, Reply
from bot.texts import t

LONGEST_TEXT = 4096  # UTF-16 units after the markup is taken away
LONGEST_CAPTION = 1024
LONGEST_BUTTON = 60  # longer labels are cut off by phones
MOST_BUTTONS = 90


@dataclass(frozen=True)
class Button:
    """One row of the keyboard: either data that comes back, or a page that opens."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True)
class Part:
    """One message: words, or a file with words under it. `html`: whether they carry markup; the keyboard hangs on one part only."""

    text: str
    html: bool = False
    file: Attached | None = None
    keyboard: tuple[Button, ...] = ()


def wire(reply: Reply, *, typed: bool = True) -> tuple[Part, ...]:
    """The messages to send, in order: with markup where it fits one message, else as plain text cut at sentence ends.

    Words that fit under a single picture or file stand there; longer ones come before it, and carry the keyboard. `typed`: whether a
    number that is typed means a line, which it does not in a group.
    """
    files = [block for block in reply.blocks if isinstance(block, Attached)]
    said = reply.model_copy(update={"blocks": tuple(block for block in reply.blocks if not isinstance(block, Attached))}) if files else reply
    keyboard = tuple(_buttons(reply))[:MOST_BUTTONS]
    marked, bare = _worded(said, typed=typed)
    if files and units(bare) <= LONGEST_CAPTION:
        return (Part(marked, html=True, file=files[0], keyboard=keyboard), *(Part("", file=file) for file in files[1:]))
    if units(bare) <= LONGEST_TEXT:
        texts = [Part(marked, html=True, keyboard=keyboard)]
    else:
        # Split counts characters; letters outside the BMP (emoji) count twice here, hence the margin.
        *first, last = plain.split(bare, LONGEST_TEXT // 2)
        texts = [*map(Part, first), Part(last, keyboard=keyboard)]
    return (*texts, *(Part("", file=file) for file in files))


def _worded(reply: Reply, *, typed: bool) -> tuple[str, str]:
    """With markup, and without."""
    lines = any(choice.hint or _only_text(choice) for choice in reply.choices)
    hint = _numbers(reply) if typed and reply.choices and not lines else ""
    marked = plain.text(reply, menu=lines, bold=lambda text: f"<b>{text}</b>", escape=lambda text: html.escape(text, quote=False))
    bare = plain.text(reply, menu=lines)
    return "\n\n".join(filter(None, (marked, html.escape(hint, quote=False)))), "\n\n".join(filter(None, (bare, hint)))


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
