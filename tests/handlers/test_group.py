"""A citizens' help group: short answers in the thread, the rest in private, nothing personal, no guess, and no spam."""

from __future__ import annotations

import datetime as dt

import pytest

from bot import clock
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import misses, outbox, questions, threads
from bot.messages import Page, Reply
from tests.handlers.conftest import ONE_DATABASE
from tests.handlers.group_talk import BOT, GROUP, HEAD, LAN, OFFICE, GroupTalk, alone, shown

LINK = "https://t.me/MotCuaBot"


@pytest.fixture
async def chat(store: Store, tiny: Premises) -> GroupTalk:
    """A citizens' group that answers at any hour."""
    made = GroupTalk(store, alone(tiny))
    await made.set_up(purpose="citizens", center_id="trung-tam")
    return made


async def test_a_clear_question_gets_a_short_answer_in_its_thread_and_a_button_to_go_on(chat: GroupTalk) -> None:
    [reply] = await chat.hear(text="ba em mới mất cần làm gì", message_id="77")
    [page] = reply.blocks
    assert isinstance(page, Page)
    assert (page.title, reply.reply_to) == ("Đăng ký khai tử", "77")
    assert [fact.label for fact in page.facts] == ["Lệ phí", "Ngày trả kết quả"]
    said = shown([reply])
    assert "Làm tại Trung tâm An Phú." in said
    assert "Lệ phí: Tùy trường hợp" in said, "no fee is told as if it held for everybody"
    assert "Nguồn: thủ tục 1.000656, Quyết định 163/QĐ-BTP. Kiểm tra ngày 21/11/2026." in said
    assert "Tờ khai" not in said, "the papers depend on the situation"
    assert [(choice.label, choice.link) for choice in reply.choices] == [("Xem giấy cho trường hợp của mình", f"{LINK}?start=p-1_000656")]
    assert len(said) < 600


@ONE_DATABASE
async def test_where_the_bots_name_is_not_known_the_button_opens_the_web_page(store: Store, tiny: Premises) -> None:
    chat = GroupTalk(store, tiny)
    await chat.set_up(purpose="citizens", center_id="trung-tam")
    [reply] = await chat.hear(text="ba em mới mất")
    assert reply.choices[0].link == "https://motcua.example/thu-tuc/1.000656"


@ONE_DATABASE
async def test_what_is_done_elsewhere_says_where(chat: GroupTalk) -> None:
    said = await chat.ask("đổi bằng lái xe máy")
    assert "Nơi làm: phòng cảnh sát giao thông" in said
    assert "Lệ phí" not in said


@pytest.mark.parametrize("text", ["xin giấy xác nhận", "hôm nay trời đẹp quá cả nhà"])
async def test_not_sure_there_is_no_guess_staff_are_asked(chat: GroupTalk, text: str) -> None:
    await chat.set_up(OFFICE, purpose="staff", center_id="trung-tam")
    [reply] = await chat.hear(text=text, message_id="41")
    said = shown([reply])
    assert said.startswith("Đã chuyển cán bộ")
    assert "Cán bộ trả lời trước" in said
    assert (reply.reply_to, [choice.link for choice in reply.choices]) == ("41", [LINK])
    [question] = await chat.store.read(questions.of_center, "trung-tam")
    assert (question.group_message_id, question.person_id, question.cause) == ("41", None, "group")
    [message] = await chat.store.read(threads.of, [question.id])
    assert (message.words, message.message_id) == (text, "41")
    assert text in shown(await chat.said(OFFICE))


@ONE_DATABASE
async def test_only_what_was_not_understood_is_kept_as_missed(chat: GroupTalk) -> None:
    await chat.ask("hôm nay trời đẹp quá cả nhà")
    await chat.ask("xin giấy xác nhận", HEAD)
    assert [miss.text for miss in await chat.store.read(misses.most_frequent)] == ["hôm nay trời đẹp quá cả nhà"]
    assert await chat.store.read(misses.number_of, "trung-tam", clock.today(chat.talk.now)) == 1


async def test_the_answer_of_staff_comes_back_into_the_thread(chat: GroupTalk) -> None:
    await chat.set_up(OFFICE, purpose="staff", center_id="trung-tam")
    await chat.hire("9")
    await chat.hear(text="chuyện này hỏi ai được cả nhà", message_id="41")
    [card] = await chat.store.read(outbox.log, BOT, OFFICE)
    with chat.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE outbox SET state = 'sent', provider_id = 'm1' WHERE id = {card.id}")
    await chat.hear("9", OFFICE, text="Hỏi bác tổ trưởng nhé.", reply_to="m1")
    [answer] = await chat.said()
    assert "Hỏi bác tổ trưởng nhé." in shown([answer])
    assert answer.reply_to == "41"


async def test_what_is_written_below_goes_to_staff_as_well_and_edits_follow(chat: GroupTalk) -> None:
    [passed] = await chat.hear(text="chuyện này hỏi ai được cả nhà", message_id="41")
    [row] = await chat.store.read(outbox.log, BOT, GROUP)
    with chat.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE outbox SET state = 'sent', provider_id = 'm1' WHERE id = {row.id}")
    chat.wait(30)
    assert "Đã chuyển thêm cho cán bộ" in await chat.ask("ba em mới mất", reply_to="m1", message_id="42")
    assert await chat.hear(text="chuyện đất đai này hỏi ai", message_id="41", edited=True) == []
    [question] = await chat.store.read(questions.of_center, "trung-tam")
    assert [message.words for message in await chat.store.read(threads.of, [question.id])] == ["chuyện đất đai này hỏi ai", "ba em mới mất"]
    assert passed.key


# nothing personal


async def test_a_number_in_the_question_is_not_repeated_and_its_owner_is_told(chat: GroupTalk) -> None:
    said = await chat.ask("ba em mới mất, căn cước 079123456789, gọi 0912 345 678 giúp")
    assert "Anh/chị xóa tin đó giúp" in said
    assert "Đăng ký khai tử" in said
    for number in ("079123456789", "0912", "345 678"):
        assert number not in said
    with chat.store.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT body FROM inbox").scalars().all()
    assert not [body for body in kept if "079123456789" in body]


@ONE_DATABASE
async def test_only_a_number_is_no_question(chat: GroupTalk) -> None:
    said = await chat.ask("079123456789")
    assert "Anh/chị xóa tin đó giúp" in said
    assert "079123456789" not in said
    assert await chat.store.read(questions.of_center, "trung-tam") == []


@ONE_DATABASE
async def test_a_password_is_neither_kept_nor_passed_on(chat: GroupTalk) -> None:
    said = await chat.ask("mật khẩu vneid của em là hoadao1990 sao không vào được", message_id="41")
    assert "Không ai ở trung tâm hỏi mã OTP hay mật khẩu" in said
    await chat.hear(text="mật khẩu là hoadao1991", message_id="41", edited=True)
    with chat.store.engine.connect() as connection:
        assert not [body for body in connection.exec_driver_sql("SELECT body FROM inbox").scalars() if "hoadao" in body]
    assert await chat.store.read(questions.of_center, "trung-tam") == []


@ONE_DATABASE
async def test_numbers_in_what_is_passed_on_are_blotted_out(chat: GroupTalk) -> None:
    await chat.ask("hồ sơ của bà 0912345678 tới đâu rồi cả nhà ơi trời đẹp")
    [question] = await chat.store.read(questions.of_center, "trung-tam")
    [message] = await chat.store.read(threads.of, [question.id])
    assert "0912345678" not in message.words


# quiet


async def test_what_is_not_meant_for_it_is_left_alone(chat: GroupTalk) -> None:
    assert await chat.hear(text="ba em mới mất", addressed=False) == []
    for kind in ("sticker", "photo", "voice", "file", "contact", "location", "other"):
        assert await chat.hear(kind=kind) == []


@ONE_DATABASE
@pytest.mark.parametrize(
    "text",
    [
        "vay tiền nhanh https://vay.example", "vào t.me/kiemtien nhé", "www.lua.dao ba em mới mất", "dịch vụ khai tử giarẻ.com gọi ngay",
        "cảm ơn bot nhiều", "ok", "dạ vâng ạ",
    ],
)  # fmt: skip
async def test_links_and_nods_are_ignored(chat: GroupTalk, text: str) -> None:
    assert await chat.hear(text=text) == []
    assert await chat.store.read(questions.of_center, "trung-tam") == []


async def test_who_asks_too_quickly_is_told_once_a_window(chat: GroupTalk) -> None:
    assert "Đăng ký khai tử" in await chat.ask("ba em mới mất")
    assert "cách nhau 20 giây" in await chat.ask("ba em mới mất")
    assert await chat.hear(text="ba em mới mất") == []
    assert "Đăng ký khai tử" in await chat.ask("ba em mới mất", HEAD), "others need not wait"
    chat.wait(20)
    assert "Đăng ký khai tử" in await chat.ask("ba em mới mất")


@ONE_DATABASE
async def test_outside_its_hours_there_is_one_sentence_and_the_way_into_private(chat: GroupTalk) -> None:
    await chat.set_up(answered="center")
    assert "Đăng ký khai tử" in await chat.ask("ba em mới mất")
    chat.talk.now = dt.datetime(2026, 11, 23, 14, 0, tzinfo=dt.UTC)  # nine in the evening; the next day is a holiday
    [reply] = await chat.hear(text="xin giấy xác nhận")
    assert len(reply.blocks) == 1
    assert "Nhóm này trả lời trong giờ trung tâm" in shown([reply])
    assert reply.choices[0].link == LINK
    assert await chat.store.read(questions.of_center, "trung-tam") == []


@ONE_DATABASE
@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("", "ghi việc cần hỏi sau /hoi"),
        ("/start", "ghi việc cần hỏi sau /hoi"),
        ("/help", "ghi việc cần hỏi sau /hoi"),
        ("mấy giờ mở cửa", "Số 12 đường Lúa Vàng"),
        ("địa chỉ ở đâu", "Số 12 đường Lúa Vàng"),
        ("lệ phí bao nhiêu", "ghi rõ là việc gì"),
        ("xã Tam Hiệp cũ nay là xã nào", "xã phường nào nay thuộc đâu"),
    ],
)  # fmt: skip
async def test_what_needs_no_person_goes_to_none(chat: GroupTalk, text: str, answered: str) -> None:
    assert answered in await chat.ask(text)
    assert await chat.store.read(questions.of_center, "trung-tam") == []


@ONE_DATABASE
async def test_a_group_says_only_what_its_thread_can_carry(chat: GroupTalk) -> None:
    """No menu of numbers: in a group nobody's numbers mean anything."""
    replies: list[Reply] = []
    for text in ("ba em mới mất", "xin giấy xác nhận", "079123456789"):
        chat.wait(60)
        replies += await chat.hear(LAN, text=text)
    assert all(reply.reply_to and not any(choice.payload for choice in reply.choices) for reply in replies)
