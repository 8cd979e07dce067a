"""Whatever is typed gets a kind answer: found, asked back, or not understood and kept without identity."""

from __future__ import annotations

import pytest

from bot import clock
from bot.conversation import plain
from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import misses
from bot.messages import Say
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE, Build
from tests.handlers.test_changes import DEATH, FILE
from tests.handlers.test_interview import FIRST

pytestmark = ONE_DATABASE

MENU = "1. Hỏi một việc khác"
FIRST_MENU = "1. Hỏi giấy tờ cần mang"
UNKNOWN = "Chưa tìm ra việc này"


async def kept(talk: Talk) -> list[tuple[str, int]]:
    return [(row.text, row.times) for row in await talk.store.read(misses.most_frequent)]


@pytest.mark.parametrize("said", ["xin chào", "Chào em", "hello", "Alo", "bắt đầu", "CHÀO", "chào!!!", "/start"])
async def test_greetings_are_greeted(talk: Talk, said: str) -> None:
    answered = await talk.read(said)
    assert "Chào anh/chị." in answered
    assert FIRST_MENU in answered
    assert MENU not in answered, "nothing was asked before"
    assert await kept(talk) == []


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("menu", "Anh/chị muốn làm gì?"), ("về menu", "Anh/chị muốn làm gì?"), ("trợ giúp", "Lúc nào cũng gõ được"), ("HELP", "Lúc nào cũng gõ được"),
        ("dừng", "Đã dừng."), ("dung lai", "Đã dừng."), ("thôi", "Đã dừng."), ("gặp cán bộ", "Anh/chị hỏi trực tiếp tại"),
        ("lừa đảo", "Coi chừng kẻ giả danh"), ("quyền riêng tư", "Một Cửa giữ gì về anh/chị"), ("danh sách", "chưa lập danh sách nào"),
    ],
)  # fmt: skip
async def test_words_that_work_at_any_moment(talk: Talk, said: str, answered: str) -> None:
    assert answered in await talk.read(said)
    await talk.say("ba em mới mất")
    assert answered in await talk.read(said)
    assert await kept(talk) == []


YES_NO = DEATH.replace("{on_time: Trong 15 ngày, over: Quá 15 ngày}", '{on_time: "Đúng, trong 15 ngày", over: "Không, quá 15 ngày"}')


@pytest.mark.parametrize("said", ["đúng", "dung", "Đúng ạ", "dạ đúng", "đúng rồi"])
async def test_right_is_an_answer_where_there_is_one_to_agree_with(store: Store, build: Build, said: str) -> None:
    talk = Talk(store, build({FILE: YES_NO}))
    await talk.say("ba em mới mất")
    await talk.say("1")
    answered = await talk.read(said)
    assert "Không mất tiền. Khai đúng hạn nên được miễn." in answered


@pytest.mark.parametrize("said", ["dừng", "Dừng lại", "du\u031b\u0300ng"])
async def test_stop_with_its_marks_stops_also_there(store: Store, build: Build, said: str) -> None:
    talk = Talk(store, build({FILE: YES_NO}))
    await talk.say("ba em mới mất")
    await talk.say("1")
    assert "Đã dừng." in await talk.read(said)


@pytest.mark.parametrize("said", ["", "   ", "\u200b\u200d\ufeff", "\u200f\u202e", "???", "...", "!!!", "👍", "🙏🙏🙏", "👩‍👩‍👧", "\n\n", "-", "\0"])
async def test_a_message_without_words_asks_for_words(talk: Talk, said: str) -> None:
    answered = await talk.read(said)
    assert "Tin nhắn không có chữ nào." in answered
    assert MENU in answered
    assert await kept(talk) == []


@pytest.mark.parametrize("said", ["9", "77", "1 9", "12 13"])
async def test_a_number_that_means_nothing_is_not_searched_for(talk: Talk, said: str) -> None:
    await talk.say("menu")
    answered = await talk.read(said)
    assert "Không có dòng số" in answered
    assert MENU in answered
    assert await kept(talk) == []


async def test_what_nobody_understands_is_said_and_kept_without_identity(talk: Talk) -> None:
    said = "xyzzy quux gọi 0912345678 hoặc lan@example.com"
    answered = await talk.read(said)
    assert UNKNOWN in answered
    assert "“xyzzy quux gọi … hoặc …”" in answered
    assert "0. Hỏi cán bộ" in answered
    await talk.say(said, person="mai")
    assert await kept(talk) == [("xyzzy quux gọi … hoặc …", 2)]
    assert await talk.store.read(misses.number_of, "trung-tam", clock.today(talk.now)) == 2


@pytest.mark.parametrize(
    "said",
    [
        "'; DROP TABLE person; --", "<script>alert(1)</script> xyzzy",
        "{said} {0} {context.session} xyzzy", "{{7*7}} ${7*7} xyzzy", "%s %d %(x)s xyzzy",
        "=cmd|'/c calc'!A1 xyzzy", "../../etc/passwd xyzzy", "<b>xyzzy</b> & \"quux\"",
    ],
)  # fmt: skip
async def test_an_injection_comes_back_as_the_plain_text_it_is(talk: Talk, said: str) -> None:
    (reply,) = await talk.say(said)
    shown = plain.text(reply)
    assert UNKNOWN in shown
    assert f"“{said}”" in shown
    assert "49" not in shown
    assert MENU in await talk.read("menu"), "the database is still there"


async def test_direction_marks_do_not_turn_the_answer_around(talk: Talk) -> None:
    answered = await talk.read("\u202exyzzy\u2066 quux\0")
    assert "“xyzzy quux”" in answered
    assert not set("\u202e\u2066\0") & set(answered)


async def test_invisible_marks_inside_words_do_not_hide_them(talk: Talk) -> None:
    assert FIRST in await talk.read("ba\u200b em\u200f mới\ufeff m\u00adất")


async def test_a_rant_of_four_thousand_characters_is_answered_short(talk: Talk) -> None:
    rant = ("xyzzy quux tôi đi lại năm lần bảy lượt mà không ai chỉ. " * 90)[:4000]
    answered = await talk.read(rant)
    assert len(answered) < 1500
    assert all(len(text) <= misses.LONGEST for text, _ in await kept(talk))


async def test_a_long_story_that_ends_with_a_question_is_offered_what_it_asks_for(store: Store, real: Premises) -> None:
    story = "Dạ em chào anh chị ạ. " * 100 + "Nay ba em mới mất, làm giấy chứng tử"
    answered = await Talk(store, real).read(story)
    assert "khai tử" in answered.lower()


async def test_an_ambiguous_event_is_asked_back_in_the_order_people_do_it(talk: Talk) -> None:
    answered = await talk.read("nhà có người mất thì phải làm những giấy tờ gì")
    assert answered.index("1. Khai tử để có trích lục") < answered.index("2. Chứng thực bản sao trích lục")
    assert FIRST in await talk.read("1")


async def test_life_events_can_be_picked_from_the_menu(talk: Talk) -> None:
    await talk.say("menu")
    assert "1. Người thân mất" in await talk.read("2")
    assert "Khai tử trước, các việc khác làm sau" in await talk.read("1")
    assert "1. Người thân mất" in await talk.read(payload="ev:khong-co")


async def test_none_of_the_choices_asks_to_say_it_again(talk: Talk) -> None:
    assert "Anh/chị gõ lại việc cần làm" in await talk.read(payload="ha")


async def test_a_person_is_shown_with_address_and_hours(talk: Talk) -> None:
    await talk.say("menu")
    center = talk.dispatcher.premises.center
    (reply,) = await talk.say("0")
    shown = plain.text(reply)
    assert center.address in shown
    assert center.hours in shown


async def test_what_is_repeated_to_the_person_is_cut(talk: Talk) -> None:
    (reply,) = await talk.say("xyzzyq " * 25)
    assert not isinstance(reply.blocks[0], Say)
    assert "…”" in plain.text(reply)
