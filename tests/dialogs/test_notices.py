"""Staff write and confirm a notice in the chat, by words and numbers."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.db.enums import Role
from bot.domain import broadcast, consent, ledger, notices, people, staff
from bot.domain.audience import NOTICES
from bot.domain.consent import Who
from tests.dialogs.citizen import Step, converse
from tests.fakes import Talk

CENTER = "trung-tam"
WRITTEN: list[Step] = [
    ("thông báo", "1. Soạn thông báo mới"),
    ("1", "Tiêu đề là gì?"),
    ("Nghỉ lễ thứ Ba 24/11", "Nội dung thế nào?"),
    ("Thứ Ba trung tâm nghỉ.", "Bản soạn", "Sẽ gửi cho 60 người", "Nghỉ lễ thứ Ba 24/11", "nhắn DỪNG"),
]


async def hire(talk: Talk, name: str, role: Role) -> int:
    number = await talk.store.write(staff.create, name, CENTER, role, now=talk.now)
    code = await talk.store.write(staff.link, number, "connect", now=talk.now)
    await talk.say(f"nối {code}", person=name)
    return number


@pytest.fixture
async def town(talk: Talk) -> Talk:
    """Sixty who agreed, a clerk and a lead."""

    def agree(session: Session) -> None:
        for number in range(broadcast.ALONE + 10):
            known = people.account_of(session, talk.bot, f"dân {number}", now=talk.now)
            consent.give(session, Who(known.person_id, CENTER, NOTICES), "câu", "terminal", now=talk.now)

    await talk.store.write(agree)
    await hire(talk, "hạnh", "clerk")
    await hire(talk, "thu", "lead")
    return talk


async def test_written_tested_submitted_by_one_and_confirmed_by_another(town: Talk) -> None:
    await converse(town, [*WRITTEN, ("→ Gửi thử cho tôi", "Đã gửi bản thử.", "Bản thử, chỉ gửi cho người soạn.")], "hạnh")
    await converse(town, [("thông báo", "Đang soạn"), ("2", "Trình người"), ("→ Trình", "Đã trình, 60")], "hạnh")
    await converse(
        town,
        [
            ("thông báo", "2. Chờ xác nhận: Nghỉ lễ"),
            ("2", "Xác nhận và gửi"),
            ("→ Xác nhận và gửi", "Bây giờ là 60 người."),
            ("một trăm", "Gõ một con số"),
            ("59", "Bây giờ là 60 người"),
            ("→ Xác nhận và gửi", "60"),
            ("60", "tin đang đi cho 60 người"),
        ],
        "thu",
    )
    assert (await town.store.read(ledger.sums, 1))["queued"] == 60


async def test_the_writer_cannot_confirm_the_own_large_notice(town: Talk) -> None:
    await converse(town, [*WRITTEN, ("→ Trình", "Đã trình"), ("thông báo", "Chờ xác nhận"), ("2", "Xác nhận và gửi")], "thu")
    assert "Nhờ người thứ hai" in await town.read("1", person="thu")
    assert (await town.store.read(notices.by_id, 1)).state == "submitted"  # type: ignore[union-attr]


async def test_a_clerk_is_offered_no_way_to_send(town: Talk) -> None:
    await converse(town, [*WRITTEN, ("→ Trình", "Đã trình")], "hạnh")
    await town.say("thông báo", person="hạnh")
    assert "Xác nhận và gửi" not in await town.read("2", person="hạnh")
    assert "Nút này đã cũ" in await town.read(payload="td:1:1:confirm", person="hạnh")


async def test_the_text_can_be_written_anew_and_the_draft_thrown_away(town: Talk) -> None:
    await converse(town, [*WRITTEN, ("→ Sửa nội dung", "Nội dung thế nào?"), ("Thứ Ba nghỉ cả ngày.", "Thứ Ba nghỉ cả ngày.")], "hạnh")
    assert (await town.store.read(notices.by_id, 1)).version == 2  # type: ignore[union-attr]
    await converse(town, [("thông báo", "Đang soạn"), ("2", "Xóa bản soạn"), ("→ Xóa bản soạn", "Đã xóa bản soạn.")], "hạnh")
    assert await town.store.read(notices.by_id, 1) is None


async def test_a_citizen_who_says_thong_bao_is_asked_whether_to_get_them(town: Talk) -> None:
    assert "Anh/chị có muốn nhận không?" in await town.read("thông báo", person="lan")


async def test_who_is_off_the_staff_amid_writing_writes_nothing(town: Talk) -> None:
    number = await hire(town, "bình", "clerk")
    await converse(town, WRITTEN[:3], "bình")
    await town.store.write(staff.deactivate, number, actor="cli", now=town.now)
    await town.say("Thứ Ba trung tâm nghỉ.", person="bình")
    assert await town.store.read(notices.by_id, 1) is None
