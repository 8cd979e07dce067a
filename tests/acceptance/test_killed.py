"""kill -9 at random instants of 200 conversations over real HTTP: all are answered, none is applied twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from bot.db.store import Store
from bot.db.tables import Checklist, Inbox, Outbox
from tests.fake_telegram import TOKEN, FakeTelegram

PEOPLE = 200
KILLS = 6
SECONDS = 240


class Service:
    """The process under test; `kill` is -9, then it starts anew."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.acceptance.serve"]
        self.process = subprocess.Popen(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._start()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=30)


class Crowd:
    """200 people: each asks, then answers 1 to every question the bot asks, once per question."""

    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake
        self._step = dict.fromkeys(range(1, PEOPLE + 1), 0)
        for user in self._step:
            fake.types("báo tử cho ông nội", user=user)

    def go_on(self) -> None:
        for user, step in self._step.items():
            if any(f"Câu {step + 1}" in call.data["text"] for call in self._fake.sent(user)):
                self._step[user] = step + 1
                self._fake.types("1", user=user)

    def finished(self) -> int:
        return sum(any("1.000656" in call.data["text"] for call in self._fake.sent(user)) for user in self._step)


@pytest.mark.slow
def test_killed_at_random_instants_every_conversation_ends_with_its_list(tmp_path: Path) -> None:
    with FakeTelegram() as fake:
        database = f"sqlite:///{tmp_path / 'killed.db'}"
        environment = {
            **os.environ, "MOTCUA_DATABASE_URL": database, "MOTCUA_DATA_DIR": str(tmp_path), "MOTCUA_TELEGRAM_TOKEN": TOKEN,
            "MOTCUA_TELEGRAM_API": fake.url, "MOTCUA_TELEGRAM_RATE": "150",
        }  # fmt: skip
        crowd, service = Crowd(fake), Service(environment)
        chance, killed, end = random.Random(20261121), 0, time.monotonic() + SECONDS
        began = len(fake.calls)
        while crowd.finished() < PEOPLE and time.monotonic() < end:
            time.sleep(0.05)
            crowd.go_on()
            if killed < KILLS and len(fake.calls) - began > chance.randint(15, 90):
                service.kill()
                killed, began = killed + 1, len(fake.calls)
        assert service.end() == 0, "SIGTERM drains and ends cleanly"
        assert killed == KILLS
        assert crowd.finished() == PEOPLE
        check(database, fake)


def check(database: str, fake: FakeTelegram) -> None:
    store = Store(database)
    with Session(store.engine) as session:
        inbox = session.execute(select(Inbox)).scalars().all()
        assert {row.state for row in inbox} == {"done"}
        answered = set(session.execute(select(col(Outbox.inbox_id))).scalars())
        assert answered == {row.id for row in inbox}, "every message has its answer"
        assert set(session.execute(select(col(Outbox.state))).scalars()) == {"sent"}
        lists = session.execute(select(Checklist)).scalars().all()
        assert len(lists) == PEOPLE, "a turn applied twice would have begun a second list"
        assert len({json.dumps(json.loads(row.answers), sort_keys=True) for row in lists}) == 1
    store.close()
