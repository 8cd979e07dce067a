"""Notices in the races: people who agreed, a notice that is submitted or on its way, and what several do with it at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import Consent
from bot.db.staff import Audit
from bot.db.tables import Outbox
from bot.domain import broadcast, claims, consent, ledger, notices
from bot.domain.audience import NOTICES, Audience
from bot.domain.claims import Wanted
from bot.domain.consent import Who
from bot.domain.notices import NotNow, Words
from tests.races.hall import CENTER, NOW, Hall

WRITER = "staff:1"
BOT = "b"
_OUTBOX, _AUDIT = upsert.table(Outbox), upsert.table(Audit)


def submitted(hall: Hall, people: int) -> int:
    """A notice to so many people that waits for its second person."""
    for wish in hall.people(people):
        assert wish.person_id is not None
        hall.do(consent.give, Who(wish.person_id, CENTER, NOTICES), "câu", "b", now=NOW)
    words = Words("Nghỉ lễ", "Thứ Ba nghỉ.", Audience())
    notice: int = hall.do(notices.draft, CENTER, words, actor=WRITER, now=NOW)
    hall.do(broadcast.submit, CENTER, notice, 1, actor=WRITER, now=NOW)
    return notice


def sending(hall: Hall, people: int) -> int:
    notice = submitted(hall, people)
    hall.do(broadcast.confirm, CENTER, notice, 1, people, actor="staff:2", now=NOW)
    return notice


async def confirm(store: Any, notice: int, number: int, actor: str) -> str:
    """How it stands afterwards, or why not."""
    try:
        done: str = await store.write(broadcast.confirm, CENTER, notice, 1, number, actor=actor, now=NOW)
    except NotNow as error:
        return error.why
    return done


async def step(store: Any, name: str, notice: int, actor: str) -> str:
    try:
        await store.write(getattr(broadcast, name), CENTER, notice, actor=actor, now=NOW)
    except NotNow as error:
        return error.why
    return name


async def claim(store: Any, worker: str, limit: int) -> int:
    """As a worker takes rows; how many it got."""
    return len(await store.write(claims.claim, BOT, worker, now=NOW, wanted=Wanted(limit, limit)))


def settle(session: Session, notice: int, state: str) -> int:
    """Give every row this fate; the number of the first one."""
    settled = update(_OUTBOX).where(_OUTBOX.c.notice_id == notice).values(state=state, settled_at=NOW)
    return min(int(number) for number in session.execute(settled.returning(_OUTBOX.c.id)).scalars())


def sums(hall: Hall, notice: int) -> dict[str, int]:
    return {state: number for state, number in hall.do(ledger.sums, notice).items() if number}


def recipients(hall: Hall, notice: int) -> int | None:
    found = hall.do(notices.by_id, notice)
    return found.recipients if found is not None else None


def noted(hall: Hall, kind: str) -> int:
    """How many audit rows of this step there are."""

    def count(session: Session) -> int:
        return len(session.execute(select(_AUDIT.c.id).where(_AUDIT.c.action == f"notice.{kind}")).all())

    return hall.do(count)


def anybody(session: Session) -> int:
    """Somebody who agreed."""
    return int(session.execute(select(upsert.table(Consent).c.person_id).limit(1)).scalar_one())
