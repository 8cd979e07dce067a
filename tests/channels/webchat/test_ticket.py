"""The ticket's page in every state of its visit."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.channels.webchat import ticket_view
from bot.db.enums import ENDED, LIVE
from bot.domain import closing, queue, visits
from bot.domain.visits import Missing
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.hall import Hall
from tests.channels.webchat.test_booking import book
from tests.channels.webchat.test_dialog import listed
from tests.channels.webchat.visitor import Visitor


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


def test_every_state_has_a_face() -> None:
    assert set(ticket_view._FACES) == {*LIVE, *ENDED}
