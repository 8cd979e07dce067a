"""The time, read at the edges only. Everything inside takes `now` as a parameter, aware and in UTC."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment on a clock in Vietnam."""
    return moment.astimezone(VIETNAM)


def today(moment: dt.datetime) -> dt.date:
    return local(moment).date()


def hour(moment: dt.datetime) -> str:
    """08:31"""
    return f"{local(moment):%H:%M}"


def weekday(date: dt.date) -> str:
    """thứ Tư"""
    return WEEKDAYS[date.weekday()]


def day(date: dt.date) -> str:
    """thứ Tư 25/11"""
    return f"{weekday(date)} {date.day}/{date.month}"


def date(date: dt.date) -> str:
    """25/11/2026"""
    return f"{date.day}/{date.month}/{date.year}"
