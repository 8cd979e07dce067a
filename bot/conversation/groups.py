"""What a handler gets when a group chat speaks: nobody's dialog, no menu that numbers refer to, only this message."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from bot import clock
from bot.conversation.context import Premises
from bot.db.questions import ChatGroup
from bot.messages import Incoming


@dataclass
class GroupContext:
    """One message in a group. Replies go to the group; what leaves for others is written through `session`. `secret` as in Context."""

    session: Session
    now: dt.datetime
    incoming: Incoming
    group: ChatGroup
    premises: Premises
    secret: bool = False

    @property
    def today(self) -> dt.date:
        return clock.today(self.now)
