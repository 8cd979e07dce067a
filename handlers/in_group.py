"""Which kind of group speaks, and who answers there."""

from __future__ import annotations

from bot.conversation.groups import GroupContext
from bot.conversation.routing import Replies
from handlers import group, group_setup, help_group

_ANSWERS = {"staff": help_group.answer, "citizens": group.answer}
SET_UP = "/caidat"


def answer(context: GroupContext) -> Replies:
    """Setting up can be asked for again at any time; whoever brings the bot in begins with it."""
    said = context.incoming
    if said.kind == "start" or said.text == SET_UP or group_setup.is_meant(said):
        return group_setup.answer(context)
    return _ANSWERS.get(context.group.purpose, group_setup.answer)(context)
