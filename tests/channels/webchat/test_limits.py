"""Who sends without end is asked to wait, and nobody else ever is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request

from bot import web
from bot.app import App
from bot.channels.webchat import limits
from bot.channels.webchat.limits import MESSAGES_OF_NETWORK, MESSAGES_OF_VISITOR, OWN_NETWORK, VISITORS_OF_NETWORK, Limits, Rate
from tests.channels.webchat.day import Day
from tests.channels.webchat.visitor import Visitor

PUBLIC, OTHER = "1.53.10.7", "14.160.2.2"
FEW = Rate(3, 0.001)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(host: str) -> Request:
    return Request({"type": "http", "client": (host, 4711), "headers": []})


def sent(counted: Limits, count: int, *, host: str = PUBLIC, address: str = "lan") -> int:
    """How many of them were let through."""
    return sum(counted.allows(asked(host), address) for _ in range(count))


def test_a_visitor_types_as_fast_as_anybody_can_and_no_faster_for_long() -> None:
    timer = Clock()
    counted = Limits(timer)
    assert sent(counted, 100) == MESSAGES_OF_VISITOR.burst
    timer.now += 10
    assert sent(counted, 100) == 10 * MESSAGES_OF_VISITOR.each_second
    timer.now += 3600
    assert sent(counted, 100) == MESSAGES_OF_VISITOR.burst, "no more than full"


def test_one_visitor_does_not_silence_another_nor_one_network_another() -> None:
    counted = Limits(Clock())
    sent(counted, 100)
    assert sent(counted, 5, address="mai") == 5
    assert sum(sent(counted, 50, address=f"a{number}") for number in range(20)) < MESSAGES_OF_NETWORK.burst
    assert sent(counted, 1, address="b") == 0
    assert sent(counted, 5, host=OTHER, address="b") == 5


def test_new_visitors_are_counted_by_their_network() -> None:
    counted = Limits(Clock())
    assert sent(counted, 1000, address="") == VISITORS_OF_NETWORK.burst
    assert sent(counted, 1, host=OTHER, address="") == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "192.168.1.20", "10.4.0.3", "::1", "fd00::7", "testclient"])
def test_a_whole_commune_behind_one_proxy_or_in_one_hall_is_let_through(host: str) -> None:
    counted = Limits(Clock())
    assert sent(counted, 1000, host=host, address="") == 1000
    assert sent(counted, 20_000, host=host, address="") == OWN_NETWORK * VISITORS_OF_NETWORK.burst - 1000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:ee0:4f00:1::1", "2001:ee0:4f00:1:ffff::9", True),
        ("2001:ee0:4f00:1::1", "2001:ee0:4f00:2::1", False),
        ("::ffff:1.53.10.7", "1.53.10.7", True),
        ("1.53.10.7", "1.53.10.8", False),
    ],
)
def test_a_network_is_one_address_or_one_household(one: str, other: str, same: bool) -> None:
    assert (limits.network(one) == limits.network(other)) is same


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KNOWN", 10)
    buckets = limits.Buckets(FEW, Clock())
    assert all(buckets.take(f"a{number}") for number in range(1000))
    assert len(buckets._kept) == 10


# over the wire


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three messages are the most, and three visitors."""
    monkeypatch.setattr(limits, "MESSAGES_OF_VISITOR", FEW)
    monkeypatch.setattr(limits, "VISITORS_OF_NETWORK", FEW)


@pytest.fixture
async def outside(few: None, app: App, day: Day) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on the internet."""
    transport = httpx.ASGITransport(app=web.build(app), client=(PUBLIC, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=app.premises.address) as client:
        yield client


async def test_too_many_messages_are_answered_kindly_and_nothing_typed_is_lost(outside: httpx.AsyncClient) -> None:
    visitor = Visitor(outside)
    await visitor.open()
    for number in range(4):
        assert (await visitor.say(f"câu số {number}")).status == 200
    page = await visitor.say("câu cuối")
    assert (page.status, page.answer.headers["retry-after"]) == (429, limits.WAIT)
    assert "anh/chị chờ một phút rồi bấm lại" in page.text
    assert "câu cuối</textarea>" in page.html
    assert "câu số 3" in page.text, "the conversation is still there"


async def test_a_script_is_told_by_the_status_alone(outside: httpx.AsyncClient) -> None:
    visitor = Visitor(outside)
    await visitor.open()
    for number in range(4):
        await visitor.say(f"câu số {number}")
    form = visitor.page.form("/gui")
    body = httpx.QueryParams([*form.fields, ("tin", "nữa")])
    headers = {"content-type": "application/x-www-form-urlencoded", "x-mot-cua": "1"}
    assert (await outside.post("/gui", content=str(body), headers=headers)).status_code == 429


@pytest.mark.parametrize("path", ["/gui", "/dat-lich"])
async def test_new_visitors_without_end_are_stopped_wherever_they_begin(outside: httpx.AsyncClient, path: str) -> None:
    statuses = []
    for _ in range(5):
        visitor = Visitor(outside)
        outside.cookies.clear()
        await visitor.open(path if path != "/gui" else "/")
        form = next(form for form in visitor.page.forms if form.action == path)
        answer = await visitor.post(path, [*form.fields, ("tin", "xin chào"), ("gio", "2026-11-25T08:30")])
        statuses.append(answer.status_code)
    assert [status == 429 for status in statuses] == [False] * 3 + [True] * 2
