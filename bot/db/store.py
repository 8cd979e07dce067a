"""Runs ordinary functions over a session, at once safe and fast, on SQLite and on PostgreSQL.

SQLite: one thread does all the writing and commits up to 128 functions together, each in a savepoint of its own; readers go beside
it. Transaction, sync to disk and the way back to the event loop are paid once a group. Another process waits its turn on the file
(BEGIN IMMEDIATE). PostgreSQL: a pool of threads, bounded retries.
A result is handed out only after its commit.
"""

from __future__ import annotations

import abc
import asyncio
import collections
import contextlib
import itertools
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, exc
from sqlalchemy.engine import make_url
from sqlmodel import Session

from bot import errors
from bot.db import engines

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Session, P], T]

GROUP = 128
AFTER_HURRIED = 8
READERS = 4
POSTGRES_THREADS = 8
ATTEMPTS = 6
# serialization failure, deadlock, lock not available, prepared statement forgotten (db.one_trip)
_REPEATABLE = {"40001", "40P01", "55P03", "26000"}


# the database itself failed, not the function that was run
_BROKEN = (exc.OperationalError, exc.InterfaceError, sqlite3.OperationalError)


class _Job(NamedTuple):
    """`hurried`: a provider waits for its commit, so it is taken before the others."""

    run: Callable[[Session], Any]
    future: asyncio.Future[Any]
    hurried: bool = False


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
        self.engine = engines.sqlite(self.url, "BEGIN IMMEDIATE") if self.is_sqlite else engines.postgres(self.url, POSTGRES_THREADS + READERS)
        self._reading = engines.sqlite(self.url, "BEGIN") if self.is_sqlite else self.engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writers: _WriterThread | _WriterPool = _WriterThread(self.engine) if self.is_sqlite else _WriterPool(self.engine)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work`, committed. Raises what `work` raised (nothing of it is kept) or StoreUnavailable."""
        return await self._writers.submit(_bound(work, *args, **kwargs))

    async def write_first(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, ahead of what waits: for what is short, and whose sender is kept waiting."""
        return await self._writers.submit(_bound(work, *args, **kwargs), hurried=True)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The result of `work` over a consistent view; it must not write."""
        return await asyncio.wrap_future(self._readers.submit(self._read, _bound(work, *args, **kwargs)))

    def _read(self, run: Callable[[Session], T]) -> T:
        for _ in range(ATTEMPTS - 1):
            try:
                return self._look(run)
            except errors.StoreUnavailable as error:
                if not _lost(error):
                    raise
        return self._look(run)

    def _look(self, run: Callable[[Session], T]) -> T:
        with StoreErrors(), self._reading.connect() as connection:
            connection.begin()  # never committed
            with Session(connection) as session:
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


class _Wake:
    """Stands in the line for a job that has overtaken it."""


class _Writers(abc.ABC):
    """Threads that take what was handed in, in its order; what is hurried goes first."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[_Job | _Wake | None] = queue.SimpleQueue()
        self._hurried: collections.deque[_Job] = collections.deque()
        self._closed = False
        self._threads = [threading.Thread(target=self._run, name=f"writer_{number}", daemon=True) for number in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, run: Callable[[Session], T], *, hurried: bool = False) -> asyncio.Future[T]:
        if self._closed:
            raise errors.StoreUnavailable("the store is closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job = _Job(run, future, hurried)
        if hurried:
            self._hurried.append(job)
        self._jobs.put(_Wake() if hurried else job)
        return future

    def close(self) -> None:
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _take(self, *, wait: bool) -> _Job | None:
        """The next job somebody still waits for; None when there is none now, or (having waited) never again."""
        while True:
            found: _Job | _Wake | None
            try:
                found = self._hurried.popleft()
            except IndexError:
                try:
                    found = self._jobs.get(block=wait)
                except queue.Empty:
                    return None
            if found is None:
                if not wait:  # left where whoever waits finds it again
                    self._jobs.put(None)
                return None
            if isinstance(found, _Job) and not found.future.cancelled():
                return found

    @abc.abstractmethod
    def _run(self) -> None:
        """Until `_take` says that no more comes."""


class _WriterThread(_Writers):
    """The one writer of a SQLite file in this process."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, 1)

    def _run(self) -> None:
        while (first := self._take(wait=True)) is not None:
            _hand_out(self._commit(first))

    def _commit(self, first: _Job) -> list[_Outcome]:
        """Run this function and those behind it, and commit them together. What breaks the transaction fails everyone in it; the thread
        lives on. A hurried one lets only a few more in: it is handed out with all the others."""
        jobs, outcomes, most = [first], list[_Outcome](), GROUP
        try:
            with StoreErrors(), self._engine.connect() as connection, connection.begin():
                say = engines.driver(connection).execute  # a savepoint through the statement compiler takes ten times as long
                with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
                    while len(outcomes) < len(jobs):
                        outcomes.append(_in_savepoint(session, say, jobs[-1]))
                        if jobs[-1].hurried:
                            most = min(most, len(jobs) + AFTER_HURRIED)
                        if len(jobs) < most and (behind := self._take(wait=False)) is not None:
                            jobs.append(behind)
            return outcomes
        except BaseException as error:  # noqa: BLE001 (handed to the callers)
            return [_Outcome(job.future, problem=error) for job in jobs]


def _in_savepoint(session: Session, say: Callable[[str], object], job: _Job) -> _Outcome:
    """Run one function; its own failure undoes only itself. A broken transaction is raised: it concerns all of the group."""
    say("SAVEPOINT job")
    try:
        result = job.run(session)
        _finish(session)
        say("RELEASE job")
    except _BROKEN:
        raise
    except BaseException as error:  # noqa: BLE001 (handed to the caller as it is)
        session.close()
        say("ROLLBACK TO job")
        say("RELEASE job")
        return _Outcome(job.future, problem=error)
    return _Outcome(job.future, result)


def _finish(session: Session) -> None:
    """Write what the session still holds and forget its objects. Most functions use the connection alone, and leave nothing to do."""
    session.flush()
    if session.in_transaction():
        session.commit()
        session.close()


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


class _WriterPool(_Writers):
    """PostgreSQL: one transaction a function, repeated when the database asks for it. Each thread keeps its connection."""

    def __init__(self, engine: Engine) -> None:
        self._own = threading.local()
        super().__init__(engine, POSTGRES_THREADS)

    def _run(self) -> None:
        while (job := self._take(wait=True)) is not None:
            _hand_out([self._outcome(job)])
        if hasattr(self._own, "connection"):
            self._own.connection.close()

    def _outcome(self, job: _Job) -> _Outcome:
        try:
            return _Outcome(job.future, self._attempt(job.run))
        except BaseException as error:  # noqa: BLE001 (handed to the caller as it is)
            return _Outcome(job.future, problem=error)

    def _attempt(self, run: Callable[[Session], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                with StoreErrors():
                    return self._once(run)
            except errors.StoreUnavailable as error:
                if attempt + 1 == ATTEMPTS or not (_lost(error) or _sqlstate(error) in _REPEATABLE):
                    raise
                time.sleep(0.005 * 2**attempt * (0.5 + random.random()))  # noqa: S311 (not a secret)
        raise AssertionError("unreachable")

    def _once(self, run: Callable[[Session], T]) -> T:
        connection = self._connection()
        transaction = connection.begin()
        try:
            with Session(connection, join_transaction_mode="rollback_only", expire_on_commit=False) as session:
                result = run(session)
                _finish(session)
            transaction.commit()
        finally:
            transaction.close()  # what was not committed is rolled back
        return result

    def _connection(self) -> Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = self._engine.connect()
        found: Connection = self._own.connection
        return found


def _sqlstate(error: errors.StoreUnavailable) -> str | None:
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None)


def _lost(error: errors.StoreUnavailable) -> bool:
    """The connection was cut before the COMMIT, which is no statement: nothing was kept, it may be said again on another one.

    It costs nothing while all is well; asking every connection first whether it still lives would cost a trip for every function.
    """
    cause = error.__cause__
    return isinstance(cause, exc.DBAPIError) and cause.connection_invalidated and cause.statement is not None


class StoreErrors:
    """The database's own failures become StoreUnavailable, with the driver's one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, _BROKEN) or type(error) is exc.DatabaseError:  # the latter: a file that is no database, or a damaged one
            raise errors.StoreUnavailable(" ".join(str(getattr(error, "orig", error)).split())) from error
