"""Every message is answered once, in order, whatever dies in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.conversation import dispatch, routing
from bot.conversation.context import Context, Premises
from bot.conversation.dispatch import Dispatcher
from bot.db.store import Store
from bot.domain import inbox, outbox
from bot.messages import Incoming, Reply, Say
from handlers import ROUTES
from tests.fakes import NOON, Talk


def echo(context: Context, said: Incoming) -> Reply:
    """Counts in the state, so that a turn done twice or out of order shows."""
    count = int(context.state.data.get("count", "0")) + 1
    context.state.data = {"count": str(count)}
    return Reply(blocks=(Say(text=f"{count}:{said.text}"),))


def fail(_context: Context, said: Incoming) -> Reply:
    raise RuntimeError(f"on purpose: {said.text}")


def only(handler: Any) -> routing.Routes:
    return replace(ROUTES, routes=(routing.Otherwise(handler),))


def message(number: int, person: str = "lan") -> Incoming:
    return Incoming(bot="terminal", update_id=f"{person}-{number}", address=person, kind="text", text=str(number), sent_at=NOON)


async def texts(store: Store, person: str = "lan") -> list[str]:
    rows = await store.read(outbox.log, "terminal", person)
    return [Reply.model_validate_json(row.body).blocks[0].text for row in rows]  # type: ignore[union-attr,misc]


async def test_messages_of_one_person_are_answered_in_order_and_once(store: Store, tiny: Premises) -> None:
    dispatcher = Dispatcher(store, tiny, only(echo), now=lambda: NOON)
    for number in range(1, 9):
        await dispatcher.receive(message(number))
    await asyncio.gather(*(dispatcher.work("terminal", "lan") for _ in range(6)))
    assert await texts(store) == [f"{number}:{number}" for number in range(1, 9)]


async def test_a_nul_in_a_message_is_left_out(store: Store, tiny: Premises) -> None:
    """PostgreSQL takes none in a text."""
    sent = Incoming.model_validate_json(message(1).model_dump_json().replace('"1"', '"kết\\u0000 hôn"'))
    dispatcher = Dispatcher(store, tiny, ROUTES, now=lambda: NOON)
    await dispatcher.receive(sent)
    await dispatcher.work("terminal", "lan")
    assert (sent.text, len(await store.read(outbox.log, "terminal", "lan"))) == ("kết hôn", 1)


async def test_two_dispatchers_do_not_answer_the_same_message(database_url: str, tiny: Premises) -> None:
    stores = [Store(database_url) for _ in range(3)]
    dispatchers = [Dispatcher(store, tiny, only(echo), now=lambda: NOON) for store in stores]
    for number in range(1, 13):
        await dispatchers[0].receive(message(number))
    await asyncio.gather(*(dispatcher.work("terminal", "lan") for dispatcher in dispatchers for _ in range(3)))
    assert await texts(stores[0]) == [f"{number}:{number}" for number in range(1, 13)]
    for store in stores:
        store.close()


async def test_without_the_claim_a_message_is_answered_twice(database_url: str, tiny: Premises, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: with the conditional update taken off, the race is lost."""

    def unclaimed(session: Any, inbox_id: int, **_: Any) -> bool:
        return True

    store = Store(database_url)
    await Dispatcher(store, tiny, only(echo), now=lambda: NOON).receive(message(1))
    monkeypatch.setattr(inbox, "finish", unclaimed)
    for _ in range(2):
        await store.write(dispatch.turn, tiny, only(echo), "terminal", "lan", now=NOON)
    assert await texts(store) == ["1:1", "2:1"]
    store.close()


async def test_a_message_received_twice_is_answered_once(store: Store, tiny: Premises) -> None:
    dispatcher = Dispatcher(store, tiny, only(echo), now=lambda: NOON)
    for _ in range(5):
        await dispatcher.answer(message(1))
    assert await texts(store) == ["1:1"]


async def test_what_a_killed_process_left_behind_is_answered_after_the_start(store: Store, tiny: Premises) -> None:
    await store.write(inbox.receive, message(1), now=NOON)
    dispatcher = Dispatcher(store, tiny, only(echo), now=lambda: NOON)
    running = asyncio.create_task(dispatcher.run())
    for _ in range(100):
        if await texts(store):
            break
        await asyncio.sleep(0.05)
    dispatcher.stop()
    await running
    assert await texts(store) == ["1:1"]


async def test_a_handler_that_fails_apologises_with_a_code_and_does_not_hold_up_the_next(store: Store, tiny: Premises) -> None:
    def handler(context: Context, said: Incoming) -> Reply:
        return fail(context, said) if said.text == "1" else echo(context, said)

    dispatcher = Dispatcher(store, tiny, only(handler), now=lambda: NOON)
    await dispatcher.receive(message(1))
    await dispatcher.answer(message(2))
    rows = await store.read(outbox.log, "terminal", "lan")
    first = Reply.model_validate_json(rows[0].body)
    assert "E-" in first.model_dump_json()
    assert "on purpose" not in first.model_dump_json()
    assert Reply.model_validate_json(rows[1].body).blocks == (Say(text="1:2"),), "the failed turn left no state"


async def test_two_people_do_not_share_a_state(store: Store, tiny: Premises) -> None:
    dispatcher = Dispatcher(store, tiny, only(echo), now=lambda: NOON)
    await asyncio.gather(*(dispatcher.answer(message(1, person)) for person in ("lan", "minh", "hoa")))
    for person in ("lan", "minh", "hoa"):
        assert await texts(store, person) == ["1:1"]


async def test_a_dialog_goes_on_after_a_restart(database_url: str, tiny: Premises) -> None:
    first = Store(database_url)
    await Talk(first, tiny).say("báo tử cho ông nội", update="a")
    first.close()
    second = Store(database_url)
    answered = await Talk(second, tiny).say("1", update="b")
    assert answered[-1].step == "Câu 2"
    second.close()
