"""What a handler gets: who wrote, where the dialog stands, and the house around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from bot import clock
from bot.conversation import payloads
from bot.conversation.beforehand import Beforehand
from bot.conversation.payloads import Payload
from bot.conversation.state import State
from bot.domain import people
from bot.domain.centers import Center, Directory
from bot.messages import PERSON, Choice, Incoming
from procedures.catalog import Catalog
from procedures.search import Index


@dataclass(frozen=True)
class Premises:
    """What every conversation of this installation shares. `address`: where its web pages are, without a slash at the end.

    `usernames`: of bots one can be sent to by a link (https://t.me/…), by bot; a channel adds its own when it knows it. `key`: what keyed
    hashes of people are made with.
    """

    catalog: Catalog
    index: Index
    directory: Directory
    address: str
    keep_days: int = 90
    silent: frozenset[str] = frozenset(("web",))  # bots whose messages wait for the reader, and ring nowhere
    usernames: dict[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def center(self) -> Center:
        """The first of the operator's file, with its hours as they are now."""
        return self.directory.default


@dataclass
class Context:
    """One turn: handlers read it, change `state`, write through `session`, and return replies.

    `secret`: a handler found a password or a card number in the message, so its words are not kept. `beforehand`: for what is slow to make.
    """

    session: Session
    now: dt.datetime
    incoming: Incoming
    account: people.Known
    state: State
    premises: Premises
    secret: bool = False
    beforehand: Beforehand = field(default_factory=lambda: Beforehand(0))

    @property
    def today(self) -> dt.date:
        return clock.today(self.now)

    @property
    def person_id(self) -> int:
        return self.account.person_id

    @property
    def account_id(self) -> int:
        return self.account.account_id


def option(label: str, payload: Payload, *, hint: str = "", words: Sequence[str] = ()) -> Choice:
    """A choice that has no number yet."""
    return Choice(number=-1, label=label, payload=payloads.encode(payload), hint=hint, words=tuple(words))


def numbered(options: Sequence[Choice], person: Choice | None = None) -> tuple[Choice, ...]:
    """The menu: options from 1 on, and 0 for a person at its end."""
    menu = [choice.model_copy(update={"number": number}) for number, choice in enumerate(options, start=1)]
    return (*menu, person.model_copy(update={"number": PERSON})) if person is not None else tuple(menu)
