"""Saying how a visit was, by numbers: after the message that ends it, or when asked an hour later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversation import plain
from bot.db import upsert
from bot.db.results import Feedback as Row
from bot.db.tables import Outbox
from bot.domain import centers, checklists, consent, counters, feedback, people, questions, queue, staff, threads
from bot.domain.consent import Who
from bot.domain.feedback import Asked
from bot.domain.queue import Arrival
from bot.domain.visits import Missing, Visit
from handlers import feedback_duties, visiting
from tests.dialogs.citizen import Step, converse, to_the_list
from tests.fakes import Talk

CENTER = centers.DEFAULT_ID
_TABLE, _OUTBOX = upsert.table(Row), upsert.table(Outbox)
TO_THE_PAPERS: list[Step] = [
    ("1", "Câu 1/5. Đến nơi, tìm quầy", "1. Rất kém", "5. Rất tốt", "6. Chưa gặp việc này", "7. Bỏ qua", "0. "),
    ("4", "Câu 2/5. Giấy tờ phải nộp"),
    ("tốt", "Câu 3/5. Cán bộ tiếp"),
    ("bỏ qua", "Câu 4/5. Kết quả"),
    ("6", "Câu 5/5. Nghe và trả lời"),
    ("5", "ngoài danh sách của thủ tục không?"),
]
FOURS: list[Step] = [("4",)] * 4
OFFER: list[Step] = [("bỏ qua", "Lần sau cứ nhắn hỏi tôi"), ("→ Lần sau", "Sau mỗi lượt tôi đến")]


async def write(talk: Talk, work: Any, *given: Any, **named: Any) -> Any:
    return await talk.store.write(work, *given, **named, now=talk.now)


async def served(talk: Talk, person: str = "lan", *missing: Missing, **arrival: Any) -> Visit:
    """Somebody who wrote before has been at the counter; what they were told is read."""
    known = await write(talk, people.account_of, talk.bot, person)
    groups, desks = await talk.store.read(counters.groups, CENTER), await talk.store.read(counters.counters, CENTER)
    group = next(group for group in groups if group.id in desks[0].serves)
    await write(talk, queue.walk_in, group, Arrival(known.person_id, known.account_id, **arrival), actor="kiosk:1")
    called = await write(talk, visiting.call_next, desks[0].id, actor="staff:1")
    ended = await write(talk, visiting.finish, called, "papers_missing" if missing else "accepted", actor="staff:1", missing=missing)
    told = "\n".join(plain.text(reply) for reply in await talk.unread(person))
    assert missing or "1. Anh/chị thấy thế nào?" in told
    return ended  # type: ignore[no-any-return]


async def row(talk: Talk, visit: Visit) -> feedback.Feedback:
    found = await talk.store.read(feedback.of_visit, visit.id)
    assert found is not None
    return found


async def rows(talk: Talk) -> int:
    return len(await talk.store.read(lambda session: session.execute(select(_TABLE.c.id)).all()))


async def test_a_whole_rating_by_numbers_and_words(talk: Talk) -> None:
    visit = await served(talk)
    steps: list[Step] = [
        *TO_THE_PAPERS,
        ("không có", "Anh/chị muốn nói thêm gì không?"),
        ("Cán bộ chỉ rất kỹ, số tôi 0912345678", "Cảm ơn anh/chị đã góp ý", "chậm nhất thứ Ba 15/12", "Sửa được đến 13:00"),
    ]
    await converse(talk, steps)
    given = await row(talk, visit)
    assert given.levels == {"access": 4, "procedures": 4, "staff": None, "results": 0, "handling": 5}
    assert (given.comment, given.done_at) == ("Cán bộ chỉ rất kỹ, số tôi …", talk.now)


async def test_half_answers_stay_and_the_rating_goes_on_where_it_was_left(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [*TO_THE_PAPERS[:2], ("khai tử cần gì", "Câu 1")])
    assert (await row(talk, visit)).levels["access"] == 4
    shown = await talk.say(payload=f"fv:{visit.id}")
    assert "Câu 2/5" in plain.text(shown[0])
    assert await rows(talk) == 1


async def test_done_it_can_be_changed_for_an_hour_and_then_stands(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [*TO_THE_PAPERS, ("không có", "nói thêm"), ("bỏ qua", "Cảm ơn"), ("→ Sửa đánh giá", "Câu 1/5"), ("1", "Câu 2/5")])
    assert (await row(talk, visit)).access == 1
    talk.now += dt.timedelta(minutes=61)
    late = await talk.say(payload=f"fv:{visit.id}")
    assert "Lượt này anh/chị đã đánh giá rồi" in plain.text(late[0])
    await talk.say(payload=f"fl:{(await row(talk, visit)).id}:0:5")
    assert (await row(talk, visit)).access == 1


async def test_nobody_opens_or_answers_the_rating_of_another(talk: Talk) -> None:
    visit = await served(talk)
    await talk.say("1")
    given = await row(talk, visit)
    for payload in (f"fv:{visit.id}", f"fl:{given.id}:0:1", f"fs:{given.id}:end", f"fs:{given.id}:call", f"fl:{given.id}:9:1", "fl:999:0:1"):
        answered = await talk.say(payload=payload, person="hung")
        assert "Chưa đánh giá được lượt này" in plain.text(answered[0])
    assert (await row(talk, visit)).access is None


async def test_papers_are_picked_one_after_the_other_and_typed(talk: Talk) -> None:
    await to_the_list(talk, await talk.read("sao y bản chính"))
    person = (await write(talk, people.account_of, talk.bot, "lan")).person_id
    [kept] = await talk.store.read(checklists.latest, person)
    noted = Missing("residence", "Giấy xác nhận cư trú", "not_required")
    visit = await served(talk, "lan", Missing("copy", "Bản sao"), noted, procedure=kept.code, checklist_id=kept.id)
    await talk.say(payload=f"fv:{visit.id}")
    steps: list[Step] = [
        *[("4", "") for _ in range(5)],
        ("→ Giấy xác nhận cư trú", "Đã ghi: Giấy xác nhận cư trú", "Còn giấy nào khác"),
        ("→ Giấy khác", "Anh/chị gõ tên giấy"),
        ("Sổ hộ khẩu cũ", "Đã ghi: Sổ hộ khẩu cũ"),
        ("→ Không còn giấy nào", "nói thêm"),
        ("1", "Cảm ơn"),
    ]
    shown = plain.text((await talk.say(payload=f"fv:{visit.id}"))[0])
    for said, *fragments in steps:
        typed = said
        if said.startswith("→ "):
            typed = next(line.split(".")[0] for line in shown.splitlines() if said[2:] in line)
        shown = await talk.read(typed)
        assert all(fragment in shown for fragment in fragments), shown
    assert (await row(talk, visit)).asked_for == (Asked("residence", "Giấy xác nhận cư trú"), Asked("", "Sổ hộ khẩu cũ"))


async def test_without_a_list_the_papers_of_the_procedure_are_offered_and_a_typed_one_is_known_by_its_name(talk: Talk) -> None:
    visit = await served(talk, procedure="1.000656")
    asked: Step = ("4", "Tờ khai đăng ký khai tử", "Giấy báo tử")
    await converse(talk, [("1", "Câu 1/5"), *FOURS, asked, ("→ Giấy khác", "gõ tên giấy"), ("giay bao tu", "Đã ghi: Giấy báo tử")])
    assert (await row(talk, visit)).asked_for == (Asked("death_notice", "Giấy báo tử"),)


async def test_a_smiley_keeps_the_question_and_a_long_name_is_said_back_as_it_is_kept(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [("1", "Câu 1/5"), ("🙂", "1. Rất kém", "5. Rất tốt"), ("4", "Câu 2/5"), *[("4",)] * 3, ("4", "ngoài danh sách")])
    assert (await row(talk, visit)).access == 4
    await converse(talk, [("1", "gõ tên giấy")])
    said = await talk.read("Sổ hộ khẩu " + "y" * 3980)
    [kept] = (await row(talk, visit)).asked_for
    assert f"Đã ghi: {kept.name}." in said


async def test_words_much_later_are_a_question_and_no_remark(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [*TO_THE_PAPERS, ("không có", "nói thêm")])
    talk.now += dt.timedelta(hours=2)
    assert "Câu 1" in await talk.read("ba em mới mất")
    assert (await row(talk, visit)).comment == ""


async def test_a_secret_is_no_remark(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [*TO_THE_PAPERS, ("không có", "nói thêm")])
    assert "Câu" not in await talk.read("mã OTP 123456")
    assert (await row(talk, visit)).comment == ""


# wanting to be written to


async def low(talk: Talk) -> Visit:
    visit = await served(talk)
    steps: list[Step] = [
        ("1", "Câu 1/5"),
        ("2", "Câu 2/5"),
        *[("4", "") for _ in range(4)],
        ("không có", "nói thêm"),
        ("chị Hoa quầy 1 quát tôi", "Cảm ơn"),
    ]
    await converse(talk, steps)
    return visit


async def test_a_low_rating_asks_to_be_written_to_and_becomes_a_question_with_an_owner_that_tells_nothing_of_it(talk: Talk) -> None:
    lead = await write(talk, staff.create, "chị Hạnh", CENTER, "lead")
    visit = await low(talk)
    account = (await write(talk, people.account_of, talk.bot, "lan")).account_id
    await converse(talk, [("nhờ người phụ trách nhắn lại cho tôi", "Đã nhờ người phụ trách nhắn lại")])
    asked = await talk.store.read(questions.live, account)
    assert asked is not None
    assert (asked.owner_id, asked.state) == (lead, "owned")
    [said] = await talk.store.read(threads.of, [asked.id])
    assert "quát" not in said.words
    assert "Kém" not in said.words
    assert (await row(talk, visit)).question_id == asked.id
    again = await talk.say(payload=f"fs:{(await row(talk, visit)).id}:call")
    assert "không có chỗ để nhắn lại" in plain.text(again[0])
    assert len(await talk.store.read(questions.of_center, CENTER)) == 1


async def test_it_is_not_offered_where_nobody_would_read_it_or_nothing_was_bad(talk: Talk) -> None:
    await low(talk)
    shown = await talk.read("không")
    assert "Nhờ người phụ trách" not in shown
    await write(talk, staff.create, "chị Hạnh", CENTER, "lead")
    await served(talk, "hung")
    happy = await converse(talk, [*TO_THE_PAPERS, ("không có", "nói thêm"), ("bỏ qua", "Cảm ơn")], person="hung")
    assert "Nhờ người phụ trách" not in happy


# being asked


async def agree(talk: Talk, person: str = "lan") -> None:
    known = await write(talk, people.account_of, talk.bot, person)
    await write(talk, consent.give, Who(known.person_id, CENTER, "survey", known.account_id), "…", "terminal")


async def test_who_agreed_is_asked_an_hour_later_once_and_answers_with_one_number(talk: Talk) -> None:
    await agree(talk)
    visit = await served(talk)
    talk.now += dt.timedelta(minutes=61)
    for _ in range(3):
        await write(talk, feedback_duties.ask_opinions, talk.dispatcher.premises)
    [asked] = await talk.unread()
    assert "Thứ Hai 23/11 anh/chị đến" in plain.text(asked)
    assert "Câu 1/5" in plain.text(asked)
    await converse(talk, [("2", "Câu 2/5")])
    given = await row(talk, visit)
    assert (given.access, given.begun_at) == (2, talk.now)


@pytest.mark.parametrize("answer", ["Đồng ý", "Không"])
async def test_the_offer_to_be_asked_is_made_until_it_is_answered(talk: Talk, answer: str) -> None:
    await served(talk)
    await converse(
        talk, [*TO_THE_PAPERS, ("không có", ""), ("bỏ qua", "Lần sau cứ nhắn hỏi tôi"), ("→ Lần sau", "Sau mỗi lượt tôi đến"), (answer, "Đã ghi.")]
    )
    person = (await write(talk, people.account_of, talk.bot, "lan")).person_id
    [kept] = await talk.store.read(consent.history, person)
    assert (kept.purpose, kept.refused) == ("survey", answer == "Không")
    assert "nhắn hỏi tôi một lần" in kept.wording
    await served(talk)
    assert "Lần sau cứ" not in await converse(talk, [*TO_THE_PAPERS, ("không có", ""), ("bỏ qua", "Cảm ơn")])


async def test_a_channel_that_does_not_ring_is_not_counted_as_asked(talk: Talk) -> None:
    talk.bot = "web"
    await agree(talk)
    visit = await served(talk)
    talk.now += dt.timedelta(minutes=61)
    await write(talk, feedback_duties.ask_opinions, talk.dispatcher.premises)
    asked = await talk.store.read(lambda session: session.execute(select(_TABLE.c.asked_at).where(_TABLE.c.visit_id == visit.id)).scalar_one())
    states = await talk.store.read(lambda session: list(session.execute(select(_OUTBOX.c.state).order_by(_OUTBOX.c.id)).scalars()))
    assert (asked, states[-1]) == (None, "skipped")


async def test_it_stands_in_what_is_kept_and_is_gone_with_the_person(talk: Talk) -> None:
    visit = await served(talk)
    await converse(talk, [*TO_THE_PAPERS, ("không có", "nói thêm"), ("Chị Hoa giúp nhiều", "Cảm ơn")])
    seen = await talk.say(payload="ps")
    assert "Đánh giá lượt thứ Hai 23/11." in plain.text(seen[0])
    await talk.say(payload="pf:1")
    left = await row(talk, visit)
    assert (left.comment, left.account_id, left.access) == ("", None, 4)
