"""A group nobody has set up yet: what it is for, and which center it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.groups import GroupContext
from bot.messages import Incoming, Reply


def answer(_context: GroupContext) -> Sequence[Reply]:
    return ()


def is_meant(_said: Incoming) -> bool:
    """Whether one of the set-up's own buttons was pressed."""
    return False
