"""The center's staff group: questions come in, answers go out."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.groups import GroupContext
from bot.messages import Reply


def answer(_context: GroupContext) -> Sequence[Reply]:
    return ()
