"""A town whose people live through a day: each is a coroutine that sleeps until a minute of the day, and the clock moves on when all sleep.

What they do goes over HTTP to a service in a process of its own. When the connection breaks they wait, reload and press again.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import heapq
import itertools
import os
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from bot.db.store import Store
from tests.acceptance.day_service import MOMENT

T = TypeVar("T")
FORM = {"content-type": "application/x-www-form-urlencoded"}
PATIENCE = 120.0
CROWD = 3


class Service:
    """The process under test; `kill` is -9."""

    def __init__(self, folder: Path, center: Path, clock: Path) -> None:
        self.folder, self.clock, self.port = folder, clock, _free_port()
        self.address, self.database = f"http://127.0.0.1:{self.port}", f"sqlite:///{folder / 'day.db'}"
        self.said = folder / "service.log"
        self._environment = {
            **os.environ, "MOTCUA_DATABASE_URL": self.database, "MOTCUA_DATA_DIR": str(folder), "MOTCUA_CENTER_FILE": str(center),
            "MOTCUA_PORT": str(self.port), "MOTCUA_LOG_FORMAT": "json", "MOTCUA_TELEGRAM_TOKEN": "",
        }  # fmt: skip

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.acceptance.day_service", str(self.clock)]
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(command, env=self._environment, stdout=said, stderr=said)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(timeout=PATIENCE)

    async def up(self) -> None:
        """Wait until it answers."""
        ends = time.monotonic() + PATIENCE
        async with httpx.AsyncClient(base_url=self.address) as client:
            while time.monotonic() < ends:
                try:
                    if (await client.get("/suc-khoe")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        raise AssertionError(f"the service does not answer: {self.said.read_text(encoding='utf-8')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        port: int = made.getsockname()[1]
        return port


class Town:
    """The clock, the people, and a note of every answer they got. `lost`: requests without an answer, by the minute."""

    def __init__(self, service: Service) -> None:
        self.service, self.now = service, dt.datetime.min
        self.answers: Counter[tuple[str, int]] = Counter()
        self.lost: Counter[dt.datetime] = Counter()
        self.under_way, self.crowded = 0, asyncio.Event()
        self._hand = os.open(service.clock, os.O_RDWR | os.O_CREAT)
        self._wires = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=40, max_keepalive_connections=40))
        self._sleeping: list[tuple[dt.datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._awake: set[asyncio.Task[None]] = set()
        self._busy = 0
        self._rest = asyncio.Event()
        self._problem: BaseException | None = None

    def turn(self, moment: dt.datetime) -> None:
        self.now = moment
        os.pwrite(self._hand, MOMENT.pack(moment.timestamp()), 0)

    def begin(self, life: Coroutine[Any, Any, None]) -> None:
        """Somebody's day."""
        task = asyncio.get_running_loop().create_task(life)
        self._awake.add(task)
        self._busy += 1
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._awake.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._problem = self._problem or task.exception()
        self._busy -= 1
        self._rest.set()

    async def until(self, moment: dt.datetime) -> None:
        """Sleep until it is that late."""
        if moment <= self.now:
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (moment, next(self._order), woken))
        self._busy -= 1
        self._rest.set()
        await woken

    async def wait(self, minutes: float) -> None:
        await self.until(self.now + dt.timedelta(minutes=minutes))

    async def live(self) -> None:
        """Until everybody's day is over. The clock is moved on when nobody has anything to do at this moment."""
        try:
            while True:
                while self._busy and self._problem is None:
                    self._rest.clear()
                    await asyncio.wait_for(self._rest.wait(), PATIENCE * 2)
                if self._problem is not None:
                    raise self._problem
                if not self._sleeping:
                    return
                self._wake_next()
        finally:
            for task in self._awake:
                task.cancel()

    def _wake_next(self) -> None:
        moment = self._sleeping[0][0]
        self.turn(moment)
        while self._sleeping and self._sleeping[0][0] == moment:
            self._busy += 1
            heapq.heappop(self._sleeping)[2].set_result(None)

    def going(self, more: int) -> None:
        """So many requests more are under way; it is crowded with several at once."""
        self.under_way += more
        if self.under_way >= CROWD:
            self.crowded.set()
        else:
            self.crowded.clear()

    def client(self) -> httpx.AsyncClient:
        """A browser of one's own. They share the wires."""
        hooks: dict[str, list[Callable[..., Any]]] = {"response": [self._note]}
        return httpx.AsyncClient(transport=self._wires, base_url=self.service.address, timeout=PATIENCE, event_hooks=hooks)

    async def _note(self, answer: httpx.Response) -> None:
        self.answers[f"{answer.request.method} {_kind(answer.request.url.path)}", answer.status_code] += 1

    async def close(self) -> None:
        await self._wires.aclose()
        os.close(self._hand)

    async def do(self, work: Callable[..., T], *given: Any, **named: Any) -> T:
        """In the database itself, as a command of the operator would."""
        store = Store(self.service.database)
        try:
            return await store.write(work, *given, **named)
        finally:
            store.close()


def _kind(path: str) -> str:
    """A path without what is different on each ticket."""
    return re.sub(r"/(phieu|ki-ot|vao|d)/[\w-]+", r"/\1/…", path)


class Seen:
    """What somebody reads on a page."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.html = answer.status_code, answer.text
        self.path, self.query = answer.url.path, answer.url.query.decode()

    def find(self, pattern: str) -> str:
        """The first group of the pattern, or nothing."""
        match = re.search(pattern, self.html)
        return match[1] if match else ""


class Browser:
    """Presses forms and follows where they lead."""

    def __init__(self, town: Town) -> None:
        self.town, self.client = town, town.client()

    async def get(self, path: str) -> Seen:
        return Seen(await self._sent(self.client.get(path, follow_redirects=True)))

    async def post(self, path: str, **fields: str) -> Seen:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        answer = await self._sent(self.client.post(path, content=urlencode(named), headers=FORM))
        return await self.get(answer.headers["location"]) if answer.status_code == 303 else Seen(answer)

    async def _sent(self, request: Awaitable[httpx.Response]) -> httpx.Response:
        self.town.going(1)
        try:
            return await request
        except httpx.TransportError:
            self.town.lost[self.town.now] += 1
            raise
        finally:
            self.town.going(-1)

    async def again(self, deed: Callable[[], Awaitable[T]]) -> T:
        """Until it goes through: after a broken connection the page is reloaded and pressed again."""
        while True:
            try:
                return await deed()
            except httpx.TransportError:
                await self.town.service.up()
