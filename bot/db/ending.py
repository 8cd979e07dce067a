"""Work that is done once, right before a transaction ends: what is summed up from rows is written when the rows have their last values.

It hangs on the engine's own events, so that it runs however the transaction was opened: by the store, which runs many functions in
one, or by `with Session(engine) as session, session.begin()`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

Kept = dict[Any, Any]
Finish = Callable[[Session, Kept, Kept], None]
_NAME = "ending"


class Notes(NamedTuple):
    """What was `kept` since a savepoint, and all that was `known`, is gone when that is rolled back: the database let go of the locks on rows."""

    kept: Kept  # for the end
    known: Kept  # what need not be read again there


@dataclass
class _Ending:
    """What a transaction keeps for its end. `marks`: how much it kept when each of the open savepoints was set (they are not told by name)."""

    notes: dict[Finish, Notes] = field(default_factory=dict)
    marks: list[dict[Finish, int]] = field(default_factory=list)


def notes(session: Session, finish: Finish) -> Notes:
    """What this transaction keeps for `finish(session, kept, known)`, which is called right before the commit, and never after a rollback."""
    bind = session.bind
    info = (bind if isinstance(bind, Connection) else session.connection()).info
    ending: _Ending | None = info.get(_NAME)
    if ending is None:
        ending = info[_NAME] = _Ending()
    found = ending.notes.get(finish)
    if found is None:
        found = ending.notes[finish] = Notes({}, {})
    return found


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
    if ending is None or not any(its.kept for its in ending.notes.values()):
        return
    try:
        session = Session(connection, join_transaction_mode="rollback_only")
        try:
            for finish, its in ending.notes.items():
                finish(session, *its)
        finally:
            if session.in_transaction():  # else all its statements went straight to the driver
                session.close()
    except BaseException:  # the transaction is still open at the database, and the connection is used again
        with contextlib.suppress(Exception):
            connection.dialect.do_rollback(connection.connection)
        raise


def _mark(connection: Connection, _name: None) -> None:
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None:
        ending.marks.append({finish: len(its.kept) for finish, its in ending.notes.items()})


def _go_on(connection: Connection, _name: str, _context: None) -> None:
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None and ending.marks:
        ending.marks.pop()


def _go_back(connection: Connection, _name: str, _context: None) -> None:
    """A savepoint older than all that is kept has no mark: then all of it goes."""
    ending: _Ending | None = connection.info.get(_NAME)
    if ending is not None:
        marks = ending.marks.pop() if ending.marks else {}
        for finish, its in ending.notes.items():
            its.known.clear()
            for key in list(its.kept)[marks.get(finish, 0) :]:
                del its.kept[key]
