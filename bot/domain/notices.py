"""A notice while it is written: words, for whom, when; edited by the version that was read, tried out on oneself. How it goes on
its way is in domain.broadcast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from bot import clock, errors
from bot.db import upsert
from bot.db.day import Center
from bot.db.enums import NoticeState
from bot.db.leaving import Notice
from bot.db.staff import Audit, StaffAccount
from bot.domain import attachments, audience, audit, outbox
from bot.domain.audience import Audience, Target
from bot.messages import Block, Reply, Say, State
from bot.texts import t

LONGEST = 2_000  # characters of the whole message: Zalo's limit, https://developers.zalo.me/docs/official-account/tin-nhan/tin-tu-van
LONGEST_TITLE = 80
AHEAD = dt.timedelta(days=60)
OWN_WRITING: tuple[NoticeState, ...] = ("draft", "submitted", "scheduled")

_TABLE, _CENTER, _ACCOUNT = (upsert.table(kind) for kind in (Notice, Center, StaffAccount))


class NotNow(errors.MotCuaError):
    """The step is not possible; nothing was changed. `why`: changed, second, count, nobody, empty, long, title, past, far, unsettled.

    `count`: how many it would go to now.
    """

    def __init__(self, why: str, count: int = 0) -> None:
        super().__init__(why)
        self.why, self.count = why, count


class Words(NamedTuple):
    """What is written and for whom. `send_at` None: as soon as it is confirmed. `urgent`: also during quiet hours."""

    title: str
    body: str
    audience: Audience
    attachment_id: int | None = None
    send_at: dt.datetime | None = None
    urgent: bool = False


def find(session: Session, center_id: str, notice_id: int) -> Notice | None:
    """As it stands in the database now."""
    mine = select(Notice).where(col(Notice.id) == notice_id, col(Notice.center_id) == center_id)
    return session.execute(mine.execution_options(populate_existing=True)).scalar_one_or_none()


def by_id(session: Session, notice_id: int) -> Notice | None:
    """Of whichever center: whoever asks checks that it is theirs."""
    center_id = session.execute(select(_TABLE.c.center_id).where(_TABLE.c.id == notice_id)).scalar()
    return None if center_id is None else find(session, center_id, notice_id)


def of_center(session: Session, center_id: str, states: Collection[str] = (), limit: int = 100) -> list[Notice]:
    """The newest first."""
    mine = select(Notice).where(col(Notice.center_id) == center_id)
    chosen = mine.where(col(Notice.state).in_(states)) if states else mine
    return list(session.execute(chosen.order_by(col(Notice.changed_at).desc(), col(Notice.id).desc()).limit(limit)).scalars())


def target(notice: Notice) -> Target:
    return Target(notice.center_id, audience.read(notice.audience), notice.corrects_id)


# writing


def draft(session: Session, center_id: str, words: Words, *, actor: str, now: dt.datetime, corrects_id: int | None = None) -> int:
    """A new one; returns its id. It may still be empty: `submit` looks."""
    values = row(words) | {"center_id": center_id, "state": "draft", "version": 1, "reply": "", "corrects_id": corrects_id, "author": actor}
    times = {"created_at": now, "changed_at": now}
    made = _TABLE.insert().values(**values, **times, submitted_by="", confirmed_by="").returning(_TABLE.c.id)
    notice_id = int(session.execute(made).scalar_one())
    note(session, Deed(center_id, notice_id, actor, now), "draft", title=words.title)
    return notice_id


def edit(session: Session, center_id: str, notice_id: int, version: int, words: Words, *, actor: str, now: dt.datetime) -> None:
    """Only a draft, and only the version that was read: what two people write at once is not mixed. Raises NotNow."""
    deed, made = Deed(center_id, notice_id, actor, now), version + 1
    moved = row(words) | {"version": made}
    step(session, deed, ("draft",), "draft", read=version, **moved)
    note(session, deed, "edit", title=words.title, version=made)


def row(words: Words) -> dict[str, Any]:
    """The columns that hold what is written."""
    return {
        "title": words.title, "body": words.body, "audience": words.audience.model_dump_json(exclude_defaults=True),
        "attachment_id": words.attachment_id, "send_at": words.send_at, "urgent": words.urgent,
    }  # fmt: skip


def words(notice: Notice) -> Words:
    """What is written, as it could be edited."""
    return Words(notice.title, notice.body, audience.read(notice.audience), notice.attachment_id, notice.send_at, notice.urgent)


def reply(session: Session, notice: Notice) -> Reply:
    """The message as people get it. What it rests on stands below: how to stop it, or that it is about their booking."""
    return Reply(blocks=(*_blocks(notice), *_attached(session, notice), Say(text=_tail(session, notice))))


def _blocks(notice: Notice) -> tuple[Block, ...]:
    paragraphs = tuple(part.strip() for part in notice.body.split("\n\n") if part.strip())
    title = t("notices.correcting", title=notice.title) if notice.corrects_id is not None else notice.title
    return (State(tone="note", icon="bell", title=title, text=paragraphs),)


def _attached(session: Session, notice: Notice) -> tuple[Block, ...]:
    return (attachments.block(session, notice.attachment_id),) if notice.attachment_id is not None else ()


def _tail(session: Session, notice: Notice) -> str:
    place = session.execute(select(_CENTER.c.place).where(_CENTER.c.id == notice.center_id)).scalar() or notice.center_id
    chosen = audience.read(notice.audience)
    if chosen.ground == "booking" and chosen.since is not None and chosen.until is not None:
        days = clock.day(chosen.since) if chosen.since == chosen.until else f"{clock.day(chosen.since)} – {clock.day(chosen.until)}"
        return t("notices.tail_booking", place=place, days=days)
    return t("notices.tail", place=place)


def length(session: Session, notice: Notice) -> int:
    """Characters of the whole message as plain text."""
    shown = reply(session, notice)
    parts: list[str] = []
    for block in shown.blocks:
        match block:
            case State():
                parts += [block.title, *block.text]
            case Say():
                parts.append(block.text)
    return len("\n\n".join(part for part in parts if part))


def lacking(session: Session, notice: Notice, *, now: dt.datetime) -> str:
    """Why it cannot go on its way as it is: a word of NotNow, or nothing."""
    if not notice.title:
        return "title"
    if not notice.body.strip():
        return "empty"
    if length(session, notice) > LONGEST:
        return "long"
    if notice.send_at is not None and notice.send_at > now + AHEAD:
        return "far"
    return "unsettled" if notice.corrects_id is not None and not audience.settled(session, notice.corrects_id) else ""


def test(session: Session, center_id: str, notice_id: int, staff_id: int, *, actor: str, now: dt.datetime) -> int:
    """Send it to the writer's own connected chats, marked as a test; how many there are."""
    notice = found(session, center_id, notice_id)
    shown = reply(session, notice)
    marked = shown.model_copy(update={"blocks": (Say(text=t("notices.test_mark")), *shown.blocks)})
    there = session.execute(select(_ACCOUNT.c.bot, _ACCOUNT.c.address).where(_ACCOUNT.c.staff_id == staff_id)).all()
    for bot, address in there:
        outbox.put(session, bot, address, marked, now=now)
    if there:
        note(session, Deed(center_id, notice_id, actor, now), "test", version=notice.version)
    return len(there)


def delete(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> None:
    """Throw a draft away. Raises NotNow for one that is further."""
    gone = _TABLE.delete().where(_TABLE.c.id == notice_id, _TABLE.c.center_id == center_id, _TABLE.c.state == "draft")
    if session.execute(gone.returning(_TABLE.c.id)).first() is None:
        raise NotNow("changed")
    note(session, Deed(center_id, notice_id, actor, now), "delete")


def correct(session: Session, center_id: str, notice_id: int, *, actor: str, now: dt.datetime) -> int:
    """A draft to exactly those who got the wrong one, or may have; returns its id. Raises NotNow for one that never left."""
    wrong = found(session, center_id, notice_id)
    if wrong.recipients is None:
        raise NotNow("changed")
    words = Words(wrong.title[:LONGEST_TITLE], "", audience.read(wrong.audience), urgent=wrong.urgent)
    return draft(session, center_id, words, actor=actor, now=now, corrects_id=notice_id)


# shared


def found(session: Session, center_id: str, notice_id: int) -> Notice:
    notice = find(session, center_id, notice_id)
    if notice is None:
        raise NotNow("changed")
    return notice


class Deed(NamedTuple):
    """Who takes a step with which notice, and when."""

    center_id: str
    notice_id: int
    actor: str
    now: dt.datetime


def step(session: Session, deed: Deed, among: Sequence[NoticeState], to: NoticeState, *, read: int | None = None, **values: Any) -> None:
    """From one of these states to that one, or NotNow: somebody was first, or edited it meanwhile. `read`: the version that is meant."""
    where: list[ColumnElement[bool]] = [_TABLE.c.id == deed.notice_id, _TABLE.c.center_id == deed.center_id, _TABLE.c.state.in_(among)]
    if read is not None:
        where.append(_TABLE.c.version == read)
    moved = update(_TABLE).where(*where).values(**values, state=to, changed_at=deed.now).returning(_TABLE.c.id)
    if session.execute(moved).first() is None:
        raise NotNow("changed")


def note(session: Session, deed: Deed, kind: str, **after: Any) -> None:
    """The audit row of a step, as its last statement."""
    audit.write(
        session, actor=deed.actor, center_id=deed.center_id, action=f"notice.{kind}", subject=f"notice:{deed.notice_id}", after=after or None,
        now=deed.now,
    )  # fmt: skip


def corrections(session: Session, notice_id: int) -> list[int]:
    """The notices that set this one right."""
    return list(session.execute(select(_TABLE.c.id).where(_TABLE.c.corrects_id == notice_id).order_by(_TABLE.c.id)).scalars())


def steps(session: Session, center_id: str, notice_id: int) -> list[Audit]:
    """The audit rows of one notice, oldest first: who did what, and who decided about rows of unknown fate."""
    mine = select(Audit).where(col(Audit.center_id) == center_id, col(Audit.subject) == f"notice:{notice_id}")
    return list(session.execute(mine.order_by(col(Audit.id))).scalars())
