"""A booking as a file for the phone's own calendar, which rings where the web cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot import late
from bot.domain import reminders

PRODUCT = "-//Mot Cua//Mot Cua//VI"


@dataclass(frozen=True)
class Entry:
    """What stands in the calendar. `sequence` grows with every change, so that a newer file replaces an older one."""

    visit_id: int
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str
    text: Sequence[str]
    place: str
    position: tuple[float, float] | None
    link: str
    cancelled: bool = False


def make(entry: Entry, *, now: dt.datetime) -> bytes:
    """RFC 5545. Times are UTC, which every calendar shows in the phone's own zone."""
    icalendar = late.load("icalendar")  # 60 ms, for the few who want the file
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(icalendar, entry, now))
    made: bytes = calendar.to_ical()
    return made


def _event(icalendar: Any, entry: Entry, now: dt.datetime) -> Any:
    event = icalendar.Event()
    event.add("uid", f"visit-{entry.visit_id}@{urlsplit(entry.link).hostname}")
    event.add("dtstamp", now)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.title)
    event.add("description", "\n".join(entry.text))
    event.add("location", entry.place)
    event.add("url", entry.link)
    if entry.position is not None:
        event.add("geo", entry.position)
    if not entry.cancelled:
        for moment in reminders.moments(entry.starts_at).values():
            event.add_component(_alarm(icalendar, entry.title, moment - entry.starts_at))
    return event


def _alarm(icalendar: Any, title: str, before: dt.timedelta) -> Any:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", before)
    return alarm
