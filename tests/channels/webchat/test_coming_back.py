"""Who comes back to the chat stands at its newest message, also without a script; the first words ask nothing of before."""

from __future__ import annotations

import pytest

from bot.conversation.context import Premises
from handlers import welcome
from tests.channels.webchat.visitor import Visitor


async def test_the_first_words_do_not_speak_of_something_else(visitor: Visitor, tiny: Premises) -> None:
    assert "Hỏi giấy tờ cần mang" in visitor.page.text
    assert "Hỏi một việc khác" not in visitor.page.text
    assert [choice.label for choice in welcome.greeting(tiny).choices][1:] == [choice.label for choice in welcome.choices()][1:]


async def test_the_first_line_can_be_pressed(visitor: Visitor) -> None:
    assert "Gõ một câu là được." in (await visitor.press("Hỏi giấy tờ cần mang")).text


async def test_nobody_is_led_anywhere_before_the_first_word(visitor: Visitor) -> None:
    assert (await visitor.client.get("/")).status_code == 200


async def test_who_comes_back_is_led_to_the_newest_message(visitor: Visitor) -> None:
    await visitor.say("xin chào")
    back = await visitor.client.get("/")
    assert (back.status_code, back.headers["location"]) == (303, "/?cuoi=1#moi")
    page = await visitor.open()
    assert page.status == 200
    assert page.html.count('id="moi"') == 1


@pytest.mark.parametrize("path", ["/?cuoi=1", "/?cu=1"])
async def test_who_was_led_there_or_wants_the_older_ones_is_not_led_again(visitor: Visitor, path: str) -> None:
    await visitor.say("xin chào")
    assert (await visitor.client.get(path)).status_code == 200


async def test_an_answer_is_one_step_away(visitor: Visitor) -> None:
    form = visitor.page.form("/gui")
    answer = await visitor.post("/gui", [*form.fields, ("tin", "xin chào")])
    assert answer.headers["location"] == "/?cuoi=1#moi"
    assert (await visitor.client.get(answer.headers["location"])).status_code == 200


async def test_the_switches_in_the_foot_lead_back_to_the_newest_message(visitor: Visitor) -> None:
    await visitor.say("xin chào")
    await visitor.open()
    assert '/xem?nen=toi&amp;ve=%2F"' in visitor.page.html or '/xem?nen=toi&amp;ve=/"' in visitor.page.html
    assert "cuoi" not in visitor.page.html.partition("<footer")[2]
