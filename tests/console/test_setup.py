"""Groups, counters and kiosks in the console: bookings stay as they are, and nobody is left without a counter."""

from __future__ import annotations

import dataclasses

import pytest

from bot.db.enums import Role
from bot.domain import counters, devices, queue
from bot.domain.queue import Arrival
from tests.channels.webchat.visitor import Page
from tests.console.conftest import HERE, Clerk, SignIn
from tests.console.desk_day import WEDNESDAY, DeskDay, at, send


async def save_group(clerk: Clerk, day: DeskDay, letter: str, **fields: str) -> Page:
    group = (await day.groups())[letter]
    given = {"nhom": str(group.id), "ten": group.name, "cho": str(group.seats), "phut": str(group.slot_minutes), "luot": str(group.service_minutes)}
    return await send(clerk, "thiet-lap", "nhom", **(given | ({"dung": "1"} if group.active else {}) | fields))


async def counter(day: DeskDay, number: int) -> counters.Desk:
    return next(one for one in await day.app.store.read(counters.counters, HERE) if one.number == number)


@pytest.mark.parametrize(("role", "status"), [("clerk", 403), ("lead", 200), ("manager", 200), ("auditor", 403), ("admin", 200)])
async def test_the_set_up_is_changed_by_those_who_may(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    somebody = await sign_in(role)
    assert (await somebody.open("thiet-lap")).status == 200
    page = await save_group(somebody, day, "A", ten="Hộ tịch")
    assert page.status == status
    assert ((await day.groups())["A"].name == "Hộ tịch") == (status == 200)


async def test_a_group_is_changed_and_the_log_holds_only_what_differs(day: DeskDay, sign_in: SignIn) -> None:
    page = await save_group(await sign_in("lead"), day, "A", cho="9", linh_vuc="ho-tich")
    assert "Đã lưu nhóm quầy" in page.text
    group = (await day.groups())["A"]
    assert (group.seats, group.fields, group.letter, group.active) == (9, ("ho-tich",), "A", True)
    [row] = [row for row in await day.audit() if row.action == "group.set"]
    assert '"seats":6' in row.before
    assert '"name"' not in row.before


@pytest.mark.parametrize(
    ("fields", "said"), [({"ten": "  "}, "cần có tên"), ({"cho": "0"}, "từ 1 đến 500"), ({"phut": "3"}, "5–240"), ({"cho": "nhiều"}, "từ 1 đến 500")]
)
async def test_what_cannot_be_is_refused_and_kept_in_the_form(day: DeskDay, sign_in: SignIn, fields: dict[str, str], said: str) -> None:
    before = (await day.groups())["A"]
    page = await save_group(await sign_in("lead"), day, "A", luot="77", **fields)
    assert page.status == 422
    assert said in page.text
    assert 'value="77"' in page.html
    assert (await day.groups())["A"] == before


async def test_a_letter_never_changes(day: DeskDay, sign_in: SignIn) -> None:
    before = (await day.groups())["A"]
    await save_group(await sign_in("lead"), day, "A", chu="Z", ten="Khác")
    assert (await day.groups())["A"].id == before.id


async def test_fewer_seats_than_booked_are_asked_about_and_the_bookings_stay(day: DeskDay, sign_in: SignIn) -> None:
    booked = [await day.book("9:00") for _ in range(4)]
    lead = await sign_in("lead")
    page = await save_group(lead, day, "A", cho="3")
    assert page.status == 409
    assert "09:00, 25/11/2026: đã đặt 4, số chỗ mới 3" in page.text
    assert "vẫn giữ nguyên giờ" in page.text
    assert (await day.groups())["A"].seats == 6
    page = await save_group(lead, day, "A", cho="3", chac="1")
    assert (await day.groups())["A"].seats == 3
    assert {(await day.row(visit)).state for visit in booked} == {"booked"}


async def test_another_rhythm_of_times_names_the_bookings_between(day: DeskDay, sign_in: SignIn) -> None:
    visit = await day.book("9:00", name="lan")
    lead = await sign_in("lead")
    page = await save_group(lead, day, "A", phut="20")
    assert page.status == 409, "7:30, 7:50 … 8:50, 9:10: nine o'clock is no time any more"
    assert f"{visit.code[:3]} {visit.code[3:]}" in page.text
    await save_group(lead, day, "A", phut="20", chac="1")
    assert (await day.groups())["A"].slot_minutes == 20
    assert (await day.row(visit)).starts_at == at("9:00", WEDNESDAY)
    assert await day.told("lan") == []


async def test_a_group_with_bookings_is_not_taken_out_of_use_unasked(day: DeskDay, sign_in: SignIn) -> None:
    await day.book("9:00", group="B")
    lead = await sign_in("lead")
    page = await save_group(lead, day, "B", dung="")
    assert "1 lịch của nhóm này còn ở phía trước" in page.text
    assert (await day.groups())["B"].active
    await save_group(lead, day, "B", dung="", chac="1")
    assert not (await day.groups())["B"].active


async def test_a_new_group_waits_for_a_counter_before_it_is_in_use(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    page = await send(lead, "thiet-lap", "nhom", chu="E", ten="Trả kết quả", cho="4", phut="30", luot="5")
    assert "Đã lưu nhóm quầy" in page.text
    group = (await day.groups())["E"]
    assert not group.active
    page = await save_group(lead, day, "E", dung="1")
    assert page.status == 422
    assert "Chưa quầy nào phục vụ nhóm E" in page.text
    await send(lead, "thiet-lap", "quay", so="8", phuc_vu=str(group.id))
    await save_group(lead, day, "E", dung="1")
    assert (await day.groups())["E"].active
    assert [row.action for row in await day.audit()][:3] == ["group.set", "counter.add", "group.add"]


async def test_the_last_counter_of_a_group_keeps_serving_it(day: DeskDay, sign_in: SignIn) -> None:
    lead, groups = await sign_in("lead"), await day.groups()
    fourth, sixth = await counter(day, 4), await counter(day, 6)
    page = await send(lead, "thiet-lap", "quay", quay=str(fourth.id), phuc_vu=str(groups["C"].id))
    assert "Đã lưu quầy" in page.text
    page = await send(lead, "thiet-lap", "quay", quay=str(sixth.id), phuc_vu=str(groups["C"].id), dung="1")
    page = await send(lead, "thiet-lap", "quay", quay=str(sixth.id), phuc_vu=str(groups["D"].id), dung="1")
    assert page.status == 422
    assert "quầy cuối cùng phục vụ nhóm C" in page.text
    assert (await counter(day, 6)).serves == (groups["C"].id,)


async def test_a_counter_with_somebody_at_it_stays_in_use(day: DeskDay, sign_in: SignIn) -> None:
    lead, group, first = await sign_in("lead"), (await day.groups())["A"], await counter(day, 1)
    await day.do(queue.walk_in, group, Arrival(), actor="kiosk:1")
    await day.do(counters.sit_down, first.id, lead.id)
    await day.do(queue.call_next, first.id, actor=lead.actor)
    page = await send(lead, "thiet-lap", "quay", quay=str(first.id), phuc_vu=str(group.id))
    assert page.status == 422
    assert "đang phục vụ một số" in page.text
    assert (await counter(day, 1)).active


async def test_a_counter_number_stands_once(day: DeskDay, sign_in: SignIn) -> None:
    group = (await day.groups())["A"]
    page = await send(await sign_in("lead"), "thiet-lap", "quay", so="1", phuc_vu=str(group.id))
    assert page.status == 422
    assert "Quầy 1 đã có rồi" in page.text


async def test_a_kiosk_gets_a_link_shown_once_and_is_switched_off(day: DeskDay, sign_in: SignIn) -> None:
    lead = await sign_in("lead")
    page = await send(lead, "thiet-lap", "kiot", ten="Cửa chính")
    link = page.html.split('id="duong-dan" value="')[1].split('"')[0]
    token = link.rpartition("/")[2]
    device = await day.app.store.read(devices.find, token)
    assert device is not None
    assert (device.center_id, device.name) == (HERE, "Cửa chính")
    assert link == f"{day.app.premises.address}/ki-ot/{token}"
    assert token not in (await lead.open("thiet-lap")).html
    page = await send(lead, "thiet-lap", "kiot-bo", kiot=str(device.id))
    assert "Đã tắt máy lấy số" in page.text
    assert await day.app.store.read(devices.find, token) is None
    assert {row.actor for row in await day.audit() if row.action.startswith("kiosk.")} == {lead.actor}


async def test_a_kiosk_of_another_center_is_left_alone(day: DeskDay, sign_in: SignIn) -> None:
    device, token = await day.do(devices.create, "binh-hoa", "Cửa")
    await send(await sign_in("lead"), "thiet-lap", "kiot-bo", kiot=str(device.id))
    assert await day.app.store.read(devices.find, token) == dataclasses.replace(device)
