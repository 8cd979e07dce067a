"""kill -9 between token refresh and store, between accept and mark, between commit and 200: nothing is lost and nobody is locked out."""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot import clock
from bot.channels.zalo_oa import webhook
from bot.db import schema, upsert
from bot.db.leaving import ProviderToken, SenderLease
from bot.db.store import Store
from bot.db.tables import Inbox, Outbox
from bot.domain import outbox, provider_tokens
from bot.domain.provider_tokens import Given, Pair
from bot.messages import Reply, Say
from tests.conftest import TINY
from tests.fake_zalo import APP_ID, APP_SECRET, BOT, OA_SECRET, FakeZalo, event, signed

SECONDS = 120
pytestmark = pytest.mark.slow


class Service:
    """The process under test and the database it works on."""

    def __init__(self, fake: FakeZalo, folder: Path) -> None:
        self.fake, self.folder = fake, folder
        self.store = Store(f"sqlite:///{folder / 'zalo.db'}")
        schema.upgrade(self.store.engine)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, kill_at: str = "", refresh: str = "first") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}, "KILL_AT": kill_at,
            "MOTCUA_DATABASE_URL": f"sqlite:///{self.folder / 'zalo.db'}", "MOTCUA_DATA_DIR": str(self.folder), "MOTCUA_ZALO_APP_ID": APP_ID,
            "MOTCUA_ZALO_APP_SECRET": APP_SECRET, "MOTCUA_ZALO_OA_SECRET": OA_SECRET, "MOTCUA_ZALO_REFRESH_TOKEN": refresh,
            "MOTCUA_ZALO_API": self.fake.url, "MOTCUA_ZALO_OAUTH": self.fake.url,
        }  # fmt: skip
        command = [sys.executable, "-m", "tests.acceptance.zalo_service", str(port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=TINY.parent.parent)
        self.url = f"http://127.0.0.1:{port}"

    def killed(self) -> bool:
        """Whether it killed itself within SECONDS."""
        assert self.process is not None
        return self.process.wait(timeout=SECONDS) == -9

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def post(self, body: dict[str, Any]) -> int:
        """The status; 0 when the service broke off."""
        raw, headers = signed(body)
        end = time.monotonic() + SECONDS
        while True:
            try:
                return httpx.post(f"{self.url}{webhook.PATH}", content=raw, headers=headers, timeout=30).status_code
            except httpx.ConnectError:
                assert time.monotonic() < end, "never there"
                time.sleep(0.1)
            except httpx.TransportError:
                return 0

    def do(self, work: Callable[..., Any], *args: Any, **named: Any) -> Any:
        with Session(self.store.engine, expire_on_commit=False) as session, session.begin():
            return work(session, *args, **named)

    def pair(self) -> Pair:
        found: Pair = self.do(provider_tokens.pair, BOT)
        return found

    def half_spent(self) -> str:
        """A token that is due to be renewed and good for ten hours yet."""
        self.do(provider_tokens.settle, BOT, "first")
        access, refresh = self.fake.grant()
        self.do(provider_tokens.keep, BOT, "first", Given(access, refresh, dt.timedelta(hours=25)), now=clock.now() - dt.timedelta(hours=15))
        return access

    def time_passes(self) -> None:
        """The rights that the dead process held run out."""
        for table, name in ((ProviderToken, "refreshing_until"), (SenderLease, "lease_until"), (Outbox, "lease_until")):
            column = upsert.table(table).c[name]
            self.do(lambda session, column=column: session.execute(update(column.table).where(column.is_not(None)).values({column: clock.now()})))

    def states(self, kind: type[Inbox] | type[Outbox]) -> list[str]:
        table = upsert.table(kind)
        found: list[str] = self.do(lambda session: list(session.execute(select(table.c.state).order_by(table.c.id)).scalars()))
        return found


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with FakeZalo() as fake:
        made = Service(fake, tmp_path)
        yield made
        made.end()
        made.store.close()


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + SECONDS
    while not true() and time.monotonic() < end:
        time.sleep(0.1)
    return true()


def test_killed_between_refresh_and_store_it_goes_on_and_an_operator_has_hours_to_act(service: Service) -> None:
    held = service.half_spent()
    service.start(kill_at="keep")
    assert service.killed()
    assert service.fake.refreshes == ["refresh-1"], "the refresh token is spent, and nobody has what was given for it"
    service.time_passes()
    service.start()
    assert service.post(event("user_send_text", text="menu", msg_id="m1")) == 200
    assert eventually(lambda: len(service.fake.texts("u1")) == 1), "people are answered with the token we hold"
    assert eventually(lambda: "Invalid refresh token" in service.pair().trouble), "and the alarm is raised"
    assert service.pair().access == held
    service.end()
    service.fake.refresh_token = "from the console"
    service.start(refresh="from the console")
    assert eventually(lambda: service.pair().access != held and not service.pair().trouble)
    assert service.post(event("user_send_text", text="menu", msg_id="m2")) == 200
    assert eventually(lambda: len(service.fake.texts("u1")) == 2)


def test_killed_between_accept_and_mark_a_reply_is_sent_again_and_a_notice_asks_a_person(service: Service) -> None:
    service.half_spent()
    service.do(outbox.put, BOT, "u1", Reply(blocks=(Say(text="Tin."),)), now=clock.now(), kind="notice")
    service.start(kill_at="mark")
    assert service.killed()
    assert service.fake.texts("u1") == ["Tin."], "Zalo has it"
    assert service.states(Outbox) == ["sending"]
    service.time_passes()
    service.start(kill_at="mark")
    assert eventually(lambda: service.states(Outbox) == ["unknown"]), "a machine never sends a notice twice"
    assert service.post(event("user_send_text", text="menu", msg_id="m1")) == 200
    assert service.killed()
    assert len(service.fake.texts("u1")) == 2
    service.time_passes()
    service.start()
    assert eventually(lambda: service.states(Outbox) == ["unknown", "sent"])
    assert len(service.fake.texts("u1")) == 3, "a reply comes twice rather than never"
    assert service.fake.texts("u1")[1] == service.fake.texts("u1")[2]


def test_killed_before_zalo_is_told_the_event_comes_again_and_is_answered_once(service: Service) -> None:
    service.half_spent()
    service.start(kill_at="accept")
    body = event("user_send_text", text="menu", msg_id="m1")
    assert service.post(body) == 0
    assert service.killed()
    assert service.states(Inbox) == ["new"]
    service.time_passes()
    service.start()
    assert service.post(body) == 200
    assert eventually(lambda: service.states(Outbox) == ["sent"])
    assert service.states(Inbox) == ["done"]
    assert len(service.fake.texts("u1")) == 1
