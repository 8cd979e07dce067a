"""`motcua bench webhook`: Zalo's events posted to the real web application while the database is busy; answered in time, nothing lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import uvicorn
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlmodel import Session

from bot import clock, web
from bot.app import App
from bot.bench import measure
from bot.bench.measure import Figures, Measured
from bot.channels.zalo_oa import webhook as route
from bot.channels.zalo_oa.channel import ZaloAccount
from bot.conversation.context import Premises
from bot.conversation.dispatch import Dispatcher
from bot.db import schema, upsert
from bot.db.store import Store
from bot.db.tables import Inbox, SearchMiss
from bot.domain import centers, delivery, misses
from bot.settings import Settings
from handlers import ROUTES
from procedures import loader, search

APP, SECRET, BOT = "1", "bench", "zalo_oa:1"
PER_SECOND = 200
SECONDS = 60.0
PEOPLE = 400
AT_ONCE = 64  # requests under way of the one who posts
WRITES_PER_SECOND = 100  # of the writer that keeps the database busy
# One of each among TWENTY events: not signed by Zalo, no JSON, too large (fewer), an old recording, and an earlier event once more.
TWENTY, BAD = 20, ("forged", "garbage", "large", "old", "again")
PATIENCE = 20.0
OK, CUT = 200, 0
LARGE_EVERY = 10 * TWENTY  # a megabyte each
SAID = ("khai sinh", "1", "1", "sao y bản chính", "menu", "đặt lịch", "lịch hẹn")


class Posted(NamedTuple):
    """What the provider saw. `kept`: the numbers of the events that were answered 200 and are to be there."""

    waits: list[float]
    statuses: dict[str, dict[int, int]]
    kept: set[str]
    behind: float


def run(settings: Settings, data: Path = loader.DATA, *, seconds: float = SECONDS, per_second: int = PER_SECOND) -> Measured:
    """The service on one core, the provider in a process of its own. On SQLite, on the disk of the data folder."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    catalog = loader.load(data)
    premises = Premises(catalog, search.build(catalog), centers.Directory(centers.read(None)), settings.address)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=settings.data_dir) as folder,
        contextlib.closing(Store(f"sqlite:///{folder}/bench.db")) as store,
    ):
        schema.upgrade(store.engine)
        with Session(store.engine) as session, session.begin():
            centers.settle(session, premises.directory.all, now=clock.now())
        with _provider(seconds, per_second) as (pipe, listening):
            served = asyncio.run(_serve(_wired(settings, premises, store), listening, pipe))
        posted: Posted = served.posted
        there = asyncio.run(store.read(_numbers))
    figures: Figures = {
        "offered_per_s": per_second, "events": len(posted.waits), "p50_ms": measure.percentile_ms(posted.waits, 0.5),
        "p99_ms": measure.percentile_ms(posted.waits, 0.99), "worst_ms": measure.percentile_ms(posted.waits, 1.0),
        "writes_beside_per_s": round(served.writes / seconds, 1), "kept": len(there), "lost": len(posted.kept - there),
        "kept_but_bad": len(there - posted.kept), "provider_behind_s": round(posted.behind, 2),
        "wrongly_answered": sum(count for kind, by in posted.statuses.items() for status, count in by.items() if status not in _RIGHT[kind]),
        "load_average": measure.load_average(),
    }  # fmt: skip
    return Measured("webhook", figures, {"zalo_wants_ms": 2000}, {"p99_ms": round(2000 / max(float(figures["p99_ms"]), 0.001), 1)})


_RIGHT = {"good": (200,), "forged": (403,), "garbage": (403,), "large": (413, CUT), "old": (200,), "again": (200,)}


def _numbers(session: Session) -> set[str]:
    table = upsert.table(Inbox)
    return set(session.execute(select(table.c.update_id).where(table.c.bot == BOT)).scalars())


# the service


class Served(NamedTuple):
    posted: Posted
    writes: int


async def _serve(app: App, listening: socket.socket, pipe: Connection) -> Served:
    """As `motcua run` does, but for delivery: whatever is said is also answered."""
    server = _Quiet(uvicorn.Config(web.build(app), log_config=None, access_log=False, lifespan="off"))
    with measure.one_core():
        serving = [asyncio.create_task(part) for part in (server.serve(sockets=[listening]), app.dispatcher.run())]
        busy = asyncio.create_task(_keep_busy(app))
        posted: Posted = await asyncio.to_thread(_received, pipe)
    busy.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await busy
    server.should_exit = True
    app.dispatcher.stop()
    await asyncio.gather(*serving)
    for channel in app.channels.values():
        await channel.sender.close()
    return Served(posted, await app.store.read(_writes))


def _wired(settings: Settings, premises: Premises, store: Store) -> App:
    secret, nowhere = SecretStr(SECRET), "http://127.0.0.1:9"
    own = {"zalo_app_id": APP, "zalo_app_secret": secret, "zalo_oa_secret": secret, "zalo_signed_with": "oa", "zalo_refresh_token": secret}
    chosen = settings.model_copy(update={**own, "zalo_api": nowhere, "zalo_oauth": nowhere})
    dispatcher = Dispatcher(store, premises, ROUTES)
    return App(chosen, store, premises, dispatcher, delivery.Worker(store, []), {"zalo_oa": ZaloAccount(chosen, store, dispatcher)})


def _received(pipe: Connection) -> Posted:
    pipe.send("begin")
    found: Posted = pipe.recv()
    return found


async def _keep_busy(app: App) -> None:
    """What dialogs, staff and delivery write meanwhile."""
    for number in itertools.count():
        await app.store.write(misses.keep, f"câu hỏi số {number % 1000} chưa ai trả lời", app.premises.center.id, now=clock.now())
        await asyncio.sleep(1 / WRITES_PER_SECOND)


def _writes(session: Session) -> int:
    return int(session.execute(select(func.sum(upsert.table(SearchMiss).c.times))).scalar() or 0)


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


# the provider, in a process of its own


@contextlib.contextmanager
def _provider(seconds: float, per_second: int) -> Iterator[tuple[Connection, socket.socket]]:
    """It posts as soon as it is told that the service is there."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_post_all, args=(there, listening.getsockname()[1], seconds, per_second), daemon=True)
    process.start()
    there.close()
    here.recv()
    try:
        yield here, listening
    finally:
        process.join(PATIENCE)
        if process.is_alive():
            process.kill()
        here.close()
        listening.close()


def _post_all(pipe: Connection, port: int, seconds: float, per_second: int) -> None:
    pipe.send("ready")
    pipe.recv()
    pipe.send(asyncio.run(_post(port, seconds, per_second)))


async def _post(port: int, seconds: float, per_second: int) -> Posted:
    """By hand over kept connections: a client library would take as long as the service."""
    posted, behind = Posted([], {}, set(), 0.0), 0.0
    free: asyncio.LifoQueue[_Connection] = asyncio.LifoQueue()
    for _ in range(AT_ONCE):
        free.put_nowait(_Connection(port))
    events = [(number, *_event(number)) for number in range(int(seconds * per_second))]
    begin, under_way = time.perf_counter() + 0.1, []
    for number, kind, raw, mac in events:
        due = begin + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        connection = await free.get()
        behind = max(behind, time.perf_counter() - due)
        under_way.append(asyncio.create_task(_post_one(connection, free, posted, (number, kind, raw, mac))))
    await asyncio.gather(*under_way)
    return posted._replace(behind=behind)


class _Connection:
    """Kept open until the service closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, raw: bytes, mac: str) -> int:
        """The status of the answer; CUT where there came none. One that was closed while it lay idle is opened again."""
        kept = self._streams is not None
        status = await self._once(raw, mac)
        return await self._once(raw, mac) if status == CUT and kept else status

    async def _once(self, raw: bytes, mac: str) -> int:
        try:
            reader, writer = self._streams = self._streams or await asyncio.open_connection("127.0.0.1", self._port)
            head = f"POST {route.PATH} HTTP/1.1\r\nHost: x\r\nX-ZEvent-Signature: mac={mac}\r\nContent-Length: {len(raw)}\r\n\r\n"
            writer.write(head.encode() + raw)
            answer = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).lower()
            length = next(int(line.split(b":")[1]) for line in answer.split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.leave()
            return CUT
        if length or b"connection: close" in answer:
            self.leave()
        return int(answer.split(b" ", 2)[1])

    def leave(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


async def _post_one(connection: _Connection, free: asyncio.LifoQueue[_Connection], posted: Posted, event: tuple[int, str, bytes, str]) -> None:
    number, kind, raw, mac = event
    at = time.perf_counter()
    status = await connection.post(raw, mac)
    posted.waits.append(time.perf_counter() - at)
    free.put_nowait(connection)
    by_status = posted.statuses.setdefault(kind, {})
    by_status[status] = by_status.get(status, 0) + 1
    if kind == "good" and status == OK:
        posted.kept.add(f"m{number}")


def _event(number: int) -> tuple[str, bytes, str]:
    """The event of this number: most are as they should be."""
    place = number % TWENTY
    kind = BAD[place - 1] if 1 <= place <= len(BAD) else "good"
    if kind == "large" and number % LARGE_EVERY > TWENTY:
        kind = "good"
    named = number - place if kind == "again" else number  # the good event its twenty began with
    at = time.time() - (7 * 86_400 if kind == "old" else 0)
    body = {
        "app_id": APP, "event_name": "user_send_text", "timestamp": str(int(at * 1000)), "sender": {"id": f"u{number % PEOPLE}"},
        "recipient": {"id": "oa"},
        "message": {"msg_id": f"m{named}", "text": "x" * route.LARGEST_BODY if kind == "large" else SAID[number % len(SAID)]},
    }  # fmt: skip
    raw = b"{[" if kind == "garbage" else json.dumps(body).encode()
    mac = route.signature(APP, raw, str(body["timestamp"]), "guessed" if kind == "forged" else SECRET)
    return kind, raw, mac
