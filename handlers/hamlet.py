"""Free words after somebody agreed to notices: where they live, or the next question."""

from __future__ import annotations

from bot.conversation.context import Context
from bot.conversation.routing import Replies
from bot.messages import Incoming
from handlers import ask, consent


def typed(context: Context, said: Incoming) -> Replies:
    return consent.typed_area(context, said.text) or ask.ask(context, said)
