"""The end of the day in the console, and paper: nothing hangs, no number is given twice, nobody who came is lost."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.db.enums import Role
from bot.domain import queue, visits
from bot.domain.queue import Arrival
from bot.domain.visits import Visit
from tests.console.conftest import HERE, SignIn
from tests.console.desk_day import MONDAY, WEDNESDAY, DeskDay, at, send


async def walk_in(day: DeskDay, letter: str = "A") -> Visit:
    made: Visit = await day.do(queue.walk_in, (await day.groups())[letter], Arrival(), actor="kiosk:1")
    return made


async def of_day(day: DeskDay, date: dt.date = MONDAY) -> dict[str, Visit]:
    return {visit.ticket: visit for visit in await day.app.store.read(visits.of_day, HERE, date)}


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 200), ("manager", 200), ("auditor", 403), ("admin", 200)])
async def test_the_day_is_ended_by_those_who_lead_it(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    await walk_in(day)
    day.now = at("17:10")
    somebody = await sign_in(role)
    assert (await somebody.open("ngay")).status == 200
    page = await send(somebody, "ngay", "ket-thuc", ngay="2026-11-23")
    assert page.status == status
    assert ((await of_day(day))["A001"].state == "must_return") == (status == 200)


async def test_what_is_open_and_what_becomes_of_it_is_said_before(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    await day.book("16:00", MONDAY)
    await day.book("16:30", MONDAY)
    day.now = at("17:10")
    page = await (await sign_in("lead")).open("ngay")
    assert "đã đặt 2 ghi là không đến" in page.text
    assert "đang chờ gọi 1 được xin lỗi, lần sau đến được gọi trước" in page.text
    assert "Kết thúc ngày, 3 số còn lại" in page.text


async def test_ending_the_day_is_summed_up_and_logged(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    booked = await day.book("16:00", MONDAY, name="lan")
    day.now = at("17:10")
    lead = await sign_in("lead")
    page = await send(lead, "ngay", "ket-thuc", ngay="2026-11-23")
    assert "Đã kết thúc ngày. 2 số còn lại" in page.text
    assert (await day.row(booked)).state == "no_show"
    [row] = [row for row in await day.audit() if row.action == "day.end"]
    assert (row.actor, row.subject, row.before, row.after) == (lead.actor, "2026-11-23", '{"booked":1,"waiting":1}', '{"must_return":1,"no_show":1}')
    assert "thứ Hai 23/11 0 0 1 1 0 0 0" in page.text, "done, papers, not called, not there, cancelled, lapsed, open"


async def test_while_the_center_is_open_somebody_has_to_say_that_it_closes(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    lead = await sign_in("lead")
    page = await send(lead, "ngay", "ket-thuc", ngay="2026-11-23")
    assert page.status == 422
    assert "còn mở đến 17:00" in page.text
    assert (await of_day(day))["A001"].state == "waiting"
    await send(lead, "ngay", "ket-thuc", ngay="2026-11-23", som="1")
    assert (await of_day(day))["A001"].state == "must_return"


@pytest.mark.parametrize("date", ["2026-11-24", "x", ""])
async def test_a_day_to_come_is_not_ended(day: DeskDay, sign_in: SignIn, date: str) -> None:
    assert (await send(await sign_in("lead"), "ngay", "ket-thuc", ngay=date, som="1")).status == 422


async def test_a_day_nobody_ended_stands_on_top(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    day.now = at("7:00", dt.date(2026, 11, 25))
    lead = await sign_in("lead")
    assert "thứ Hai 23/11 chưa kết thúc, còn 1 số" in (await lead.open("ngay")).text
    await send(lead, "ngay", "ket-thuc", ngay="2026-11-23")
    assert "chưa kết thúc" not in (await lead.open("ngay")).text


async def test_the_list_of_the_day_is_by_time_with_codes_and_without_names(day: DeskDay, sign_in: SignIn) -> None:
    late, early = await day.book("10:00", name="nguyễn-lan"), await day.book("8:00", group="B")
    page = await (await sign_in("clerk")).open("ngay/danh-sach?ngay=2026-11-25")
    assert page.text.index(f"{early.code[:3]} {early.code[3:]}") < page.text.index(f"{late.code[:3]} {late.code[3:]}")
    assert "nguyễn-lan" not in page.html
    assert "Ngày này không có lịch hẹn nào" in (await (await sign_in("clerk")).open("ngay/danh-sach?ngay=2026-11-26")).text


async def test_numbers_for_paper_are_never_given_by_the_machine(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    group = (await day.groups())["A"]
    page = await send(await sign_in("lead"), "ngay", "giu-so", nhom=str(group.id), bao_nhieu="3", ngay="2026-11-23")
    assert [f"A00{number}" in page.text for number in range(1, 6)] == [False, True, True, True, False]
    assert (await walk_in(day)).ticket == "A005"
    assert (await walk_in(day, "B")).ticket == "B001"
    [row] = [row for row in await day.audit() if row.action == "paper.reserve"]
    assert row.after == '{"numbers":"A002–A004"}'


@pytest.mark.parametrize(
    ("count", "date"), [("0", "2026-11-23"), ("201", "2026-11-23"), ("x", "2026-11-23"), ("3", "2026-11-22"), ("3", "2027-11-23")]
)
async def test_no_numbers_are_taken_for_nothing(day: DeskDay, sign_in: SignIn, count: str, date: str) -> None:
    group = (await day.groups())["A"]
    page = await send(await sign_in("lead"), "ngay", "giu-so", nhom=str(group.id), bao_nhieu=count, ngay=date)
    assert page.status == 422
    assert (await walk_in(day)).ticket == "A001"


def row(number: int, **fields: str) -> dict[str, str]:
    given = {"den": "7:40", "kq": "nhan"} | fields
    return {f"{name}-{number}": value for name, value in given.items()}


async def test_paper_numbers_become_visits_with_their_outcome(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    given = row(0, so="A003") | row(1, so="a4", kq="thieu", thieu="Giấy khai sinh; Tờ khai") | row(3, so="B1", kq="vang") | row(4, so="A5", kq="cho")
    page = await send(lead, "ngay", "giay", ngay="2026-11-23", **given)
    assert "Đã nhập 4 số giấy" in page.text
    found = await of_day(day)
    assert {ticket: (visit.state, visit.outcome, visit.source) for ticket, visit in found.items()} == {
        "A003": ("done", "accepted", "paper"), "A004": ("must_return", "papers_missing", "paper"), "B001": ("no_show", "", "paper"),
        "A005": ("waiting", "", "paper"),
    }  # fmt: skip
    assert [paper.name for paper in found["A004"].papers_missing] == ["Giấy khai sinh", "Tờ khai"]
    assert found["A003"].arrived_at == at("7:40")
    [event] = await day.app.store.read(visits.events, [found["A003"].id])
    assert (event.kind, event.actor) == ("paper", lead.actor)
    assert await day.app.store.read(visits.untrue, HERE, MONDAY) == []
    assert (await walk_in(day)).ticket == "A006", "the series goes on after what was given by hand"


async def test_who_still_waits_with_a_paper_number_is_called_like_the_others(day: DeskDay, sign_in: SignIn) -> None:
    await send(await sign_in("lead"), "ngay", "giay", ngay="2026-11-23", **row(0, so="A2", kq="cho"))
    [waiting] = await day.app.store.read(queue.waiting, HERE, MONDAY)
    assert waiting.ticket == "A002"


async def test_who_had_booked_and_came_on_paper_is_no_no_show(day: DeskDay, sign_in: SignIn) -> None:
    booked, other = await day.book("8:30", MONDAY, name="lan"), await day.book("8:30", MONDAY)
    given = row(0, so="A9", ma=f"{booked.code[:3]} {booked.code[3:]}") | row(1, ma=other.code, kq="xong")
    page = await send(await sign_in("lead"), "ngay", "giay", ngay="2026-11-23", **given)
    assert "Đã nhập 2 số giấy" in page.text
    assert [((await day.row(visit)).ticket, (await day.row(visit)).state) for visit in (booked, other)] == [("A009", "done"), ("A010", "done")]
    assert await day.app.store.read(visits.untrue, HERE, MONDAY) == []


async def test_the_same_number_twice_is_refused_and_nothing_of_the_page_is_kept(day: DeskDay, sign_in: SignIn) -> None:
    await walk_in(day)
    lead = await sign_in("lead")
    page = await send(lead, "ngay", "giay", ngay="2026-11-23", **(row(0, so="A7") | row(1, so="A001")))
    assert page.status == 422
    assert "Số A001 đã có trong ngày này" in page.text
    assert 'value="A7"' in page.html
    assert list(await of_day(day)) == ["A001"]
    page = await send(lead, "ngay", "giay", ngay="2026-11-23", **(row(0, so="A7") | row(1, so="a007")))
    assert "Số a007 đã có" in page.text
    assert list(await of_day(day)) == ["A001"]
    assert (await walk_in(day)).ticket == "A002"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"so": "Z1"}, "với chữ của một nhóm quầy"),
        ({"so": "A0"}, "với chữ của một nhóm quầy"),
        ({"so": "12"}, "với chữ của một nhóm quầy"),
        ({"so": "A1", "den": ""}, "Ghi giờ đến"),
        ({"so": "A1", "den": "9:00"}, "không muộn hơn bây giờ"),
        ({"so": "A1", "kq": ""}, "Chọn kết quả"),
        ({"so": "A1", "kq": "thieu"}, "Chọn giấy còn thiếu"),
        ({"ma": "000000"}, "không có lịch hẹn nào mang mã này"),
    ],
)
async def test_a_row_that_is_not_right_says_what_to_mend(day: DeskDay, sign_in: SignIn, fields: dict[str, str], said: str) -> None:
    page = await send(await sign_in("lead"), "ngay", "giay", ngay="2026-11-23", **row(2, **fields))
    assert page.status == 422
    assert said in page.text
    assert await of_day(day) == {}


@pytest.mark.parametrize("date", ["2026-11-24", "2026-11-10", ""])
async def test_paper_is_entered_for_the_last_days_only(day: DeskDay, sign_in: SignIn, date: str) -> None:
    assert (await send(await sign_in("lead"), "ngay", "giay", ngay=date, **row(0, so="A1"))).status == 422


async def test_an_empty_form_and_an_unknown_deed_change_nothing(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    assert "Chưa có dòng nào" in (await send(lead, "ngay", "giay", ngay="2026-11-23")).text
    assert (await send(lead, "ngay", "la")).status == 422
    assert await of_day(day, WEDNESDAY) == {}
