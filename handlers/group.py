"""A citizens' help group: short answers in the thread, the rest in private or to staff."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.groups import GroupContext
from bot.messages import Reply


def answer(_context: GroupContext) -> Sequence[Reply]:
    return ()
