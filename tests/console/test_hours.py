"""Opening hours in the console: what was typed is kept, and nobody who booked is forgotten when they change."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.app import App
from bot.db.enums import Role
from bot.domain import booking, displaced, hours
from bot.domain.booking import Wish
from tests.channels.webchat.visitor import Page
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, WEDNESDAY, DeskDay, at, send

WEEK = {f"t{day}": "7:30-11:30, 13:30-17:00" for day in range(5)} | {"t5": "7:30-11:30", "t6": ""}
SATURDAY = dt.date(2026, 11, 28)


async def opening(day: DeskDay, date: dt.date = WEDNESDAY) -> str:
    found = await day.app.store.read(hours.of_days, HERE, date, date)
    return hours.typed(found[date].spans)


def seal(page: Page) -> str:
    return dict(page.form(f"/ban-lam-viec/{HERE}/gio").fields)["dau"]


async def close_wednesday(clerk: Clerk, **fields: str) -> Page:
    return await send(clerk, "gio", "ngay", ngay="2026-11-25", kieu="nghi", ly_do="mất điện", **fields)


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 200), ("manager", 200), ("auditor", 403), ("admin", 200)])
async def test_hours_are_changed_by_those_who_set_up_the_center(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    somebody = await sign_in(role)
    assert (await somebody.open("gio")).status == 200
    page = await close_wednesday(somebody)
    assert page.status == status
    assert (await opening(day) == "") == (status == 200)
    assert (await somebody.open(f"/ban-lam-viec/{THERE}/gio")).status == 403


async def test_a_new_week_holds_at_once_for_citizens_and_stands_in_the_log(app: App, day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    page = await send(lead, "gio", "tuan", **WEEK | {"t2": "8h-12h và 13h30–16h"})
    assert "Đã lưu giờ làm việc" in page.text
    assert await opening(day) == "8:00-12:00, 13:30-16:00"
    live = app.premises.directory.get(HERE)
    assert live is not None
    assert hours.typed(live.week.on(2)) == "8:00-12:00, 13:30-16:00"
    [row] = [row for row in await day.audit() if row.action == "hours.week"]
    assert row.actor == lead.actor
    assert (row.before, row.after) == ('{"wed":"7:30-11:30, 13:30-17:00"}', '{"wed":"8:00-12:00, 13:30-16:00"}')


async def test_hours_that_cannot_be_read_are_told_beside_the_field_and_what_was_typed_stays(day: DeskDay, sign_in: SignIn) -> None:
    page = await send(await sign_in("lead"), "gio", "tuan", **WEEK | {"t1": "từ sáng", "t3": "17:00-8:00", "t4": "8:00-10:00"})
    assert page.status == 422
    assert page.text.count("Không đọc được giờ “từ sáng”") == 2, "above and beside the field"
    assert "Giờ đóng phải sau giờ mở" in page.text
    assert [dict(form.fields)["t1"] for form in page.forms if "t1" in dict(form.fields)] == ["từ sáng"]
    assert 'value="8:00-10:00"' in page.html
    assert await opening(day) == "7:30-11:30, 13:30-17:00"


@pytest.mark.parametrize(
    ("deed", "fields", "said"),
    [
        ("ngay", {"ngay": "2026-11-22"}, "Chọn ngày từ hôm nay"),
        ("ngay", {"ngay": "mai"}, "Chọn ngày"),
        ("ngay", {"ngay": "2026-11-25", "kieu": "gio", "gio": ""}, "Gõ giờ làm"),
        ("ngay", {"ngay": "2026-11-25", "kieu": "gio", "gio": "25-26"}, "Một ngày chỉ đến 24:00"),
        ("ve-som", {"luc": "17:00"}, "không sớm hơn"),
        ("ve-som", {"luc": "abc"}, "Chọn giờ, ví dụ"),
        ("la", {}, "Trang này đã cũ"),
    ],
)
async def test_a_change_that_means_nothing_is_refused_kindly(day: DeskDay, sign_in: SignIn, deed: str, fields: dict[str, str], said: str) -> None:
    page = await send(await sign_in("lead"), "gio", deed, **fields)
    assert page.status == 422
    assert said in page.text
    assert await opening(day) == "7:30-11:30, 13:30-17:00"


async def test_a_day_of_its_own_is_added_listed_and_taken_back(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    page = await send(lead, "gio", "ngay", ngay="2026-11-29", kieu="gio", gio="8-11", ly_do="ngày hội")
    assert "Chủ nhật 29/11/2026 trung tâm đặt 8:00\u2060–\u206011:00, ngày hội" in page.text
    assert "thứ Ba 24/11/2026" in page.text, "the national holiday stands there too"
    page = await send(lead, "gio", "bo", ngay="2026-11-29")
    assert "ngày hội" not in page.text
    assert await opening(day, dt.date(2026, 11, 29)) == ""
    assert [row.action for row in await day.audit()][:2] == ["hours.day", "hours.day"]


async def test_closing_early_cuts_the_day_of_today(day: DeskDay, sign_in: SignIn) -> None:
    await send(await sign_in("lead"), "gio", "ve-som", luc="15:00", ly_do="họp")
    assert await opening(day, MONDAY) == "7:30-11:30, 13:30-15:00"
    assert await opening(day) == "7:30-11:30, 13:30-17:00"


async def test_whoever_booked_is_shown_before_anything_is_saved(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    page = await close_wednesday(await sign_in("lead"))
    assert "1 lịch hẹn không còn khớp giờ" in page.text
    assert f"{visit.code[:3]} {visit.code[3:]}" in page.text
    assert "thứ Tư 25/11, 09:00" in page.text
    assert "thứ Hai 23/11, 16:30" not in page.text
    assert "lan" not in page.text.split()
    assert await opening(day) == "7:30-11:30, 13:30-17:00"
    assert await day.told("lan") == []


async def test_all_are_moved_to_the_nearest_free_time_and_told_why_in_one_go(app: App, day: DeskDay, sign_in: SignIn) -> None:
    visits = [await day.book("7:30", name=name) for name in ("lan", "mai")] + [await day.book("7:30")]
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    assert "1 người không được nhắn ngay" in page.text, "the one on the phone"
    page = await close_wednesday(lead, dau=seal(page), ca="doi", bao="trung tâm mất điện")
    assert "Dời 3 lịch, giữ 0, hủy 0" in page.text
    moved = [await day.row(visit) for visit in visits]
    assert {row.starts_at for row in moved} == {at("7:30", dt.date(2026, 11, 26))}
    assert sorted(row.seat or 0 for row in moved) == [1, 2, 3]
    assert await opening(day) == ""
    [told] = await day.told("lan")
    assert "Trung tâm mất điện." in told
    assert "Giờ mới: thứ Năm 26/11, 07:30" in told
    [row] = [row for row in await day.audit() if row.action == "hours.day"]
    assert '"moved":3' in row.after
    assert app.premises.directory.default.day(WEDNESDAY).reason == "mất điện"


async def test_each_booking_may_be_decided_for_itself(day: DeskDay, sign_in: SignIn) -> None:
    one, two = await day.book("9:00", name="lan"), await day.book("9:30", name="mai")
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    await close_wednesday(lead, dau=seal(page), ca="doi", bao="mất điện", **{f"v{two.id}": "huy"})
    assert (await day.row(one)).day != WEDNESDAY
    gone = await day.row(two)
    assert (gone.state, gone.seat, gone.note) == ("cancelled", None, "Mất điện.")
    assert "Mất điện. Trung tâm xin lỗi anh/chị" in (await day.told("mai"))[0]


async def test_a_reason_is_asked_for_because_citizens_read_it(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    page = await close_wednesday(lead, dau=seal(page), ca="huy")
    assert page.status == 422
    assert "Ghi một câu lý do" in page.text
    assert (await day.row(visit)).state == "booked"
    assert await opening(day) != ""


async def test_outside_the_hours_nobody_can_be_told_to_come_all_the_same(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    page = await close_wednesday(lead, dau=seal(page), ca="doi", bao="x", **{f"v{visit.id}": "giu"})
    assert page.status == 422
    assert "Cách này không làm được" in page.text
    assert await opening(day) != ""


async def test_who_only_stands_between_the_new_times_may_stay(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    new = WEEK | {"t2": "7:45-11:30"}
    page = await send(lead, "gio", "tuan", **new)
    assert "giữ được" in page.text
    page = await send(lead, "gio", "tuan", **new, dau=seal(page), ca="giu")
    assert "giữ 1, hủy 0" in page.text
    assert (await day.row(visit)).starts_at == at("9:00", WEDNESDAY)
    assert await day.told("lan") == []
    assert "nằm ngoài giờ" not in (await lead.open("gio")).text


async def test_a_plan_that_is_no_more_is_shown_again_instead_of_done(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    late = await day.book("10:00", name="mai")
    page = await close_wednesday(lead, dau=seal(page), ca="huy", bao="mất điện")
    assert page.status == 409
    assert "đã khác đi" in page.text
    assert "2 lịch hẹn không còn khớp giờ" in page.text
    assert [(await day.row(one)).state for one in (visit, late)] == ["booked", "booked"]
    await close_wednesday(lead, dau=seal(page), ca="huy", bao="mất điện")
    assert [(await day.row(one)).state for one in (visit, late)] == ["cancelled", "cancelled"]


async def test_a_seat_somebody_was_choosing_on_a_closed_day_is_given_back(day: DeskDay, sign_in: SignIn) -> None:
    group = (await day.groups())["A"]
    held = await day.do(booking.hold, group, at("9:00", WEDNESDAY), Wish(), actor="citizen")
    page = await close_wednesday(await sign_in("lead"))
    assert "Đã lưu" in page.text
    assert (await day.row(held)).state == "expired"


async def test_bookings_left_outside_are_shown_until_somebody_sees_to_them(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    await day.do(hours.set_exception, HERE, WEDNESDAY, (), "bão", actor="cli")
    lead = await sign_in("lead")
    assert "1 lịch hẹn đang nằm ngoài giờ làm việc" in (await lead.open("gio")).text
    page = await send(lead, "gio", "con-lai")
    await send(lead, "gio", "con-lai", dau=seal(page), ca="doi", bao="bão")
    assert (await day.row(visit)).day == dt.date(2026, 11, 26)
    assert await day.app.store.read(displaced.find, HERE, await day.app.store.read(displaced.booked, HERE, now=day.now)) == []


async def test_a_hundred_and_twenty_bookings_are_decided_one_by_one(day: DeskDay, sign_in: SignIn) -> None:
    made = []
    for letter, group in (await day.groups()).items():
        for hour in ("7:30", "8:00", "8:30", "9:00", "9:30", "10:00", "10:30"):
            made += [await day.book(hour, group=letter) for _ in range(group.seats)]
    lead = await sign_in("lead")
    page = await close_wednesday(lead)
    assert f"{len(made)} lịch hẹn không còn khớp" in page.text
    single = {f"v{visit.id}": "huy" for visit in made[:-1]}
    await close_wednesday(lead, dau=seal(page), ca="doi", bao="mất điện", **single)
    states = [(await day.row(visit)).state for visit in made]
    assert states == ["cancelled"] * (len(made) - 1) + ["booked"]
    assert len(made) > 120
