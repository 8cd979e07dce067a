"""Locks that come before a check. SQLite has one writer at a time (BEGIN IMMEDIATE), so only PostgreSQL needs them."""

from __future__ import annotations

import zlib

from sqlalchemy import BigInteger, BindParameter, bindparam, func, select
from sqlmodel import Session

from bot.db.engines import of_postgresql
from bot.db.prepared import Prepared


def _key(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


_TAKE = Prepared(select(func.pg_advisory_xact_lock(_key("key"))))
_SHARE = Prepared(select(func.pg_advisory_xact_lock_shared(_key("key"))))
_TAKE_BESIDE = Prepared(select(func.pg_advisory_xact_lock_shared(_key("shared")), func.pg_advisory_xact_lock(_key("first"))))
_TAKE_TWO_BESIDE = Prepared(
    select(func.pg_advisory_xact_lock_shared(_key("shared")), *(func.pg_advisory_xact_lock(_key(key)) for key in ("first", "second")))
)


def hold(session: Session, *name: object) -> None:
    """Wait until nobody else holds the lock of this name; it ends with the transaction.

    Two names may share a number: then they wait for each other, which costs time but nothing else.
    """
    if of_postgresql(session):
        _TAKE.rows(session, key=number(name))


def share(session: Session, *name: object) -> None:
    """Keep the lock from whoever wants to `hold` it, but from nobody else who shares it; it ends with the transaction."""
    if of_postgresql(session):
        _SHARE.rows(session, key=number(name))


def hold_beside(session: Session, shared: tuple[object, ...], first: tuple[object, ...], second: tuple[object, ...] | None = None) -> None:
    """The same for one or two names, in one trip, after a lock that is kept from nobody but who `hold`s it."""
    if not of_postgresql(session):
        return
    keys = {"shared": number(shared), "first": number(first)}
    if second is None:
        _TAKE_BESIDE.rows(session, **keys)
    else:
        _TAKE_TWO_BESIDE.rows(session, **keys, second=number(second))


def number(name: tuple[object, ...]) -> int:
    """Of the lock of this name, for a statement that takes it along."""
    text = "/".join(map(str, name)).encode()
    return zlib.crc32(text) | (len(text) & 0x7F) << 32
