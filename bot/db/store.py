"""Runs ordinary functions over a session, at once safe and fast, on SQLite and on PostgreSQL.

SQLite: one thread does all the writing and commits up to 64 functions together, each in a savepoint of its own; readers go beside
it. Transaction, sync to disk and the way back to the event loop are paid once a group. Another process waits its turn on the file
(BEGIN IMMEDIATE). PostgreSQL: a pool of threads, bounded retries.
A result is handed out only after its commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
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
# secure_delete: what a person had deleted is overwritten, not only unlinked.
_PRAGMAS = (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "secure_delete=ON")
# serialization failure, deadlock, lock not available
_REPEATABLE = {"40001", "40P01", "55P03"}


# the database itself failed, not the function that was run
_BROKEN = (exc.OperationalError, exc.InterfaceError, sqlite3.OperationalError)


class _Job(NamedTuple):
    run: Callable[[Session], Any]
    future: asyncio.Future[Any]


class _Outcome(NamedTuple):
    """What one function came to: its result, or the exception for its caller."""

    future: asyncio.Future[Any]
    result: Any = None
    problem: BaseException | None = None


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
        return await self._writers.submit(_bound(work, *args, **kwargs))

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work` over a consistent view; it must not write."""
        return await asyncio.wrap_future(self._readers.submit(self._read, _bound(work, *args, **kwargs)))

    def _read(self, run: Callable[[Session], T]) -> T:
        with StoreErrors(), Session(self._reading) as session:
            return run(session)

    def close(self) -> None:
        """Finish what was handed in, then let go of the database."""
        self._writers.close()
        self._readers.shutdown()
        self._reading.dispose()
        self.engine.dispose()


def _bound(work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> Callable[[Session], T]:
    def run(session: Session) -> T:
        try:
            return work(session, *args, **kwargs)
        except StopIteration as error:  # no future takes one: its caller would wait for ever
            raise RuntimeError("ran out of an iterator") from error

    return run


def _postgres_engine(url: URL) -> Engine:
    return create_engine(url, pool_size=POSTGRES_THREADS + READERS, max_overflow=4, pool_pre_ping=True)


def _sqlite_engine(url: URL, begin: str) -> Engine:
    path = url.database
    if path and path != ":memory:":
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise errors.StoreUnavailable(f"{path}: {error.strerror}") from error
    arguments = {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    engine = create_engine(url.set(drivername="sqlite+quick"), connect_args=arguments)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # sqlite3 must not open transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _QuickSavepoints(SQLiteDialect_pysqlite):
    """Savepoints said straight to the driver: through the statement compiler each takes ten times as long."""

    supports_statement_cache = True

    def do_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"SAVEPOINT {name}")

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"RELEASE {name}")

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        _say(connection, f"ROLLBACK TO {name}")


def _say(connection: Connection, words: str) -> None:
    connection.connection.cursor().execute(words)


registry.register("sqlite.quick", __name__, _QuickSavepoints.__name__)


class _WriterThread:
    """The one writer of a SQLite file in this process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()
        self._closed = False

    def submit(self, run: Callable[[Session], T]) -> asyncio.Future[T]:
        if self._closed:
            raise errors.StoreUnavailable("the store is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.put(_Job(run, future))
        return future

    def close(self) -> None:
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        for jobs in self._groups():
            _hand_out(self._commit(jobs))

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
            yield [job for job in group if not job.future.cancelled()]

    def _commit(self, jobs: Sequence[_Job]) -> list[_Outcome]:
        """Run the functions and commit them together. What breaks the transaction fails everyone in it; the thread lives on."""
        try:
            with StoreErrors(), self._engine.connect() as connection, connection.begin():
                return [_in_savepoint(connection, job) for job in jobs]
        except BaseException as error:  # noqa: BLE001 (handed to the callers)
            return [_Outcome(job.future, problem=error) for job in jobs]


def _in_savepoint(connection: Connection, job: _Job) -> _Outcome:
    """Run one function; its own failure undoes only itself. A broken transaction is raised: it concerns all of the group."""
    savepoint = connection.begin_nested()
    session = Session(connection, join_transaction_mode="rollback_only", expire_on_commit=False)  # the savepoint is ended here, not there
    try:
        result = job.run(session)
        session.flush()
        savepoint.commit()
    except _BROKEN:
        raise
    except BaseException as error:  # noqa: BLE001 (handed to the caller as it is)
        if savepoint.is_active:
            savepoint.rollback()
        return _Outcome(job.future, problem=error)
    finally:
        session.close()
    return _Outcome(job.future, result)


def _hand_out(outcomes: Sequence[_Outcome]) -> None:
    """Wake each event loop once for all of its outcomes."""
    for loop, its in itertools.groupby(outcomes, lambda outcome: outcome.future.get_loop()):
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, list(its))


def _settle(outcomes: Sequence[_Outcome]) -> None:
    for future, result, problem in outcomes:
        if future.done():
            continue
        if problem is None:
            future.set_result(result)
        else:
            future.set_exception(problem)


class _WriterPool:
    """PostgreSQL: one transaction a function, repeated when the database asks for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(POSTGRES_THREADS, thread_name_prefix="writer")

    def submit(self, run: Callable[[Session], T]) -> asyncio.Future[T]:
        return asyncio.wrap_future(self._threads.submit(self._attempt, run))

    def close(self) -> None:
        self._threads.shutdown()

    def _attempt(self, run: Callable[[Session], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with StoreErrors(), Session(self._engine, expire_on_commit=False) as session, session.begin():
                    return run(session)
            except errors.StoreUnavailable as error:
                if attempt + 1 == ATTEMPTS or getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) not in _REPEATABLE:
                    raise
                time.sleep(0.005 * 2**attempt * (0.5 + random.random()))  # noqa: S311 (not a secret)
        raise AssertionError("unreachable")


class StoreErrors:
    """The database's own failures become StoreUnavailable, with the driver's one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, _BROKEN) or type(error) is exc.DatabaseError:  # the latter: a file that is no database, or a damaged one
            raise errors.StoreUnavailable(" ".join(str(getattr(error, "orig", error)).split())) from error
