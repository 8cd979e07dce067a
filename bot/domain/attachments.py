"""Pictures and files of ours: kept once, handed to each provider once and named by its id from then on.

Kinds and sizes every channel takes, so that nobody writes a notice that one channel refuses: Telegram has photos up to 10 MB whose
sides together stay below 10,000 points (https://core.telegram.org/bots/api#sendphoto) and files up to 50 MB, Zalo files up to 5 MB.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlmodel import Session

from bot import clock, errors
from bot.db import upsert
from bot.db.leaving import Attachment, Upload
from bot.db.store import Store
from bot.domain import traces
from bot.messages import Attached

LARGEST = 5 * 2**20
MOST_POINTS = 10_000  # width and height of a picture together
LONGEST_SIDE = 20  # times the shorter one
LONGEST_NAME = 80
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
_BEGINNINGS = ((b"\xff\xd8\xff", JPEG, ".jpg"), (b"\x89PNG\r\n\x1a\n", PNG, ".png"), (b"%PDF-", PDF, ".pdf"))
_NOT_IN_A_NAME = re.compile(r"[^\w .()\-]+")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # of a JPEG: those that tell its size

_TABLE, _UPLOADS = upsert.table(Attachment), upsert.table(Upload)


class Content(NamedTuple):
    name: str
    mime: str
    content: bytes


def keep(session: Session, content: bytes, name: str, *, now: dt.datetime) -> int:
    """Keep it, once; returns its number. Raises AttachmentRefused. What it is follows from how it begins, never from its name."""
    mime, ending = _kind(content)
    digest = hashlib.sha256(content).hexdigest()
    values = {"digest": digest, "name": _named(name, ending), "mime": mime, "size": len(content), "content": content, "created_at": now}
    session.execute(upsert.insert(session, Attachment, **values).on_conflict_do_nothing(index_elements=["digest"]))
    return int(session.execute(select(_TABLE.c.id).where(_TABLE.c.digest == digest)).scalar_one())


def _kind(content: bytes) -> tuple[str, str]:
    if not content:
        raise errors.AttachmentRefused("empty")
    if len(content) > LARGEST:
        raise errors.AttachmentRefused("big")
    for begins, mime, ending in _BEGINNINGS:
        if content.startswith(begins):
            if mime != PDF and not _fits(size(content)):
                raise errors.AttachmentRefused("shape")
            return mime, ending
    raise errors.AttachmentRefused("kind")


def _fits(found: tuple[int, int] | None) -> bool:
    if found is None or min(found) == 0:
        return False
    return sum(found) <= MOST_POINTS and max(found) <= LONGEST_SIDE * min(found)


def size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG, None when they are not to be found."""
    if content.startswith(b"\x89PNG"):
        return (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) if len(content) >= 24 else None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def _named(name: str, ending: str) -> str:
    """The file's own name, made harmless, with the ending of what it really is."""
    stem = traces.readable(name.replace("\\", "/").rsplit("/", 1)[-1]).rsplit(".", 1)[0]
    return (_NOT_IN_A_NAME.sub("", stem).strip(" .")[:LONGEST_NAME] or "tep") + ending


def block(session: Session, attachment_id: int) -> Attached:
    """How a message shows it."""
    name, mime = session.execute(select(_TABLE.c.name, _TABLE.c.mime).where(_TABLE.c.id == attachment_id)).one()
    return Attached(picture=mime != PDF, name=name, attachment=attachment_id)


def load(session: Session, attachment_id: int) -> Content | None:
    row = session.execute(select(_TABLE.c.name, _TABLE.c.mime, _TABLE.c.content).where(_TABLE.c.id == attachment_id)).first()
    return None if row is None else Content(*row)


def uploaded(session: Session, attachment_id: int, bot: str, *, now: dt.datetime) -> str:
    """What the provider calls it, "" when it has not got it or not any more."""
    columns = select(_UPLOADS.c.file_id, _UPLOADS.c.expires_at).where(_UPLOADS.c.attachment_id == attachment_id, _UPLOADS.c.bot == bot)
    row = session.execute(columns).first()
    return row[0] if row is not None and (row[1] is None or row[1] > now) else ""


def note_upload(session: Session, attachment_id: int, bot: str, file_id: str, expires_at: dt.datetime | None = None) -> None:
    row = upsert.insert(session, Upload, attachment_id=attachment_id, bot=bot, file_id=file_id, expires_at=expires_at)
    session.execute(row.on_conflict_do_update(index_elements=["attachment_id", "bot"], set_={"file_id": file_id, "expires_at": expires_at}))


def forget_upload(session: Session, attachment_id: int, bot: str, file_id: str) -> None:
    """The provider does not know this name any more; another one that was noted meanwhile stays."""
    same = (_UPLOADS.c.attachment_id == attachment_id, _UPLOADS.c.bot == bot, _UPLOADS.c.file_id == file_id)
    session.execute(delete(_UPLOADS).where(*same))


def older(session: Session, name: str, before: dt.datetime) -> list[int]:
    """Those made before then whose name begins so."""
    return list(session.execute(select(_TABLE.c.id).where(_TABLE.c.name.startswith(name), _TABLE.c.created_at < before)).scalars())


class Sent(NamedTuple):
    """What the provider called the message, and the file in it. `lives`: how long it will know the file, None for ever."""

    message_id: str
    file_id: str
    lives: dt.timedelta | None = None


class Shelf:
    """Attachments on their way out: while the first one of its kind is handed over, the others wait for its name."""

    def __init__(self, store: Store, now: Callable[[], dt.datetime] = clock.now) -> None:
        self._store, self._now = store, now
        self._locks: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, bot: str, attachment_id: int, by_name: Callable[[str], Awaitable[str]], anew: Callable[[Content], Awaitable[Sent]]) -> str:
        """The id of the message. `by_name` sends what the provider has and may raise FileForgotten; `anew` hands the content over."""
        lock = self._locks[bot, attachment_id]
        known = await self._known(bot, attachment_id)
        if not known:
            async with lock:
                known = await self._known(bot, attachment_id)
                if not known:
                    return await self._anew(bot, attachment_id, anew)
        try:
            return await by_name(known)
        except errors.FileForgotten:
            async with lock:
                await self._store.write(forget_upload, attachment_id, bot, known)
                newer = await self._known(bot, attachment_id)
                return await (by_name(newer) if newer else self._anew(bot, attachment_id, anew))

    async def _known(self, bot: str, attachment_id: int) -> str:
        return await self._store.read(uploaded, attachment_id, bot, now=self._now())

    async def _anew(self, bot: str, attachment_id: int, anew: Callable[[Content], Awaitable[Sent]]) -> str:
        content = await self._store.read(load, attachment_id)
        if content is None:
            raise errors.Refused(f"attachment {attachment_id} is gone")
        sent = await anew(content)
        if sent.file_id:
            until = self._now() + sent.lives if sent.lives is not None else None
            try:
                await self._store.write(note_upload, attachment_id, bot, sent.file_id, until)
            except errors.StoreUnavailable:  # the next one hands it over again
                return sent.message_id
        return sent.message_id
