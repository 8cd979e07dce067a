"""The guards of the house taken off, one by one: a race test is only worth something when it fails without them."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import bindparam, create_engine, func, select, text, true, update
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from bot.db import locks, upsert
from bot.db.day import Visit, Wait
from bot.db.engines import BUSY_TIMEOUT_MS
from bot.db.leaving import Notice
from bot.db.prepared import Prepared
from bot.db.questions import GroupAsker, Question
from bot.db.results import DigestLine, Dossier
from bot.db.store import Store
from bot.db.tables import AccountLink, Outbox
from bot.domain import booking, claims, digest, dossiers, feedback, groups, ledger, linking, notices, questions, queue, visits, waitlist

# These are written last, over what another process has just written.
LAST = {"moved": 0.3, "booked": 0.3}

_VISIT, _WAIT, _ASKER = upsert.table(Visit), upsert.table(Wait), upsert.table(GroupAsker)
_NOTICE, _OUTBOX = upsert.table(Notice), upsert.table(Outbox)
_QUESTION, _LINK, _DOSSIER, _LINE = upsert.table(Question), upsert.table(AccountLink), upsert.table(Dossier), upsert.table(DigestLine)


class Bare:
    """A store that keeps nothing together: every statement is committed by itself, so that no lock outlives it."""

    def __init__(self, store: Store) -> None:
        patience = {"timeout": BUSY_TIMEOUT_MS / 1000} if store.is_sqlite else {}
        self._engine = create_engine(store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=patience)

    async def write(self, work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with _Loose(self._engine, expire_on_commit=False) as session:
            return work(session, *args, **kwargs)

    read = write


class _Loose(Session):
    def begin_nested(self) -> Any:
        return contextlib.nullcontext()


class _Meeting:
    """Everybody has looked before anybody writes: each process waits once for all the others."""

    def __init__(self, wait: Callable[[], object]) -> None:
        self._wait, self._met = wait, False

    def __call__(self) -> None:
        if not self._met:
            self._met = True
            self._wait()


@contextlib.contextmanager
def taken_off(guards: Sequence[str], wait: Callable[[], object]) -> Iterator[None]:
    """`lock`: nobody waits for anybody. `state`: changed whatever the row says by now. `series`: the highest number and one."""
    meeting = _Meeting(wait)
    with pytest.MonkeyPatch.context() as patch:
        for guard in guards:
            _OFF[guard](patch, meeting)
        yield
    if guards:
        meeting()


def _no_locks(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(locks, "hold", lambda *_: None)
    patch.setattr(booking, "_lock", lambda *_: None)
    _hesitate(patch, meeting, "add")


def _no_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(visits, "_changing", _whatever_its_state)
    patch.setattr(waitlist, "_mark", _mark_whatever_its_state)
    _hesitate(patch, meeting, "change")


def _no_series(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    patch.setattr(queue, "next_number", _highest_and_one)
    _hesitate(patch, meeting, "add")


def _no_upsert(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Look when the member asked last, meet the others, write."""

    def take(session: Session, group_id: int, who: str, before: dt.datetime, *, now: dt.datetime) -> bool:
        last = session.execute(select(_ASKER.c.asked_at).where(_ASKER.c.group_id == group_id, _ASKER.c.sender == who)).scalar()
        meeting()
        if last is not None and last > before:
            return False
        first = upsert.insert(session, GroupAsker, group_id=group_id, sender=who, asked_at=now)
        session.execute(first.on_conflict_do_update(index_elements=["group_id", "sender"], set_={"asked_at": now}))
        return True

    patch.setattr(groups, "_take", take)


def _no_question_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Look whether it may be done, meet the others, do it; who closes does it first, so that everybody else is late."""

    def looked(session: Session, question_id: int, *only: Any, **values: Any) -> bool:
        allowed = session.execute(select(_QUESTION.c.id).where(_QUESTION.c.id == question_id, *only)).first() is not None
        meeting()
        time.sleep(0.0 if values.get("state") == "closed" else 0.3)
        if allowed:
            session.execute(update(_QUESTION).where(_QUESTION.c.id == question_id).values(values))
        return allowed

    patch.setattr(questions, "_change", looked)


def _no_key(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Whether there is a question already is only looked at, not forbidden by a key."""

    def ask(session: Session, center_id: str, asker: questions.Asker, topic: questions.Topic, *, now: dt.datetime) -> questions.Asked:
        found = questions.live(session, asker.account_id or 0)
        meeting()
        if found is not None:
            return questions.Asked(found, fresh=False)
        row = {"state": "open", "cause": "", "about": "", "knows": "{}", "asked_at": now, "due_at": now, "changed_at": now, "closed_by": ""}
        made = _QUESTION.insert().values(center_id=center_id, **asker._asdict(), **row).returning(_QUESTION.c.id)
        question = questions.get(session, session.execute(made).scalar_one())
        assert question is not None
        return questions.Asked(question, fresh=True)

    patch.setattr(questions, "ask", ask)


def _no_taking(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Whether the code is free is looked at, everybody meets, then it is taken."""

    def take(session: Session, code: str, account_id: int, now: dt.datetime) -> bool:
        found = session.execute(select(_LINK.c.typed_by).where(_LINK.c.code == code, _LINK.c.expires_at > now)).first()
        meeting()
        free = found is not None and found[0] in (None, account_id)
        if free:
            session.execute(update(_LINK).where(_LINK.c.code == code).values(typed_by=account_id))
        return free

    patch.setattr(linking, "_take", take)


def _no_notice_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Look where the notice stands, meet the others, move it."""

    def step(session: Session, deed: notices.Deed, among: Sequence[str], to: str, *, read: int | None = None, **values: Any) -> None:
        stands = session.execute(select(_NOTICE.c.state).where(_NOTICE.c.id == deed.notice_id)).scalar()
        meeting()
        if stands not in among:
            raise notices.NotNow("changed")
        session.execute(update(_NOTICE).where(_NOTICE.c.id == deed.notice_id).values(**values, state=to))

    patch.setattr(notices, "step", step)


def _no_row_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Look which rows wait, let the workers take theirs, skip them all."""

    def skip(session: Session, where: Sequence[Any], reason: str, now: dt.datetime | None) -> int:
        waiting = session.execute(select(_OUTBOX.c.id).where(*where, _OUTBOX.c.state.in_(("queued", "retry")))).scalars().all()
        meeting()
        time.sleep(0.5)
        session.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(waiting)).values(state="skipped", reason=reason, settled_at=now))
        return len(waiting)

    def claim(session: Session, *args: Any, **named: Any) -> Any:
        meeting()
        return quick(session, *args, **named)

    quick = claims.claim
    patch.setattr(ledger, "_skip", skip)
    patch.setattr(claims, "claim", claim)
    patch.setattr(notices, "step", lambda *_, **__: None)  # the notice goes on as long as the workers look


def _feedback_looks_first(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Everybody has seen that the visit has no row; then each makes one."""
    quick = feedback._made

    def made(session: Session, **values: Any) -> int | None:
        meeting()
        return quick(session, **values)

    patch.setattr(feedback, "_made", made)


def _no_dossier_states(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Everybody has read the dossier; then each changes it, whatever it is by now."""

    def written(session: Session, current: dossiers.Dossier, values: dict[str, Any]) -> bool:
        meeting()
        session.execute(update(_DOSSIER).where(_DOSSIER.c.id == current.id).values(**values))
        return True

    patch.setattr(dossiers, "_written", written)


def _digest_looks_first(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Everybody has seen that the day has none; then each counts as the one who made it."""
    quick = digest.make

    def make(session: Session, evening: Any, *args: Any, **named: Any) -> Any:
        there = digest.of(session, evening.center_id, evening.day)
        meeting()
        return None if there is not None else quick(session, evening, *args, **named) or digest.of(session, evening.center_id, evening.day)

    patch.setattr(digest, "make", make)


def _line_looks_first(patch: pytest.MonkeyPatch, meeting: _Meeting) -> None:
    """Everybody has seen how the line of a digest stands; then each changes it, however it stands by now."""
    quick = digest._changed

    def changed(session: Session, center_id: str, line_id: int, change: Any, **named: Any) -> bool:
        stands = session.execute(select(_LINE.c.id).where(_LINE.c.id == line_id, change.stands)).first()
        meeting()
        return stands is not None and quick(session, center_id, line_id, change._replace(stands=true()), **named)

    patch.setattr(digest, "_changed", changed)


_OFF = {
    "digest": _digest_looks_first,
    "dossier": _no_dossier_states,
    "feedback": _feedback_looks_first,
    "notice": _no_notice_states,
    "row": _no_row_states,
    "lock": _no_locks,
    "state": _no_states,
    "series": _no_series,
    "asker": _no_upsert,
    "question": _no_question_states,
    "key": _no_key,
    "link": _no_taking,
    "line": _line_looks_first,
}


def _hesitate(patch: pytest.MonkeyPatch, meeting: _Meeting, name: str) -> None:
    """Look, meet the others, write."""
    quick = getattr(visits, name)

    def slow(session: Session, *args: Any, **kwargs: Any) -> Any:
        meeting()
        time.sleep(LAST.get(args[-1], 0.0))
        return quick(session, *args, **kwargs)

    patch.setattr(visits, name, slow)


@functools.cache
def _whatever_its_state(_expected: str, names: tuple[str, ...]) -> Prepared:
    return Prepared(update(_VISIT).where(_VISIT.c.id == bindparam("row")).values({name: bindparam(f"new_{name}") for name in names}))


def _mark_whatever_its_state(session: Session, waiting_id: int, state: str, to: str, **values: Any) -> bool:
    session.execute(update(_WAIT).where(_WAIT.c.id == waiting_id).values(state=to, **values))
    return True


def _highest_and_one(session: Session, center_id: str, letter: str, day: dt.date) -> int:
    there = (_VISIT.c.center_id == center_id, _VISIT.c.letter == letter, _VISIT.c.day == day)
    return (session.execute(select(func.max(_VISIT.c.number)).where(*there)).scalar() or 0) + 1


def drop_keys(store: Store, *names: str, table: str = "visit") -> None:
    """Take unique keys of a table away, in this test's database only. The table has to be empty."""
    with store.engine.begin() as connection:
        if not store.is_sqlite:
            for name in names:
                connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"))
                connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
            return
        here = text("SELECT name, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL ORDER BY type DESC")
        made = connection.execute(here, {"table": table}).all()
        connection.execute(text(f"DROP TABLE {table}"))
        for name, sql in made:
            if name not in names:
                left = [line.strip() for line in sql.splitlines() if not any(f"CONSTRAINT {key} " in line for key in names)]
                connection.execute(text("\n".join(left).replace(",\n)", "\n)")))
