"""What is not text: photos are refused and not kept, everything else gets a kind sentence."""

from __future__ import annotations

from bot.conversation.context import Context
from bot.messages import Incoming, Reply, Say, State
from bot.texts import t
from handlers import welcome


def photo(context: Context, _said: Incoming) -> Reply:
    """Channels hand over that a photo came, never the photo itself."""
    state = State(tone="stop", icon="shield", title=t("chat.photo_title"), text=(t("chat.photo"), t("chat.photo_word")))
    return Reply(blocks=(state,), choices=context.state.menu or welcome.choices(), many=context.state.many)


def other(context: Context, said: Incoming) -> Reply:
    """The menu stays as it was, so the dialog goes on where it stood."""
    return Reply(blocks=(Say(text=t(f"chat.{said.kind}")),), choices=context.state.menu or welcome.choices(), many=context.state.many)
