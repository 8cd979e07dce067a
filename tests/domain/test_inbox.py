"""What came in is there once, in order, until it was worked on."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import inbox
from bot.messages import Incoming
from tests.fakes import NOON


def message(update: str, address: str = "lan", text: str = "xin chào") -> Incoming:
    return Incoming(bot="b", update_id=update, address=address, kind="text", text=text, sent_at=NOON)


async def test_a_message_comes_back_as_it_was_received(store: Store) -> None:
    odd = message("1", text="\0 \u202e “{said}” %s 👩‍👩‍👧 ')")
    received = await store.write(inbox.receive, odd, now=NOON)
    waiting = await store.read(inbox.oldest, "b", "lan")
    assert waiting is not None
    assert tuple(waiting)[:2] == (received, odd)


async def test_the_oldest_of_one_conversation_comes_first(store: Store) -> None:
    first = await store.write(inbox.receive, message("1"), now=NOON)
    await store.write(inbox.receive, message("2", address="mai"), now=NOON)
    third = await store.write(inbox.receive, message("3"), now=NOON)
    assert first is not None
    assert await store.write(inbox.finish, first, now=NOON) is True
    waiting = await store.read(inbox.oldest, "b", "lan")
    assert waiting is not None
    assert waiting[0] == third
    assert await store.read(inbox.oldest, "another", "lan") is None


async def test_a_message_is_finished_by_one_worker_only(store: Store) -> None:
    received = await store.write(inbox.receive, message("1"), now=NOON)
    assert received is not None
    assert await store.write(inbox.finish, received, now=NOON, error="E-1") is True
    assert await store.write(inbox.finish, received, now=NOON) is False
    row = await store.read(lambda session: session.execute(select(Inbox)).scalar_one())
    assert (row.state, row.error, row.done_at) == ("failed", "E-1", NOON)


async def test_conversations_left_behind_are_named_once_the_longest_waiting_first(store: Store) -> None:
    for number, address in enumerate(["mai", "lan", "mai", "tư"]):
        await store.write(inbox.receive, message(str(number), address), now=NOON)
    assert await store.read(inbox.waiting) == [("b", "mai"), ("b", "lan"), ("b", "tư")]


async def test_words_that_are_not_kept_are_gone_and_the_message_is_not(store: Store) -> None:
    said = message("1", text="otp 123456")
    received = await store.write(inbox.receive, said, now=NOON)
    assert received is not None
    await store.write(inbox.keep_only, received, said, "otp …")
    row = await store.read(lambda session: session.execute(select(col(Inbox.body))).scalar_one())
    assert "123456" not in row
    assert Incoming.model_validate_json(row).text == "otp …"
