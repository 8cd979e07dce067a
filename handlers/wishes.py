"""Matters named in one message: the one chosen first is done, the others are offered after it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.context import Context, numbered, option
from bot.messages import Choice, Reply
from bot.texts import t
from handlers import payloads, welcome


def choose(context: Context) -> Reply:
    """Which of them first."""
    options = [*_lines(context, context.state.wishes), option(t("find.clarify_none"), payloads.AskAgain())]
    return Reply(ask=t("find.several"), choices=numbered(options, welcome.person()))


def opened(context: Context, code: str) -> None:
    context.state.wishes = tuple(wish for wish in context.state.wishes if wish != code)


def left(context: Context) -> list[Choice]:
    """A line for each that was not opened yet."""
    return [line.model_copy(update={"label": t("find.left", name=line.label)}) for line in _lines(context, context.state.wishes)]


def _lines(context: Context, codes: Sequence[str]) -> list[Choice]:
    entries = [context.premises.catalog.get(code, context.today) for code in codes]
    return [option(entry.title, payloads.Open(entry.code)) for entry in entries if entry is not None]
