"""One person on the web, on Telegram and on Zalo: a code shown on one and typed on the other, then one set of bookings and lists."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.store import Store
from bot.db.tables import Inbox
from bot.domain import people
from handlers import visiting
from tests.dialogs.citizen import LIST, Step, converse, number
from tests.fakes import Talk


class Browser(Talk):
    bot = "web"


class Telegram(Talk):
    bot = "telegram:424242"


class Zalo(Talk):
    bot = "zalo_oa:4001"


@pytest.fixture
def web(store: Store, real: Premises) -> Talk:
    return Browser(store, real)


@pytest.fixture
def telegram(store: Store, real: Premises) -> Talk:
    return Telegram(store, real)


@pytest.fixture
def zalo(store: Store, real: Premises) -> Talk:
    return Zalo(store, real)


async def code(talk: Talk, said: str = "ghép tài khoản") -> str:
    found = re.search(r"gõ: ghép (\d{3} \d{3})", await talk.read(said))
    assert found is not None
    return found[1]


async def link(shows: Talk, types: Talk) -> str:
    asked = await types.read(f"ghép {await code(shows)}")
    return await types.read(number(asked, "Ghép với"))


BOOKED: list[Step] = [
    ("đặt lịch", "Anh/chị đến ngày nào?"),
    ("thứ 4 lúc 8h30", "Đang giữ chỗ cho anh/chị: thứ Tư 25/11, 08:30"),
    ("1", "Đã đặt lịch thứ Tư 25/11, 08:30"),
]


async def test_what_was_begun_on_the_web_page_goes_on_in_zalo(web: Talk, zalo: Talk) -> None:
    await converse(web, [("sao y bản chính", LIST), *BOOKED])
    asked = await zalo.read(f"ghép {await code(web)}")
    assert "Ghép với tài khoản của anh/chị trên trang web?" in asked
    assert "Xóa dữ liệu trên một kênh là xóa trên cả hai." in asked
    assert "Đã ghép với trang web" in await zalo.read("1")
    (told,) = await web.unread()
    assert told.blocks[0].title == "Đã ghép với Zalo"  # type: ignore[union-attr]
    for talk in (web, zalo):
        assert "1. Thứ Tư 25/11, 08:30" in await talk.read("lịch hẹn")
        assert "1. Chứng thực bản sao" in await talk.read("danh sách")


async def test_a_booking_made_on_the_page_is_reminded_of_where_it_rings(web: Talk, zalo: Talk, real: Premises) -> None:
    await converse(web, BOOKED)
    await link(web, zalo)
    await zalo.unread()
    zalo.now = zalo.now.replace(day=24, hour=12)
    await zalo.store.write(visiting.remind, real, now=zalo.now)
    (reminder,) = await zalo.unread()
    assert reminder.blocks[0].title == "Mai anh/chị có hẹn"  # type: ignore[union-attr]


async def test_three_channels_are_one_person_and_deleting_on_one_deletes_all(web: Talk, telegram: Talk, zalo: Talk) -> None:
    await link(web, telegram)
    await link(telegram, zalo)
    assert "Kênh này đang ghép với: trang web, Zalo." in await telegram.read("ghép tài khoản")
    shown = await zalo.read("dữ liệu của tôi")
    shown = await zalo.read(number(shown, "Xem dữ liệu của tôi"))
    assert all(f"Nhắn qua {channel} từ ngày" in shown for channel in ("trang web", "Telegram", "Zalo"))
    shown = await zalo.read(number(shown, "Xóa dữ liệu"))
    assert "Đã xóa hết" in await zalo.read(number(shown, "Xóa hết"))
    for talk in (web, telegram, zalo):
        assert await talk.store.read(people.find, talk.bot, "lan") is None


async def test_the_privacy_menu_has_a_line_for_it(telegram: Talk) -> None:
    shown = await telegram.read("dữ liệu của tôi")
    assert "gõ: ghép" in await telegram.read(number(shown, "Ghép với kênh khác"))


async def test_two_bookings_of_one_day_have_to_be_settled_first(telegram: Talk, zalo: Talk) -> None:
    await converse(telegram, BOOKED)
    await converse(zalo, [BOOKED[0], ("thứ 4 lúc 10h", "10:00"), ("1", "Đã đặt lịch")])
    answered = await link(telegram, zalo)
    assert "Chưa ghép được: thứ Tư 25/11 đang có hai lịch" in answered
    assert "Kênh này: thứ Tư 25/11, 10:00 (Chưa rõ việc). Kênh kia: thứ Tư 25/11, 08:30 (Chưa rõ việc)." in answered
    mine = await zalo.read(number(answered, "Đặt lịch hẹn"))
    assert "10:00" in mine
    assert "08:30" not in mine


async def test_no_leaves_everything_and_spoils_the_code(telegram: Talk, zalo: Talk) -> None:
    digits = await code(telegram)
    asked = await zalo.read(f"ghép {digits}")
    assert "Không ghép" in await zalo.read(number(asked, "Không ghép"))
    assert "Mã này không dùng được" in await zalo.read(f"ghép {digits}")


async def test_taking_a_channel_out_leaves_all_with_the_other(telegram: Talk, zalo: Talk) -> None:
    await converse(zalo, BOOKED)
    await link(telegram, zalo)
    asked = await zalo.read("tách tài khoản")
    assert "Lịch hẹn, danh sách giấy tờ và việc nhận tin ở lại với Telegram" in asked
    assert "Đã tách" in await zalo.read(number(asked, "Tách ra"))
    assert "Anh/chị chưa có lịch hẹn nào." in await zalo.read("lịch hẹn")
    assert "1. Thứ Tư 25/11, 08:30" in await telegram.read("lịch hẹn")
    assert "Kênh này chưa ghép với kênh nào" in await zalo.read("tách tài khoản")


@pytest.mark.parametrize("said", ["ghép {}", "Ghép mã {}", "ghep {}", "ghép tài khoản {}", "GHÉP {} ạ"])
async def test_the_code_is_understood_as_people_type_it_and_not_kept(telegram: Talk, zalo: Talk, said: str) -> None:
    digits = await code(telegram)
    typed = said.format(digits).replace(" ạ", "")
    assert "Ghép với tài khoản của anh/chị trên Telegram?" in await zalo.read(typed)
    bodies = await zalo.store.read(lambda session: list(session.execute(select(upsert.table(Inbox).c.body)).scalars()))
    assert not any(digits in body or digits.replace(" ", "") in body for body in bodies)


async def test_a_button_made_up_joins_nobody(telegram: Talk, zalo: Talk) -> None:
    await telegram.read("chào")
    for payload in ("ly:", "ly:abc", "ln:abc", f"ly:{'0' * 24}"):
        assert "Có lỗi" not in await zalo.read(payload=payload)
    assert "Mã này không dùng được" in await zalo.read(payload=f"ly:{'0' * 24}")


async def test_a_tablet_for_everybody_is_not_linked(web: Talk) -> None:
    assert "Chưa ghép được ở đây" in await web.read("ghép tài khoản", person=f"assist-3-{'f' * 32}")
    assert "Chưa ghép được ở đây" in await web.read("ghép 123 456", person=f"kiosk-3-{'f' * 32}")
