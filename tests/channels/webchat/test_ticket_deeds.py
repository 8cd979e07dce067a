"""What can be done on a ticket's page, by whom and until when."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.app import App
from bot.domain import booking, closing, visits
from bot.domain.booking import Wish
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.day import CENTER, Day, at
from tests.channels.webchat.hall import Hall
from tests.channels.webchat.visitor import Visitor


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


async def test_a_ticket_is_the_same_for_whoever_has_the_link(app: App, hall: Hall) -> None:
    visit = await hall.booked()
    async with connected(app) as client:
        assert "Hủy lịch hẹn" in (await Visitor(client).open(f"/phieu/{visit.token}")).links
        assert not client.cookies
