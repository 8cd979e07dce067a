"""`motcua bench notices`: a notice to 100,000: its ledger, our own work a message beside the provider library's, and memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import multiprocessing
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData

from bot import clock
from bot.bench import databases, measure
from bot.bench.measure import Figures, Measured
from bot.channels.telegram.delivery import NO_PREVIEW, TelegramSender
from bot.db import schema, upsert
from bot.db.enums import OPEN
from bot.db.leaving import Consent, Notice
from bot.db.store import Store
from bot.db.tables import Account, Outbox, Person
from bot.domain import audience, centers, delivery, ledger
from bot.messages import Reply, State
from bot.settings import Settings
from procedures import loader

PEOPLE = 100_000
ALONE = 10_000  # messages the library sends by itself, for the baseline
EACH = 5_000  # messages of one bot on PostgreSQL
BOTS = 4
AT_ONCE = delivery.NOTICES_AT_ONCE
RATE = 100_000.0  # nothing is to wait here
TOKEN = "1:bench"  # noqa: S105 (not a secret)
_TEXT = ("Thứ Ba 24/11 trung tâm nghỉ lễ, thứ Tư 25/11 làm việc lại từ 7:30.", "Ai có hẹn hôm đó được đổi sang ngày khác, không mất số.")
REPLY = Reply(blocks=(State(title="Nghỉ lễ thứ Ba 24/11", text=_TEXT),))
_OUTBOX, _PERSON, _ACCOUNT, _CONSENT = (upsert.table(kind) for kind in (Outbox, Person, Account, Consent))


class Nowhere(BaseRequest):
    """A provider that takes everything at once: what is left is the work on this side."""

    _ANSWER = json.dumps({"ok": True, "result": {"message_id": 7, "date": 1_790_000_000, "chat": {"id": 1, "type": "private"}, "text": "…"}}).encode()

    @property
    def read_timeout(self) -> float | None:
        return None

    def __init__(self) -> None:
        self.taken = 0

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    async def do_request(self, *_asked: Any, request_data: RequestData | None = None, **_options: Any) -> tuple[int, bytes]:
        """As the library's own transport, the parameters are brought into the form that would leave."""
        assert request_data is not None
        assert request_data.json_parameters
        await asyncio.sleep(0)
        self.taken += 1
        return 200, self._ANSWER


def run(settings: Settings, _data: Path = loader.DATA, *, people: int = PEOPLE, alone: int = ALONE, each: int = EACH) -> Measured:
    """On SQLite in the data folder; also on PostgreSQL, with BOTS processes, when that is configured."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as place, measure.one_core():
        library = asyncio.run(_library(alone))
        figures = _measured(f"sqlite:///{place}/notices.db", people, library)
    baseline = {"library_cpu_ms_a_message": round(library * 1000, 4)}
    ratio = {"own_to_library_cpu": round(float(figures["own_cpu_ms_a_message"]) / baseline["library_cpu_ms_a_message"], 3)}
    if settings.database.startswith("postgresql"):
        figures |= _on_postgresql(settings.database, people, each)
    return Measured("notices", {**figures, "load_average": measure.load_average()}, baseline, ratio)


async def _library(messages: int) -> float:
    """Seconds of processor a message takes in python-telegram-bot alone."""
    bot: ExtBot[None] = ExtBot(TOKEN, request=Nowhere())
    began = time.process_time()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(chat: int) -> None:
        async with places:
            await bot.send_message(chat, "\n\n".join(_TEXT), parse_mode="HTML", link_preview_options=NO_PREVIEW)

    for first in range(1, messages + 1, 1000):
        await asyncio.gather(*(one(chat) for chat in range(first, min(first + 1000, messages + 1))))
    return (time.process_time() - began) / messages


def _measured(url: str, people: int, library: float) -> dict[str, float | int | str]:
    store = Store(url)
    schema.upgrade(store.engine)
    with Session(store.engine) as session, session.begin():
        notice_id = _prepare(session, people, "telegram:1")
    ledger_s = _ledger(store, notice_id, people)
    spent = asyncio.run(_deliver(store, "telegram:1", people))
    with Session(store.engine) as session:
        fates = ledger.sums(session, notice_id)
    store.close()
    assert fates["sent"] == people, fates
    return {
        "people": people, "ledger_s": round(ledger_s, 3), "messages_per_s": round(people / spent.seconds, 1),
        "cpu_ms_a_message": round(spent.cpu_seconds / people * 1000, 4),
        "own_cpu_ms_a_message": round((spent.cpu_seconds / people - library) * 1000, 4),
        "memory_mb_at_a_tenth": spent.early_mb, "memory_mb_at_the_end": spent.late_mb,
    }  # fmt: skip


def _prepare(session: Session, people: int, bot: str) -> int:
    """People who agreed to notices, and one that is being sent to nobody yet."""
    now = clock.now()
    center = centers.read(None)[0]
    centers.settle(session, [center], now=now)
    numbers = range(1, people + 1)
    session.execute(insert(_PERSON), [{"id": number, "created_at": now} for number in numbers])
    common = {"active": True, "inactive_reason": "", "language": "", "created_at": now, "last_seen_at": now}
    session.execute(insert(_ACCOUNT), [{"person_id": number, "bot": bot, "address": str(number), **common} for number in numbers])
    agreed = {"center_id": center.id, "purpose": audience.NOTICES, "area": "", "wording": "", "way": "chat", "given_at": now, "withdrawn_way": ""}
    session.execute(insert(_CONSENT), [{"person_id": number, **agreed} for number in numbers])
    return _notice(session, center.id, now)


def _notice(session: Session, center_id: str, now: dt.datetime) -> int:
    notice = Notice(
        center_id=center_id, state="sending", title="Nghỉ lễ", body="", reply=REPLY.model_dump_json(), author="staff:1", urgent=True,
        frozen_at=now, created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    assert notice.id is not None
    return notice.id


def _ledger(store: Store, notice_id: int, people: int) -> float:
    """Seconds until the list of recipients is committed."""
    target = audience.Target(centers.read(None)[0].id, audience.Audience())
    began = time.perf_counter()
    with Session(store.engine) as session, session.begin():
        written = ledger.freeze(session, notice_id, target, now=clock.now())
    assert written == people
    return time.perf_counter() - began


class Spent(NamedTuple):
    seconds: float
    cpu_seconds: float
    early_mb: float
    late_mb: float


async def _deliver(store: Store, bot: str, messages: int) -> Spent:
    """Everything that waits for this bot, through the worker as it runs."""
    provider = Nowhere()
    worker = delivery.Worker(store, [TelegramSender(bot, TOKEN, "https://api.example", RATE, request=provider)])
    began, worked = time.perf_counter(), time.process_time()
    running = asyncio.create_task(worker.run())
    while provider.taken < messages // 10:  # noqa: ASYNC110 (nothing of what is measured shall wake us)
        await asyncio.sleep(0.05)
    early = measure.memory_mb()
    while provider.taken < messages or await store.read(_waits, bot):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    worker.stop()
    await running
    return Spent(time.perf_counter() - began, time.process_time() - worked, early, measure.memory_mb())


def _waits(session: Session, bot: str) -> bool:
    """Whether some row of this bot has no fate yet."""
    return session.execute(select(_OUTBOX.c.id).where(_OUTBOX.c.bot == bot, _OUTBOX.c.state.in_(OPEN)).limit(1)).first() is not None


def _on_postgresql(database: str, people: int, each: int) -> Figures:
    """In a database of its own beside the configured one, which is not touched: the ledger, one process, and BOTS of them at once."""
    try:
        with databases.fresh(database) as url:
            return {f"postgresql_{name}": value for name, value in _scaled(url, people, each).items()}
    except SQLAlchemyError as error:
        return {"postgresql": f"no database of its own can be made there: {str(error).splitlines()[0]}"}


def _scaled(url: str, people: int, each: int) -> dict[str, float | int]:
    store = Store(url)
    schema.upgrade(store.engine)
    with Session(store.engine) as session, session.begin():
        notice_id = _prepare(session, people, "telegram:1")
    ledger_s = _ledger(store, notice_id, people)
    with Session(store.engine) as session, session.begin():
        session.execute(text("UPDATE notice SET state = 'done'"))
        for number in range(BOTS + 1):
            _queue(session, f"telegram:{1000 + number}", each)
    store.close()
    one = _at_once(url, ["telegram:1000"], each)
    many = _at_once(url, [f"telegram:{1001 + number}" for number in range(BOTS)], each)
    return {
        "ledger_s": round(ledger_s, 3), "one_process_messages_per_s": round(one, 1), "processes": BOTS,
        "processes_messages_per_s": round(many, 1), "scales_by": round(many / one, 2),
    }  # fmt: skip


def _queue(session: Session, bot: str, messages: int) -> None:
    now = clock.now()
    notice_id = _notice(session, centers.read(None)[0].id, now)
    row: Mapping[str, Any] = {"bot": bot, "notice_id": notice_id, "kind": "notice", "key": "", "body": "", "state": "queued", "reason": ""}
    rows = [{**row, "address": str(number), "person_id": number, "attempts": 0, "created_at": now} for number in range(1, messages + 1)]
    session.execute(insert(_OUTBOX), rows)


def _at_once(url: str, bots: list[str], each: int) -> float:
    """Messages a second of one process for each bot; what they need to start is not counted."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(len(bots) + 1)
    processes = [context.Process(target=_alone, args=(url, bot, each, ready)) for bot in bots]
    for process in processes:
        process.start()
    ready.wait(timeout=120)
    began = time.perf_counter()
    for process in processes:
        process.join()
    return len(bots) * each / (time.perf_counter() - began)


def _alone(url: str, bot: str, each: int, ready: Any) -> None:
    store = Store(url)
    with Session(store.engine) as session:
        session.execute(select(1))
    ready.wait(timeout=120)
    asyncio.run(_deliver(store, bot, each))
    store.close()
