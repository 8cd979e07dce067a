"""A notice on its way: submitted, confirmed by a second person, frozen, paused, resumed, stopped, done; and rows a person decides about.

Every step is an update conditional on the state it starts from, and an audit row. Who may take which step is the caller's to check
(roles: notices.write, notices.send); that two people stand behind a large one is checked here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from bot.db import locks, upsert
from bot.db.enums import NoticeState
from bot.db.leaving import Notice
from bot.domain import audience, audit, ledger, notices
from bot.domain.notices import Deed, NotNow, target

ALONE = 50  # to more people than these two persons send: one writes, another one confirms

_TABLE = upsert.table(Notice)


# two keys


def submit(session: Session, center_id: str, notice_id: int, version: int, *, actor: str, now: dt.datetime) -> int:
    """Hand it to whoever confirms; how many it would go to now. Raises NotNow."""
    notice = notices.found(session, center_id, notice_id)
    if (why := notices.lacking(session, notice, now=now)) and why != "unsettled":
        raise NotNow(why)
    number = audience.count(session, target(notice)).sending
    if not number:
        raise NotNow("nobody")
    deed = Deed(center_id, notice_id, actor, now)
    notices.step(session, deed, ("draft",), "submitted", read=version, submitted_by=actor, submitted_at=now)
    notices.note(session, deed, "submit", version=version, recipients=number)
    return number


def back(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> None:
    """To the writer again: not confirmed, or not to go at its time after all. Raises NotNow once it leaves."""
    deed = Deed(center_id, notice_id, actor, now)
    nobody: dict[str, Any] = {"submitted_by": "", "submitted_at": None, "confirmed_by": "", "confirmed_at": None}
    notices.step(session, deed, ("submitted", "scheduled"), "draft", **nobody)
    notices.note(session, deed, "back")


def needs_second(notice: Notice, actor: str, number: int) -> bool:
    """Whether this member has to leave it to somebody else: to more than ALONE, who wrote or submitted it does not confirm it."""
    return number > ALONE and actor in (notice.author, notice.submitted_by)


def confirm(session: Session, center_id: str, notice_id: int, version: int, number: int, *, actor: str, now: dt.datetime) -> NoticeState:
    """The second key: whoever confirms names the version they read and the number of people. Sends at once, or at its time.

    Raises NotNow: `count` says how many it would go to now.
    """
    locks.hold(session, ledger.LOCK)  # before the audit log's own
    notice = notices.found(session, center_id, notice_id)
    deed = Deed(center_id, notice_id, actor, now)
    if why := notices.lacking(session, notice, now=now):
        raise NotNow(why)
    if needs_second(notice, actor, number):
        raise NotNow("second", number)
    later = notice.send_at is not None and notice.send_at > now
    if later:
        _same(number, audience.count(session, target(notice)).sending)
    notices.step(session, deed, ("submitted",), "scheduled", read=version, confirmed_by=actor, confirmed_at=now)
    notices.note(session, deed, "confirm", version=version, recipients=number)
    return "scheduled" if later else _freeze(session, deed, confirmed=number)


def _same(confirmed: int, number: int) -> None:
    if number != confirmed or not number:
        raise NotNow("count" if number else "nobody", number)


def _freeze(session: Session, deed: Deed, *, confirmed: int | None = None) -> NoticeState:
    """Write the recipients down, once, and let them be sent to. Raises NotNow when somebody was first.

    `confirmed`: how many messages were; with any other number nothing of it happens (the caller's transaction is undone).
    """
    locks.hold(session, ledger.LOCK)
    notices.step(session, deed, ("scheduled",), "sending", frozen_at=deed.now)
    notice = notices.found(session, deed.center_id, deed.notice_id)
    number = ledger.freeze(session, deed.notice_id, target(notice), now=deed.now)
    if confirmed is not None:
        _same(confirmed, ledger.sums(session, deed.notice_id)["queued"])
    state: NoticeState = "sending" if number else "done"
    filled: dict[str, Any] = {
        "recipients": number,
        "reply": notices.reply(session, notice).model_dump_json(),
        "ended_at": None if number else deed.now,
    }
    notices.step(session, deed, ("sending",), state, **filled)
    notices.note(session, Deed(deed.center_id, deed.notice_id, audit.SYSTEM, deed.now), "freeze", recipients=number)
    return state


def pause(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> None:
    """No further row leaves until `resume`; those on their way arrive."""
    deed = Deed(center_id, notice_id, actor, now)
    notices.step(session, deed, ("sending",), "paused")
    notices.note(session, deed, "pause")


def resume(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> None:
    deed = Deed(center_id, notice_id, actor, now)
    notices.step(session, deed, ("paused",), "sending")
    notices.note(session, deed, "resume")


def stop(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> int:
    """End it before its end; how many do not get it. Cannot be taken back: a new notice can be written."""
    deed = Deed(center_id, notice_id, actor, now)
    notices.step(session, deed, ("sending", "paused"), "stopped", ended_at=now)
    skipped = ledger.stop(session, (notice_id,), now=now)
    notices.note(session, deed, "stop", skipped=skipped)
    return skipped


def decide(session: Session, center_id: str, notice_id: int, rows: Collection[int], *, again: bool, actor: str, now: dt.datetime) -> int:
    """A person decides about rows whose fate nobody knows: send again, with the risk of twice, or leave them. Raises NotNow.

    A notice that was done goes on for those sent again; one that was stopped stays stopped.
    """
    notice = notices.found(session, center_id, notice_id)
    deed = Deed(center_id, notice_id, actor, now)
    if again and notice.state not in ("sending", "paused", "done"):
        raise NotNow("changed")
    number = ledger.decide(session, target(notice), notice_id, rows, again=again)
    if again and number:
        done = (_TABLE.c.id == notice_id, _TABLE.c.state == "done")
        session.execute(update(_TABLE).where(*done).values(state="sending", ended_at=None, sums="", changed_at=now))
    if number:
        notices.note(session, deed, "again" if again else "leave", rows=sorted(rows), number=number)
    return number


def advance(session: Session, *, now: dt.datetime) -> None:
    """What comes due by itself: frozen at its time, done when every row has a fate, rows that came back after a stop."""
    due = select(Notice).where(col(Notice.state) == "scheduled", (col(Notice.send_at).is_(None)) | (col(Notice.send_at) <= now))
    coming = session.execute(due.order_by(col(Notice.id)).execution_options(populate_existing=True)).scalars().all()
    if coming:
        locks.hold(session, ledger.LOCK)
    for notice in coming:
        _send_at_its_time(session, notice, now)
    _finish(session, now)
    late = select(_TABLE.c.id).where(_TABLE.c.state == "stopped", ledger.is_open(_TABLE.c.id))
    if left := session.execute(late).scalars().all():
        ledger.stop(session, left, now=now)


def _send_at_its_time(session: Session, notice: Notice, now: dt.datetime) -> None:
    """Confirmed by one person alone, and meanwhile too large for that: it needs its second person after all."""
    assert notice.id is not None
    deed = Deed(notice.center_id, notice.id, audit.SYSTEM, now)
    if notice.corrects_id is not None and not audience.settled(session, notice.corrects_id):
        return
    number = audience.count(session, target(notice)).sending
    with contextlib.suppress(NotNow):  # another process was first
        if not needs_second(notice, notice.confirmed_by, number):
            _freeze(session, deed)
            return
        notices.step(session, deed, ("scheduled",), "submitted", confirmed_by="", confirmed_at=None)
        notices.note(session, deed, "grown", recipients=number)


def _finish(session: Session, now: dt.datetime) -> None:
    over = (_TABLE.c.state == "sending", ~ledger.is_open(_TABLE.c.id))
    if session.execute(select(_TABLE.c.id).where(*over).limit(1)).first() is None:
        return
    locks.hold(session, ledger.LOCK)  # nobody decides meanwhile to send some of them again
    ended = update(_TABLE).where(*over).values(state="done", ended_at=now, changed_at=now).returning(_TABLE.c.id, _TABLE.c.center_id)
    for notice_id, center_id in session.execute(ended).all():
        sums = ledger.by_bot(session, [notice_id]).get(notice_id, {})
        session.execute(update(_TABLE).where(_TABLE.c.id == notice_id).values(sums=json.dumps(sums)))
        told: Counter[str] = sum((Counter(states) for states in sums.values()), Counter())
        notices.note(session, Deed(center_id, notice_id, audit.SYSTEM, now), "done", **told)
