"""The pacer against a server that counts every window of a second, on a clock of its own: minutes pass in no time, late by design."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot.channels.telegram import pacer
from bot.channels.telegram.pacer import Pacer
from bot.domain import delivery
from bot.settings import Settings

RATE = Settings.model_fields["telegram_rate"].default
LIMIT = 30
ALLOWED = 0.98  # of the limit: what a steady connection has to reach


class Clock(selectors.SelectSelector):
    """Time passes only by waiting, at once; every wait ends `late` by so much."""

    def __init__(self, late: Callable[[], float]) -> None:
        super().__init__()
        self.now, self._late = 0.0, late

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.now += timeout + self._late()
        return []


@dataclass
class Line:
    """Seconds of the way there and back, from one message to the next; seconds this process oversleeps."""

    there: Callable[[], float] = lambda: 0.02
    back: Callable[[], float] = lambda: 0.02
    late: Callable[[], float] = lambda: 0.0005
    counted: list[float] = field(default_factory=list)

    async def carry(self) -> bool:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.there())
        self.counted.append(loop.time())
        await asyncio.sleep(self.back())
        return True

    def busiest_second(self) -> int:
        times = sorted(self.counted)
        return max(sum(1 for at in times[number : number + 10 * LIMIT] if at < begin + 1.0) for number, begin in enumerate(times))

    def rate(self) -> float:
        """Messages a second after the first few hundred."""
        times = sorted(self.counted)[pacer.WARM_UP * 3 :]
        return (len(times) - 1) / (times[-1] - times[0])


def sent(line: Line, messages: int, made: Callable[[], Pacer] = lambda: Pacer(RATE)) -> Line:
    """As the delivery worker sends: so many at once, to as many chats."""
    clock = Clock(line.late)
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    loop.run_until_complete(_all(line, messages, made()))
    loop.close()
    return line


async def _all(line: Line, messages: int, pacing: Pacer) -> None:
    under_way = asyncio.Semaphore(delivery.AT_ONCE)

    async def one(chat: int) -> None:
        async with under_way:
            await pacing.process_request(line.carry, (), {}, "sendMessage", {"chat_id": chat}, None)

    await asyncio.gather(*(one(chat) for chat in range(messages)))


def now_and_then(seconds: float, share: float, seed: int, otherwise: float = 0.0005) -> Callable[[], float]:
    chance = random.Random(seed)
    return lambda: seconds if chance.random() < share else otherwise


def first(seconds: float, messages: int, then: float) -> Callable[[], float]:
    waits = iter([seconds] * messages)
    return lambda: next(waits, then)


def between(low: float, high: float, seed: int) -> Callable[[], float]:
    chance = random.Random(seed)
    return lambda: chance.uniform(low, high)


LINES: dict[str, Callable[[], Line]] = {
    "steady": Line,
    "far away": lambda: Line(lambda: 0.15, lambda: 0.15),
    "unsteady": lambda: Line(between(0.01, 0.06, 1), between(0.01, 0.06, 2)),
    "very unsteady": lambda: Line(between(0.005, 0.6, 3), between(0.005, 0.6, 4)),
    "connections are made first": lambda: Line(first(0.3, 20, 0.005), lambda: 0.005),
    "packets lost on the way there": lambda: Line(now_and_then(0.25, 0.1, 5, 0.02)),
    "a machine busy with something else": lambda: Line(late=now_and_then(0.3, 0.02, 6)),
    "a server that hangs": lambda: Line(back=now_and_then(15.0, 0.01, 7, 0.02)),
}


@pytest.mark.parametrize("kind", LINES)
def test_no_second_holds_more_than_the_server_allows(kind: str) -> None:
    line = sent(LINES[kind](), 1500)
    assert len(line.counted) == 1500
    assert line.busiest_second() <= LIMIT


@pytest.mark.parametrize("kind", ["connections are made first", "packets lost on the way there", "a machine busy with something else"])
def test_without_the_places_of_a_second_even_spacing_goes_over_the_limit(kind: str) -> None:
    def only_spaced() -> Pacer:
        made = Pacer(RATE)
        made._places = asyncio.Semaphore(10**6)
        return made

    assert sent(LINES[kind](), 1500, only_spaced).busiest_second() > LIMIT


@pytest.mark.parametrize("kind", ["steady", "far away"])
def test_a_steady_connection_uses_what_it_may(kind: str) -> None:
    assert sent(LINES[kind](), 1500).rate() >= ALLOWED * LIMIT


def test_one_message_that_hangs_does_not_hold_up_the_others() -> None:
    assert sent(Line(back=first(60.0, 1, 0.02)), 1500).rate() >= 0.96 * LIMIT
