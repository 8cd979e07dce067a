"""Checking in at the kiosk, by code or by the scanned ticket."""

from __future__ import annotations

import pytest

from bot import clock
from bot.console import kiosk_deeds as deeds
from bot.domain import counters, devices, visits
from bot.domain.devices import Device
from bot.domain.visits import Missing
from handlers import visiting
from tests.console.conftest import HERE, THERE
from tests.console.kiosk import CLERK, Kiosk, become, booked


@pytest.mark.parametrize("typed", ["{code}", "{spoken}", "https://motcua.example/phieu/{token}", "  HTTPS://x/phieu/{token}  "])
async def test_who_booked_is_here_by_code_or_by_the_scanned_ticket(kiosk: Kiosk, typed: str) -> None:
    visit = await booked(kiosk.app)
    spoken = f"{visit.code[:3]} {visit.code[3:]}"
    page = await kiosk.code(typed.format(code=visit.code, spoken=spoken, token=visit.token), uu_tien="")
    assert "A001" in page.text
    (here,) = await kiosk.visits()
    assert here.state in ("arrived", "waiting")
    assert (await kiosk.read(visits.events, [visit.id]))[-1].actor == kiosk.device.actor


async def test_checking_in_twice_shows_the_same_number(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await kiosk.code(visit.code)
    await kiosk.done()
    page = await kiosk.code(visit.code)
    assert "A001" in page.text
    assert "Đã ghi nhận từ trước" in page.text


async def test_who_was_called_already_is_sent_to_the_counter(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await kiosk.code(visit.code)
    desk = (await kiosk.read(counters.counters, HERE))[1]
    (here,) = await kiosk.visits()
    await kiosk.app.store.write(visiting.call, here, desk.id, actor=CLERK, now=clock.now())
    page = await kiosk.code(visit.code)
    assert "Đang mời số này" in page.text
    assert "Mời đến quầy 2 ngay" in page.text


async def test_who_missed_the_call_is_in_line_again(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await become(kiosk.app, visit, state="missed", letter="A", number=1)
    assert "A001" in (await kiosk.code(visit.code)).text
    assert [(one.state, one.returned) for one in await kiosk.visits()] == [("waiting", True)]


async def test_who_comes_back_with_the_papers_another_day_goes_before_others(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app, days=-1)
    missing = '[{"id": "a", "name": "Tờ khai", "why": "missing"}]'
    assert Missing("a", "Tờ khai") in (await become(kiosk.app, visit, state="must_return", letter="A", number=7, missing=missing)).papers_missing
    assert "A001" in (await kiosk.code(visit.code)).text
    assert [one.returned for one in await kiosk.visits()] == [False, True]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("cancelled", "Lịch hẹn này đã hủy"),
        ("done", "đã xong"),
        ("serving", "đang được phục vụ"),
        ("no_show", "đã qua"),
        ("expired", "chưa xác nhận kịp"),
        ("held", "chưa xác nhận"),
    ],
)
async def test_a_code_that_cannot_be_used_any_more_is_answered_kindly(kiosk: Kiosk, state: str, said: str) -> None:
    visit = await booked(kiosk.app)
    await become(kiosk.app, visit, state=state)
    page = await kiosk.code(visit.code)
    assert page.status == 422
    assert said in page.text
    assert [one.state for one in await kiosk.visits()] == [state]


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Chưa có mã"), ("12345", "Chưa thấy mã này"), ("000000", "Chưa thấy mã này"), ("/phieu/khong-co-dau", "mã vuông")]
)
async def test_a_wrong_code_is_answered_kindly(kiosk: Kiosk, typed: str, said: str) -> None:
    page = await kiosk.code(typed)
    assert page.status == 422
    assert said in page.text


async def test_a_code_of_another_day_says_when(kiosk: Kiosk) -> None:
    tomorrow, yesterday = await booked(kiosk.app, days=1), await booked(kiosk.app, days=-1)
    assert "vào ngày khác" in (await kiosk.code(tomorrow.code)).text
    assert clock.day(tomorrow.day) in kiosk.page.text
    assert "đã qua ngày" in (await kiosk.code(yesterday.code)).text
    assert {one.state for one in await kiosk.visits()} == {"booked"}


async def test_a_ticket_of_another_center_is_named(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app, THERE)
    assert "Bình Hòa" in (await kiosk.code(f"https://motcua.example/phieu/{visit.token}")).text
    assert "Chưa thấy mã này" in (await kiosk.code(visit.code)).text


async def test_codes_cannot_be_walked_through(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    wrong = next(str(number) for number in range(100_000, 100_002) if str(number) != visit.code)
    for _ in range(deeds.MOST_TRIES):
        assert (await kiosk.code(wrong)).status == 422
    page = await kiosk.code(visit.code)
    assert page.status == 429
    assert "Máy vừa nhận nhiều mã quá" in page.text
    assert [one.state for one in await kiosk.visits()] == ["booked"]


def test_tries_count_for_a_minute_and_for_each_kiosk_alone() -> None:
    time = [0.0]
    tries = deeds.Tries(lambda: time[0])
    one, two = (Device(number, HERE, devices.KIOSK, "", clock.now()) for number in (1, 2))
    assert [tries.allowed(one) for _ in range(deeds.MOST_TRIES + 1)] == [True] * deeds.MOST_TRIES + [False]
    assert tries.allowed(two)
    time[0] = deeds.WITHIN_SECONDS
    assert tries.allowed(one)
