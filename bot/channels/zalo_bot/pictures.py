"""Pictures of ours at a public address, as the Bot Platform takes them by address only: whoever has the picture's digest has the picture."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlmodel import Session

from bot.db import upsert
from bot.db.leaving import Attachment
from bot.db.store import Store
from bot.domain import attachments
from bot.messages import Attached

PATH = "/zalo-bot/anh"
SCHEME = "https://"  # the platform fetches nothing else
_TABLE = upsert.table(Attachment)


def router(store: Store) -> APIRouter:
    made = APIRouter()

    @made.get(f"{PATH}/{{digest}}", include_in_schema=False)
    async def picture(digest: str) -> Response:
        found = await store.read(_content, digest)
        if found is None:
            return Response(status_code=404)
        mime, content = found
        return Response(content, media_type=mime, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"})

    return made


def _content(session: Session, digest: str) -> tuple[str, bytes] | None:
    mine = select(_TABLE.c.mime, _TABLE.c.content).where(_TABLE.c.digest == digest, _TABLE.c.mime != attachments.PDF)
    row = session.execute(mine).first()
    return (row[0], row[1]) if row is not None else None


async def address(store: Store, block: Attached, public: str) -> str:
    """Where the platform finds this picture; "" where it cannot: files, and pages that are not public."""
    if not block.picture:
        return ""
    if block.file_id:
        return block.file_id if block.file_id.startswith(SCHEME) else ""
    digest = await store.read(_digest, block.attachment)
    return f"{public}{PATH}/{digest}" if digest and public.startswith(SCHEME) else ""


def _digest(session: Session, number: int) -> str:
    found: str | None = session.execute(select(_TABLE.c.digest).where(_TABLE.c.id == number, _TABLE.c.mime != attachments.PDF)).scalar()
    return found or ""
