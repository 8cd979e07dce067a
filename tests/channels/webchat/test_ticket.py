"""The ticket's page in every state of its visit, what can be done on it, and the file for the calendar."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import httpx
import icalendar
import pytest
from sqlmodel import Session

from bot.app import App
from bot.channels.webchat import ticket_view
from bot.channels.webchat.channel import WebChat
from bot.db.enums import ENDED, LIVE
from bot.db.staff import Staff
from bot.domain import booking, closing, counters, queue, visits
from bot.domain.booking import Wish
from bot.domain.queue import Arrival
from bot.domain.visits import Missing, Visit
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.test_booking import book
from tests.channels.webchat.test_dialog import listed
from tests.channels.webchat.visitor import Page, Visitor

CLERK = "staff:1"
TEN = at(23, 10)


class Hall:
    """Somebody with a ticket, and the clerks."""

    def __init__(self, day: Day, visitor: Visitor) -> None:
        self.day, self.visitor = day, visitor

    async def do(self, work: Any, *given: Any, **named: Any) -> Any:
        return await self.day.do(work, *given, actor=CLERK, now=self.day.now, **named)

    async def booked(self, starts_at: dt.datetime = TEN) -> Visit:
        made: Visit = await self.do(booking.take, await self.day.group(), starts_at, Wish(source="web"))
        return made

    async def came(self) -> Visit:
        made: Visit = await self.do(queue.walk_in, await self.day.group(), Arrival())
        return made

    async def desk(self, number: int = 1) -> counters.Desk:
        found: list[counters.Desk] = await self.day.do(counters.counters, CENTER)
        return next(desk for desk in found if desk.number == number)

    async def sit(self, number: int = 1) -> counters.Desk:
        desk = await self.desk(number)
        member = await self.day.do(_clerk, f"Clerk {number}", now=self.day.now)
        assert await self.day.do(counters.sit_down, desk.id, member, now=self.day.now)
        return desk

    async def call(self, number: int = 1) -> Visit | None:
        desk = await self.desk(number)
        called: Visit | None = await self.do(queue.call_next, desk.id)
        return called

    async def called(self) -> Visit:
        await self.came()
        called = await self.call()
        assert called is not None
        return called

    async def page(self, visit: Visit, path: str = "") -> Page:
        return await self.visitor.open(f"/phieu/{visit.token}{path}")


def _clerk(session: Session, name: str, *, now: dt.datetime) -> int:
    made = Staff(name=name, created_at=now)
    session.add(made)
    session.flush()
    assert made.id is not None
    return made.id


@pytest.fixture
def hall(day: Day, visitor: Visitor) -> Hall:
    return Hall(day, visitor)


async def test_a_booking_shows_when_where_the_code_and_what_can_be_done(hall: Hall) -> None:
    visit = await hall.booked(at(25, 8, 30))
    page = await hall.page(visit)
    assert page.status == 200
    for said in ["Lịch hẹn của anh/chị", "Thứ Tư 25/11, 08:30", "Số 12 đường Lúa Vàng", f"{visit.code[:3]} {visit.code[3:]}", "Đã đặt lịch"]:
        assert said in page.text
    for label in ["Đổi ngày giờ", "Hủy lịch hẹn", "Lưu vào lịch của điện thoại", "Xem bản đồ", "Xem lại ngay"]:
        assert label in page.links
    assert 'class="qr"' in page.html
    assert "Tôi đến trễ" not in page.text, "that is for the day itself"
    assert 'class="plate' not in page.html, "a plate is a number in the queue"
    assert "data-live" not in page.html


async def test_late_is_told_and_then_shown(hall: Hall, day: Day) -> None:
    visit = await hall.booked(at(23, 10))
    await hall.page(visit)
    page = await hall.visitor.press("20 phút")
    assert "Đã báo đến trễ. Lượt của anh/chị được giữ đến 10:20." in page.text
    late = await day.do(visits.get, visit.id)
    assert late.late_until == at(23, 10, 20)


@pytest.mark.parametrize("minutes", ["5", "600", "-10", "x", ""])
async def test_only_the_offered_minutes_count(hall: Hall, day: Day, minutes: str) -> None:
    visit = await hall.booked(at(23, 10))
    answer = await hall.visitor.post(f"/phieu/{visit.token}", [("viec", "tre"), ("phut", minutes)])
    assert answer.status_code == 409
    assert (await day.do(visits.get, visit.id)).late_until is None


async def test_after_the_time_it_says_that_coming_still_helps(hall: Hall, day: Day) -> None:
    visit = await hall.booked(at(23, 10))
    day.now = at(23, 10, 15)
    assert "Đã qua giờ hẹn. Anh/chị cứ đến" in (await hall.page(visit)).text


async def test_who_came_long_before_the_time_is_told_so(hall: Hall, day: Day) -> None:
    visit = await hall.booked(at(23, 10))
    await hall.do(queue.check_in, visit, await day.group())
    page = await hall.page(visit)
    assert "Anh/chị đến sớm" in page.text
    assert "Được gọi từ khoảng 10:00" in page.text
    assert "A001" in page.text


async def test_the_line_shows_who_is_before_and_how_long_it_takes(hall: Hall) -> None:
    await hall.sit(1)
    await hall.called()
    for _ in range(3):
        await hall.came()
    visit = await hall.came()
    page = await hall.page(visit)
    assert "Còn 3 người trước" in page.text
    assert "A002 kế tiếp A003 chờ A004 chờ A005 anh/chị" in page.text
    assert "Quầy 1 đang gọi A001." in page.text
    assert "Chờ khoảng 25\u2060–\u206050 phút" in page.text
    assert "Số liệu lúc 08:00" in page.text
    assert "plate--now" in page.html
    assert page.html.count('role="status"') - page.html.count("data-offline hidden") == 1


async def test_a_long_line_is_five_plates_and_a_number(hall: Hall) -> None:
    for _ in range(8):
        await hall.came()
    visit = await hall.came()
    page = await hall.page(visit)
    assert "Còn 8 người trước" in page.text
    assert "A005 chờ +3 người nữa A009 anh/chị" in page.text


async def test_without_a_clerk_no_wait_is_made_up(hall: Hall) -> None:
    await hall.came()
    page = await hall.page(await hall.came())
    assert "Chưa có quầy nào mở cho nhóm này" in page.text
    assert "phút" not in page.text.replace("đến trễ", "")


async def test_the_next_one_is_told_so(hall: Hall) -> None:
    await hall.sit(1)
    page = await hall.page(await hall.came())
    assert "Anh/chị là người kế tiếp" in page.text
    assert "Mời anh/chị vào phòng chờ." in page.text


async def test_called_names_the_counter_and_the_time(hall: Hall, day: Day) -> None:
    visit = await hall.called()
    page = await hall.page(visit)
    assert "Mời đến quầy 1" in page.text
    assert "Gọi lúc 08:00. Chưa kịp đến? Số vẫn được giữ." in page.text
    assert "plate--now plate--called" in page.html
    assert "Hủy số" not in page.text
    day.now += dt.timedelta(minutes=2)
    await hall.do(queue.recall, visit)
    assert "Gọi lần 2, lúc 08:02." in (await hall.page(visit)).text


async def test_at_the_counter(hall: Hall) -> None:
    visit = await hall.called()
    await hall.do(queue.serve, visit)
    page = await hall.page(visit)
    assert "Đang làm ở quầy 1" in page.text
    assert 'aria-current="step"><span>Xong' in page.html


async def test_parked_keeps_the_number(hall: Hall) -> None:
    visit = await hall.called()
    await hall.do(queue.park, visit)
    page = await hall.page(visit)
    assert "Số đang tạm để lại" in page.text
    assert "plate--quiet" in page.html
    assert "Hủy số" in page.links


async def test_missed_keeps_the_number(hall: Hall) -> None:
    visit = await hall.called()
    await hall.do(queue.miss, visit)
    page = await hall.page(visit)
    assert "Số A001 đã được gọi" in page.text
    assert "Anh/chị không mất số." in page.text


async def test_papers_missing_are_named_with_what_to_do(hall: Hall) -> None:
    visit = await hall.called()
    papers = [Missing("a", "Giấy báo tử"), Missing("b", "Tờ khai", "incorrect"), Missing("c", "Hộ khẩu", "not_required")]
    await hall.do(queue.finish, visit, "papers_missing", missing=papers)
    page = await hall.page(visit)
    assert "Còn thiếu 3 giấy" in page.text
    assert "Khi quay lại, báo quầy 1, không phải lấy số." in page.text
    assert "Giấy báo tử Tờ khai (ghi chưa đúng) Hộ khẩu (" in page.text
    assert f"đọc mã {visit.code[:3]} {visit.code[3:]}" in page.text


async def test_who_comes_back_on_another_day_finds_the_new_number(hall: Hall, day: Day) -> None:
    visit = await hall.called()
    await hall.do(queue.finish, visit, "papers_missing", missing=[Missing("a", "Giấy báo tử")])
    day.now = at(25, 8)
    again = await hall.do(queue.check_in, visit, await day.group())
    page = await hall.page(visit)
    page = await hall.visitor.open(page.links["Xem số mới của anh/chị"])
    assert page.answer.url.path == f"/phieu/{again.token}"
    assert "người kế tiếp" in page.text


async def test_whom_the_day_did_not_reach_is_told_what_they_keep(hall: Hall, day: Day) -> None:
    visit = await hall.came()
    await hall.do(closing.close, CENTER, dt.date(2026, 11, 23))
    page = await hall.page(visit)
    assert "Hôm nay chưa gọi tới số này" in page.text
    assert "là được gọi trước, không phải xếp hàng lại" in page.text


@pytest.mark.parametrize(
    ("outcome", "said"), [("accepted", "Hồ sơ đã được nhận."), ("wrong_place", "Việc này không làm ở trung tâm."), ("other", "Đã xong")]
)
async def test_done(hall: Hall, outcome: str, said: str) -> None:
    visit = await hall.called()
    await hall.do(queue.finish, visit, outcome)
    page = await hall.page(visit)
    assert "Đã xong" in page.text
    assert said in page.text
    assert not [form for form in page.forms if form.action.startswith("/phieu/")]


async def test_cancelling_is_asked_once_and_leads_to_a_new_booking(hall: Hall, day: Day) -> None:
    visit = await hall.booked(at(25, 8, 30))
    page = await hall.page(visit)
    page = await hall.visitor.open(page.links["Hủy lịch hẹn"])
    assert "Hủy lịch hẹn này?" in page.text
    assert (await day.do(visits.get, visit.id)).state == "booked"
    assert page.links["Giữ lại"] == f"/phieu/{visit.token}"
    page = await hall.visitor.press("Hủy lịch này")
    assert "Lịch hẹn đã hủy" in page.text
    assert "Lịch cũ: thứ Tư 25/11, 08:30." in page.text
    events = await day.do(visits.events, [visit.id])
    assert (events[-1].kind, events[-1].actor) == ("cancelled", "citizen")
    page = await hall.visitor.open(page.links["Đặt lịch mới"])
    assert "Chọn ngày và giờ đến" in page.text
    assert (await hall.page(visit, "/huy")).answer.url.path == f"/phieu/{visit.token}"


async def test_a_number_is_given_up_too(hall: Hall) -> None:
    visit = await hall.came()
    page = await hall.page(visit, "/huy")
    assert "Hủy số A001?" in page.text
    page = await hall.visitor.press("Hủy số này")
    assert "Số A001 đã hủy" in page.text


async def test_what_was_called_meanwhile_is_not_cancelled(hall: Hall, day: Day) -> None:
    visit = await hall.came()
    await hall.page(visit, "/huy")
    await hall.call()
    page = await hall.visitor.press("Hủy số này")
    assert page.status == 409
    assert "Số của anh/chị đang được gọi, mời đến quầy." in page.text
    assert "Mời đến quầy 1" in page.text
    assert (await day.do(visits.get, visit.id)).state == "called"


async def test_a_booking_cancelled_by_the_center_says_why(hall: Hall) -> None:
    visit = await hall.booked()
    await hall.do(booking.cancel, visit, note="Mất điện cả xã.")
    assert "Mất điện cả xã." in (await hall.page(visit)).text


async def test_who_never_came_may_book_again(hall: Hall, day: Day) -> None:
    visit = await hall.booked()
    day.now = at(23, 17, 30)
    await hall.do(closing.close, CENTER, dt.date(2026, 11, 23))
    page = await hall.page(visit)
    assert "Đã qua ngày hẹn" in page.text
    assert "Đặt lịch mới" in page.links


async def test_a_hold_of_somebody_given_back_is_over(hall: Hall, day: Day) -> None:
    held = await hall.do(booking.hold, await day.group(), at(25, 8, 30), Wish())
    assert "Xác nhận lịch hẹn" in (await hall.page(held)).text
    day.now += dt.timedelta(minutes=6)
    page = await hall.page(held)
    assert "Đã hết giờ giữ chỗ" in page.text, "before anybody swept it away"
    await day.do(booking.expire, now=day.now)
    page = await hall.page(held)
    assert "Đã hết giờ giữ chỗ" in page.text
    assert "Chọn lại giờ" in page.links


@pytest.mark.parametrize("path", ["", "/huy", "/moi", "/song", ".ics"])
async def test_an_unknown_ticket_is_a_kind_page(hall: Hall, path: str) -> None:
    page = await hall.visitor.open(f"/phieu/khong-co{path}")
    assert page.status == 404
    assert "Không có phiếu này" in page.text


async def test_an_old_ticket_is_gone(hall: Hall, day: Day) -> None:
    visit = await hall.booked()
    day.now += dt.timedelta(days=30)
    assert (await hall.page(visit)).status == 200
    day.now += dt.timedelta(days=1)
    assert (await hall.page(visit)).status == 404
    assert (await hall.visitor.post(f"/phieu/{visit.token}", [("viec", "huy")])).status_code == 404


@pytest.mark.parametrize("deed", ["", "x", "den", "goi"])
async def test_nothing_else_can_be_done_from_a_page(hall: Hall, deed: str) -> None:
    """Being there is said at the kiosk or to a clerk, never from home."""
    visit = await hall.booked()
    assert (await hall.visitor.post(f"/phieu/{visit.token}", [("viec", deed)])).status_code == 404


async def test_another_sites_page_cannot_press_buttons(hall: Hall, day: Day) -> None:
    visit = await hall.booked()
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    answer = await hall.visitor.client.post(f"/phieu/{visit.token}", content="viec=huy", headers=headers)
    assert answer.status_code == 403
    assert (await day.do(visits.get, visit.id)).state == "booked"


async def test_nobody_keeps_or_passes_on_the_page(hall: Hall) -> None:
    visit = await hall.booked()
    for path in ("", "/huy", ".ics"):
        headers = (await hall.visitor.client.get(f"/phieu/{visit.token}{path}")).headers
        assert headers["referrer-policy"] == "no-referrer"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["cache-control"] == "no-store"


async def test_the_papers_of_the_list_stand_on_the_ticket(day: Day, visitor: Visitor) -> None:
    await listed(visitor)
    await visitor.tick("form")
    token = visitor.page.links["In hoặc lưu danh sách"].rsplit("/", 1)[1]
    page = await book(visitor, f"/dat-lich?danh-sach={token}&ngay=2026-11-25", at(25, 8, 30))
    assert "Còn 2 giấy chưa đánh dấu." in page.text
    assert page.links["danh sách 3 giấy"] == f"/d/{token}"
    await visitor.open("/")
    await visitor.tick("form", "id_card", "death_notice")
    [visit] = await day.all()
    page = await visitor.open(f"/phieu/{visit.token}")
    assert "Đã đánh dấu đủ 3 giấy." in page.text


async def test_the_fragment_is_what_changes(hall: Hall) -> None:
    visit = await hall.came()
    answer = await hall.visitor.client.get(f"/phieu/{visit.token}/moi")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'class="qr"' not in answer.text
    assert "data-live" in answer.text
    assert version(answer.text) == version((await hall.page(visit)).html)


def version(html: str) -> str:
    found = re.search(r'data-version="([^"]+)"', html)
    assert found
    return found[1]


async def test_it_is_announced_when_the_place_or_the_state_changes_and_not_each_minute(hall: Hall, day: Day) -> None:
    await hall.sit(1)
    await hall.came()
    visit = await hall.came()
    first = version((await hall.page(visit)).html)
    day.now += dt.timedelta(minutes=1)
    assert version((await hall.page(visit)).html) == first
    await hall.call()
    second = version((await hall.page(visit)).html)
    assert second != first
    desk = await hall.desk(1)
    there = await day.do(queue.at_counter, desk.id)
    await hall.do(queue.miss, there)
    await hall.call()
    third = version((await hall.page(visit)).html)
    await hall.do(queue.recall, await day.do(visits.get, visit.id))
    assert len({first, second, third, version((await hall.page(visit)).html)}) == 4


async def test_a_ticket_of_another_day_waits_for_nothing(hall: Hall) -> None:
    visit = await hall.booked(at(25, 8, 30))
    assert (await hall.visitor.client.get(f"/phieu/{visit.token}/song")).status_code == 204


async def test_an_event_at_the_center_wakes_the_page(app: App, hall: Hall) -> None:
    visit = await hall.came()
    chat = app.channels["webchat"]
    assert isinstance(chat, WebChat)
    key = f"ticket:{visit.id}:{CENTER}"
    before = await chat.hub._newest([key, "nobody"])
    await hall.call()
    after = await chat.hub._newest([key, "nobody"])
    assert after[key] > before[key]
    assert set(after) == {key}


async def test_full_streams_answer_503_so_that_pages_poll(app: App, hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = await hall.came()
    chat = app.channels["webchat"]
    assert isinstance(chat, WebChat)
    monkeypatch.setattr(type(chat.hub), "has_room", lambda *_: False)
    assert (await hall.visitor.client.get(f"/phieu/{visit.token}/song")).status_code == 503


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


async def test_a_ticket_is_the_same_for_whoever_has_the_link(app: App, hall: Hall) -> None:
    visit = await hall.booked()
    async with connected(app) as client:
        assert "Hủy lịch hẹn" in (await Visitor(client).open(f"/phieu/{visit.token}")).links
        assert not client.cookies


def test_every_state_has_a_face() -> None:
    assert set(ticket_view._FACES) == {*LIVE, *ENDED}
