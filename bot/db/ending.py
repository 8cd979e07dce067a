"""Work that is done once, right before a transaction ends: what is summed up from rows is written when the rows have their last values.

It hangs on the engine's own events, so that it runs however the transaction was opened: by the store, which runs many functions in
one, or by `with Session(engine) as session, session.begin()`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

Kept = dict[Any, Any]
Finish = Callable[[Session, Kept, Kept], None]
_NAME = "ending"


@dataclass
class _Ending:
    """What a transaction keeps for its end. `marks`: how much it kept when each of the open savepoints was set (they are not told by name)."""

    kept: dict[Finish, Kept] = field(default_factory=dict)
    known: dict[Finish, Kept] = field(default_factory=dict)
    marks: list[dict[Finish, int]] = field(default_factory=list)


def kept(session: Session, finish: Finish) -> Kept:
    """What this transaction keeps for `finish(session, kept, known)`, which is called right before the commit, and never after a rollback.

    What was put in since a savepoint is gone when that is rolled back: the database has let go of the rows' locks.
    """
    return _ending(session).kept.setdefault(finish, {})


def known(session: Session, finish: Finish) -> Kept:
    """What `finish` need not read again; nothing is known any more when a savepoint is rolled back."""
    return _ending(session).known.setdefault(finish, {})


def _ending(session: Session) -> _Ending:
    bind = session.bind
    info = (bind if isinstance(bind, Connection) else session.connection()).info
    ending: _Ending | None = info.get(_NAME)
    if ending is None:
        ending = info[_NAME] = _Ending()
    return ending


def watch(engine: Engine) -> None:
    """From now on transactions of this engine end so."""
    event.listen(engine, "begin", _forget)
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "commit", _finish)
    event.listen(engine, "savepoint", _mark)
    event.listen(engine, "release_savepoint", _go_on)
    event.listen(engine, "rollback_savepoint", _go_back)


def _forget(connection: Connection) -> None:
    if not connection.invalidated:
        connection.info.pop(_NAME, None)


def _finish(connection: Connection) -> None:
    ending: _Ending | None = connection.info.pop(_NAME, None)
    if ending is not None and any(ending.kept.values()):
        with _undone(connection), Session(connection, join_transaction_mode="rollback_only") as session:
            for finish, what in ending.kept.items():
                finish(session, what, ending.known.get(finish, {}))


@contextlib.contextmanager
def _undone(connection: Connection) -> Iterator[None]:
    """A commit that fails before it is said leaves the transaction open at the database, and the connection is used again."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(Exception):
            connection.connection.rollback()
        raise


def _mark(connection: Connection, _name: None) -> None:
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None:
        ending.marks.append({finish: len(what) for finish, what in ending.kept.items()})


def _go_on(connection: Connection, _name: str, _context: None) -> None:
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None and ending.marks:
        ending.marks.pop()


def _go_back(connection: Connection, _name: str, _context: None) -> None:
    """A savepoint older than all that is kept has no mark: then all of it goes."""
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None:
        marks = ending.marks.pop() if ending.marks else {}
        ending.known.clear()
        for finish, what in ending.kept.items():
            for key in list(what)[marks.get(finish, 0) :]:
                del what[key]
