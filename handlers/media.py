"""What is not text: photos are refused and not kept unless staff are to see them, everything else gets a kind sentence."""

from __future__ import annotations

from bot.conversation.context import Context
from bot.messages import Incoming, Reply, Say, State
from bot.texts import t
from handlers import question_files, questions, welcome


def photo(context: Context, said: Incoming) -> Reply:
    """Channels hand over that a photo came and how it is called there, never the photo itself."""
    waiting = questions.live(context) if said.file is not None else None
    if waiting is not None:
        return question_files.ask(context, said, waiting)
    state = State(tone="stop", icon="shield", title=t("chat.photo_title"), text=(t("chat.photo"), t("chat.photo_word")))
    return Reply(blocks=(state,), choices=context.state.menu or welcome.choices(), many=context.state.many)


def other(context: Context, said: Incoming) -> Reply:
    """The menu stays as it was, so the dialog goes on where it stood."""
    waiting = questions.live(context) if said.file is not None else None
    if waiting is not None:
        return question_files.ask(context, said, waiting)
    return Reply(blocks=(Say(text=t(f"chat.{said.kind}")),), choices=context.state.menu or welcome.choices(), many=context.state.many)
