"""Photos and files: asked about before they go anywhere, refused where an identity paper may be on them, deleted when staff say so."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.conversation import plain
from bot.db.leaving import Attachment
from bot.db.tables import Conversation, Inbox
from bot.domain import attachments, threads
from bot.messages import File, Reply
from handlers import answering, question_files
from tests.questions.help_desk import HelpDesk, words

PHOTO = File(id="F-photo", picture=True, name="anh.jpg", mime="image/jpeg", size=1000)
PAPER = File(id="F-paper", picture=False, name="don.pdf", mime="application/pdf", size=1000)
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xd9"


async def said(desk: HelpDesk, text: str = "", **fields: Any) -> str:
    return "\n\n".join(plain.text(reply) for reply in await desk.tell(text, **fields))


def files(reply: Reply) -> list[str]:
    return [block.file_id for block in reply.blocks if block.kind == "attached"]


async def test_without_a_question_a_photo_is_refused_as_always(desk: HelpDesk) -> None:
    assert "đã không lưu ảnh này" in await said(desk, kind="photo", file=PHOTO)


async def test_a_photo_goes_on_after_it_was_said_to_show_no_identity(desk: HelpDesk) -> None:
    await desk.asks("Giấy này nộp được không")
    await desk.delivered()
    asked = await said(desk, "giấy của tôi đây", kind="photo", file=PHOTO)
    assert "Trong ảnh có số căn cước hay giấy tờ tùy thân không?" in asked
    assert "1. Không, gửi đi" in asked
    await desk.unread("-100")
    assert "Đã chuyển thêm cho cán bộ" in await said(desk, "không")
    [posted] = [reply for reply in await desk.unread("-100") if files(reply)]
    assert files(posted) == ["F-photo"]
    assert "giấy của tôi đây" in words([posted])
    assert posted.reply_to == await desk.card(await desk.question())
    assert (await desk.thread())[-1].sent_file == PHOTO


async def test_nothing_of_a_refused_photo_is_kept_not_even_how_to_find_it(desk: HelpDesk) -> None:
    await desk.tell(kind="photo", file=PHOTO)
    await desk.asks("Giấy này nộp được không")
    await desk.tell("ảnh căn cước", kind="photo", file=PHOTO)
    await desk.tell(kind="photo", file=PHOTO)
    await desk.tell("2")
    kept = await desk.store.read(lambda session: [row.body for row in session.execute(select(Inbox)).scalars()])
    state = await desk.store.read(lambda session: [row.state for row in session.execute(select(Conversation)).scalars()])
    assert "F-photo" not in " ".join([*kept, *state])


@pytest.mark.parametrize("answer", ["2", "có", "đừng gửi"])
async def test_a_photo_with_an_identity_paper_goes_nowhere(desk: HelpDesk, answer: str) -> None:
    await desk.asks("Giấy này nộp được không")
    await desk.tell(kind="photo", file=PHOTO)
    assert "Đã bỏ, không gửi" in await said(desk, answer)
    assert len(await desk.thread()) == 1
    assert "F-photo" not in words(await desk.unread("-100"))
    await desk.tell(kind="choice", payload="qf:1")
    assert len(await desk.thread()) == 1, "what was dropped cannot be sent by an old button"


@pytest.mark.parametrize("caption", ["CCCD của tôi", "căn cước mặt trước", "cmnd cu", "hộ chiếu", "Hộ Chiếu đây"])
async def test_a_caption_that_speaks_of_identity_papers_is_enough_to_refuse(desk: HelpDesk, caption: str) -> None:
    await desk.asks("Giấy này nộp được không")
    assert "đã không lưu" in await said(desk, caption, kind="photo", file=PHOTO)
    assert len(await desk.thread()) == 1


async def test_so_is_a_question_about_one(desk: HelpDesk) -> None:
    await desk.asks("Tôi mất căn cước thì làm lại ở đâu")
    assert "đã không lưu" in await said(desk, kind="photo", file=PHOTO)


def test_other_words_are_no_identity_papers() -> None:
    assert not question_files.speaks_of_identity("giấy báo tử", "căn nhà số 5", "chiếu theo luật")


async def test_a_document_goes_the_same_way(desk: HelpDesk) -> None:
    await desk.asks("Đơn này đúng chưa")
    assert "Trong tệp có số căn cước" in await said(desk, kind="file", file=PAPER)
    await desk.tell("1")
    assert (await desk.thread())[-1].sent_file == PAPER


async def test_staff_send_a_picture_from_the_group(desk: HelpDesk) -> None:
    question = await desk.asks("Mẫu đơn nào")
    await desk.delivered()
    await desk.in_group("Mẫu này", to=await desk.card(question), kind="photo", file=PHOTO)
    [answer] = [reply for reply in await desk.unread() if files(reply)]
    assert files(answer) == ["F-photo"]


async def test_a_removed_picture_is_taken_away_from_every_chat(desk: HelpDesk) -> None:
    question = await desk.asks("Giấy này nộp được không")
    await desk.delivered()
    await desk.tell(kind="photo", file=PHOTO, message_id="p77")
    await desk.tell("1")
    await desk.delivered()
    message = (await desk.thread())[-1]

    def fetched(session: object) -> int:
        number = attachments.keep(session, JPEG, "anh.jpg", now=desk.now)  # type: ignore[arg-type]
        assert threads.fetched(session, message.id, number)  # type: ignore[arg-type]
        return number

    number = await desk.store.write(fetched)
    taken = (await desk.thread())[-1]
    assert await desk.store.write(answering.remove_picture, desk.premises, taken, desk.hanh.actor, now=desk.now)
    assert not await desk.store.write(answering.remove_picture, desk.premises, taken, desk.hanh.actor, now=desk.now)
    assert await desk.store.read(attachments.load, number) is None
    for address in ("-100", "lan"):
        rows = await desk.sent_to(address)
        assert not [row for row in rows if "F-photo" in row.body]
        assert [Reply.model_validate_json(row.body).in_place for row in rows if row.key.startswith(threads.key(question.id, taken.id))][-1]
    assert "Cán bộ đã gỡ ảnh" in words(await desk.unread())
    assert (await desk.thread())[-1].removed == desk.hanh.actor


async def test_a_file_two_questions_share_stays_until_the_last_lets_go(desk: HelpDesk) -> None:
    numbers = []
    for person in ("lan", "hoa"):
        await desk.asks("Giấy này nộp được không", person)
        await desk.tell(kind="photo", file=PHOTO, person=person)
        await desk.tell("1", person=person)
        message = (await desk.thread(person))[-1]

        def fetched(session: object, message_id: int = message.id) -> int:
            number = attachments.keep(session, JPEG, "anh.jpg", now=desk.now)  # type: ignore[arg-type]
            threads.fetched(session, message_id, number)  # type: ignore[arg-type]
            return number

        numbers.append(await desk.store.write(fetched))
    assert numbers[0] == numbers[1]
    for person, left in (("lan", True), ("hoa", False)):
        taken = (await desk.thread(person))[-1]
        await desk.store.write(answering.remove_picture, desk.premises, taken, desk.hanh.actor, now=desk.now)
        assert (await desk.store.read(lambda session: session.get(Attachment, numbers[0]) is not None)) is left
