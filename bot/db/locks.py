"""Locks that come before a check. SQLite has one writer at a time (BEGIN IMMEDIATE), so only PostgreSQL needs them."""

from __future__ import annotations

import zlib

from sqlalchemy import BigInteger, bindparam, func, select
from sqlmodel import Session

from bot.db.prepared import Prepared

_TAKE = Prepared(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger))))


def hold(session: Session, *name: object) -> None:
    """Wait until nobody else holds the lock of this name; it ends with the transaction.

    Two names may share a number: then they wait for each other, which costs time but nothing else.
    """
    if session.get_bind().dialect.name == "postgresql":
        text = "/".join(map(str, name)).encode()
        _TAKE.rows(session, key=zlib.crc32(text) | (len(text) & 0x7F) << 32)
