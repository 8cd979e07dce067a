"""A person who has everything deleted leaves nothing with staff either; what is too old goes by itself."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlmodel import Session

from bot.db.questions import Question, QuestionMessage
from bot.domain import questions, retention
from bot.messages import Reply
from tests.questions.help_desk import HelpDesk, words

SECRET = "Bố tôi mất ở xóm Đình"


def left(session: Session) -> tuple[int, int]:
    rows, said = (session.execute(select(func.count()).select_from(kind)).scalar_one() for kind in (Question, QuestionMessage))
    return rows, said


async def test_see_mine_names_the_question(desk: HelpDesk) -> None:
    await desk.asks(SECRET)
    assert "Một câu hỏi gửi cán bộ, ngày 23/11/2026" in words(await desk.tell("dữ liệu của tôi") + await desk.tell("1"))


async def test_delete_mine_deletes_the_question_and_takes_it_out_of_the_group(desk: HelpDesk) -> None:
    question = await desk.asks(SECRET)
    await desk.delivered()
    card = await desk.card(question)
    await desk.in_group("Được ạ.", to=card)
    await desk.tell(kind="choice", payload="pf:1")
    assert await desk.store.read(left) == (0, 0)
    for address in ("-100", "anh Tú", "chị Hạnh"):
        assert not [row for row in await desk.sent_to(address) if SECRET in row.body]
    last = [Reply.model_validate_json(row.body) for row in await desk.sent_to("-100") if row.key == f"question:{question.id}"][-1]
    assert (last.blocks, last.in_place) == ((), True), "the channel takes the message away"
    await desk.in_group("Muộn rồi", to=card)
    assert await desk.store.read(left) == (0, 0)


async def test_questions_nobody_touched_for_long_are_deleted(desk: HelpDesk) -> None:
    await desk.asks(SECRET)
    keep = dt.timedelta(days=90)
    await desk.store.write(retention.purge, now=desk.now + keep, keep=keep)
    assert (await desk.store.read(left))[0] == 1
    await desk.store.write(retention.purge, now=desk.now + keep + dt.timedelta(seconds=1), keep=keep)
    assert await desk.store.read(left) == (0, 0)


async def test_a_rating_is_the_person_s_own_and_may_be_changed(desk: HelpDesk) -> None:
    question = await desk.asks(SECRET)
    await desk.delivered()
    await desk.in_group("Được ạ.", to=await desk.card(question))
    for payload, rating in (
        (f"qr:{question.id}:4", None),
        (f"qd:{question.id}", None),
        (f"qr:{question.id}:4", 4),
        (f"qr:{question.id}:2", 2),
        (f"qr:{question.id}:9", 2),
    ):
        await desk.tell(kind="choice", payload=payload)
        assert (await desk.question()).rating == rating


async def test_counts_say_how_many_wait_and_since_when(desk: HelpDesk) -> None:
    first = await desk.asks("Có làm việc thứ Bảy không")
    await desk.asks("Có làm việc buổi tối không", "hoa")
    await desk.store.write(questions.claim, first.id, desk.hanh.id, now=desk.now)
    counted = await desk.store.read(questions.count, "trung-tam", now=first.due_at)
    assert (counted.open, counted.owned, counted.answered, counted.overdue, counted.oldest) == (1, 1, 0, 2, first.asked_at)
