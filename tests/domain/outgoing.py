"""Replies in the outbox of the terminal, and a clock: what tests of sending start from."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlmodel import col

from bot.db.store import Store
from bot.db.tables import Outbox
from bot.domain import outbox
from bot.messages import OutgoingKind, Reply, Say
from tests.fakes import NOON

BOT = "terminal"


def later(seconds: float) -> dt.datetime:
    return NOON + dt.timedelta(seconds=seconds)


def reply(text: str = "Chào") -> Reply:
    return Reply(blocks=(Say(text=text),))


async def queue(store: Store, *addresses: str, kind: OutgoingKind = "reply") -> list[int]:
    return [await store.write(outbox.put, BOT, address, reply(address), now=NOON, kind=kind) for address in addresses]


async def row(store: Store, outbox_id: int) -> Outbox:
    return await store.read(lambda session: session.execute(select(Outbox).where(col(Outbox.id) == outbox_id)).scalar_one())


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> dt.datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += dt.timedelta(seconds=seconds)
