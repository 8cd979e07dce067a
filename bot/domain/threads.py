"""What was said in a question, by both sides, and which message of which chat belongs to it: the database knows, so a restart forgets nothing."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, update
from sqlmodel import Session

from bot.db import upsert
from bot.db.enums import SETTLED, WAITING
from bot.db.leaving import Attachment, Notice
from bot.db.questions import Question, QuestionMessage
from bot.db.tables import Outbox
from bot.domain import outbox, rollups, traces
from bot.messages import Attached, File, Reply

LONGEST = 2000
TAKES_BACK = ("telegram", "web")  # channels that can take a message away again
KEY = "question"  # rows of the outbox that belong to one are named question:12, those that carry its message 7 question:12:7

Side = Literal["citizen", "staff", "held"]

_TABLE, _QUESTIONS, _OUTBOX = upsert.table(QuestionMessage), upsert.table(Question), upsert.table(Outbox)
_FILES, _NOTICES = upsert.table(Attachment), upsert.table(Notice)


class Source(NamedTuple):
    """Where something was written, and what the provider calls it there; nothing for pages."""

    bot: str = ""
    address: str = ""
    message_id: str = ""


NOWHERE = Source()


@dataclass(frozen=True)
class Said:
    """What is added. `author`: "staff:3", "" for the citizen."""

    side: Side
    words: str
    author: str = ""
    source: Source = NOWHERE
    file: File | None = None
    attachment_id: int | None = None


@dataclass(frozen=True)
class Message:
    """One as it is stored."""

    id: int
    question_id: int
    side: Side
    author: str
    words: str
    attachment_id: int | None
    file: str
    bot: str
    address: str
    message_id: str
    outbox_id: int | None
    at: dt.datetime
    edited_at: dt.datetime | None
    delivery: str
    removed: str

    @property
    def sent_file(self) -> File | None:
        return File.model_validate_json(self.file) if self.file else None

    @property
    def has_picture(self) -> bool:
        """A picture or file came along and was not taken out."""
        return bool(self.file or self.attachment_id) and not self.removed


COLUMNS = [_TABLE.c[one.name] for one in fields(Message)]


def tidy(words: str) -> str:
    """What a citizen wrote without what points to somebody, its lines kept, not longer than is read."""
    lines = (traces.readable(traces.blotted(line)) for line in words.splitlines())
    return "\n".join(line for line in lines if line)[:LONGEST]


def as_written(words: str) -> str:
    """What staff write is sent as it is, only put into the form everything is kept in."""
    return unicodedata.normalize("NFC", words.replace("\0", "").replace("\r\n", "\n")).strip()


def add(session: Session, question_id: int, said: Said, *, now: dt.datetime) -> Message | None:
    """Keep one message; None when this very one was added before."""
    row: dict[str, Any] = {
        **said.source._asdict(), "question_id": question_id, "side": said.side, "author": said.author, "words": said.words, "at": now,
        "file": said.file.model_dump_json() if said.file is not None else "", "attachment_id": said.attachment_id, "delivery": "", "removed": "",
    }  # fmt: skip
    made = session.execute(upsert.insert(session, QuestionMessage, **row).on_conflict_do_nothing().returning(_TABLE.c.id)).scalar()
    return get(session, made) if made is not None else None


def get(session: Session, message_id: int) -> Message | None:
    return next(iter(_found(session, select(*COLUMNS).where(_TABLE.c.id == message_id))), None)


def of(session: Session, question_ids: Iterable[int]) -> list[Message]:
    """Everything said in these, in order; what is held back is not said."""
    return _found(session, select(*COLUMNS).where(_TABLE.c.question_id.in_(list(question_ids)), _TABLE.c.side != "held").order_by(_TABLE.c.id))


def of_source(session: Session, source: Source) -> Message | None:
    """The message that was written as this one."""
    same = (_TABLE.c.bot == source.bot, _TABLE.c.address == source.address, _TABLE.c.message_id == source.message_id)
    return next(iter(_found(session, select(*COLUMNS).where(*same))), None) if source.message_id else None


def _found(session: Session, rows: Select[Any]) -> list[Message]:
    return [Message(*row) for row in session.execute(rows)]


def edit(session: Session, message: Message, words: str, *, now: dt.datetime) -> bool:
    """Another wording; False when it is the same."""
    changing = update(_TABLE).where(_TABLE.c.id == message.id, _TABLE.c.words != words, _TABLE.c.removed == "")
    return session.execute(changing.values(words=words, edited_at=now).returning(_TABLE.c.id)).first() is not None


def release(session: Session, message_id: int, author: str, *, now: dt.datetime) -> bool:
    """Send what was held back after all, once, by whoever wrote it."""
    held = update(_TABLE).where(_TABLE.c.id == message_id, _TABLE.c.side == "held", _TABLE.c.author == author)
    return session.execute(held.values(side="staff", at=now).returning(_TABLE.c.id)).first() is not None


def carried(session: Session, message_id: int, outbox_id: int | None, *, delivery: str = "") -> None:
    """Which row brings it to the citizen."""
    session.execute(update(_TABLE).where(_TABLE.c.id == message_id).values(outbox_id=outbox_id, delivery=delivery))


# which question a message of a chat belongs to


def key(question_id: int, message_id: int | None = None) -> str:
    return f"{KEY}:{question_id}" if message_id is None else f"{KEY}:{question_id}:{message_id}"


def question_of(session: Session, bot: str, address: str, provider_id: str) -> int | None:
    """The question that a message of ours in this chat is about, by the id its provider gave it."""
    if not provider_id:
        return None
    same = (_OUTBOX.c.bot == bot, _OUTBOX.c.address == address, _OUTBOX.c.provider_id == provider_id, _OUTBOX.c.key.startswith(f"{KEY}:"))
    found = session.execute(select(_OUTBOX.c.key).where(*same).order_by(_OUTBOX.c.id.desc()).limit(1)).scalar()
    number = found.split(":")[1] if found is not None else ""
    return int(number) if number.isdecimal() else None


def card(session: Session, bot: str, address: str, question_id: int) -> str:
    """The provider's id of the question's own message in this chat, "" before it is there."""
    same = (_OUTBOX.c.bot == bot, _OUTBOX.c.address == address, _OUTBOX.c.key == key(question_id), _OUTBOX.c.provider_id.is_not(None))
    return session.execute(select(_OUTBOX.c.provider_id).where(*same).order_by(_OUTBOX.c.id).limit(1)).scalar() or ""


def settle(session: Session, *, limit: int = 100) -> list[Message]:
    """Note what became of answers on their way; those that could not be delivered, each once."""
    fates = select(_TABLE.c.id, _OUTBOX.c.state).join(_OUTBOX, _OUTBOX.c.id == _TABLE.c.outbox_id)
    rows = session.execute(fates.where(_TABLE.c.side == "staff", _TABLE.c.delivery == "", _OUTBOX.c.state.in_(SETTLED)).limit(limit)).all()
    lost: list[Message] = []
    for message_id, state in rows:
        delivery = "sent" if state == "sent" else "refused"
        mine = update(_TABLE).where(_TABLE.c.id == message_id, _TABLE.c.delivery == "").values(delivery=delivery).returning(_TABLE.c.id)
        if session.execute(mine).first() is not None and delivery == "refused" and (found := get(session, message_id)) is not None:
            lost.append(found)
    return lost


# taking words and pictures away


def take_out(session: Session, message: Message, by: str, *, now: dt.datetime) -> bool:
    """Remove the picture or file of a message, here and in every chat it stands in. False when it is gone already."""
    taking = update(_TABLE).where(_TABLE.c.id == message.id, _TABLE.c.removed == "", or_(_TABLE.c.file != "", _TABLE.c.attachment_id.is_not(None)))
    if session.execute(taking.values(removed=by, attachment_id=None, file="").returning(_TABLE.c.id)).first() is None:
        return False
    if message.message_id:
        own = outbox.put(session, message.bot, message.address, Reply(key=f"{key(message.question_id, message.id)}:own"), now=now, kind="question")
        session.execute(update(_OUTBOX).where(_OUTBOX.c.id == own).values(state="sent", provider_id=message.message_id, settled_at=now))
    _wipe(session, key(message.question_id, message.id), now=now)
    drop_unused(session, [message.attachment_id] if message.attachment_id is not None else [])
    return True


def _wipe(session: Session, name: str, *, now: dt.datetime) -> None:
    """What waits of the rows named so, or so and more, does not leave; what has left is emptied here, and an empty message in its place
    has the channel take it away there.
    """
    those = or_(_OUTBOX.c.key == name, _OUTBOX.c.key.startswith(f"{name}:"))
    waiting = update(_OUTBOX).where(those, _OUTBOX.c.state.in_(WAITING)).values(state="skipped", reason="removed", settled_at=now)
    session.execute(waiting)
    left = or_(_OUTBOX.c.provider_id.is_not(None), _OUTBOX.c.state == "sending")
    left = and_(left, or_(*(_OUTBOX.c.bot.startswith(channel) for channel in TAKES_BACK)))
    rows = session.execute(select(_OUTBOX.c.bot, _OUTBOX.c.address, _OUTBOX.c.key).where(those, left).distinct()).all()
    session.execute(update(_OUTBOX).where(those).values(body=Reply().model_dump_json()))
    for bot, address, key_there in rows:
        outbox.put(session, bot, address, Reply(key=key_there, in_place=True), now=now, kind="question")


def drop_unused(session: Session, attachment_ids: Sequence[int]) -> None:
    """Delete these pictures and files where nothing refers to them any more."""
    used = or_(
        exists().where(_TABLE.c.attachment_id == _FILES.c.id),
        exists().where(_NOTICES.c.attachment_id == _FILES.c.id),
    )
    session.execute(delete(_FILES).where(_FILES.c.id.in_(list(attachment_ids)), ~used))


def to_fetch(session: Session, since: dt.datetime, limit: int = 20) -> list[Message]:
    """Pictures and files that were sent to a bot of ours and that the console cannot show yet."""
    there = (_TABLE.c.file != "", _TABLE.c.attachment_id.is_(None), _TABLE.c.at >= since)
    return _found(session, select(*COLUMNS).where(*there).order_by(_TABLE.c.id).limit(limit))


def fetched(session: Session, message_id: int, attachment_id: int) -> bool:
    """False when it was taken out meanwhile."""
    there = update(_TABLE).where(_TABLE.c.id == message_id, _TABLE.c.removed == "", _TABLE.c.attachment_id.is_(None))
    return session.execute(there.values(attachment_id=attachment_id).returning(_TABLE.c.id)).first() is not None


def attached(message: Message, bot: str) -> tuple[Attached, ...]:
    """Its picture or file as a block for a message of `bot`: by its name there where that bot has it."""
    file = message.sent_file
    if message.removed or not message.has_picture:
        return ()
    shown = Attached(picture=file is not None and file.picture, name=file.name if file is not None else "")
    if file is not None and message.bot == bot:
        return (shown.model_copy(update={"file_id": file.id}),)
    return (shown.model_copy(update={"attachment": message.attachment_id}),) if message.attachment_id is not None else ()


def forget(session: Session, person_id: int, *, now: dt.datetime) -> None:
    """Delete what a person asked, what was said in it, and the messages that carried it to staff, in their chats too."""
    for question_id in session.execute(select(_QUESTIONS.c.id).where(_QUESTIONS.c.person_id == person_id)).scalars().all():
        _wipe(session, key(question_id), now=now)
        _delete(session, _QUESTIONS.c.id == question_id)


def purge(session: Session, before: dt.datetime) -> int:
    """Delete questions in which nothing happened since; the messages that carried them are as old, and go with all the others."""
    return _delete(session, _QUESTIONS.c.changed_at < before)


def _delete(session: Session, *those: ColumnElement[bool]) -> int:
    pictures = select(_TABLE.c.attachment_id).join(_QUESTIONS, _QUESTIONS.c.id == _TABLE.c.question_id).where(*those)
    attachment_ids = [number for number in session.execute(pictures).scalars() if number is not None]
    rollups.touch(session, "question", *session.execute(select(_QUESTIONS.c.id).where(*those)).scalars())
    gone = len(session.execute(delete(_QUESTIONS).where(*those).returning(_QUESTIONS.c.id)).all())
    drop_unused(session, attachment_ids)
    return gone
