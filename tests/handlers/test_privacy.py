"""What is kept is said, shown and deleted; secrets are warned of and not kept."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.db.columns import metadata
from bot.db.store import Store
from bot.domain import booking, counters, people, visits, waitlist
from bot.domain.visits import Visit
from handlers import privacy
from tests.fakes import NOON, Talk
from tests.handlers.test_listing import finished


def everything(session: Session) -> str:
    return " ".join(str(row) for name in metadata.tables for row in session.execute(text(f'SELECT * FROM "{name}"')))


FRIDAY, EIGHT_ON_WEDNESDAY = dt.date(2026, 11, 27), dt.datetime(2026, 11, 25, 1, 0, tzinfo=dt.UTC)
OF_THE_CENTER = {"center", "counter", "counter_group"}


def sizes(session: Session) -> dict[str, int]:
    names = metadata.tables.keys() - OF_THE_CENTER
    counted = {name: session.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    return {name: count for name, count in counted.items() if count}


async def test_seeing_names_every_list_and_message(talk: Talk) -> None:
    await finished(talk)
    assert "trong 90 ngày" in await talk.read("dữ liệu của tôi")
    said = await talk.read("1")
    assert "Nhắn qua máy tính của trung tâm từ ngày 23/11/2026." in said
    assert "5 tin đã nhận, 4 tin đã gửi." in said
    assert "Danh sách: Đăng ký khai tử, lập ngày 23/11/2026." in said


async def test_deleting_asks_once_and_deletes_for_good(talk: Talk) -> None:
    await finished(talk)
    await talk.say("xin chào", person="mai")
    await talk.say("dữ liệu của tôi")
    assert "Xóa rồi không lấy lại được." in await talk.read("2")
    said = await talk.read("1")
    assert "Đã xóa hết tin nhắn và danh sách của anh/chị." in said
    assert "Có lỗi" not in said
    assert await talk.store.read(sizes) == {"person": 1, "account": 1, "conversation": 1, "inbox": 1, "outbox": 2}, "mai's, and the farewell"
    assert await talk.store.read(people.find, "terminal", "lan") is None


async def test_after_deleting_one_begins_as_a_stranger(talk: Talk) -> None:
    await finished(talk)
    for said in ("xóa dữ liệu", "2", "1"):
        await talk.say(said)
    assert "chưa lập danh sách nào" in await talk.read("danh sách")
    assert "Danh sách này không còn nữa" in await talk.read(payload="l:1")
    await talk.say("dữ liệu của tôi")
    assert "Chưa có danh sách nào." in await talk.read("1")


async def booked(talk: Talk, person: str) -> Visit:
    """A time on Wednesday, and a place in line for Friday."""
    account = await talk.store.read(people.find, talk.bot, person)
    assert account is not None
    wish = booking.Wish(account.person_id, account.id)
    group, *_ = await talk.store.read(counters.groups, talk.dispatcher.premises.center.id)
    await talk.store.write(waitlist.join, group, FRIDAY, wish, now=talk.now)
    return await talk.store.write(booking.take, group, EIGHT_ON_WEDNESDAY, wish, actor="citizen", now=talk.now)


async def test_what_is_booked_is_shown(talk: Talk) -> None:
    await talk.say("dữ liệu của tôi")
    await booked(talk, "lan")
    said = await talk.read("1")
    assert "Lịch hẹn hoặc số thứ tự: thứ Tư 25/11, 08:00, Chưa rõ việc." in said
    assert "Đang chờ chỗ trống thứ Sáu 27/11." in said


async def test_deleting_gives_up_what_is_booked_and_the_visit_is_nobodys(talk: Talk) -> None:
    await talk.say("xin chào", person="mai")
    await talk.say("dữ liệu của tôi")
    visit, hers = await booked(talk, "lan"), await booked(talk, "mai")
    for said in ("2", "1"):
        answered = await talk.read(said)
    assert "Lịch hẹn đã đặt, nếu có, cũng đã hủy." in answered
    after = await talk.store.read(visits.get, visit.id)
    assert after is not None
    assert (after.state, after.seat, after.person_id, after.account_id) == ("cancelled", None, None, None)
    assert await talk.store.read(visits.get, hers.id) == hers
    assert await talk.store.read(waitlist.of_person, visit.person_id or 0) == []
    assert await talk.store.read(visits.untrue, visit.center_id, visit.day) == []


async def test_keeping_deletes_nothing(talk: Talk) -> None:
    await finished(talk)
    await talk.say("dữ liệu của tôi")
    await talk.say("2")
    assert "Không xóa gì." in await talk.read("2")
    assert "1. Đăng ký khai tử" in await talk.read("danh sách")


@pytest.mark.parametrize("bot", ["web", "terminal", "telegram:123"])
async def test_every_channel_has_a_name(store: Store, talk: Talk, bot: str) -> None:
    talk.bot = bot
    await talk.say("dữ liệu của tôi")
    assert "Nhắn qua" in await talk.read("1")


SECRETS = [
    "mã otp của tôi là 482913", "OTP: 482 913", "otp 4829", "mật khẩu 12345678", "mat khau la hoa1234", "mật khẩu là Hoa@2024x", "mật khẩu: abc12345",
    "ma xac nhan 556677 day", "Mã Xác Thực: 55-66-77", "password=hunter22", "pass 123456", "mã pin 1234",
    "thẻ 9704 3661 2345 6789", "9704366123456789", "9704-3661-2345-6789-012", "so the 4111.1111.1111.1111",
    "ma\u0323\u0302t kha\u0302\u0309u 123456",
]  # fmt: skip
HARMLESS = [
    "quên mật khẩu dịch vụ công thì làm sao", "mật khẩu vneid là gì", "otp không về máy", "ba mất năm 2024", "cccd 001203004567", "sđt 0912345678",
    "thủ tục 1.000656", "xin mã số thuế 0312345678-001", "đổi mật khẩu số điện thoại 0912 345 678", "nhà số 12345", "",
]  # fmt: skip


@pytest.mark.parametrize("said", SECRETS)
def test_a_secret_is_seen(said: str) -> None:
    assert privacy.looks_secret(said)


@pytest.mark.parametrize("said", HARMLESS)
def test_what_is_no_secret_is_no_secret(said: str) -> None:
    assert not privacy.looks_secret(said)


@pytest.mark.parametrize("said", ["mã otp của tôi là 482913", "thẻ 9704 3661 2345 6789 chuyển tiền khai sinh", "mật khẩu là Hoa@4829x"])
@pytest.mark.parametrize("amid", [False, True])
async def test_a_secret_is_warned_of_and_stands_in_no_table(talk: Talk, said: str, amid: bool) -> None:
    if amid:
        await talk.say("ba em mới mất")
    answered = await talk.read(said)
    assert "Đừng gửi mã này cho ai" in answered
    assert "Không cán bộ nào cần những thứ đó." in answered
    kept = await talk.store.read(everything)
    assert "482" not in kept
    assert "9704" not in kept
    assert "Hoa@" not in kept


async def test_impostors_are_described(talk: Talk) -> None:
    said = await talk.read("bị lừa")
    assert "Trung tâm không gọi điện đòi tiền" in said
    assert "báo công an xã" in said


def test_the_promise_names_the_days_that_are_set() -> None:
    assert "30 ngày" in privacy.lines(30)[0]
    assert NOON.tzinfo is not None
