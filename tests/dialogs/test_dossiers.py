"""Asking where a dossier stands, as people type it, and what its holder is told."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from bot.conversation.context import Premises
from bot.domain import dossiers, working_days
from bot.domain.dossiers import Dossier
from bot.domain.visits import Missing
from handlers import dossier_deeds
from procedures.models import Time
from tests.fakes import Talk

CODE = "H12.34-231126-0012"
CLERK = "staff:1"


def made(session: Session, premises: Premises, code: str, *, now: dt.datetime) -> Dossier:
    center = premises.center.id
    works = dossiers.works(session, center, dt.date(2026, 11, 1))
    promise = working_days.promise(now, Time(kind="working_days", amount=2), works)
    slip = dossiers.Slip("1.000656", "ho-tich", promise, code=code)
    return dossier_deeds.receive(session, center, slip, now, actor=CLERK, now=now)


async def receive(talk: Talk, premises: Premises, code: str = CODE) -> Dossier:
    return await talk.store.write(made, premises, code, now=talk.now)


@pytest.mark.parametrize(
    "said",
    [
        f"tra cứu hồ sơ {CODE}",
        f"Hồ sơ {CODE}",
        "ho so h12.34 231126 0012",
        f"kiểm tra hồ sơ số {CODE.lower()}", f"Tra cứu hồ sơ mã {CODE}", CODE, "H12.34–231126–0012",
    ],
)  # fmt: skip
async def test_a_code_tells_where_the_dossier_stands(talk: Talk, tiny: Premises, said: str) -> None:
    await receive(talk, tiny)
    answered = await talk.read(said)
    assert f"{CODE}: đang giải quyết" in answered
    assert "thứ Năm, 26/11/2026" in answered


async def test_our_own_codes_are_found_whole_and_not_in_part(talk: Talk, tiny: Premises) -> None:
    dossier = await receive(talk, tiny, "")
    assert f"{dossier.receipt}: đang giải quyết" in await talk.read(f"tra cứu hồ sơ {dossier.receipt}")
    assert "Chưa thấy hồ sơ nào" in await talk.read(f"tra cứu hồ sơ {dossier.receipt[:-5]}")
    assert "Chưa thấy hồ sơ nào" in await talk.read(f"tra cứu hồ sơ {dossier.receipt[:-1]}2")


async def test_the_menu_asks_for_the_code_and_takes_it_alone(talk: Talk, tiny: Premises) -> None:
    await receive(talk, tiny)
    booked = await talk.press("Đặt lịch hẹn", replies=await talk.say("menu"))
    asked = await talk.press("Hồ sơ đã nộp", replies=booked)
    assert "Không cần tên" in str(asked)
    assert "đang giải quyết" in await talk.read("h12.34 231126 0012")


async def test_another_question_in_between_is_answered(talk: Talk) -> None:
    assert "Mã ghi trên giấy hẹn" in await talk.read("tra cứu hồ sơ")
    assert "Chưa thấy hồ sơ" not in await talk.read("đăng ký khai tử")


async def test_who_asked_by_code_can_be_told_and_nobody_else_then(talk: Talk, tiny: Premises) -> None:
    dossier = await receive(talk, tiny)
    assert "Đã ghi" in str(await talk.press("Báo cho tôi", replies=await talk.say(CODE)))
    assert "Báo cho tôi" not in await talk.read(CODE, person="minh")
    await talk.store.write(dossier_deeds.ready, tiny, dossier, actor=CLERK, now=talk.now)
    assert "đã có kết quả" in str(await talk.unread())
    assert await talk.unread("minh") == []


async def followed(talk: Talk, tiny: Premises) -> Dossier:
    dossier = await receive(talk, tiny)
    await talk.press("Báo cho tôi", replies=await talk.say(CODE))
    return dossier


async def test_missing_papers_are_named_with_why(talk: Talk, tiny: Premises) -> None:
    dossier = await followed(talk, tiny)
    papers = [Missing("", "Giấy báo tử"), Missing("", "Sổ hộ khẩu", "not_required")]
    paused = await talk.store.write(dossier_deeds.pause, dossier, papers, actor=CLERK, now=talk.now)
    [told] = await talk.unread()
    assert "cần thêm 2 giấy" in str(told)
    assert "– Giấy báo tử (chưa có)" in str(told)
    assert "– Sổ hộ khẩu (luật không bắt buộc, có thì nộp)" in str(told)
    assert "chờ bổ sung giấy" in await talk.read(CODE)
    await talk.store.write(dossier_deeds.pause, paused, papers, actor=CLERK, now=talk.now + dt.timedelta(minutes=1))
    assert await talk.unread() == [], "pressed twice it is one message"


async def test_nobody_is_told_of_a_late_one_before_a_clerk_agrees(talk: Talk, tiny: Premises) -> None:
    dossier = await followed(talk, tiny)
    talk.now += dt.timedelta(days=7)
    for duty in dossier_deeds.DUTIES:
        await talk.store.write(duty, tiny, now=talk.now)
    assert await talk.unread() == []
    assert "Đã quá ngày hẹn" in await talk.read(CODE)
    due = dt.date(2026, 12, 4)
    await talk.store.write(dossier_deeds.apologise, tiny, dossier, "Chờ xác minh.", due, actor=CLERK, now=talk.now)
    [letter] = await talk.unread()
    assert "xin lỗi" in str(letter)
    assert "Lý do: Chờ xác minh." in str(letter)
    assert "thứ Sáu, 4/12/2026" in str(letter)
    assert "Hẹn lại thứ Sáu, 4/12/2026" in await talk.read(CODE)


async def test_a_ready_that_was_a_mistake_is_not_sent_or_put_right(talk: Talk, tiny: Premises) -> None:
    dossier = await followed(talk, tiny)
    ready = await talk.store.write(dossier_deeds.ready, tiny, dossier, actor=CLERK, now=talk.now)
    await talk.store.write(dossier_deeds.reopen, ready, actor=CLERK, now=talk.now)
    told = await talk.unread()
    assert not any("chưa xong" in str(reply) for reply in told), "it was still waiting to leave"
    assert "đang giải quyết" in await talk.read(CODE)
