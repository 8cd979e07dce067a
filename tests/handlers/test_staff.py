"""Staff in a chat: a fresh link for whoever is connected, how to be connected for anybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.conversation import plain
from bot.db.store import Store
from bot.domain import staff
from bot.messages import Reply
from tests.fakes import NOON, Talk
from tests.handlers.conftest import ONE_DATABASE

PAGE = "https://motcua.example/ban-lam-viec/vao/"


async def code(store: Store, name: str = "chị Hạnh") -> str:
    number = await store.write(staff.create, name, "trung-tam", "clerk", now=NOON)
    made = await store.write(staff.link, number, "connect", now=NOON)
    assert made is not None
    return made


def said(replies: list[Reply]) -> str:
    return "\n".join(plain.text(reply) for reply in replies)


async def test_a_code_connects_and_from_then_on_a_word_gives_a_link_that_works_once(talk: Talk) -> None:
    replies = await talk.say(f"nối {await code(talk.store)}")
    assert "Đã nối với chị Hạnh" in said(replies)
    replies = await talk.say("1")
    link = replies[0].choices[0].link
    assert link.startswith(PAGE)
    token = link.removeprefix(PAGE)
    assert await talk.store.write(staff.sign_in, token, now=NOON) is not None
    assert await talk.store.write(staff.sign_in, token, now=NOON) is None
    again = await talk.say("/dangnhap")
    assert again[0].choices[0].link not in ("", link)


@ONE_DATABASE
@pytest.mark.parametrize("typed", ["đăng nhập", "Dang nhap", "/dangnhap", "DANGNHAP", "đăng nhập cán bộ"])
async def test_who_is_not_connected_is_told_kindly_how_to_be(talk: Talk, typed: str) -> None:
    answered = await talk.read(typed)
    assert "Người dân không cần đăng nhập" in answered
    assert "nối 123-456" in answered
    assert PAGE not in answered


@ONE_DATABASE
@pytest.mark.parametrize("written", ["nối {0}-{1}", "noi {0}{1}", "Nối  {0} {1}", "kết nối {0}-{1}", "nối mã {0}-{1}.", "NỐI {0}–{1}"])
async def test_the_code_may_be_written_in_many_ways(talk: Talk, written: str) -> None:
    made = await code(talk.store)
    assert "Đã nối" in await talk.read(written.format(*made.split("-")))


@ONE_DATABASE
@pytest.mark.parametrize("typed", ["nối 12-3456", "nối 1234567", "nối nhà vào đường nước", "nối đất 123 456"])
async def test_other_words_with_noi_are_questions_like_any_other(talk: Talk, typed: str) -> None:
    await code(talk.store)
    answered = await talk.read(typed)
    assert "Mã này không dùng được" not in answered
    assert "Đăng nhập là việc của cán bộ" not in answered


@ONE_DATABASE
async def test_a_wrong_a_used_and_an_old_code_connect_nobody(talk: Talk) -> None:
    made = await code(talk.store)
    wrong = "nối 000-001" if made == "000-000" else "nối 000-000"
    assert "Mã này không dùng được" in await talk.read(wrong)
    talk.now = NOON + dt.timedelta(minutes=15)
    assert "Mã này không dùng được" in await talk.read(f"nối {made}")
    talk.now = NOON
    assert "Đã nối" in await talk.read(f"nối {made}")
    assert "Mã này không dùng được" in await talk.read(f"nối {made}", person="minh")
    assert await talk.store.read(staff.of_account, talk.bot, "minh") is None


@ONE_DATABASE
async def test_after_many_wrong_codes_the_right_one_is_dead(talk: Talk) -> None:
    made = await code(talk.store)
    for number in range(staff.MOST_TRIES):
        await talk.say("nối 000-001" if made == "000-000" else "nối 000-000", person=f"guesser{number}")
    assert "Mã này không dùng được" in await talk.read(f"nối {made}")


@ONE_DATABASE
async def test_a_browser_anybody_may_open_is_connected_to_nobody(talk: Talk) -> None:
    talk.bot = "web"
    made = await code(talk.store)
    assert "không nối được" in await talk.read(f"nối {made}")
    assert "không nối được" in await talk.read("đăng nhập")
    assert await talk.store.write(staff.use, made, "connect", now=NOON) is not None, "nor is the code used up"


@ONE_DATABASE
async def test_who_left_gets_no_link(talk: Talk) -> None:
    await talk.say(f"nối {await code(talk.store)}")
    member = await talk.store.read(staff.of_account, talk.bot, "lan")
    assert member is not None
    await talk.store.write(staff.deactivate, member.id, actor="cli", now=NOON)
    assert PAGE not in await talk.read("đăng nhập")


@ONE_DATABASE
async def test_the_code_is_not_kept_among_what_was_said(talk: Talk) -> None:
    made = await code(talk.store)
    await talk.say(f"nối {made}")

    def inbox(session: Session) -> str:
        return str(session.execute(text("SELECT body FROM inbox")).all())

    assert made not in await talk.store.read(inbox)
