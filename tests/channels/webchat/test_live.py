"""Open pages hear of news: at once in this process, within a look from another one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from bot import clock
from bot.app import App
from bot.channels.webchat.inbound import BOT
from bot.db.tables import Account
from bot.domain import outbox
from bot.messages import Reply, Say
from bot.pages import live
from bot.pages.live import Hub
from tests.channels.webchat.visitor import Visitor


class Rows:
    """The highest ids, and how often they were asked for."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.looks = 0

    async def newest(self, addresses: Sequence[str]) -> Mapping[str, int]:
        self.looks += 1
        return {address: self.ids[address] for address in addresses if address in self.ids}


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
async def hub(rows: Rows) -> AsyncIterator[Hub]:
    made = Hub(rows.newest)
    running = asyncio.create_task(made.run())
    yield made
    made.stop()
    await asyncio.wait_for(running, 2)


async def event(stream: AsyncIterator[bytes]) -> str:
    async with asyncio.timeout(5):
        return (await anext(stream)).decode()


async def test_a_page_hears_of_a_new_message(hub: Hub, rows: Rows) -> None:
    stream = hub.stream("lan", 4)
    assert (await event(stream)).startswith("retry:")
    rows.ids["lan"] = 7
    hub.wake("lan")
    assert await event(stream) == "id: 7\nevent: moi\ndata: 7\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_page_that_comes_back_hears_what_it_missed(hub: Hub, rows: Rows) -> None:
    rows.ids["lan"] = 9
    stream = hub.stream("lan", 3)
    await event(stream)
    assert "data: 9" in await event(stream)
    await stream.aclose()  # type: ignore[attr-defined]


async def test_news_from_another_process_are_seen_at_the_next_look(hub: Hub, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.05)
    stream = hub.stream("lan", 0)
    await event(stream)
    waiting = asyncio.create_task(event(stream))
    await asyncio.sleep(0.1)
    rows.ids["lan"] = 1
    assert "data: 1" in await waiting
    await stream.aclose()  # type: ignore[attr-defined]


async def test_silence_is_filled_with_heartbeats(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.02)
    stream = hub.stream("lan", 0)
    await event(stream)
    assert await event(stream) == ": \n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_streams_are_bounded_and_places_are_given_back(hub: Hub) -> None:
    streams = [hub.stream("lan", 0) for _ in range(live.MOST_EACH)]
    for stream in streams:
        await event(stream)
    assert not hub.has_room("lan")
    assert hub.has_room("minh")
    await streams[0].aclose()  # type: ignore[attr-defined]
    assert hub.has_room("lan")
    for stream in streams[1:]:
        await stream.aclose()  # type: ignore[attr-defined]


async def test_stopping_ends_every_stream(rows: Rows) -> None:
    hub = Hub(rows.newest)
    running = asyncio.create_task(hub.run())
    stream = hub.stream("lan", 0)
    await event(stream)
    rest = asyncio.create_task(_all(stream))
    await asyncio.sleep(0.05)
    hub.stop()
    assert await asyncio.wait_for(rest, 2) == []
    await asyncio.wait_for(running, 2)


async def _all(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in stream]


async def test_many_open_pages_are_one_question_a_look(hub: Hub, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 10)
    streams = [hub.stream(f"p{number}", 0) for number in range(50)]
    for stream in streams:
        await event(stream)
    await asyncio.sleep(0.05)
    assert rows.looks <= 52
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined]


async def test_the_fragment_is_empty_while_there_is_nothing_new(app: App, visitor: Visitor) -> None:
    await visitor.say("ba em mới mất")
    newest = visitor.page.html.split('data-newest="')[1].split('"')[0]
    assert (await visitor.client.get("/moi", params={"sau": newest})).status_code == 204
    address = await app.store.read(_an_address)
    reply = Reply(blocks=(Say(text="Cán bộ trả lời: mang theo căn cước."),))
    await app.store.write(outbox.put, BOT, address, reply, now=clock.now())
    answer = await visitor.client.get("/moi", params={"sau": newest})
    assert answer.status_code == 200
    assert "Cán bộ trả lời" in answer.text


def _an_address(session: Session) -> str:
    return str(session.execute(select(col(Account.address))).scalar_one())


async def test_full_streams_answer_503_so_that_pages_poll(app: App, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    await visitor.say("ba em mới mất")
    monkeypatch.setattr(Hub, "has_room", lambda *_: False)
    assert (await visitor.client.get("/song")).status_code == 503


async def test_without_a_conversation_there_is_no_stream(client: httpx.AsyncClient) -> None:
    assert (await client.get("/song")).status_code == 204
