"""Groups: only what is meant for the bot is taken in, without being kept otherwise; who runs a group is looked up when it matters."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.telegram import inbound
from bot.channels.telegram.delivery import TelegramSender
from bot.messages import Incoming
from tests.fake_telegram import BOT, BOT_USER, TOKEN, USERNAME, FakeTelegram
from tests.fakes import NOON

USER = {"id": 5, "is_bot": False, "first_name": "Lan", "language_code": "vi"}
GROUP = {"id": -100, "type": "supergroup", "title": "Thôn Đoài"}
BASE = {"message_id": 9, "date": 1_790_000_000, "chat": GROUP, "from": USER}
OURS = {"message_id": 8, "date": 1_790_000_000, "chat": GROUP, "from": BOT_USER, "text": "…"}
THEIRS = {**BASE, "message_id": 7, "text": "làm khai sinh ở đâu"}


def meaning(admin: bool | None = None, **body: Any) -> inbound.Meaning | None:
    update = inbound.read({"update_id": 7, **body})
    assert update is not None
    return inbound.message_of(update, BOT, now=NOON, username=USERNAME, admin=admin)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "/hoi làm khai sinh"}, "làm khai sinh"),
        ({"text": f"/hoi@{USERNAME} làm khai sinh"}, "làm khai sinh"),
        ({"text": "/hoi", "reply_to_message": THEIRS}, "làm khai sinh ở đâu"),
        ({"text": f"@{USERNAME} làm khai sinh"}, "làm khai sinh"),
        ({"text": f"làm khai sinh @{USERNAME.upper()} ơi"}, "làm khai sinh ơi"),
        ({"text": "còn lệ phí?", "reply_to_message": OURS}, "còn lệ phí?"),
        ({"text": "/caidat"}, "/caidat"),
    ],
)
def test_what_is_meant_for_the_bot_is_taken(message: dict[str, Any], text: str) -> None:
    heard = meaning(message={**BASE, **message})
    assert isinstance(heard, Incoming)
    assert (heard.text, heard.address, heard.sender, heard.group, heard.message_id) == (text, "-100", "5", "Thôn Đoài", "9")
    assert heard.addressed


@pytest.mark.parametrize(
    "message",
    [
        {"text": "chiều nay ai đi chợ"},
        {"text": "/hoi@other_bot làm khai sinh"},
        {"text": "/start@other_bot"},
        {"text": "/kick"},
        {"text": "ừ", "reply_to_message": THEIRS},
        {"text": f"@{USERNAME}x chào"},
        {"text": f"@{USERNAME} chào", "from": {"id": 6, "is_bot": True, "first_name": "Bot"}},
    ],
)
def test_what_people_say_to_each_other_is_not_taken(message: dict[str, Any]) -> None:
    assert meaning(message={**BASE, **message}) is None


def test_a_button_in_a_group_says_who_pressed_it_and_under_what() -> None:
    pressed = {"id": "c", "from": USER, "chat_instance": "1", "data": "a:1", "message": OURS}
    heard = meaning(callback_query=pressed, admin=True)
    assert isinstance(heard, Incoming)
    assert (heard.kind, heard.address, heard.sender, heard.message_id, heard.admin) == ("choice", "-100", "5", "8", True)


def test_whoever_brings_the_bot_in_begins_and_taking_it_out_ends() -> None:
    def changed(old: str, new: str) -> inbound.Meaning | None:
        members = {f"{when}_chat_member": {"user": BOT_USER, "status": status, "until_date": 0} for when, status in (("old", old), ("new", new))}
        return meaning(my_chat_member={"chat": GROUP, "from": USER, "date": 1_790_000_000, **members})

    begun = changed("left", "member")
    assert isinstance(begun, Incoming)
    assert (begun.kind, begun.sender) == ("start", "5")
    assert changed("member", "kicked") == inbound.Membership("-100", active=False, group=True)


def test_a_group_that_got_a_new_id_says_so() -> None:
    assert meaning(message={**BASE, "migrate_to_chat_id": -1007}) == inbound.Moved("-100", "-1007")


def test_only_setting_up_and_buttons_ask_who_runs_the_group() -> None:
    def asked(**body: Any) -> tuple[int, int] | None:
        update = inbound.read({"update_id": 7, **body})
        assert update is not None
        return inbound.asks_for_admin(update)

    assert asked(message={**BASE, "text": "/caidat"}) == (-100, 5)
    assert asked(callback_query={"id": "c", "from": USER, "chat_instance": "1", "data": "a", "message": OURS}) == (-100, 5)
    assert asked(message={**BASE, "text": "/hoi làm khai sinh"}) is None
    assert asked(message={**BASE, "chat": {"id": 5, "type": "private"}, "text": "/caidat"}) is None


async def test_an_admin_is_looked_up_once_a_minute() -> None:
    with FakeTelegram(admins={5}) as server:
        sender = TelegramSender(BOT, TOKEN, server.url, 29.5)
        try:
            assert [await sender.runs_group(-100, user) for user in (5, 5, 6)] == [True, True, False]
            assert await sender.username() == USERNAME
        finally:
            await sender.close()
        assert [call.method for call in server.calls].count("getChatMember") == 2
