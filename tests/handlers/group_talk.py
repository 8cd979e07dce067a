"""A group chat to speak in, through the real dispatcher: several members, one of whom runs it, and staff who are connected."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import Any

from sqlmodel import Session

from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.enums import Role
from bot.db.questions import ChatGroup
from bot.db.store import Store
from bot.domain import centers, groups, outbox, staff
from bot.messages import Incoming, Reply
from tests.fakes import NOON, Talk

BOT, NAME = "telegram:424242", "MotCuaBot"
GROUP, OFFICE = "-100", "-200"
HEAD, LAN = "5", "6"  # who runs the group, and a member
MORNING = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)  # a Monday, nine o'clock


def several(premises: Premises) -> Premises:
    """Two centers, and a bot people can be sent to."""
    one = premises.center.model_copy(update={"id": "trung-tam", "name": "Trung tâm An Phú", "place": "An Phú"})
    other = one.model_copy(update={"id": "binh-hoa", "name": "Trung tâm Bình Hòa", "place": "Bình Hòa"})
    return dataclasses.replace(premises, directory=centers.Directory((one, other)), usernames={BOT: NAME})


def alone(premises: Premises) -> Premises:
    made = several(premises)
    return dataclasses.replace(made, directory=centers.Directory(made.directory.all[:1]))


class GroupTalk:
    """What members say, and what the bot says to the group; `now` can be turned."""

    def __init__(self, store: Store, premises: Premises, now: dt.datetime = MORNING) -> None:
        self.talk = Talk(store, premises, now)
        self.store, self.premises = store, premises
        self._numbers = itertools.count(1)
        self._read: dict[str, int] = {}

    def wait(self, seconds: float) -> None:
        self.talk.now += dt.timedelta(seconds=seconds)

    async def hear(self, sender: str = LAN, group: str = GROUP, **fields: Any) -> list[Reply]:
        """What the bot answers in the group."""
        number = next(self._numbers)
        body: dict[str, Any] = {
            "bot": BOT, "update_id": f"g{number}", "address": group, "group": "Thôn Đoài", "sender": sender, "addressed": True,
            "kind": "text", "sent_at": self.talk.now, "admin": True if sender == HEAD else None, "message_id": str(number),
        }  # fmt: skip
        await self.talk.dispatcher.answer(Incoming.model_validate({**body, **fields}))
        return await self.said(group)

    async def ask(self, text: str, sender: str = LAN, **fields: Any) -> str:
        return shown(await self.hear(sender, text=text, **fields))

    async def press(self, label: str, replies: list[Reply], sender: str = HEAD, group: str = GROUP) -> list[Reply]:
        choice = next(choice for reply in replies for choice in reply.choices if choice.label.startswith(label))
        return await self.hear(sender, group, kind="choice", payload=choice.payload)

    async def bring_in(self, sender: str = HEAD, group: str = GROUP) -> list[Reply]:
        return await self.hear(sender, group, kind="start", message_id="")

    async def said(self, group: str = GROUP) -> list[Reply]:
        """What was said to the group since it was last read."""
        rows = await self.store.read(outbox.log, BOT, group, after=self._read.get(group, 0))
        self._read[group] = rows[-1].id or 0 if rows else self._read.get(group, 0)
        return [Reply.model_validate_json(row.body) for row in rows]

    async def group(self, address: str = GROUP) -> ChatGroup:
        def read(session: Session) -> ChatGroup:
            return groups.of(session, BOT, address, now=NOON)

        return await self.store.write(read)

    async def set_up(self, address: str = GROUP, **fields: Any) -> None:
        """As somebody set it up before."""

        def change(session: Session) -> None:
            groups.change(session, groups.of(session, BOT, address, now=NOON), now=NOON, **fields)

        await self.store.write(change)

    async def hire(self, sender: str, role: Role = "clerk", center: str = "trung-tam", name: str = "chị Hạnh") -> int:
        """A member of staff whose private chat is connected."""

        def connect(session: Session) -> int:
            number = staff.create(session, name, center, role, now=NOON)
            code = staff.link(session, number, "connect", now=NOON)
            assert code is not None
            staff.connect(session, code, BOT, sender, now=NOON)
            return number

        return await self.store.write(connect)


def shown(replies: list[Reply]) -> str:
    return "\n\n".join(plain.text(reply) for reply in replies)
