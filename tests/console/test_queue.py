"""The clerk's page, pressed as a browser without JavaScript presses it."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import Role
from bot.domain import counters, queue, visits
from bot.domain.visits import Visit
from handlers import telling
from tests.channels.webchat.visitor import Page
from tests.console.conftest import HERE, THERE, Clerk, SignIn

QUEUE = f"{HOME}/{HERE}/quay"


def arrive(session: Session, *procedures: str, center: str = HERE) -> list[Visit]:
    """Somebody takes a number of the first group for each procedure."""
    group = counters.groups(session, center)[0]
    return [queue.walk_in(session, group, queue.Arrival(procedure=code), actor="kiosk:1", now=clock.now()) for code in procedures]


async def press(clerk: Clerk, **fields: str) -> Page:
    """Post a form of the page that stands open, with its token and the number it shows."""
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    return await clerk.post(QUEUE, {"ma": token, **{name.replace("_", "-"): value for name, value in fields.items()}})


async def seated(app: App, sign_in: SignIn, counter: int = 1, role: Role = "clerk") -> Clerk:
    clerk = await sign_in(role)
    await clerk.open("quay")
    desk = next(one for one in await app.store.read(counters.counters, HERE) if one.number == counter)
    await press(clerk, viec="ngoi", quay=str(desk.id))
    assert f"Quầy {counter}, " in clerk.page.text
    return clerk


async def state(app: App, visit: Visit) -> tuple[str, str]:
    found = await app.store.read(visits.get, visit.id)
    assert found is not None
    return found.state, found.outcome


async def test_a_visit_from_call_to_end(app: App, sign_in: SignIn) -> None:
    first, second = await app.store.write(arrive, "1.000656", "1.000656")
    clerk = await seated(app, sign_in)
    assert "Gọi A001" in clerk.page.text
    assert "A001" in (await press(clerk, viec="goi")).text
    assert await state(app, first) == ("called", "")
    assert "Hoàn tất, gọi A002" in (await press(clerk, viec="den", so=str(first.id))).text
    page = await press(clerk, xong="tiep", so=str(first.id), kq="1")
    assert await state(app, first) == ("done", "accepted")
    assert await state(app, second) == ("called", "")
    assert "A002" in page.text
    await press(clerk, xong="tiep", so=str(second.id), kq="3")
    assert "Không còn ai chờ." in clerk.page.text
    assert await app.store.read(visits.untrue, HERE, clock.today(clock.now())) == []


async def test_missing_papers_are_chosen_from_the_list_with_a_reason(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "1.000656")
    clerk = await seated(app, sign_in)
    page = await press(clerk, viec="goi")
    assert "Tờ khai đăng ký khai tử" in page.text
    refused = await press(clerk, xong="nghi", so=str(visit.id), kq="2")
    assert refused.status == 422
    assert "Chọn giấy còn thiếu." in refused.text
    await press(clerk, xong="nghi", so=str(visit.id), kq="2", thieu="form", ly_do_form="incorrect")
    assert await state(app, visit) == ("must_return", "papers_missing")
    ended = await app.store.read(visits.get, visit.id)
    assert ended is not None
    assert [(paper.id, paper.why) for paper in ended.papers_missing] == [("form", "incorrect")]


async def test_absent_recalled_parked_back_and_undone(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "")
    clerk = await seated(app, sign_in)
    number = str(visit.id)
    await press(clerk, viec="goi")
    await press(clerk, viec="goi-lai", so=number)
    assert (await app.store.read(visits.get, visit.id)).calls == 2  # type: ignore[union-attr]
    assert "chưa thấy" in (await press(clerk, viec="vang", so=number)).text
    assert await state(app, visit) == ("missed", "")
    await press(clerk, viec="hoan-tac")
    assert await state(app, visit) == ("called", "")
    await press(clerk, viec="tam-de", so=number)
    assert await state(app, visit) == ("parked", "")
    assert "quay lại, được gọi trước" in (await press(clerk, viec="tro-lai", so=number)).text
    assert await state(app, visit) == ("waiting", "")


async def test_pressed_twice_it_happens_once(app: App, sign_in: SignIn) -> None:
    first, second, third = await app.store.write(arrive, "", "", "")
    clerk = await seated(app, sign_in)
    await press(clerk, viec="goi")
    again = await press(clerk, viec="goi")
    assert again.status == 409
    assert "Quầy này còn một số chưa xong." in again.text
    for _ in range(2):
        await press(clerk, xong="tiep", so=str(first.id), kq="1")
    assert [await state(app, visit) for visit in (first, second, third)] == [("done", "accepted"), ("called", ""), ("waiting", "")]


async def test_nothing_marked_finishes_nothing(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "")
    clerk = await seated(app, sign_in)
    await press(clerk, viec="goi")
    page = await press(clerk, xong="tiep", so=str(visit.id))
    assert "Chọn kết quả lần này trước khi hoàn tất." in page.text
    assert await state(app, visit) == ("called", "")


async def test_another_group_keeps_the_number(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "")
    groups = await app.store.read(counters.groups, HERE)
    clerk = await seated(app, sign_in)
    await press(clerk, viec="goi")
    await press(clerk, xong="nghi", so=str(visit.id), kq="4", chuyen=str(groups[1].id))
    moved = await app.store.read(visits.get, visit.id)
    assert moved is not None
    assert (moved.ticket, moved.group_id, moved.state, moved.returned) == (visit.ticket, groups[1].id, "waiting", True)


async def test_the_clerk_gives_a_number_and_takes_a_code(app: App, sign_in: SignIn) -> None:
    groups = await app.store.read(counters.groups, HERE)
    clerk = await seated(app, sign_in)
    page = await press(clerk, viec="lay-so", nhom=str(groups[0].id), uu_tien="elderly")
    assert "Đã phát số A001, mã " in page.text
    assert "người cao tuổi, ưu tiên" in page.text
    assert "Hôm nay không có lịch hẹn nào mang mã này." in (await press(clerk, viec="nhan-ma", ma_hen="000 000")).text


async def test_what_somebody_came_for_is_noted_by_code_or_words(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "")
    clerk = await seated(app, sign_in)
    await press(clerk, viec="goi")
    assert "Chưa rõ việc" in clerk.page.text
    assert "Chưa tìm thấy thủ tục này." in (await press(clerk, viec="viec", so=str(visit.id), thu_tuc="qwerty zxcv")).text
    assert "1.000656" in (await press(clerk, viec="viec", so=str(visit.id), thu_tuc="khai tử")).text


async def test_a_counter_is_taken_over_only_from_whom_one_saw_there(app: App, sign_in: SignIn) -> None:
    hanh = await seated(app, sign_in, 1)
    other = await sign_in("clerk")
    page = await other.open("quay")
    desk = next(one for one in await app.store.read(counters.counters, HERE) if one.number == 1)
    taken = await press(other, viec="ngoi", quay=str(desk.id))
    assert "Quầy này đang có người ngồi." in taken.text
    await press(other, viec="ngoi", quay=str(desk.id), thay=str(hanh.id))
    assert "Quầy 1, " in other.page.text
    assert "Chọn quầy hôm nay" in (await hanh.open("quay")).text
    assert page.status == 200


@pytest.mark.parametrize(
    "deed", ["goi", "goi-so", "den", "goi-lai", "vang", "tam-de", "tro-lai", "hoan-tac", "viec", "nhan-ma", "lay-so", "ngoi", "roi"]
)
async def test_an_auditor_looks_and_presses_nothing(app: App, sign_in: SignIn, deed: str) -> None:
    (visit,) = await app.store.write(arrive, "")
    auditor = await sign_in("auditor")
    assert "Chỉ xem." in (await auditor.open("quay")).text
    assert (await press(auditor, viec=deed, so=str(visit.id))).status == 403
    assert await state(app, visit) == ("waiting", "")


async def test_a_visit_of_another_center_is_out_of_reach(app: App, sign_in: SignIn) -> None:
    (theirs,) = await app.store.write(partial(arrive, center=THERE), "")
    clerk = await seated(app, sign_in)
    for deed in ("goi-so", "den", "vang", "tam-de", "viec"):
        assert (await press(clerk, viec=deed, so=str(theirs.id), thu_tuc="1.000656")).status == 409
    assert await state(app, theirs) == ("waiting", "")


@pytest.mark.parametrize("number", ["", "x", "-1", "999999999999999999999", "0"])
async def test_nonsense_numbers_get_a_kind_answer(app: App, sign_in: SignIn, number: str) -> None:
    clerk = await seated(app, sign_in)
    page = await press(clerk, viec="vang", so=number)
    assert page.status == 409
    assert "vừa được xử lý ở nơi khác" in page.text


async def test_keys_can_be_switched_off_on_the_spot(app: App, sign_in: SignIn) -> None:
    clerk = await seated(app, sign_in)
    assert "Phím tắt đang bật." in clerk.page.text
    assert "Phím tắt đang tắt." in (await clerk.open(f"{QUEUE}?phim=tat")).text
    assert "Phím tắt đang bật." in (await clerk.open(f"{QUEUE}?phim=bat")).text


async def test_who_comes_back_on_another_day_goes_before_the_others(app: App, sign_in: SignIn) -> None:
    (visit,) = await app.store.write(arrive, "1.000656")
    clerk = await seated(app, sign_in)
    await press(clerk, viec="goi")
    await press(clerk, xong="nghi", so=str(visit.id), kq="2", thieu="form")
    yesterday = clock.today(clock.now()) - dt.timedelta(days=1)
    await app.store.write(lambda session: session.execute(update(upsert.table(Row)).where(upsert.table(Row).c.id == visit.id).values(day=yesterday)))
    page = await press(clerk, viec="nhan-ma", ma_hen=telling.spoken(visit.code))
    assert "quay lại, được gọi trước" in page.text
    followed = await app.store.read(visits.of_day, HERE, clock.today(clock.now()), ("waiting",))
    assert [(one.follows_id, one.returned) for one in followed] == [(visit.id, True)]
