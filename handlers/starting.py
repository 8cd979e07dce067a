"""Links into the private chat: what stands behind `start=` in them, and what it opens there."""

from __future__ import annotations

import re

from bot.conversation.context import Context, Premises
from bot.conversation.routing import Replies
from bot.messages import Incoming
from handlers import interview, welcome

TELEGRAM = "https://t.me/"
PROCEDURE = "p-"
LONGEST = 64  # https://core.telegram.org/bots/features#deep-linking
_PARAMETER = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST}}}")


def start(context: Context, said: Incoming) -> Replies:
    """The procedure a link names, else the greeting."""
    code = code_of(said.text.partition(" ")[2].strip())
    if code and context.premises.catalog.knows(code):
        context.state.leave()
        return interview.open_code(context, code)
    return welcome.start(context, said)


def parameter(code: str) -> str:
    """The procedure as a start parameter, which may have no dot: 1.000656 is p-1_000656."""
    made = f"{PROCEDURE}{code.replace('.', '_')}"
    if not _PARAMETER.fullmatch(made):
        raise ValueError(f"no start parameter: {made!r}")
    return made


def code_of(typed: str) -> str:
    """The code it stands for; nothing when it is none of ours."""
    fits = _PARAMETER.fullmatch(typed) is not None and typed.startswith(PROCEDURE)
    return typed.removeprefix(PROCEDURE).replace("_", ".") if fits else ""


def link(premises: Premises, bot: str, code: str = "") -> str:
    """Where a person goes on in private, with a procedure or to the greeting; the web page where the bot's name is not known."""
    name = premises.usernames.get(bot)
    if not name:
        return f"{premises.address}/thu-tuc/{code}" if code else f"{premises.address}/"
    return f"{TELEGRAM}{name}?start={parameter(code)}" if code else f"{TELEGRAM}{name}"
