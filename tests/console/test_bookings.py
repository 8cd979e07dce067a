"""The calendar of bookings in the console, and what staff do to one: by code, never by name; the citizen is told."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.db.enums import Role
from bot.domain import booking, hours, visits
from tests.console.conftest import HERE, THERE, SignIn
from tests.console.desk_day import MONDAY, WEDNESDAY, DeskDay, at, send

THURSDAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 200), ("manager", 200), ("auditor", 403), ("admin", 200)])
async def test_everybody_here_reads_and_the_lead_changes(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    visit = await day.book("9:00", name="lan")
    somebody = await sign_in(role)
    assert (await somebody.open("lich-hen")).status == 200
    page = await send(somebody, f"lich-hen/{visit.id}", "huy", ly_do="mất điện")
    assert page.status == status
    assert (await day.row(visit)).state == ("cancelled" if status == 200 else "booked")


async def test_the_week_shows_how_many_seats_of_each_time_are_taken(day: DeskDay, sign_in: SignIn) -> None:
    for _ in range(2):
        await day.book("9:00")
    page = await (await sign_in("clerk")).open("lich-hen")
    assert "2/6 , 09:00 thứ Tư 25/11" in page.text
    assert "0/6 , 07:30 thứ Sáu 27/11" in page.text
    assert "Chủ nhật" not in page.text, "nothing on Sunday"
    assert "thứ Ba 24/11 Ngày Văn hóa Việt Nam" in page.text, "a holiday says why it is empty"
    assert "0/4" in (await day_of_group(day, sign_in, "B"))


async def test_a_booking_outside_the_hours_stays_in_sight(day: DeskDay, sign_in: SignIn) -> None:
    await day.book("9:00")
    await day.do(hours.set_exception, HERE, WEDNESDAY, (), "bão", actor="cli")
    page = await (await sign_in("lead")).open("lich-hen?luc=2026-11-25T09:00")
    assert "1/6 ngoài giờ , 09:00 thứ Tư 25/11" in page.text
    assert "thứ Tư 25/11 bão" in page.text
    assert "Đặt cho người gọi điện" not in page.text


async def day_of_group(day: DeskDay, sign_in: SignIn, letter: str) -> str:
    group = (await day.groups())[letter]
    return (await (await sign_in("clerk")).open(f"lich-hen?nhom={group.id}&tuan=2026-11-25")).text


async def test_a_time_lists_its_bookings_by_code_without_a_name(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="nguyễn-thị-lan", behalf="relative", procedure="1.000656")
    page = await (await sign_in("clerk")).open("lich-hen?luc=2026-11-25T09:00")
    assert f"{visit.code[:3]} {visit.code[3:]}" in page.text
    assert "đến thay người nhà" in page.text
    assert "đã đặt" in page.text
    assert "chưa có danh sách giấy" in page.text
    assert "nguyễn-thị-lan" not in page.html


@pytest.mark.parametrize("query", ["tuan=9999-12-31", "tuan=x", "luc=2026-11-25T99:00", "nhom=999999999999999999999", "luc=0001-01-01T00:00"])
async def test_an_address_that_means_nothing_still_shows_a_week(day: DeskDay, sign_in: SignIn, query: str) -> None:
    assert (await (await sign_in("clerk")).open(f"lich-hen?{query}")).status == 200


async def test_a_code_leads_straight_to_its_booking(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    clerk = await sign_in("clerk")
    page = await clerk.open(f"lich-hen?ma={visit.code[:3]}%20{visit.code[3:]}")
    assert f"Lịch hẹn {visit.code[:3]} {visit.code[3:]}" in page.text
    assert "Không có lịch hẹn nào mang mã này" in (await clerk.open("lich-hen?ma=000")).text


async def test_a_booking_of_another_center_is_not_shown(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00")
    admin = await sign_in("admin", "*")
    assert (await admin.open(f"/ban-lam-viec/{THERE}/lich-hen/{visit.id}")).status == 404
    assert (await admin.open(f"lich-hen/{10**30}")).status == 404


async def test_moving_tells_the_citizen_and_frees_the_old_seat(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    page = await lead.open(f"lich-hen/{visit.id}?ngay=2026-11-26")
    assert 'value="2026-11-26T08:30"' in page.html
    page = await send(lead, f"lich-hen/{visit.id}", "doi", luc="2026-11-26T08:30", ly_do="cán bộ đi họp")
    assert "Đã đổi giờ" in page.text
    row = await day.row(visit)
    assert (row.starts_at, row.code) == (at("8:30", THURSDAY), visit.code)
    [event] = [event for event in await day.app.store.read(visits.events, [visit.id]) if event.kind == "moved"]
    assert event.actor == lead.actor
    [told] = await day.told("lan")
    assert "Cán bộ đi họp." in told
    assert "Giờ cũ: thứ Tư 25/11, 09:00" in told


async def test_a_time_that_filled_up_meanwhile_keeps_the_old_seat(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    for _ in range(6):
        await day.book("10:00")
    page = await send(await sign_in("lead"), f"lich-hen/{visit.id}", "doi", luc="2026-11-25T10:00", ngay="2026-11-25")
    assert page.status == 409
    assert "vừa có người giữ" in page.text
    assert (await day.row(visit)).starts_at == visit.starts_at
    assert await day.told("lan") == []


@pytest.mark.parametrize(("deed", "said"), [("doi", "Chọn giờ trước khi đổi"), ("huy", "Ghi một câu lý do"), ("la", "Trang này đã cũ")])
async def test_what_is_missing_is_asked_for(day: DeskDay, sign_in: SignIn, deed: str, said: str) -> None:
    visit = await day.book("9:00", name="lan")
    page = await send(await sign_in("lead"), f"lich-hen/{visit.id}", deed)
    assert page.status == 422
    assert said in page.text
    assert (await day.row(visit)).state == "booked"


async def test_a_booking_is_cancelled_with_a_sentence_the_citizen_reads(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    page = await send(await sign_in("lead"), f"lich-hen/{visit.id}", "huy", ly_do="  trung tâm   mất điện")
    assert "Đã hủy" in page.text
    row = await day.row(visit)
    assert (row.state, row.seat, row.note) == ("cancelled", None, "Trung tâm mất điện.")
    assert "Trung tâm mất điện. Trung tâm xin lỗi" in (await day.told("lan"))[0]
    assert "không đổi hay hủy được nữa" in page.text


async def test_who_booked_for_today_is_checked_in(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("8:30", MONDAY, name="lan")
    page = await send(await sign_in("lead"), f"lich-hen/{visit.id}", "den")
    assert "Đã nhận vào hàng" in page.text
    assert (await day.row(visit)).ticket == "A001"


async def test_a_booking_for_tomorrow_cannot_be_checked_in_today(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("8:30", name="lan")
    page = await send(await sign_in("lead"), f"lich-hen/{visit.id}", "den")
    assert page.status == 409
    assert (await day.row(visit)).state == "booked"


async def test_booking_over_the_phone_gives_a_code_to_read_out(day: DeskDay, sign_in: SignIn) -> None:
    lead, group = await sign_in("lead"), (await day.groups())["A"]
    page = await send(lead, "lich-hen", "", nhom=str(group.id), luc="2026-11-25T09:00", thu_tuc="1.000656")
    assert "Đọc mã này cho người gọi" in page.text
    [made] = await day.app.store.read(visits.of_day, HERE, WEDNESDAY)
    assert f"{made.code[:3]} {made.code[3:]}" in page.text
    assert f"/phieu/{made.token}" in page.html
    assert (made.person_id, made.account_id, made.source, made.procedure, made.state) == (None, None, "staff", "1.000656", "booked")
    assert "không hỏi tên" in (await lead.open("lich-hen?luc=2026-11-25T10:00")).text.lower()


async def test_a_full_time_is_not_booked_over_the_phone(day: DeskDay, sign_in: SignIn) -> None:
    group = (await day.groups())["A"]
    for _ in range(group.seats):
        await day.book("9:00")
    lead = await sign_in("lead")
    assert "Giờ này đã hết chỗ" in (await lead.open("lich-hen?luc=2026-11-25T09:00")).text
    page = await send(lead, "lich-hen", "", nhom=str(group.id), luc="2026-11-25T09:00")
    assert page.status == 409
    assert len(await day.app.store.read(visits.of_day, HERE, WEDNESDAY)) == group.seats


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"thu_tuc": "zzz qqq"}, "Chưa tìm thấy thủ tục này"),
        ({"luc": "x"}, "Trang này đã cũ"),
        ({"nhom": "x"}, "Trang này đã cũ"),
        ({"luc": "2026-11-25T12:00"}, "không đặt được nữa"),
        ({"luc": "2026-11-22T09:00"}, "không đặt được nữa"),
    ],
)
async def test_nothing_is_booked_for_what_is_not_understood(day: DeskDay, sign_in: SignIn, fields: dict[str, str], said: str) -> None:
    given = {"nhom": str((await day.groups())["A"].id), "luc": "2026-11-25T09:00"} | fields
    page = await send(await sign_in("lead"), "lich-hen", "", **given)
    assert page.status in (409, 422)
    assert said in page.text
    assert await day.app.store.read(visits.of_day, HERE, WEDNESDAY) == []


async def test_a_procedure_of_another_group_is_sent_to_that_groups_calendar(day: DeskDay, sign_in: SignIn) -> None:
    group = (await day.groups())["B"]
    page = await send(await sign_in("lead"), "lich-hen", "", nhom=str(group.id), luc="2026-11-25T09:00", thu_tuc="1.000656")
    assert "Việc này thuộc nhóm A" in page.text


async def test_a_seat_given_back_is_no_longer_in_the_week(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    await day.do(booking.cancel, visit, actor="citizen")
    assert "0/6 , 09:00 thứ Tư 25/11" in (await (await sign_in("clerk")).open("lich-hen")).text
