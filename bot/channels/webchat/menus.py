"""Which line of which menu was chosen, by a press or by typed words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bot.conversation import choose
from bot.messages import Incoming, Reply

if TYPE_CHECKING:
    from bot.channels.webchat.log import Answered, Said


def current(replies: Sequence[tuple[int, Reply]]) -> int | None:
    """The row whose menu typed numbers refer to: the newest one with a menu."""
    return next((row for row, reply in reversed(replies) if reply.choices), None)


def picked(said: Sequence[Said], answered: Sequence[Answered]) -> Mapping[int, int]:
    """For each row with a menu, the number last chosen from it."""
    found: dict[int, int] = {}
    for entry in said:
        before = [row for row in answered if row.at < entry.at and row.reply.choices]
        hit = _hit(entry.incoming, before)
        if hit is not None:
            found[hit[0]] = hit[1]
    return found


def _hit(incoming: Incoming, menus: Sequence[Answered]) -> tuple[int, int] | None:
    if incoming.kind == "choice":
        for row in reversed(menus):
            for choice in row.reply.choices:
                if choice.payload == incoming.payload:
                    return row.id, choice.number
    elif incoming.kind == "text" and menus:
        menu = menus[-1].reply.choices
        choice_said = choose.pick(menu, incoming.text) or choose.pick_loosely(menu, incoming.text)
        return (menus[-1].id, choice_said.number) if choice_said is not None else None
    return None
