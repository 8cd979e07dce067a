"""A ticket's page keeps up with the line by itself."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from bot.app import App
from bot.channels.webchat.channel import WebChat
from bot.domain import queue, visits
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.hall import Hall


async def test_the_fragment_is_what_changes(hall: Hall) -> None:
    visit = await hall.came()
    answer = await hall.visitor.client.get(f"/phieu/{visit.token}/moi")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'class="qr"' not in answer.text
    assert "data-live" in answer.text
    assert version(answer.text) == version((await hall.page(visit)).html)


def version(html: str) -> str:
    found = re.search(r'data-version="([^"]+)"', html)
    assert found
    return found[1]


async def test_it_is_announced_when_the_place_or_the_state_changes_and_not_each_minute(hall: Hall, day: Day) -> None:
    await hall.sit(1)
    await hall.came()
    visit = await hall.came()
    first = version((await hall.page(visit)).html)
    day.now += dt.timedelta(minutes=1)
    assert version((await hall.page(visit)).html) == first
    await hall.call()
    second = version((await hall.page(visit)).html)
    assert second != first
    desk = await hall.desk(1)
    there = await day.do(queue.at_counter, desk.id)
    await hall.do(queue.miss, there)
    await hall.call()
    third = version((await hall.page(visit)).html)
    await hall.do(queue.recall, await day.do(visits.get, visit.id))
    assert len({first, second, third, version((await hall.page(visit)).html)}) == 4


async def test_a_ticket_of_another_day_waits_for_nothing(hall: Hall) -> None:
    visit = await hall.booked(at(25, 8, 30))
    assert (await hall.visitor.client.get(f"/phieu/{visit.token}/song")).status_code == 204


async def test_an_event_at_the_center_wakes_the_page(app: App, hall: Hall) -> None:
    visit = await hall.came()
    chat = app.channels["webchat"]
    assert isinstance(chat, WebChat)
    key = f"ticket:{visit.id}:{CENTER}"
    before = await chat.hub._newest([key, "nobody"])
    await hall.call()
    after = await chat.hub._newest([key, "nobody"])
    assert after[key] > before[key]
    assert set(after) == {key}


async def test_full_streams_answer_503_so_that_pages_poll(app: App, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = await hall.came()
    chat = app.channels["webchat"]
    assert isinstance(chat, WebChat)
    monkeypatch.setattr(type(chat.hub), "has_room", lambda *_: False)
    assert (await hall.visitor.client.get(f"/phieu/{visit.token}/song")).status_code == 503
