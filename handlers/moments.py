"""Days and moments as the numbers that buttons carry."""

from __future__ import annotations

import datetime as dt

from bot import errors


def number(date: dt.date) -> int:
    """20261125"""
    return int(f"{date:%Y%m%d}")


def date(number: int) -> dt.date | None:
    """None for 0, which means no day. Raises StalePayload for what is no day."""
    try:
        return dt.datetime.strptime(str(number), "%Y%m%d").date() if number else None
    except ValueError as error:
        raise errors.StalePayload(str(number)) from error


def minute(moment: dt.datetime) -> int:
    """Minutes since 1970."""
    return int(moment.timestamp()) // 60


def at(minute: int) -> dt.datetime:
    """Raises StalePayload for what is no moment of our time."""
    try:
        return dt.datetime.fromtimestamp(minute * 60, dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise errors.StalePayload(str(minute)) from error
