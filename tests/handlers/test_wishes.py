"""Two matters in one message: one is chosen first, the other is offered after it and not forgotten."""

from __future__ import annotations

from bot.conversation.context import Premises
from bot.db.store import Store
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE

pytestmark = ONE_DATABASE

BOTH = "xin giấy độc thân và sao y bằng tốt nghiệp"
SINGLE, COPY = "Giấy xác nhận tình trạng hôn nhân (giấy độc thân)", "Chứng thực bản sao từ bản chính (sao y)"
LEFT = "Xem luôn việc còn lại: "


async def listed(talk: Talk, first: str) -> str:
    """Answers every question with its first option until the list is there."""
    shown = first
    for _ in range(8):
        if "Anh/chị muốn làm gì tiếp?" in shown:
            break
        shown = await talk.read("1")
    return shown


async def test_two_matters_in_one_message_are_both_offered(store: Store, real: Premises) -> None:
    shown = await Talk(store, real).read(BOTH)
    assert f"1. {SINGLE}" in shown
    assert f"2. {COPY}" in shown


async def test_the_matter_that_was_not_chosen_is_offered_below_the_list_of_the_other(store: Store, real: Premises) -> None:
    talk = Talk(store, real)
    await talk.say(BOTH)
    done = await listed(talk, await talk.read("2"))
    assert f"{LEFT}{SINGLE}" in done
    assert f"{LEFT}{COPY}" not in done


async def test_a_matter_that_was_opened_is_not_offered_again(store: Store, real: Premises) -> None:
    talk = Talk(store, real)
    await talk.say(BOTH)
    await listed(talk, await talk.read("2"))
    assert LEFT not in await listed(talk, await talk.read(f"{LEFT}{SINGLE}"))


async def test_another_question_drops_what_was_left(store: Store, real: Premises) -> None:
    talk = Talk(store, real)
    await talk.say(BOTH)
    await talk.say("2")
    assert LEFT not in await listed(talk, await talk.read("tôi muốn hỏi thủ tục đăng ký tạm trú"))


async def test_one_matter_leaves_nothing(store: Store, real: Premises) -> None:
    talk = Talk(store, real)
    assert LEFT not in await listed(talk, await talk.read("sao y bằng tốt nghiệp"))
