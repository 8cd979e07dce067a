"""Runs ordinary functions over a session, at once safe and fast, on SQLite and on PostgreSQL.

SQLite: one thread does all the writing and commits up to 64 functions together, each in a savepoint of its own; readers go beside
it. Another process waits its turn on the file (BEGIN IMMEDIATE). PostgreSQL: a pool of threads, bounded retries.
A result is handed out only after its commit.
"""

from __future__ import annotations

import asyncio
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from bot import errors

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Session, P], T]

GROUP = 64
READERS = 4
POSTGRES_THREADS = 8
ATTEMPTS = 6
BUSY_TIMEOUT_MS = 15_000
# serialization failure, deadlock, lock not available
_REPEATABLE = {"40001", "40P01", "55P03"}


@dataclass
class _Job:
    run: Callable[[Session], Any]
    future: Future[Any]


class Store:
    """`await store.write(function, …)` and `await store.read(function, …)`; the function gets a session first."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.engine = _sqlite_engine(self.url, "BEGIN IMMEDIATE") if self.is_sqlite else _postgres_engine(self.url)
        self._reading = _sqlite_engine(self.url, "BEGIN") if self.is_sqlite else self.engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writers: _WriterThread | _WriterPool = _WriterThread(self.engine) if self.is_sqlite else _WriterPool(self.engine)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work`, committed. Raises what `work` raised (nothing of it is kept) or StoreUnavailable."""
        return await asyncio.wrap_future(self._writers.submit(lambda session: work(session, *args, **kwargs)))

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work` over a consistent view; it must not write."""
        return await asyncio.wrap_future(self._readers.submit(self._read, lambda session: work(session, *args, **kwargs)))

    def _read(self, run: Callable[[Session], T]) -> T:
        with _StoreErrors(), Session(self._reading) as session:
            return run(session)

    def close(self) -> None:
        """Finish what was handed in, then let go of the database."""
        self._writers.close()
        self._readers.shutdown()
        self._reading.dispose()
        self.engine.dispose()


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url, pool_size=POSTGRES_THREADS + READERS, max_overflow=4, pool_pre_ping=True)


def _sqlite_engine(url: URL, begin: str) -> Engine:
    path = url.database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3 must not open transactions of its own
        for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _WriterThread:
    """The one writer of a SQLite file in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()
        self._closed = False

    def submit(self, run: Callable[[Session], T]) -> Future[T]:
        if self._closed:
            raise errors.StoreUnavailable("the store is closed")
        future: Future[T] = Future()
        self._jobs.put(_Job(run, future))
        return future

    def close(self) -> None:
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        for jobs in self._groups():
            done: list[tuple[_Job, Any, BaseException | None]] = []
            try:
                with _StoreErrors(), self._engine.connect() as connection, connection.begin():
                    done.extend((job, *_in_savepoint(connection, job.run)) for job in jobs)
            except BaseException as error:  # noqa: BLE001 (a commit that failed fails everyone in it; the thread lives on)
                done = [(job, None, error) for job in jobs]
            for job, result, problem in done:
                _settle(job.future, result, problem)

    def _groups(self) -> Iterator[list[_Job]]:
        while (first := self._jobs.get()) is not None:
            group = [first]
            while len(group) < GROUP:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    self._jobs.put(None)
                    break
                group.append(job)
            yield [job for job in group if job.future.set_running_or_notify_cancel()]


def _in_savepoint(connection: Connection, run: Callable[[Session], Any]) -> tuple[Any, BaseException | None]:
    """Run one function; its own failure undoes only itself. A broken transaction is raised: it concerns all of the group."""
    session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
    try:
        result = run(session)
        session.commit()
    except (exc.OperationalError, exc.InterfaceError):
        raise
    except BaseException as error:  # noqa: BLE001 (handed to the caller as it is)
        session.rollback()
        return None, error
    finally:
        session.close()
    return result, None


class _WriterPool:
    """PostgreSQL: one transaction a function, repeated when the database asks for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(POSTGRES_THREADS, thread_name_prefix="writer")

    def submit(self, run: Callable[[Session], T]) -> Future[T]:
        return self._threads.submit(self._attempt, run)

    def close(self) -> None:
        self._threads.shutdown()

    def _attempt(self, run: Callable[[Session], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with _StoreErrors(), Session(self._engine, expire_on_commit=False) as session, session.begin():
                    return run(session)
            except errors.StoreUnavailable as error:
                if attempt + 1 == ATTEMPTS or getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) not in _REPEATABLE:
                    raise
                time.sleep(0.005 * 2**attempt * (0.5 + random.random()))  # noqa: S311 (not a secret)
        raise AssertionError("unreachable")


class _StoreErrors:
    """The database's own failures become StoreUnavailable, with the driver's one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, (exc.OperationalError, exc.InterfaceError)):
            raise errors.StoreUnavailable(str(error.orig)) from error


def _settle(future: Future[Any], result: Any, problem: BaseException | None) -> None:
    if problem is not None:
        future.set_exception(problem)
    else:
        future.set_result(result)
