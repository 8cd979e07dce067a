"""A button from long ago."""

from __future__ import annotations

from bot.conversation.context import Context
from bot.messages import Incoming, Reply, State
from bot.texts import t
from handlers import welcome


def stale(context: Context, _said: Incoming) -> Reply:
    state = State(icon="info", title=t("chat.stale_title"), text=(t("chat.stale"),))
    return Reply(blocks=(state,), choices=context.state.menu or welcome.choices(), many=context.state.many)
