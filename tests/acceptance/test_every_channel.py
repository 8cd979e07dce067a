"""The acceptance dialogs, unchanged, on every channel over real HTTP: numbers and words are enough everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import visits
from tests import lines
from tests.dialogs import test_booking, test_dialogs
from tests.dialogs.citizen import LIST, Step, converse, to_the_list
from tests.fake_zalo import event
from tests.lines import CHANNELS, Line

DIALOGS: dict[str, list[Step]] = {**test_booking.DIALOGS, **test_dialogs.DIALOGS}
PAPERLESS = ("terminal", "telegram", "zalo_oa", "zalo_bot")  # channels on which a photo can be sent at all
WITH_BUTTONS = ("terminal", "telegram", "zalo_oa")


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """On SQLite; the dialogs themselves are tried on both databases."""
    return sqlite_store


@pytest.fixture
async def line(request: pytest.FixtureRequest, store: Store, real: Premises, tmp_path: Path) -> AsyncIterator[Any]:
    async with lines.opened(request.param, store, real, tmp_path) as made:
        yield made


@pytest.mark.parametrize("line", CHANNELS, indirect=True)
@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_is_the_same_on_every_channel(line: Any, name: str) -> None:
    greeted = isinstance(line, lines.WebLine)  # a page begins with a greeting, which counts among the messages sent
    steps: list[Step] = [(said, *("3 tin" if greeted and part == "2 tin" else part for part in parts)) for said, *parts in DIALOGS[name]]
    await converse(line, steps)


@pytest.mark.parametrize("line", CHANNELS, indirect=True)
async def test_a_story_ends_with_its_list(line: Any) -> None:
    listed = await to_the_list(line, await line.read("tụi em muốn đăng ký kết hôn"))
    assert test_dialogs.source(listed) == "1.000894"


@pytest.mark.parametrize("line", CHANNELS, indirect=True)
async def test_four_thousand_characters_get_a_kind_answer(line: Line) -> None:
    answered = await line.read("ạ" * 4000)
    assert "Có lỗi" not in answered
    assert "Chưa tìm ra việc này" in answered


@pytest.mark.parametrize("line", CHANNELS, indirect=True)
async def test_two_people_do_not_mix(line: Any) -> None:
    await line.read("làm lại căn cước bị mất", person="lan")
    assert LIST in await line.read("sao y bản chính", person="mai")
    assert "Câu 2." in await line.read("1", person="lan")


@pytest.mark.parametrize("line", PAPERLESS, indirect=True)
@pytest.mark.parametrize(("kind", "words"), [("photo", "đã không lưu ảnh này"), ("sticker", ""), ("voice", "")])
async def test_what_is_not_text_gets_a_kind_answer_and_the_dialog_goes_on(line: Any, kind: str, words: str) -> None:
    await line.read("làm lại căn cước bị mất")
    answered = await line.read(kind=kind)
    assert answered
    assert words in answered
    assert "Câu 2." in await line.read("1")


@pytest.mark.parametrize("line", WITH_BUTTONS, indirect=True)
@pytest.mark.parametrize("payload", ["zz:1", "a:1:2", "l:1", "bv:99", "m:x"])
async def test_a_stale_button_gets_a_kind_answer(line: Line, payload: str) -> None:
    answered = await line.read(payload=payload)
    assert "cũ" in answered or "không còn" in answered


@pytest.mark.parametrize("line", WITH_BUTTONS, indirect=True)
async def test_a_double_tap_books_once(line: Any) -> None:
    await converse(line, test_booking.BOOKED[:4])
    for _ in range(2):
        assert "Đã đặt lịch" in await line.read(payload="bc:1")
    assert [visit.state for visit in await line.store.read(visits.of_person, 1)] == ["booked"]


@pytest.mark.parametrize("line", ["zalo_oa", "zalo_bot"], indirect=True)
async def test_a_message_the_provider_posts_again_is_answered_once(line: Any) -> None:
    await line.read("làm lại căn cước bị mất")
    if isinstance(line, lines.ZaloAccountLine):
        body = event("user_send_text", "lan", text="1", msg_id="twice")
    else:
        body = lines.update("message.text.received", "lan", text="1", message_id="twice")
    for _ in range(3):
        await line.post(body)
    await line.service.settled()
    assert sum("Câu 2." in text for text in line.shown("lan")) == 1
