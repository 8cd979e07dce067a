"""A notice to many over a provider that counts and fails, by two processes that are killed: every row has a fate, nobody gets it twice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.acceptance.mailing import GROUP, MOVED_TO, SECOND, Crew, Ledger, Troubles, Waited, Watch, blocked, stretches, utilisation, wait_for
from tests.strict_telegram import StrictTelegram

CHATS_EVERY = 3.0  # seconds


@dataclass(frozen=True)
class Size:
    people: int
    kills: int
    rate: float
    limit: int
    seconds: float


SMALL = Size(people=500, kills=3, rate=60, limit=61, seconds=150)
LARGE = Size(people=5000, kills=20, rate=29.5, limit=30, seconds=1500)


class Mailing:
    """Runs it, kills as it goes, and answers somebody now and then."""

    def __init__(self, url: str, size: Size, fake: StrictTelegram) -> None:
        self.size, self.fake, self.troubles = size, fake, Troubles(20261122)
        fake.limit, fake.trouble_for = size.limit, self.troubles
        self.ledger = Ledger(url, size.people)
        self.crew = Crew(self.ledger, fake, size.rate)
        self.watch = Watch(self.ledger)
        self.waited: list[Waited] = []
        self._asked: dict[str, float] = {}
        self._next_chat = time.monotonic()
        self._kills = self._instants()

    def _instants(self) -> Iterator[tuple[int, int]]:
        """(after so many requests, which process)."""
        chance = random.Random(7)
        for after in sorted(chance.sample(range(self.size.people // 20, self.size.people), self.size.kills)):
            yield after, chance.randrange(2)

    def run(self) -> bool:
        self.watch.start()
        upcoming = next(self._kills, None)

        def meanwhile() -> None:
            nonlocal upcoming
            if upcoming is not None and len(self.fake.asked) >= upcoming[0]:
                self.crew.kill(upcoming[1])
                upcoming = next(self._kills, None)
            self._chat()

        done = wait_for(lambda: upcoming is None and self.ledger.open() == 0, self.size.seconds, meanwhile)
        self.watch.ended.set()
        self.watch.join()
        return done

    def _chat(self) -> None:
        now = time.monotonic()
        for call in self.fake.calls[-200:]:
            if (at := self._asked.pop(str(call.data.get("text")), None)) is not None:
                self.waited.append(Waited(at, call.at - at))
        if self.fake.asked and now >= self._next_chat:
            self._next_chat = now + CHATS_EVERY
            address = str(2 * SECOND + len(self.waited) + len(self._asked))
            self._asked[f"Trả lời {address}"] = now
            self.ledger.chat(address)

    def calm(self) -> list[float]:
        """How long chats waited that were written and, within two seconds, could be answered outside an outage."""
        going = stretches(self.fake, self.crew.killed)
        return [one.seconds for one in self.waited if any(stretch.begin <= one.at <= stretch.end - 2 for stretch in going)]


def check(mailing: Mailing) -> None:
    fake, size = mailing.fake, mailing.size
    rows = mailing.ledger.rows()
    assert mailing.watch.looks > 20
    assert mailing.watch.sums == {size.people + 1}, "the states add up at every instant"
    assert {row.state for row in rows} <= {"sent", "refused", "unknown"}, "every row has its fate"
    assert len({row.person_id for row in rows}) == size.people + 1
    got = fake.received()
    assert fake.over == 0, "no 429 was caused by us"
    for row in rows:
        taken = got[row.address]
        assert taken <= 1, f"{row.address} got it {taken} times"
        assert taken == 1 or row.state != "sent", row.address
        assert taken == 0 or row.state != "refused", row.address
        if blocked(row.address):
            assert row.state != "sent"
            assert row.state == "unknown" or row.person_id % 100, "nobody is refused who can be reached elsewhere"
    assert all(row.address == str(row.person_id + SECOND) for row in rows if row.person_id % 100 == 0 and row.state == "sent")
    assert [row.address for row in rows if row.person_id == size.people + 1] == [MOVED_TO]
    assert got[GROUP] == 0


def unknown(mailing: Mailing) -> int:
    return sum(row.state == "unknown" for row in mailing.ledger.rows())


@contextmanager
def run(url: str, size: Size) -> Iterator[Mailing]:
    fake = StrictTelegram()
    with fake:
        mailing = Mailing(url, size, fake)
        try:
            done = mailing.run()
        finally:
            ended = mailing.crew.end()
        print({"counts": mailing.ledger.counts(), "troubles": dict(mailing.troubles.met), "over": fake.over, "kills": len(mailing.crew.killed)})
        print({"used": utilisation(fake, size.rate, mailing.crew.killed), "chats": sorted(round(one, 2) for one in mailing.calm())[-5:]})
        assert done, mailing.ledger.counts()
        assert ended == [0, 0], "SIGTERM drains and ends cleanly"
        check(mailing)
        yield mailing
        mailing.ledger.store.close()


@pytest.mark.timeout(240)
def test_five_hundred_get_it_once_though_processes_are_killed(database_url: str) -> None:
    with run(database_url, SMALL) as mailing:
        doubtful = sum(mailing.troubles.met[kind] for kind in ("500", "502", "reset_before", "reset_after"))
        assert unknown(mailing) <= doubtful + 12 * len(mailing.crew.killed), "only what was on its way is unknown"


@pytest.mark.day
@pytest.mark.timeout(1800)
def test_five_thousand_get_it_once_though_processes_are_killed_twenty_times(database_url: str) -> None:
    with run(database_url, LARGE) as mailing:
        assert utilisation(mailing.fake, LARGE.rate, mailing.crew.killed) >= 0.98
        assert max(mailing.calm(), default=0.0) < 2.0
