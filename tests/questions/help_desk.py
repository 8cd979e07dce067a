"""A center with staff, their group and citizens who ask: typed through the real dispatcher and database, delivered by a recorder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import upsert
from bot.db.enums import Role
from bot.db.questions import ChatGroup
from bot.db.staff import StaffAccount
from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import groups, questions, staff, threads
from bot.domain.questions import Question
from bot.domain.roles import Member
from bot.domain.threads import Message
from bot.messages import Incoming, Reply
from handlers import ROUTES, answering
from tests.fakes import Talk

CENTER = "trung-tam"
GROUP = "-100"
BOT = "telegram:1"
MONDAY_MORNING = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # 8:00 in Vietnam; the 24th is a holiday
_OUTBOX = upsert.table(Outbox)


class HelpDesk(Talk):
    """`names`: chị Hạnh (clerk) and anh Tú (lead) are connected at the same bot; the group is the center's."""

    bot = BOT

    def __init__(self, store: Store, premises: Premises, now: dt.datetime = MONDAY_MORNING) -> None:
        super().__init__(store, premises, now)
        self.premises = premises
        self.numbers = 0

    async def open(self, *, group: bool = True) -> HelpDesk:
        self.hanh = await self.hire("chị Hạnh", "clerk")
        self.tu = await self.hire("anh Tú", "lead")
        if group:
            await self.store.write(self._set_up)
        return self

    def restart(self) -> None:
        """Everything that is not in the database is gone."""
        self.dispatcher = Dispatcher(self.store, self.premises, ROUTES, now=lambda: self.now)

    async def hire(self, name: str, role: Role, scope: str = CENTER, *, connected: bool = True) -> Member:
        number = await self.store.write(staff.create, name, scope, role, now=self.now)
        if connected:
            await self.store.write(_connect, number, name, self.now)
        found = await self.store.read(staff.find, number)
        assert found is not None
        return found

    def _set_up(self, session: Session) -> None:
        group = groups.of(session, BOT, GROUP, "Tổ hỗ trợ", now=self.now)
        group.purpose, group.center_id = "staff", CENTER

    def group(self, session: Session) -> ChatGroup:
        return groups.of(session, BOT, GROUP, now=self.now)

    # what people do

    async def tell(self, text: str = "", *, person: str = "lan", **fields: Any) -> list[Reply]:
        """A private message as Telegram brings it: with an id of its own."""
        self.numbers += 1
        given = {"kind": "text", "message_id": f"{person}-{self.numbers}", **fields}
        message = Incoming(bot=BOT, update_id=f"p{self.numbers}", address=person, text=text, sent_at=self.now, **given)
        await self.dispatcher.answer(message)
        return await self.unread(person)

    async def in_group(self, text: str = "", *, by: str = "chị Hạnh", to: str = "", address: str = GROUP, **fields: Any) -> list[Reply]:
        """A message in a group; `to`: the provider's id of what it answers. What the bot then says there."""
        self.numbers += 1
        given = {"kind": "text", "message_id": f"g-{self.numbers}", "reply_to": to, "addressed": True, **fields}
        message = Incoming(bot=BOT, update_id=f"g{self.numbers}", address=address, text=text, group="Tổ hỗ trợ", sender=by, sent_at=self.now, **given)
        await self.dispatcher.answer(message)
        return await self.unread(address)

    async def press_in_group(self, label: str, replies: Sequence[Reply], *, by: str = "chị Hạnh") -> list[Reply]:
        choice = next(c for reply in reversed(replies) for c in reply.choices if c.label.startswith(label))
        return await self.in_group(by=by, kind="choice", payload=choice.payload)

    async def asks(self, words: str = "Bố tôi mất ở quê, khai tử ở đây được không", person: str = "lan") -> Question:
        """A question sent the shortest way."""
        await self.tell("gặp cán bộ", person=person)
        await self.tell("1", person=person)
        await self.tell(words, person=person)
        await self.tell("1", person=person)
        return await self.question(person)

    # what is there

    async def question(self, person: str = "lan") -> Question:
        found = [one for one in await self.store.read(_all) if one.address == person]
        assert found, "nobody asked"
        return found[-1].question

    async def thread(self, person: str = "lan") -> list[Message]:
        return await self.store.read(threads.of, [(await self.question(person)).id])

    async def delivered(self, refuse: str = "") -> None:
        """Everything that waits leaves, in order; what goes to `refuse` is refused."""
        await self.store.write(_deliver, refuse, self.now)

    async def card(self, question: Question, address: str = GROUP) -> str:
        return await self.store.read(threads.card, BOT, address, question.id)

    async def sent_to(self, address: str) -> list[Outbox]:
        return list(await self.store.read(_rows, address))

    async def duties(self) -> None:
        for duty in answering.DUTIES:
            await self.store.write(duty, self.premises, now=self.now)


class _Of:
    def __init__(self, address: str, question: Question) -> None:
        self.address, self.question = address, question


def _all(session: Session) -> list[_Of]:
    table = questions.COLUMNS[0].table
    found = [questions.get(session, number) for number in session.execute(select(table.c.id).order_by(table.c.id)).scalars()]
    accounts = [(questions.account(session, one), one) for one in found if one is not None]
    return [_Of(account.address if account is not None else "", one) for account, one in accounts]


def _connect(session: Session, number: int, address: str, now: dt.datetime) -> None:
    session.execute(upsert.insert(session, StaffAccount, bot=BOT, address=address, staff_id=number, created_at=now))


def _deliver(session: Session, refuse: str, now: dt.datetime) -> None:
    for number, address, before in session.execute(
        select(_OUTBOX.c.id, _OUTBOX.c.address, _OUTBOX.c.provider_id).where(_OUTBOX.c.state == "queued")
    ).all():
        fate = {"state": "refused", "reason": "blocked"} if address == refuse else {"state": "sent", "provider_id": before or f"m{number}"}
        session.execute(update(_OUTBOX).where(_OUTBOX.c.id == number).values(**fate, settled_at=now))


def _rows(session: Session, address: str) -> Sequence[Outbox]:
    return session.execute(select(Outbox).where(_OUTBOX.c.address == address).order_by(_OUTBOX.c.id)).scalars().all()


def words(replies: Sequence[Reply]) -> str:
    """Everything in some replies, for looking at."""
    return "\n".join(reply.model_dump_json() for reply in replies)
