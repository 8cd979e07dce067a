"""The file with a booking for the calendar of a phone."""

from __future__ import annotations

from typing import Any

import httpx
import icalendar

from bot.domain import booking
from bot.domain.visits import Visit
from tests.channels.webchat.day import Day, at
from tests.channels.webchat.hall import Hall


async def ics(client: httpx.AsyncClient, visit: Visit) -> tuple[bytes, Any]:
    answer = await client.get(f"/phieu/{visit.token}.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    read = icalendar.Calendar.from_ical(answer.content)
    return answer.content, read


async def test_the_calendar_file_says_when_where_and_rings_twice(hall: Hall) -> None:
    visit = await hall.booked(at(25, 8, 30))
    raw, calendar = await ics(hall.visitor.client, visit)
    assert b"\r\n" in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert calendar["method"] == "PUBLISH"
    [event] = calendar.walk("VEVENT")
    assert event["uid"] == f"visit-{visit.id}@motcua.example"
    assert event.decoded("dtstart") == at(25, 8, 30)
    assert event.decoded("dtend") == at(25, 9)
    assert event["sequence"] == 0
    assert event["status"] == "CONFIRMED"
    assert "Số 12 đường Lúa Vàng, thôn Đông" in event["location"]
    assert event["url"] == f"https://motcua.example/phieu/{visit.token}"
    assert f"{visit.code[:3]} {visit.code[3:]}" in event["description"]
    assert rb"\, " in raw
    alarms = {at(25, 8, 30) + alarm.decoded("trigger") for alarm in event.walk("VALARM")}
    assert alarms == {at(24, 19), at(25, 7, 30)}


async def test_a_changed_booking_replaces_the_one_in_the_calendar(hall: Hall, day: Day) -> None:
    visit = await hall.booked(at(25, 8, 30))
    moved = await hall.do(booking.move, visit, await day.group(), at(26, 9))
    _, calendar = await ics(hall.visitor.client, visit)
    [event] = calendar.walk("VEVENT")
    assert (event["uid"], event["sequence"], event.decoded("dtstart")) == (f"visit-{visit.id}@motcua.example", 1, at(26, 9))
    await hall.do(booking.cancel, moved)
    _, calendar = await ics(hall.visitor.client, visit)
    [event] = calendar.walk("VEVENT")
    assert (event["sequence"], event["status"], event.walk("VALARM")) == (2, "CANCELLED", [])


async def test_a_number_without_a_time_has_no_calendar_file(hall: Hall) -> None:
    visit = await hall.came()
    assert (await hall.page(visit, ".ics")).status == 404
    assert "Lưu vào lịch" not in (await hall.page(visit)).text
