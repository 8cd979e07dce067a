"""What a visitor does: each becomes messages that go the way of all messages."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock, errors
from bot.channels.webchat import inbound, log
from bot.channels.webchat.house import House
from bot.channels.webchat.inbound import BOT
from bot.conversation import payloads as codec
from bot.conversation.context import option
from bot.conversation.payloads import Payload
from bot.db.tables import Outbox
from bot.domain import checklists, people
from bot.messages import Choice, Incoming
from bot.pages.session import Once, Visitor
from bot.texts import t
from handlers import payloads, welcome

# What pages may begin, and the words that then stand in the conversation.
_WORDS: Mapping[type[Payload], str] = {
    payloads.SeeMine: "privacy.see",
    payloads.Forget: "privacy.forget",
    payloads.Renew: "list.changed_do",
    payloads.Edit: "list.do_edit",
    payloads.Show: "list.title",
    payloads.Mine: "chat.menu_mine",
    payloads.Person: "chat.person",
}


async def say(house: House, visitor: Visitor, once: Once, text: str) -> Visitor:
    """Typed words. The visitor that comes back has an address, made with the first message."""
    visitor = await _opened(house, visitor, once)
    await house.dispatcher.answer(inbound.text(once, visitor.address, text))
    return visitor


async def choose(house: House, visitor: Visitor, once: Once, row: str, number: str) -> Visitor | None:
    """The line `number` of the menu in message `row`; None when there is no such line."""
    choice = await _offered(house, visitor, row, number)
    return None if choice is None else await _press(house, visitor, once, choice, row)


async def begin(house: House, visitor: Visitor, once: Once, deed: str) -> Visitor | None:
    """One of the deeds pages may begin; None for anything else."""
    try:
        payload = payloads.CODEC.decode(deed)
    except errors.StalePayload:
        return None
    label = _label(house, payload)
    return None if label is None else await _press(house, visitor, once, option(label, payload))


def _label(house: House, payload: Payload) -> str | None:
    if isinstance(payload, payloads.Open):
        entry = house.premises.catalog.get(payload.code, clock.today(clock.now()))
        return entry.title if entry is not None else None
    if isinstance(payload, payloads.Forget) and payload.sure:
        return None
    return t(_WORDS[type(payload)]) if type(payload) in _WORDS else None


async def tick(house: House, visitor: Visitor, once: Once, checklist: str, have: Sequence[str]) -> None:
    """Set the boxes of a list: one message for each box that is to change, answered together."""
    if not visitor.address or not checklist.isdigit():
        return
    changes = await house.store.read(_changes, visitor.address, int(checklist), frozenset(have))
    messages = [_tick(once, visitor.address, change) for change in changes]
    for message in messages[:-1]:
        await house.dispatcher.receive(message)
    if messages:
        await house.dispatcher.answer(messages[-1])


def _tick(once: Once, address: str, change: payloads.Tick) -> Incoming:
    """It says what shall be, so it may come any number of times: on, off and on again from one page are three messages."""
    said = t("web.ticked" if change.have else "web.unticked")
    return inbound.press(once, address, said, codec.encode(change), place=secrets.token_hex(8))


def _changes(session: Session, address: str, checklist: int, have: frozenset[str]) -> list[payloads.Tick]:
    account = people.find(session, BOT, address)
    row = checklists.of_person(session, checklist, account.person_id) if account is not None else None
    kept = checklists.pinned(row) if row is not None else None
    if row is None or kept is None:
        return []
    now = checklists.ticked(row)
    return [payloads.Tick(checklist, paper.id, paper.id in have) for paper in kept.papers if (paper.id in have) != (paper.id in now)]


async def _press(house: House, visitor: Visitor, once: Once, choice: Choice, row: str = "") -> Visitor:
    visitor = await _opened(house, visitor, once)
    await house.dispatcher.answer(inbound.press(once, visitor.address, choice.label, choice.payload, place=row))
    return visitor


async def _opened(house: House, visitor: Visitor, once: Once) -> Visitor:
    """With the first message the visitor gets an address and the greeting becomes a message, so that its numbers mean something."""
    if not visitor.address:
        visitor = house.sessions.begin(once, framed=visitor.framed)
    if not await house.store.read(_begun, visitor.address):
        await house.dispatcher.answer(inbound.start(once, visitor.address))
    return visitor


def _begun(session: Session, address: str) -> bool:
    return session.execute(select(col(Outbox.id)).where(col(Outbox.bot) == BOT, col(Outbox.address) == address).limit(1)).first() is not None


async def _offered(house: House, visitor: Visitor, row: str, number: str) -> Choice | None:
    if not (row.isdigit() and number.isdigit()):
        return None
    if row == "0":
        choices = welcome.greeting(house.premises).choices
    else:
        reply = await house.store.read(log.sent, visitor.address, int(row)) if visitor.address else None
        choices = reply.choices if reply is not None else ()
    return next((choice for choice in choices if choice.number == int(number) and choice.payload), None)
