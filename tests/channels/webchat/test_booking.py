"""Booking on the web without JavaScript: days, times, a hold, a booking; and everything that can stand in the way."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest

from bot import clock
from bot.app import App
from bot.channels.webchat import times
from bot.conversation.context import Premises
from bot.domain import booking, centers, hours, visits, waitlist
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.test_dialog import listed
from tests.channels.webchat.visitor import Form, Page, Visitor


@pytest.fixture
async def link(day: Day, visitor: Visitor) -> str:
    """Where one books for a list with one paper ticked."""
    await listed(visitor)
    await visitor.tick("form")
    token = visitor.page.links["In hoặc lưu danh sách"].rsplit("/", 1)[1]
    return f"/dat-lich?danh-sach={token}"


def choosing(page: Page) -> Form:
    """The form with the times."""
    return next(form for form in page.forms if form.action == times.PATH and any(name == "gio" for name, _ in form.fields))


async def hold(visitor: Visitor, starts_at: dt.datetime, behalf: str = "") -> Page:
    fields = [(name, value) for name, value in choosing(visitor.page).fields if name not in ("gio", "ai")]
    return await visitor.send(choosing(visitor.page), [*fields, ("gio", times.value(starts_at)), ("ai", behalf)])


async def book(visitor: Visitor, link: str, starts_at: dt.datetime, behalf: str = "") -> Page:
    await visitor.open(link)
    await hold(visitor, starts_at, behalf)
    return await visitor.press("đặt lịch hẹn" if "Vẫn đặt lịch hẹn" in visitor.page.text else "Xác nhận lịch hẹn")


async def test_a_list_is_booked_held_and_confirmed(day: Day, visitor: Visitor, link: str) -> None:
    page = await visitor.open(f"{link}&ngay=2026-11-25")
    assert page.status == 200
    assert "Đăng ký khai tử. Nhóm quầy A: Hộ tịch, chứng thực." in page.text
    assert "Còn 2 giấy chưa đánh dấu. Vẫn đặt lịch được" in page.text
    assert "Giấy báo tử" in page.text
    page = await hold(visitor, at(25, 8, 30))
    assert page.answer.url.path.startswith("/phieu/")
    assert "Đang giữ chỗ cho anh/chị" in page.text
    assert "Thứ Tư 25/11, 08:30" in page.text
    assert "Giữ đến 08:05" in page.text
    assert "Còn khoảng 5 phút, tính lúc 08:00." in page.text
    assert "Còn 2 giấy chưa đánh dấu, vẫn đặt lịch?" in page.text
    page = await visitor.press("Vẫn đặt lịch hẹn")
    assert "Đã đặt lịch." in page.text
    [visit] = await day.all()
    assert (visit.state, visit.starts_at, visit.source, visit.procedure) == ("booked", at(25, 8, 30), "web", "1.000656")
    assert visit.checklist_id is not None


async def test_the_page_of_a_list_leads_to_booking_for_it(day: Day, visitor: Visitor, link: str) -> None:
    token = link.partition("=")[2]
    page = await visitor.open(f"/d/{token}")
    assert page.links["Đặt lịch đến nộp"] == link
    page = await visitor.open(link)
    assert page.links["Danh sách giấy tờ"] == f"/d/{token}"


async def test_days_say_what_they_are(day: Day, visitor: Visitor) -> None:
    await day.fill_day(25)
    await day.do(hours.set_exception, CENTER, dt.date(2026, 11, 27), (), "họp toàn xã", actor="staff:1", now=day.now)
    page = await visitor.open("/dat-lich?nhom=A&ngay=2026-11-26")
    for said in [
        "Hôm nay 23/11 còn 78 chỗ",
        "24/11 nghỉ lễ",
        "25/11 hết chỗ",
        "Thứ Sáu 27/11 họp toàn xã",
        "Chủ nhật 29/11 nghỉ",
        "Thứ Bảy 28/11 còn 48 chỗ",
    ]:
        assert said in page.text
    assert "5/12" in page.text
    assert " 8/12" not in page.text
    page = await visitor.open(page.links["Xem các ngày xa hơn"])
    assert " 8/12" in page.text


async def test_a_day_that_is_over_or_shut_says_why_and_takes_no_booking(day: Day, visitor: Visitor) -> None:
    day.now = at(23, 16, 45)
    page = await visitor.open("/dat-lich?ngay=2026-11-23")
    assert "thứ Hai 23/11 đã hết giờ nhận" in page.text
    assert not [form for form in page.forms if form.action == times.PATH]
    page = await visitor.open("/dat-lich?ngay=2026-11-24")
    assert "thứ Ba 24/11: nghỉ lễ. Mời chọn ngày khác." in page.text


async def test_times_show_seats_in_words_and_dots(day: Day, visitor: Visitor) -> None:
    await day.fill(at(25, 8, 30), but=1)
    await day.fill(at(25, 9))
    page = await visitor.open("/dat-lich?nhom=A&ngay=2026-11-25")
    assert "08:30 còn 1 chỗ" in page.text
    assert "09:00 Hết chỗ" in page.text
    assert page.html.count('<i></i><i class="o"></i><i class="o"></i><i class="o"></i><i class="o"></i><i class="o"></i>') == 1
    assert "Buổi sáng" in page.text
    assert "Buổi chiều" in page.text
    assert dict(choosing(page).fields)["gio"] == "2026-11-25T07:30"


async def test_the_time_in_the_address_is_the_chosen_one(day: Day, visitor: Visitor) -> None:
    page = await visitor.open("/dat-lich?gio=2026-11-25T10:00")
    assert dict(choosing(page).fields)["gio"] == "2026-11-25T10:00"


async def test_whoever_has_no_conversation_gets_one_with_the_first_hold(day: Day, visitor: Visitor) -> None:
    assert not visitor.client.cookies
    page = await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    assert "Đã đặt lịch." in page.text
    assert "motcua" in visitor.client.cookies
    page = await visitor.open("/dat-lich")
    assert "Lịch hẹn và số của anh/chị" in page.text
    assert "Thứ Tư 25/11, 08:30" in page.links


async def test_looking_at_the_page_makes_no_account(day: Day, visitor: Visitor) -> None:
    await visitor.open("/dat-lich")
    assert not visitor.client.cookies


async def test_a_taken_time_offers_the_nearest(day: Day, visitor: Visitor) -> None:
    await visitor.open("/dat-lich?nhom=A&ngay=2026-11-25")
    await day.fill(at(25, 8, 30))
    page = await hold(visitor, at(25, 8, 30))
    assert page.status == 409
    assert "Chỗ 08:30 vừa có người giữ" in page.text
    assert "Thứ Tư 25/11, 08:00, còn 6 chỗ" in page.text
    page = await visitor.press("09:00")
    assert "Thứ Tư 25/11, 09:00" in page.text
    [visit] = await day.all(("held",))
    assert visit.starts_at == at(25, 9)


async def test_what_was_chosen_is_kept_through_an_error(day: Day, visitor: Visitor, link: str) -> None:
    await visitor.open(f"{link}&ngay=2026-11-25")
    await day.fill(at(25, 8, 30))
    await hold(visitor, at(25, 8, 30), "relative")
    await visitor.press("09:00")
    [visit] = await day.all(("held",))
    assert (visit.behalf, visit.procedure) == ("relative", "1.000656")


@pytest.mark.parametrize("starts_at", [at(24, 8, 30), at(25, 12), at(23, 8), at(20, 8)])
async def test_a_time_the_center_does_not_serve_is_not_held(day: Day, visitor: Visitor, starts_at: dt.datetime) -> None:
    await visitor.open("/dat-lich?ngay=2026-11-25")
    page = await hold(visitor, starts_at)
    assert page.status == 409
    assert f"Không nhận lịch lúc {clock.hour(starts_at)}" in page.text
    assert await day.all() == []


async def test_a_second_booking_that_day_offers_to_move_the_first(day: Day, visitor: Visitor) -> None:
    await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    await visitor.open("/dat-lich?ngay=2026-11-25")
    page = await hold(visitor, at(25, 10))
    assert page.status == 409
    assert "Anh/chị đã có lịch trong ngày này" in page.text
    assert "thứ Tư 25/11, 08:30" in page.text
    page = await visitor.press("Đổi sang thứ Tư 25/11, 10:00")
    assert "Đã đổi giờ." in page.text
    [visit] = await day.all()
    assert (visit.state, visit.starts_at) == ("booked", at(25, 10))


async def test_more_days_than_one_person_may_hold_are_refused(day: Day, visitor: Visitor) -> None:
    for number in (25, 26, 27, 28, 30):
        await book(visitor, f"/dat-lich?ngay=2026-11-{number}", at(number, 8, 30))
    await visitor.open("/dat-lich?ngay=2026-12-01")
    page = await hold(visitor, dt.datetime(2026, 12, 1, 2, 0, tzinfo=dt.UTC))
    assert page.status == 409
    assert "Đã giữ đủ số lịch hẹn cho phép" in page.text


async def test_booking_for_relatives_keeps_ones_own(day: Day, visitor: Visitor) -> None:
    await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30), "relative")
    assert [(visit.behalf, visit.party) for visit in await day.all()] == [("", 0), ("relative", 1)]


async def test_pressed_twice_it_is_one_booking(day: Day, visitor: Visitor) -> None:
    await visitor.open("/dat-lich?ngay=2026-11-25")
    form = choosing(visitor.page)
    first, second = await asyncio.gather(visitor.post(form.action, form.fields), visitor.post(form.action, form.fields))
    assert first.headers["location"] == second.headers["location"]
    ticket = first.headers["location"]
    confirm = [("viec", "xac-nhan")]
    done = await asyncio.gather(visitor.post(ticket, confirm), visitor.post(ticket, confirm))
    assert [answer.status_code for answer in done] == [303, 303]
    again = await visitor.post(form.action, form.fields)
    assert again.headers["location"] == ticket
    assert len(await day.all()) == 1


async def test_a_hold_that_ran_out_is_not_confirmed_and_one_can_choose_again(day: Day, visitor: Visitor, link: str) -> None:
    await visitor.open(f"{link}&ngay=2026-11-25")
    await hold(visitor, at(25, 8, 30))
    day.now += dt.timedelta(minutes=6)
    page = await visitor.press("Vẫn đặt lịch hẹn")
    assert page.status == 409
    assert "Đã hết giờ giữ chỗ" in page.text
    assert "Không làm được bước này nữa" not in page.text
    page = await visitor.open(page.links["Chọn lại giờ"])
    assert "Đăng ký khai tử" in page.text
    assert "thứ Tư 25/11" in page.text


async def test_a_form_of_somebody_else_or_of_long_ago_holds_nothing(day: Day, visitor: Visitor) -> None:
    await visitor.open("/dat-lich?ngay=2026-11-25")
    form = choosing(visitor.page)
    page = await visitor.send(form, [("ma", "x"), *[field for field in form.fields if field[0] != "ma"]])
    assert page.status == 403
    assert "Trang để lâu quá" in page.text
    assert dict(choosing(page).fields)["gio"] == "2026-11-25T07:30"
    assert await day.all() == []


async def test_without_a_time_the_page_asks_for_one(day: Day, visitor: Visitor) -> None:
    await visitor.open("/dat-lich?ngay=2026-11-25")
    page = await visitor.send(choosing(visitor.page), [("ma", dict(choosing(visitor.page).fields)["ma"])])
    assert page.status == 422
    assert "Anh/chị chưa chọn giờ" in page.text


@pytest.mark.parametrize(
    "query",
    ["danh-sach=khong-co", "ngay=2026-13-45", "ngay=x", "gio=9999-99-99T00:00", "gio=0001-01-01T00:00", "trung-tam=x", "nhom=Z", "ai=x&thu-tuc=9"],
)
async def test_nonsense_in_the_address_is_an_ordinary_page(day: Day, visitor: Visitor, query: str) -> None:
    page = await visitor.open(f"/dat-lich?{query}")
    assert page.status == 200
    assert choosing(page)


async def test_a_procedure_of_another_office_is_not_booked(day: Day, visitor: Visitor) -> None:
    page = await visitor.open("/dat-lich?thu-tuc=bang-lai-xe")
    assert "Việc này không làm ở trung tâm" in page.text
    assert not [form for form in page.forms if form.action == times.PATH]


async def test_without_a_procedure_one_says_which_counters(day: Day, visitor: Visitor) -> None:
    page = await visitor.open("/dat-lich")
    assert "Việc thuộc nhóm nào?" in page.text
    page = await visitor.open(page.links["Đất đai, xây dựng, nông nghiệp, môi trường"])
    assert "Nhóm quầy C" in page.text
    await hold(visitor, at(25, 8, 30))
    [visit] = await day.all()
    assert visit.group_id == (await day.group("C")).id


async def test_a_full_day_has_a_waiting_list_and_a_way_out_of_it(day: Day, visitor: Visitor) -> None:
    await day.fill_day(23)
    page = await visitor.open("/dat-lich?nhom=A&ngay=2026-11-25")
    assert "Hôm nay 23/11 đã hết chỗ, chưa có ai chờ chỗ trống." in page.text
    page = await visitor.press("Chờ chỗ trống")
    assert "Đã ghi anh/chị chờ chỗ trống hôm nay 23/11, đứng đầu hàng." in page.text
    async with connected(day.app) as client:
        other = Visitor(client)
        await other.open("/dat-lich?nhom=A&ngay=2026-11-23")
        assert "có 1 người đang chờ chỗ trống trước anh/chị" in other.page.text
        page = await other.press("Chờ chỗ trống")
        assert "có 1 người trước" in page.text
    page = await visitor.press("Thôi chờ")
    assert "Đã ghi anh/chị" not in page.text


async def test_who_waits_finds_the_offered_seat_and_takes_it(day: Day, visitor: Visitor) -> None:
    await day.fill_day(23)
    await visitor.open("/dat-lich?nhom=A&ngay=2026-11-23")
    await visitor.press("Chờ chỗ trống")
    freed = next(visit for visit in await day.all() if visit.starts_at == at(23, 10))
    await day.do(booking.cancel, freed, actor="staff:1", now=day.now)
    [offer] = await day.do(waitlist.offer, now=day.now)
    page = await visitor.open("/dat-lich?nhom=A&ngay=2026-11-25")
    page = await visitor.open(page.links["Thứ Hai 23/11, 10:00 (đang giữ đến 08:30)"])
    page = await visitor.press("Xác nhận lịch hẹn")
    assert "Đã đặt lịch." in page.text
    booked = await day.do(visits.get, offer.visit.id)
    assert booked.state == "booked"


async def test_a_day_that_others_wait_for_is_full_even_with_a_free_seat(day: Day, visitor: Visitor) -> None:
    await day.fill_day(25)
    group = await day.group()
    async with connected(day.app) as client:
        other = Visitor(client)
        await other.open("/dat-lich?nhom=A&ngay=2026-11-25")
        await other.press("Chờ chỗ trống")
    freed = (await day.all())[0]
    await day.do(booking.cancel, freed, actor="staff:1", now=day.now)
    await visitor.open("/dat-lich?nhom=A&ngay=2026-11-26")
    assert freed.starts_at is not None
    page = await hold(visitor, freed.starts_at)
    assert page.status == 409
    assert "vừa có người giữ" in page.text
    assert group.seats


async def test_the_holder_of_a_ticket_moves_it(day: Day, visitor: Visitor) -> None:
    page = await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    async with connected(day.app) as client:
        relative = Visitor(client)
        page = await relative.open(page.links["Đổi ngày giờ"])
        assert "Giờ đang giữ: thứ Tư 25/11, 08:30." in page.text
        assert "Anh/chị đặt cho ai?" not in page.text
        page = await hold(relative, at(26, 9))
        assert "Đã đổi giờ." in page.text
        assert not client.cookies
    [visit] = await day.all()
    assert (visit.state, visit.starts_at, visit.day) == ("booked", at(26, 9), dt.date(2026, 11, 26))


async def test_moving_to_a_taken_time_keeps_the_old_one(day: Day, visitor: Visitor) -> None:
    page = await book(visitor, "/dat-lich?nhom=A&ngay=2026-11-25", at(25, 8, 30))
    await visitor.open(page.links["Đổi ngày giờ"])
    await day.fill(at(25, 10))
    page = await hold(visitor, at(25, 10))
    assert page.status == 409
    assert "Chỗ 10:00 vừa có người giữ" in page.text
    page = await visitor.press("09:30")
    assert "Đã đổi giờ." in page.text


async def test_moving_onto_a_day_with_another_booking_shows_that_one(day: Day, visitor: Visitor) -> None:
    await book(visitor, "/dat-lich?ngay=2026-11-26", at(26, 8, 30))
    page = await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    await visitor.open(page.links["Đổi ngày giờ"])
    page = await hold(visitor, at(26, 10))
    assert "Anh/chị đã có lịch trong ngày này" in page.text
    assert "thứ Năm 26/11, 08:30" in page.text


async def test_what_cannot_be_moved_any_more_leads_back_to_its_ticket(day: Day, visitor: Visitor) -> None:
    page = await book(visitor, "/dat-lich?ngay=2026-11-25", at(25, 8, 30))
    [visit] = await day.all()
    move = page.links["Đổi ngày giờ"]
    await visitor.open(move)
    form = choosing(visitor.page)
    await day.do(booking.cancel, visit, actor="staff:1", now=day.now)
    assert (await visitor.open(move)).answer.url.path == f"/phieu/{visit.token}"
    page = await visitor.send(form, form.fields)
    assert "Lịch hẹn đã hủy" in page.text
    assert (await visitor.open("/dat-lich?doi=khong-co")).status == 404


async def test_several_centers_can_be_chosen(day: Day, visitor: Visitor, app: App, tiny: Premises) -> None:
    one = tiny.center
    other = one.model_copy(update={"id": "binh-hoa", "place": "Bình Hòa", "name": "Trung tâm Bình Hòa", "address": "Số 1 đường Cau"})
    premises = dataclasses.replace(tiny, directory=centers.Directory((one, other)))
    await day.do(centers.settle, premises.directory.all, now=day.now)
    app.premises.directory.__dict__.update(premises.directory.__dict__)
    page = await visitor.open("/dat-lich?ngay=2026-11-25")
    page = await visitor.open(page.links["Bình Hòa"])
    assert "Trung tâm Bình Hòa. Số 1 đường Cau." in page.text
    await hold(visitor, at(25, 8, 30))
    [visit] = await day.do(visits.of_day, "binh-hoa", dt.date(2026, 11, 25))
    assert visit.state == "held"


async def test_nobody_keeps_or_passes_on_the_page(day: Day, visitor: Visitor) -> None:
    headers = (await visitor.open("/dat-lich")).answer.headers
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["cache-control"] == "no-store"


async def test_one_button_is_filled(day: Day, visitor: Visitor) -> None:
    await day.fill_day(25)
    for query in ("nhom=A", "nhom=A&ngay=2026-11-25", "ngay=2026-11-24"):
        page = await visitor.open(f"/dat-lich?{query}")
        filled = [part for part in page.html.split('class="btn')[1:] if "--plain" not in part.split('"')[0] and "--stop" not in part.split('"')[0]]
        assert len(filled) <= 1
