"""Locks that come before a check. SQLite has one writer at a time (BEGIN IMMEDIATE), so only PostgreSQL needs them."""

from __future__ import annotations

import zlib

from sqlalchemy import BigInteger, bindparam, func, select
from sqlmodel import Session

from bot.db.prepared import Prepared

_TAKE = Prepared(select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger))))
_TAKE_TWO = Prepared(select(*(func.pg_advisory_xact_lock(bindparam(key, type_=BigInteger)) for key in ("first", "second"))))


def hold(session: Session, *name: object) -> None:
    """Wait until nobody else holds the lock of this name; it ends with the transaction.

    Two names may share a number: then they wait for each other, which costs time but nothing else.
    """
    if _needed(session):
        _TAKE.rows(session, key=_number(name))


def hold_two(session: Session, first: tuple[object, ...], second: tuple[object, ...]) -> None:
    """The same for two names, one after the other, in one trip to the database."""
    if _needed(session):
        _TAKE_TWO.rows(session, first=_number(first), second=_number(second))


def _needed(session: Session) -> bool:
    return (session.bind or session.get_bind()).dialect.name == "postgresql"


def _number(name: tuple[object, ...]) -> int:
    text = "/".join(map(str, name)).encode()
    return zlib.crc32(text) | (len(text) & 0x7F) << 32
