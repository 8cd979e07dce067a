"""Booking by numbers and words only, as on Zalo. Today is Monday 23 November 2026, noon; Tuesday is a holiday."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import visits
from handlers import visiting
from tests.dialogs.citizen import LIST, PERSON, Step, converse, number
from tests.fakes import Talk


@pytest.fixture
def zalo(store: Store, real: Premises) -> Talk:
    return Talk(store, real)


BOOKED: list[Step] = [
    ("đặt lịch", "Anh/chị đến ngày nào?", "Nghỉ: thứ Ba 24/11 (nghỉ lễ).", "Không cần tên"),
    ("→ Thứ Tư 25/11", "buổi nào?", "1. Buổi sáng"),
    ("1", "Thứ Tư 25/11, anh/chị đến lúc mấy giờ?", "08:30 (còn 4 chỗ)"),
    ("→ 08:30", "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 08:30", "Giữ đến 12:05 hôm nay."),
    ("1", "Đã đặt lịch thứ Tư 25/11, 08:30", "đọc mã", "https://motcua.example/phieu/"),
]
DIALOGS: dict[str, list[Step]] = {
    "a time is booked, seen, moved and given up": [
        *BOOKED,
        ("lịch hẹn", "1. Thứ Tư 25/11, 08:30 (Chưa rõ việc, đã đặt)"),
        ("1", "đã đặt.", "Đổi giờ"),
        ("→ Đổi giờ", "Anh/chị đến ngày nào?"),
        ("chiều thứ năm lúc 2h", "Đã đổi sang thứ Năm 26/11, 14:00"),
        ("→ Hủy lịch hẹn", "Hủy lịch thứ Năm 26/11, 14:00?"),
        ("→ Hủy lịch này", "Đã hủy lịch thứ Năm 26/11, 14:00"),
        ("lịch hẹn", "Anh/chị chưa có lịch hẹn nào."),
    ],
    "a list leads to a time, and says what is still missing": [
        ("sao y bản chính", LIST),
        ("→ Đánh dấu giấy đã có", "Đã có 0 trong 2 giấy."),
        ("1", "Đã có 1 trong 2 giấy."),
        ("→ Xong", LIST),
        ("→ Đặt lịch đến nộp", "còn 1 giấy chưa đánh dấu: ", "Vẫn đặt lịch chứ?"),
        ("→ Vẫn đặt lịch", "Đặt lịch cho: Chứng thực bản sao"),
        ("sáng thứ tư 9h", "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 09:00"),
        ("đặt", "Đã đặt lịch", "Còn 1 giấy chưa đánh dấu:", "Xem lại danh sách giấy tờ"),
        ("→ Xem lại danh sách", LIST),
    ],
    "one booking a day, but also one for somebody else": [
        *BOOKED,
        ("đặt lịch", "Anh/chị đến ngày nào?"),
        ("thứ 4 lúc 10h", "Ngày này anh/chị đã có lịch: thứ Tư 25/11, 08:30", "Đổi giờ"),
        ("→ Xem ngày khác", "Anh/chị đến ngày nào?"),
        ("đặt lịch", "Đặt cho người khác"),
        ("→ Đặt cho người khác", "Anh/chị đặt lịch cho ai?"),
        ("→ Người nhà", "Đặt cho: người nhà."),
        ("thứ 4 lúc 10h", "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 10:00"),
        ("1", "Đã đặt lịch thứ Tư 25/11, 10:00"),
        ("lịch hẹn", "1. Thứ Tư 25/11, 08:30", "2. Thứ Tư 25/11, 10:00"),
    ],
    "a closed day, a day too far, a day that is none, and a question amid": [
        ("đặt lịch", "Anh/chị đến ngày nào?"),
        ("thứ ba", "Thứ Ba 24/11: nghỉ lễ."),
        ("chủ nhật", "Chủ nhật 29/11: "),
        ("25/12/2027", "Giờ này trung tâm không nhận lịch hẹn."),
        ("30/2", "Không"),
        ("đặt lịch", "Anh/chị đến ngày nào?"),
        ("sao y bản chính", LIST),
        ("0", PERSON),
    ],
    "an hour nobody is served at is said to be none, with the nearest": [
        ("đặt lịch", "Anh/chị đến ngày nào?"),
        ("25/11 lúc 13:00", "Thứ Tư 25/11 không có giờ hẹn 13:00. Gần nhất còn: 13:30, 14:00, 14:30.", "1. 13:30", "4. Xem ngày khác"),
        ("1", "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 13:30"),
        ("đặt", "Đã đặt lịch thứ Tư 25/11, 13:30"),
        ("→ Đổi giờ", "Anh/chị đến ngày nào?"),
        ("thứ năm 12h", "Thứ Năm 26/11 không có giờ hẹn 12:00.", "1. 10:30"),
        ("→ 11:00", "Đã đổi sang thứ Năm 26/11, 11:00"),
    ],
    "what is done at the police is not booked here": [
        ("làm lại căn cước bị mất", "Câu 1."),
        ("→ Mất thẻ", "Câu 2."),
        ("→ Người từ 14 tuổi", LIST),
        ("đặt lịch", "Anh/chị đến ngày nào?"),
    ],
}


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_by_numbers_and_words_only(zalo: Talk, name: str) -> None:
    await converse(zalo, DIALOGS[name])


async def test_a_held_seat_is_given_back_and_found_again(zalo: Talk) -> None:
    shown = await converse(zalo, BOOKED[:4])
    zalo.now += dt.timedelta(minutes=6)
    await zalo.store.write(visiting.give_back_holds, zalo_premises(zalo), now=zalo.now)
    again = await zalo.read(number(shown, "Đặt giờ này"))
    assert "Đã quá giờ giữ chỗ" in again
    assert "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 08:30" in again
    assert "Đã đặt lịch thứ Tư 25/11, 08:30" in await zalo.read("1")


async def test_a_double_tap_books_once(zalo: Talk) -> None:
    shown = await converse(zalo, BOOKED[:4])
    one = number(shown, "Đặt giờ này")
    assert "Đã đặt lịch" in await zalo.read(one)
    (visit,) = await zalo.store.read(visits.of_person, 1)
    assert "Đã đặt lịch" in await zalo.read(payload=f"bc:{visit.id}")
    assert [(visit.state, visit.source) for visit in await zalo.store.read(visits.of_person, 1)] == [("booked", zalo.bot)]


async def test_the_last_seat_goes_to_one_and_the_other_is_offered_the_nearest(zalo: Talk) -> None:
    people = [f"person{number}" for number in range(5)]
    shown = {person: await converse(zalo, BOOKED[:3], person) for person in people}
    answers = [await zalo.read(number(shown[person], "08:30"), person=person) for person in people]
    assert ["Đang giữ chỗ" in answer for answer in answers] == [True] * 4 + [False]
    assert "Chỗ 08:30 vừa có người giữ. Gần nhất còn: 08:00, 09:00, 09:30." in answers[4]
    assert "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 09:00" in await zalo.read(number(answers[4], "09:00"), person=people[4])


async def test_a_full_day_can_be_waited_for_and_the_freed_seat_is_offered(zalo: Talk) -> None:
    await fill(zalo, dt.date(2026, 11, 25))
    shown = await zalo.read("đặt lịch", person="mai")
    assert "Đã hết chỗ: thứ Tư 25/11." in shown
    waiting = await zalo.read(number(shown, "Chờ chỗ trống thứ Tư 25/11"), person="mai")
    assert "Có 0 người chờ trước." in waiting
    gives_up = await zalo.read("lịch hẹn", person="filler0")
    gives_up = await zalo.read(number(gives_up, "Thứ Tư 25/11, 07:30"), person="filler0")
    gives_up = await zalo.read(number(gives_up, "Hủy lịch hẹn"), person="filler0")
    assert "Đã hủy lịch" in await zalo.read("1", person="filler0")
    others = await zalo.read("đặt lịch", person="nam")
    assert "Đã hết chỗ: thứ Tư 25/11." in others, "the freed seat is kept for who waited"
    (offer,) = await zalo.unread("mai")
    assert offer.blocks[0].title == "Có chỗ trống thứ Tư 25/11, 07:30"  # type: ignore[union-attr]
    assert "Đã đặt lịch thứ Tư 25/11, 07:30" in await zalo.read("1", person="mai")


async def test_nobody_opens_somebody_elses_booking(zalo: Talk) -> None:
    await converse(zalo, BOOKED)
    (visit,) = await zalo.store.read(visits.of_person, 1)
    for payload in (f"bv:{visit.id}", f"bk:{visit.id}:1", f"bx:{visit.id}", f"bl:{visit.id}", f"bc:{visit.id}"):
        assert "Lịch hẹn này không còn nữa." in await zalo.read(payload=payload, person="mai")
    for payload in (f"bs:0:{visit.id}:29700000", f"bd:0:{visit.id}:20261126:0", f"bn:0:{visit.id}:0"):
        assert "Có lỗi" not in await zalo.read(payload=payload, person="mai")
    assert [visit.state for visit in await zalo.store.read(visits.of_person, 1)] == ["booked"]


@pytest.mark.parametrize(
    "payload", ["bd:0:0:99999999:0", "bd:0:0:20261125:7", "bs:0:0:9999999999", "bs:0:0:0", "bn:0:0:1", "bw:0:5", "bf:0:king", "bt:0:x"]
)
async def test_forged_buttons_get_a_kind_answer(zalo: Talk, payload: str) -> None:
    said = await zalo.read(payload=payload)
    assert "Có lỗi" not in said
    assert said


async def test_the_person_is_told_the_evening_before_and_an_hour_before(zalo: Talk, real: Premises) -> None:
    await converse(zalo, BOOKED)
    for moment, title in ((dt.datetime(2026, 11, 24, 12, 0), "Mai anh/chị có hẹn"), (dt.datetime(2026, 11, 25, 0, 30), "Một giờ nữa anh/chị có hẹn")):
        for _ in range(2):
            await zalo.store.write(visiting.remind, real, now=moment.replace(tzinfo=dt.UTC))
        (reminder,) = await zalo.unread()
        assert reminder.blocks[0].title == title  # type: ignore[union-attr]


def zalo_premises(zalo: Talk) -> Premises:
    return zalo.dispatcher.premises


async def fill(zalo: Talk, date: dt.date) -> None:
    """Book every seat of the first group on that day, each for another person."""
    for person in range(200):
        shown = await zalo.read(payload=f"bd:0:0:{date:%Y%m%d}:0", person=f"filler{person}")
        if "đã hết chỗ" in shown:
            return
        if "buổi nào?" in shown:
            shown = await zalo.read("1", person=f"filler{person}")
        assert "Đang giữ chỗ" in await zalo.read("1", person=f"filler{person}")
        assert "Đã đặt lịch" in await zalo.read("1", person=f"filler{person}")
    raise AssertionError("never full")
