"""The staff group: a question is a message with buttons, answering it answers the person, and who was first is told to who was second."""

from __future__ import annotations

from bot.db.questions import ChatGroup
from bot.domain import groups
from bot.domain.questions import Question
from bot.messages import Reply
from tests.questions.help_desk import BOT, CENTER, HelpDesk, words


async def put(desk: HelpDesk, said: str = "Bố tôi mất ở quê, khai tử ở đây được không") -> tuple[Question, list[Reply], str]:
    """A question that stands in the group: its card and the card's id there."""
    question = await desk.asks(said)
    await desk.delivered()
    return question, await desk.unread("-100"), await desk.card(question)


async def last_card(desk: HelpDesk, question: Question) -> Reply:
    cards = [row.body for row in await desk.sent_to("-100") if row.key == f"question:{question.id}"]
    return Reply.model_validate_json(cards[-1])


async def test_the_card_says_what_is_asked_and_until_when(desk: HelpDesk) -> None:
    question, [card], _ = await put(desk)
    shown = words([card])
    assert "“Bố tôi mất ở quê, khai tử ở đây được không”" in shown
    assert "Chưa ai nhận. Hẹn trả lời trước 14:00 hôm nay." in shown
    assert [choice.label for choice in card.choices] == ["Tôi nhận", "Chuyển", "Đóng", "Mở trong bàn làm việc"]
    assert card.choices[-1].link == f"https://motcua.example/ban-lam-viec/{CENTER}/hoi-dap/{question.id}"
    assert "lan" not in shown, "who asks is nobody's business"


async def test_who_takes_it_is_shown_on_the_card_and_told_to_the_next(desk: HelpDesk) -> None:
    question, card, _ = await put(desk)
    await desk.press_in_group("Tôi nhận", card)
    changed = await last_card(desk, question)
    assert changed.in_place
    assert "Đang trả lời: chị Hạnh, nhận lúc 8:00." in words([changed])
    assert [choice.label for choice in changed.choices] == ["Chuyển", "Đóng", "Mở trong bàn làm việc"]
    told = await desk.press_in_group("Tôi nhận", card, by="anh Tú")
    assert "do chị Hạnh nhận lúc 8:00" in words(told)
    assert (await desk.question()).owner_id == desk.hanh.id


async def test_two_answer_at_once_the_second_decides_whether_to_send_as_well(desk: HelpDesk) -> None:
    question, _, at = await put(desk)
    await desk.in_group("Được ạ.", to=at)
    held = await desk.in_group("Không được đâu.", to=at, by="anh Tú")
    assert "đã được chị Hạnh trả lời lúc 8:00" in words(held)
    assert "chưa gửi đi" in words(held)
    assert "Không được đâu." not in words(await desk.unread())
    wrong = await desk.press_in_group("Vẫn gửi", held, by="chị Hạnh")
    assert "người khác viết" in words(wrong), "only who wrote it may send it"
    await desk.press_in_group("Vẫn gửi", held, by="anh Tú")
    assert "Không được đâu." in words(await desk.unread())
    again = await desk.press_in_group("Vẫn gửi", held, by="anh Tú")
    assert "đã gửi rồi" in words(again)
    assert await desk.unread() == []
    assert [message.author for message in await desk.thread()] == ["", desk.hanh.actor, desk.tu.actor]
    assert (await desk.question()).owner_id == desk.hanh.id, "it stays with who was first"
    assert (await last_card(desk, question)).key


async def test_an_edit_of_the_answer_follows_in_its_place(desk: HelpDesk) -> None:
    _, _, at = await put(desk)
    await desk.in_group("Được, mang giấy báo tử.", to=at, message_id="a1")
    first = (await desk.unread())[-1]
    await desk.in_group("Được, mang giấy báo tử bản chính.", to=at, message_id="a1", edited=True)
    [corrected] = await desk.unread()
    assert "Được, mang giấy báo tử bản chính." in words([corrected])
    assert (corrected.key, corrected.in_place) == (first.key, True)
    await desk.in_group("Tôi sửa hộ.", to=at, message_id="a1", edited=True, by="anh Tú")
    assert await desk.unread() == [], "nobody corrects the answer of another"


async def test_everything_works_after_a_restart(desk: HelpDesk) -> None:
    question, _, at = await put(desk)
    desk.restart()
    await desk.in_group("Được ạ.", to=at, message_id="a1")
    desk.restart()
    await desk.in_group("Được ạ, buổi sáng.", to=at, message_id="a1", edited=True)
    desk.restart()
    await desk.tell(kind="choice", payload=f"qd:{question.id}")
    assert (await desk.question()).state == "closed"
    assert [message.words for message in await desk.thread()][1:] == ["Được ạ, buổi sáng."]


async def test_who_is_not_connected_or_has_no_right_gets_a_hint_and_nothing_is_sent(desk: HelpDesk) -> None:
    _, card, at = await put(desk)
    stranger = await desk.in_group("Tôi trả lời giúp nhé", to=at, by="cô Ba")
    assert "Chưa nối với tài khoản cán bộ" in words(stranger)
    await desk.hire("em Nam", "volunteer")
    helper = await desk.press_in_group("Tôi nhận", card, by="em Nam")
    assert "chưa có quyền trả lời" in words(helper)
    await desk.hire("chị Xa", "clerk", "binh-hoa")
    assert "chưa có quyền trả lời" in words(await desk.in_group("Của xã bên", to=at, by="chị Xa"))
    assert await desk.unread() == []
    assert (await desk.question()).state == "open"


async def test_a_group_of_another_center_reaches_no_question_here(desk: HelpDesk) -> None:
    question, _, _ = await put(desk)

    def other(session: object) -> None:
        group: ChatGroup = groups.of(session, BOT, "-200", "Xã bên", now=desk.now)  # type: ignore[arg-type]
        group.purpose, group.center_id = "staff", "binh-hoa"

    await desk.store.write(other)
    await desk.hire("chị Xa", "clerk", "binh-hoa")
    await desk.in_group(kind="choice", payload=f"qt:{question.id}", by="chị Xa", address="-200")
    await desk.in_group(kind="choice", payload=f"qc:{question.id}:1", by="chị Xa", address="-200")
    assert (await desk.question()).state == "open"


async def test_it_is_handed_on_to_a_colleague_who_is_told(desk: HelpDesk) -> None:
    question, card, _ = await put(desk)
    offered = await desk.press_in_group("Chuyển", card)
    await desk.press_in_group("anh Tú", offered)
    assert (await desk.question()).owner_id == desk.tu.id
    told = words([Reply.model_validate_json(row.body) for row in await desk.sent_to("anh Tú")])
    assert f"Câu hỏi {question.id} được chuyển cho anh/chị" in told
    back = await desk.press_in_group("Chuyển", card)
    await desk.press_in_group("Để cả nhóm", back)
    assert (await desk.question()).owner_id is None


async def test_closing_without_an_answer_is_asked_about_first_and_told_to_the_person(desk: HelpDesk) -> None:
    question, card, at = await put(desk)
    sure = await desk.press_in_group("Đóng", card)
    assert (await desk.question()).state == "open"
    await desk.press_in_group("Thôi", sure)
    await desk.press_in_group("Đóng, không trả lời", sure)
    assert ((await desk.question()).state, (await desk.question()).closed_by) == ("closed", desk.hanh.actor)
    assert "Trung tâm đã đóng câu hỏi của anh/chị" in words(await desk.unread())
    assert (await last_card(desk, question)).choices == ()
    assert "đã đóng" in words(await desk.in_group("Muộn rồi", to=at))
    assert await desk.unread() == []


async def test_a_citizen_who_blocked_the_bot_the_group_is_told_once(desk: HelpDesk) -> None:
    question, _, at = await put(desk)
    await desk.in_group("Được ạ.", to=at)
    await desk.delivered(refuse="lan")
    await desk.unread("-100")
    for _ in range(2):
        await desk.duties()
    [told] = await desk.unread("-100")
    assert f"Câu hỏi {question.id}: không gửi được câu trả lời" in words([told])
    assert told.reply_to == at
    assert [message.delivery for message in await desk.thread() if message.side == "staff"] == ["refused"]


async def test_overdue_is_brought_up_once_in_the_group_and_to_the_lead(desk: HelpDesk) -> None:
    question, _, at = await put(desk)
    desk.now = question.due_at.replace(minute=59, hour=question.due_at.hour - 1)
    await desk.duties()
    assert await desk.unread("-100") == []
    desk.now = question.due_at
    for _ in range(2):
        await desk.duties()
    [told] = await desk.unread("-100")
    assert f"Câu hỏi {question.id} đã quá giờ hẹn" in words([told])
    assert told.reply_to == at
    assert len(await desk.sent_to("anh Tú")) == 1
    assert await desk.sent_to("chị Hạnh") == [], "a clerk is no lead"


async def test_a_question_asked_before_there_was_a_group_is_shown_when_there_is_one(desk: HelpDesk) -> None:
    await desk.store.write(lambda session: setattr(desk.group(session), "active", False))
    question = await desk.asks()
    await desk.duties()
    assert await desk.sent_to("-100") == []
    await desk.store.write(lambda session: setattr(desk.group(session), "active", True))
    for _ in range(2):
        await desk.duties()
    assert [row.key for row in await desk.sent_to("-100")] == [f"question:{question.id}"]


async def test_a_message_that_answers_nothing_is_told_how_it_works(desk: HelpDesk) -> None:
    assert "Trả lời đúng tin đó" in words(await desk.in_group("xin chào"))
    assert await desk.in_group("nói với nhau", addressed=False) == []
