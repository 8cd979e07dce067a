"""A citizen asks people, by words and by numbers: nothing is sent unread, the promise keeps the hours, the bot stays usable meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.store import Store
from tests.questions.help_desk import HelpDesk, words

NONSENSE = "xin giấy thông hành vũ trụ"


async def said(desk: HelpDesk, text: str, **fields: Any) -> str:
    return "\n\n".join(plain.text(reply) for reply in await desk.tell(text, **fields))


async def test_from_gap_can_bo_to_an_answer_and_a_rating_by_numbers(desk: HelpDesk) -> None:
    assert "1. Gửi câu hỏi cho cán bộ" in await said(desk, "gặp cán bộ")
    assert "Anh/chị gõ câu hỏi trong một tin" in await said(desk, "1")
    agreed = await said(desk, "Bố tôi mất ở quê, khai tử ở đây được không")
    assert "“Bố tôi mất ở quê, khai tử ở đây được không”" in agreed
    assert (await desk.sent_to("-100")) == [], "nothing goes to anybody before it was agreed to"
    sent = await said(desk, "1")
    assert "Đã chuyển cho cán bộ" in sent
    assert "Trung tâm đang mở cửa. Cán bộ trả lời trước 14:00 hôm nay." in sent, "four open hours, with the lunch between"
    await desk.delivered()
    await desk.in_group("Được, anh/chị mang giấy báo tử.", to=await desk.card(await desk.question()))
    answered = "\n\n".join(plain.text(reply) for reply in await desk.unread())
    assert "Được, anh/chị mang giấy báo tử." in answered
    assert "Giúp được nhiều" in await said(desk, "1")
    assert "Đã ghi" in await said(desk, "5")
    done = await desk.question()
    assert (done.state, done.rating, done.closed_by) == ("closed", 5, "citizen")


async def test_words_nobody_could_answer_are_taken_along_without_typing_them_again(desk: HelpDesk) -> None:
    unknown = await said(desk, f"{NONSENSE}, số của tôi 0912345678")
    line = next(line for line in unknown.splitlines() if "Gửi câu này cho cán bộ" in line)
    agreed = await said(desk, line[0])
    assert f"“{NONSENSE}, số của tôi …”" in agreed, "numbers that point to somebody are blotted before anybody reads them"
    await said(desk, "gửi đi")
    question = await desk.question()
    assert question.cause == "nothing_found"
    assert [message.words for message in await desk.thread()] == [f"{NONSENSE}, số của tôi …"]


async def test_menu_0_after_words_nobody_could_answer_offers_to_send_these(desk: HelpDesk) -> None:
    await desk.tell(NONSENSE)
    assert "1. Gửi câu này cho cán bộ" in await said(desk, "0")
    assert NONSENSE in await said(desk, "1")


async def test_what_the_bot_knows_goes_along_and_is_named_first(desk: HelpDesk) -> None:
    for typed in ("báo tử cho bố", "1", "1"):
        await desk.tell(typed)
    await desk.tell("gặp cán bộ")
    await desk.tell("gửi câu hỏi cho cán bộ")
    agreed = await said(desk, "Anh tôi ở xa ký thay được không")
    assert "Gửi kèm để cán bộ hiểu ngay: đang hỏi việc" in agreed
    await said(desk, "gửi")
    assert (await desk.question()).about == "1.000656"
    card = words(await desk.unread("-100"))
    assert "1.000656" in card
    assert "Giấy báo tử" in card


async def test_a_double_tap_sends_one_question(desk: HelpDesk) -> None:
    await desk.tell("gặp cán bộ")
    await desk.tell("1")
    [agreed] = await desk.tell("Có làm việc thứ Bảy không")
    for _ in range(3):
        again = await desk.tell(kind="choice", payload=agreed.choices[0].payload)
    assert len(await desk.thread()) == 1
    assert "đang ở chỗ cán bộ" in words(again)
    cards = [row.key for row in await desk.sent_to("-100")]
    assert cards == [f"question:{(await desk.question()).id}"]


async def test_a_button_below_an_older_draft_sends_nothing_unread(desk: HelpDesk) -> None:
    await desk.tell("gặp cán bộ")
    await desk.tell("1")
    [old] = await desk.tell("Câu thứ nhất của tôi")
    await desk.tell("Câu thứ hai của tôi")
    shown = await desk.tell(kind="choice", payload=old.choices[0].payload)
    assert "Câu thứ hai của tôi" in words(shown)
    assert "Gửi câu này cho cán bộ nhé" in words(shown)


async def test_while_a_question_waits_the_bot_answers_as_always(desk: HelpDesk) -> None:
    await desk.asks()
    assert "Có giấy báo tử của người mất không?" in await said(desk, "báo tử cho bố")
    assert len(await desk.thread()) == 1


async def test_something_is_added_only_by_choice(desk: HelpDesk) -> None:
    await desk.asks()
    await desk.tell(NONSENSE)
    assert len(await desk.thread()) == 1
    await desk.tell("gặp cán bộ")
    await desk.tell("gửi thêm cho cán bộ")
    assert "Đã chuyển thêm cho cán bộ" in await said(desk, "Bố tôi mất hôm kia")
    assert [message.words for message in await desk.thread()][1:] == ["Bố tôi mất hôm kia"]


async def test_replying_to_the_answer_goes_back_to_staff(desk: HelpDesk) -> None:
    question = await desk.asks()
    await desk.delivered()
    await desk.in_group("Được ạ.", to=await desk.card(question))
    await desk.delivered()
    answer = next(row for row in await desk.sent_to("lan") if "Được ạ." in row.body)
    assert "Đã chuyển thêm" in await said(desk, "Thế còn giấy báo tử bản sao", reply_to=answer.provider_id)
    now = await desk.question()
    assert (now.state, now.owner_id) == ("owned", desk.hanh.id), "an answered question waits again, at the same person"
    assert "nói thêm: “Thế còn giấy báo tử bản sao”" in words(await desk.unread("-100"))


async def test_a_number_typed_in_reply_to_the_answer_is_a_line_of_its_menu(desk: HelpDesk) -> None:
    question = await desk.asks()
    await desk.delivered()
    await desk.in_group("Được ạ.", to=await desk.card(question))
    await desk.delivered()
    answer = next(row for row in await desk.sent_to("lan") if "Được ạ." in row.body)
    await desk.tell("1", reply_to=answer.provider_id)
    assert (await desk.question()).state == "closed"


async def test_somebody_else_s_message_is_nobody_s_way_in(desk: HelpDesk) -> None:
    question = await desk.asks()
    await desk.delivered()
    await desk.in_group("Được ạ.", to=await desk.card(question))
    await desk.delivered()
    answer = next(row for row in await desk.sent_to("lan") if "Được ạ." in row.body)
    await desk.tell("tôi là người khác", person="ke-la", reply_to=answer.provider_id)
    await desk.tell(kind="choice", payload=f"qd:{question.id}", person="ke-la")
    await desk.tell(kind="choice", payload=f"qr:{question.id}:1", person="ke-la")
    now = await desk.question()
    assert (now.state, now.rating) == ("answered", None)
    assert len(await desk.thread()) == 2


async def test_the_citizen_can_end_it_at_any_time(desk: HelpDesk) -> None:
    await desk.asks()
    await desk.tell("gặp cán bộ")
    await desk.tell("đóng câu hỏi này")
    assert (await desk.question()).state == "closed"
    assert "1. Gửi câu hỏi cho cán bộ" in await said(desk, "gặp cán bộ"), "and ask another one"


async def test_an_edit_of_the_question_follows(desk: HelpDesk) -> None:
    question = await desk.asks("Bố tôi mất ở Huế")
    [first] = await desk.thread()
    assert "Đã sửa lại câu gửi cán bộ" in await said(desk, "Bố tôi mất ở Quế", message_id=first.message_id, edited=True)
    assert [message.words for message in await desk.thread()] == ["Bố tôi mất ở Quế"]
    cards = [row.body for row in await desk.sent_to("-100") if row.key == f"question:{question.id}"]
    assert "Bố tôi mất ở Quế" in cards[-1]


async def test_an_edit_before_it_is_sent_changes_the_draft(desk: HelpDesk) -> None:
    await desk.tell("gặp cán bộ")
    await desk.tell("1")
    await desk.tell("Bố tôi mất ở Huế", message_id="x1")
    assert "“Bố tôi mất ở Quế”" in await said(desk, "Bố tôi mất ở Quế", message_id="x1", edited=True)
    await desk.tell("1")
    assert [message.words for message in await desk.thread()] == ["Bố tôi mất ở Quế"]


@pytest.mark.parametrize(
    ("now", "promised"),
    [
        (dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC), "Trung tâm đang mở cửa. Cán bộ trả lời trước 10:30 thứ Tư 25/11."),
        (dt.datetime(2026, 11, 25, 13, 0, tzinfo=dt.UTC), "Trung tâm mở lại 7:30 sáng mai. Cán bộ trả lời trước 11:30 sáng mai."),
        (dt.datetime(2026, 11, 28, 13, 0, tzinfo=dt.UTC), "Trung tâm mở lại 7:30 thứ Hai 30/11. Cán bộ trả lời trước 11:30 thứ Hai 30/11."),
    ],
)
async def test_the_promise_goes_by_the_center_s_hours(desk: HelpDesk, now: dt.datetime, promised: str) -> None:
    desk.now = now
    await desk.tell("gặp cán bộ")
    await desk.tell("1")
    await desk.tell("Có làm việc thứ Bảy không")
    assert promised in await said(desk, "1")


async def test_a_secret_is_not_handed_to_anybody(desk: HelpDesk) -> None:
    await desk.tell("gặp cán bộ")
    await desk.tell("1")
    assert "Đã chuyển" not in await said(desk, "mã otp là 123456")
    assert await desk.sent_to("-100") == []


async def test_where_nobody_works_no_question_is_taken(store: Store, tiny: Premises) -> None:
    alone = HelpDesk(store, tiny)
    assert "Gửi câu hỏi" not in await said(alone, "gặp cán bộ")
    assert "Gửi câu này" not in await said(alone, NONSENSE)
    assert await alone.tell(kind="choice", payload="qa")
