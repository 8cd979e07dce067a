"""A notice on its way to many, sent by two processes that are killed, and what must hold of its ledger at every instant."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock
from bot.db import upsert
from bot.db.enums import OPEN
from bot.db.leaving import Notice
from bot.db.store import Store
from bot.db.tables import Account, Outbox, Person
from bot.domain import centers, outbox
from bot.messages import Reply, Say
from tests.fake_telegram import BOT, TOKEN, Trouble
from tests.strict_telegram import StrictTelegram

GROUP, MOVED_TO = "-100500", "-100777"
SECOND = 1_000_000  # added to somebody's chat: their other account
REPLY = Reply(blocks=(Say(text="Thứ Ba 24/11 trung tâm nghỉ lễ."),))
_TABLE = upsert.table(Outbox)


class Troubles:
    """A provider on a bad day: `share` of every hundred requests. Every fiftieth person has blocked the bot."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.met = Counter[str]()

    def __call__(self, _method: str, data: dict[str, Any]) -> Trouble | None:
        found = self._for(str(data["chat_id"]))
        if found is not None:
            self.met[found] += 1
        return found

    def _for(self, chat: str) -> Trouble | None:
        if chat == GROUP:
            return "migrated"
        if blocked(chat):
            return "403"
        drawn = self._chance.random()
        for below, trouble in ((0.02, "429"), (0.03, "500"), (0.04, "502"), (0.045, "reset_before"), (0.05, "reset_after")):
            if drawn < below:
                return trouble  # type: ignore[return-value]
        return None


def blocked(chat: str) -> bool:
    return int(chat) > 0 and int(chat) < SECOND and int(chat) % 50 == 0


class Ledger:
    """The notice in one database: people 1 to `people`, every hundredth with a second account, and a group."""

    def __init__(self, url: str, people: int) -> None:
        self.url, self.people = url, people
        self.store = Store(url)
        with Session(self.store.engine) as session, session.begin():
            centers.settle(session, centers.read(None), now=clock.now())
            self._fill(session, clock.now())

    def _fill(self, session: Session, now: dt.datetime) -> None:
        notice = Notice(
            center_id=centers.read(None)[0].id, state="sending", title="Nghỉ lễ", body="", reply=REPLY.model_dump_json(), author="staff:1",
            urgent=True, recipients=self.people + 1, frozen_at=now, created_at=now, changed_at=now,
        )  # fmt: skip
        session.add(notice)
        session.flush()
        addresses = [*(str(number) for number in range(1, self.people + 1)), GROUP]
        session.add_all(Person(id=number, created_at=now) for number in range(1, len(addresses) + 1))
        session.flush()
        for number, address in enumerate(addresses, start=1):
            others = [str(number + SECOND)] if number % 100 == 0 else []
            for one in (address, *others):
                session.add(Account(person_id=number, bot=BOT, address=one, created_at=now, last_seen_at=now))
            session.add(Outbox(bot=BOT, address=address, notice_id=notice.id, person_id=number, kind="notice", body="", created_at=now))

    def counts(self) -> dict[str, int]:
        with Session(self.store.engine) as session:
            rows = session.execute(select(_TABLE.c.state, func.count()).where(_TABLE.c.notice_id.is_not(None)).group_by(_TABLE.c.state))
            return {str(state): int(number) for state, number in rows}

    def rows(self) -> list[Any]:
        with Session(self.store.engine) as session:
            return list(session.execute(select(Outbox).where(_TABLE.c.notice_id.is_not(None))).scalars())

    def open(self) -> int:
        return sum(number for state, number in self.counts().items() if state in OPEN)

    def chat(self, address: str) -> int:
        """Somebody is answered."""
        with Session(self.store.engine) as session, session.begin():
            return outbox.put(session, BOT, address, Reply(blocks=(Say(text=f"Trả lời {address}"),)), now=clock.now())


class Crew:
    """Two processes that deliver."""

    def __init__(self, ledger: Ledger, fake: StrictTelegram, rate: float) -> None:
        self._environment = {
            **os.environ, "MOTCUA_DATABASE_URL": ledger.url, "MOTCUA_TELEGRAM_API": fake.url, "MOTCUA_TELEGRAM_RATE": str(rate),
            "MOTCUA_TELEGRAM_TOKEN": TOKEN,
        }  # fmt: skip
        self.processes = [self._start(), self._start()]
        self.killed: list[float] = []

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.acceptance.deliver"]
        return subprocess.Popen(command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def kill(self, number: int) -> None:
        """-9, and started anew at once."""
        with self.processes[number] as process:
            process.kill()
            self.killed.append(time.monotonic())
        self.processes[number] = self._start()

    def end(self) -> list[int]:
        """With SIGTERM, as soon as they can hear it."""
        for process in self.processes:
            assert process.stdout is not None
            process.stdout.readline()
            process.terminate()
        ended = [process.wait(timeout=30) for process in self.processes]
        for process in self.processes:
            assert process.stdout is not None
            process.stdout.close()
        return ended


class Watch(threading.Thread):
    """Adds the ledger up again and again."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(daemon=True)
        self._ledger, self.ended = ledger, threading.Event()
        self.sums: set[int] = set()
        self.looks = 0

    def run(self) -> None:
        while not self.ended.wait(0.03):
            self.sums.add(sum(self._ledger.counts().values()))
            self.looks += 1


class Waited(NamedTuple):
    """A chat's answer: when it was written, and when the provider had it."""

    at: float
    seconds: float


class Stretch(NamedTuple):
    """A time in which messages left without an outage."""

    begin: float
    end: float
    messages: int


def stretches(fake: StrictTelegram, killed: list[float]) -> list[Stretch]:
    """The times between outages. An outage begins with a kill or a 429 and ends with the first message after it."""
    breaks, found, current = sorted([*fake.told_to_wait, *killed]), list[Stretch](), list[float]()
    for at in [*sorted(fake.asked), float("inf")]:
        broken = at == float("inf")
        while breaks and at > breaks[0]:
            broken = breaks.pop(0) > 0
        if broken and len(current) > 1:
            found.append(Stretch(current[0], current[-1], len(current) - 1))
        current = [at] if broken else [*current, at]
    return found


def utilisation(fake: StrictTelegram, rate: float, killed: list[float], shortest: int = 20) -> float:
    """The share of the rate that was used between outages."""
    long = [stretch for stretch in stretches(fake, killed) if stretch.messages >= shortest]
    spent = sum(stretch.end - stretch.begin for stretch in long)
    return sum(stretch.messages for stretch in long) / spent / rate if spent else 0.0


def wait_for(done: Callable[[], bool], seconds: float, meanwhile: Callable[[], None] = lambda: None) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        meanwhile()
        time.sleep(0.05)
    return done()
