"""What is no text: refused kindly, nothing kept of it, the dialog goes on where it stood."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.messages import IncomingKind
from tests.fakes import Talk
from tests.handlers.conftest import ONE_DATABASE
from tests.handlers.test_interview import SECOND
from tests.handlers.test_privacy import everything

pytestmark = ONE_DATABASE

KINDS: dict[IncomingKind, str] = {
    "photo": "đã không lưu ảnh này",
    "file": "Một Cửa không nhận tệp gửi vào đây, và đã không lưu.",
    "sticker": "Một Cửa chỉ đọc được chữ.",
    "voice": "Một Cửa chưa nghe được tiếng nói.",
    "location": "Không đọc được vị trí trong tin vừa gửi.",
    "contact": "Một Cửa không cần số điện thoại của anh/chị, và đã không lưu.",
    "other": "Một Cửa không đọc được loại tin này.",
}


@pytest.mark.parametrize(("kind", "answered"), KINDS.items())
async def test_each_kind_gets_its_own_sentence(talk: Talk, kind: IncomingKind, answered: str) -> None:
    said = await talk.read(kind=kind)
    assert answered in said
    assert "1. Hỏi một việc khác" in said


@pytest.mark.parametrize("kind", KINDS)
async def test_the_interview_goes_on_after_it(talk: Talk, kind: IncomingKind) -> None:
    await talk.say("ba em mới mất")
    assert "1. Có giấy báo tử" in await talk.read(kind=kind)
    assert SECOND in await talk.read("1")


async def test_a_photo_leaves_nothing_but_that_it_came(talk: Talk) -> None:
    await talk.say(kind="photo")
    kept = await talk.store.read(_words)
    assert '"kind":"photo","text":"","payload":""' in kept


def _words(session: Session) -> str:
    return everything(session)


async def test_a_start_greets(talk: Talk) -> None:
    assert "Chào anh/chị." in await talk.read(kind="start")
