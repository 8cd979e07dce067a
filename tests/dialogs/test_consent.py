"""Agreeing to notices and stopping them, as people type it. The bot is a terminal: numbers and words only."""

from __future__ import annotations

import datetime as dt

from bot.domain import consent, outbox, people
from bot.domain.consent import Given
from tests.dialogs.citizen import converse
from tests.fakes import Talk

QUESTION = "Anh/chị có muốn nhận không?"


async def history(talk: Talk, person: str = "lan") -> list[Given]:
    account = await talk.store.read(people.find, talk.bot, person)
    return await talk.store.read(consent.history, account.person_id) if account is not None else []


async def test_the_menu_leads_to_one_question_and_yes_is_kept_with_its_words(talk: Talk) -> None:
    await talk.say("menu")
    assert "4. Nhận tin của trung tâm" in await talk.read("6")
    asked = await talk.read("4")
    assert QUESTION in asked
    assert "1. Có, nhắn cho tôi" in asked
    assert await history(talk) == []
    said = await talk.read("có")
    assert "Đã ghi: nhận tin" in said
    [kept] = await history(talk)
    assert kept.wording in asked
    assert (kept.way, kept.withdrawn_at) == ("terminal", None)


async def test_where_one_lives_is_optional_and_typed_or_picked(talk: Talk) -> None:
    await talk.say("nhận tin")
    assert "thôn, khu phố hay xã cũ nào" in await talk.read("1")
    assert "Đã ghi: thôn Đông" in await talk.read("thôn Đông")
    assert (await history(talk))[0].area == "thôn Đông"
    await talk.say("nhận tin", person="minh")
    await talk.say("1", person="minh")
    await talk.say("Không nói", person="minh")
    assert (await history(talk, "minh"))[0].area == ""


async def test_a_question_instead_of_a_hamlet_is_answered_as_a_question(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    assert "Giấy" in await talk.read("ba em mới mất")
    assert (await history(talk))[0].area == ""


async def test_no_is_remembered_and_nobody_is_asked_again(talk: Talk) -> None:
    await talk.say("nhận tin")
    assert "không hỏi lại" in await talk.read("không")
    assert [given.refused for given in await history(talk)] == [True]
    assert QUESTION in await talk.read("nhận tin")  # who asks for it may still


async def test_stop_outside_a_dialog_withdraws_at_once_and_says_how_to_turn_it_on_again(talk: Talk) -> None:
    for said in ("DỪNG", "dung", "Stop"):
        await talk.say("nhận tin")
        await talk.say("1")
        await talk.say("Không nói")
        answered = await talk.read(said)
        assert "Đã dừng nhận tin" in answered
        assert "gõ: nhận tin" in answered
        assert (await history(talk))[-1].withdrawn_way == said
    assert all(given.withdrawn_at is not None for given in await history(talk))


async def test_stop_amid_a_dialog_ends_the_dialog_and_offers_to_stop_the_notices_too(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    await talk.say("Không nói")
    await talk.say("ba em mới mất")
    answered = await talk.read("DỪNG")
    assert "1. Dừng nhận tin luôn" in answered
    assert (await history(talk))[0].withdrawn_at is None
    assert "Đã dừng nhận tin" in await talk.read("1")
    assert (await history(talk))[0].withdrawn_at is not None


async def test_a_dialog_left_standing_yesterday_does_not_keep_stop_from_working(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    await talk.say("Không nói")
    await talk.say("ba em mới mất")
    talk.now += dt.timedelta(days=1)
    assert "Đã dừng nhận tin" in await talk.read("DỪNG")


async def test_stop_without_any_consent_is_what_it_was(talk: Talk) -> None:
    assert "Đã dừng. Khi nào cần" in await talk.read("DỪNG")


async def test_in_so_many_words_it_is_withdrawn_even_amid_a_dialog(talk: Talk) -> None:
    for said in ("dừng nhận tin", "hủy nhận tin"):
        await talk.say("nhận tin")
        await talk.say("1")
        await talk.say("Không nói")
        await talk.say("ba em mới mất")
        assert "Đã dừng nhận tin" in await talk.read(said)
    assert "Hiện không nhận tin chung nào" in await talk.read("dừng nhận tin")


async def test_cancelling_words_outside_a_dialog_do_not_stop_the_notices(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    await talk.say("Không nói")
    assert "Dừng nhận tin luôn" in await talk.read("hủy")
    assert (await history(talk))[0].withdrawn_at is None


async def test_my_data_shows_every_yes_and_no_with_the_words(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    await talk.say("thôn Đông")
    await talk.say("DỪNG")
    await talk.say("nhận tin")
    await talk.say("không")
    await talk.say("dữ liệu của tôi")
    shown = await talk.read("1")
    assert shown.count("nhắn cho anh/chị khi đổi giờ làm việc") == 2
    assert "thôn Đông" in shown
    assert "không đồng ý câu" in shown
    assert "Dừng ngày" in shown


async def test_forgetting_oneself_takes_the_consent_along(talk: Talk) -> None:
    await talk.say("nhận tin")
    await talk.say("1")
    await talk.say("xóa dữ liệu")
    replies = await talk.say("Xóa dữ liệu của tôi")
    await talk.press("Xóa hết", replies=replies)
    assert await history(talk) == []
    assert await talk.store.read(outbox.counts) is not None


async def test_after_a_booking_it_is_one_more_line_until_somebody_answered(talk: Talk) -> None:
    booked = await _book(talk, "thứ tư")
    assert "Nhận tin của trung tâm (nghỉ lễ" in booked
    await talk.say("nhận tin")
    await talk.say("không")
    assert "Nhận tin của trung tâm" not in await _book(talk, "thứ năm")


async def _book(talk: Talk, day: str) -> str:
    return await converse(talk, [("đặt lịch", "đến ngày nào"), (f"sáng {day} 9h", "Đang giữ chỗ"), ("1", "Đã đặt lịch")])
