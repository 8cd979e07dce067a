"""Every event of the documentation, and what it means to us."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.zalo_oa import inbound
from bot.messages import File, Incoming
from tests.fake_zalo import BOT, event
from tests.fakes import NOON

PICTURE = [{"type": "image", "payload": {"thumbnail": "https://z/t.jpg", "url": "https://z/1.jpg"}}]
DOCUMENT = [{"type": "file", "payload": {"url": "https://z/1.pdf", "size": "120", "name": "don.pdf", "checksum": "x", "type": "pdf"}}]
PLACE = [{"type": "location", "payload": {"coordinates": {"latitude": "10.776889", "longitude": "106.700897"}}}]


def read(name: str, *, groups: bool = False, **message: Any) -> inbound.Left | Incoming | None:
    return inbound.message_of(event(name, **message), BOT, now=NOON, groups=groups)


@pytest.mark.parametrize(
    ("name", "message", "expected"),
    [
        ("user_send_text", {"text": "khai sinh", "msg_id": "m1"}, {"kind": "text", "text": "khai sinh", "update_id": "m1"}),
        (
            "user_send_image",
            {"text": "đây ạ", "msg_id": "m2", "attachments": PICTURE},
            {"kind": "photo", "file": File(id="https://z/1.jpg", picture=True)},
        ),
        (
            "user_send_file",
            {"msg_id": "m3", "attachments": DOCUMENT},
            {"kind": "file", "file": File(id="https://z/1.pdf", picture=False, name="don.pdf", size=120)},
        ),
        ("user_send_sticker", {"msg_id": "m4", "attachments": [{"type": "sticker", "payload": {"id": "1"}}]}, {"kind": "sticker"}),
        ("user_send_gif", {"msg_id": "m5"}, {"kind": "sticker"}),
        ("user_send_audio", {"msg_id": "m6"}, {"kind": "voice"}),
        ("user_send_video", {"msg_id": "m7"}, {"kind": "photo", "file": None}),
        ("user_send_location", {"msg_id": "m8", "attachments": PLACE}, {"kind": "location", "place": (10.777, 106.701)}),
        ("user_send_location", {"msg_id": "m8"}, {"kind": "location", "place": None}),
        ("user_send_link", {"text": "https://x.vn", "msg_id": "m9"}, {"kind": "text", "text": "https://x.vn"}),
        ("user_send_business_card", {"msg_id": "m10"}, {"kind": "contact"}),
        ("user_submit_info", {}, {"kind": "contact", "text": ""}),
        ("user_send_text", {"text": "#mc:a:1:q:o", "msg_id": "m11"}, {"kind": "choice", "payload": "a:1:q:o", "text": ""}),
        ("follow", {}, {"kind": "start", "address": "u1"}),
    ],
)  # fmt: skip
def test_an_event_becomes_a_message(name: str, message: dict[str, Any], expected: dict[str, Any]) -> None:
    heard = read(name, **message)
    assert isinstance(heard, Incoming)
    assert {key: getattr(heard, key) for key in expected} == expected
    assert (heard.bot, heard.address, heard.sender) == (BOT, "u1", "")


def test_what_somebody_submits_about_themselves_is_not_kept() -> None:
    body = {**event("user_submit_info"), "info": {"name": "Nguyễn Thị Lan", "phone": "84912345678", "address": "Thôn Đoài"}}
    heard = inbound.message_of(body, BOT, now=NOON)
    assert isinstance(heard, Incoming)
    assert "84912345678" not in heard.model_dump_json()
    assert "Lan" not in heard.model_dump_json()


def test_unfollowing_ends_what_may_be_sent() -> None:
    heard = inbound.message_of(event("unfollow", at=NOON.timestamp()), BOT, now=NOON)
    assert heard == inbound.Left("u1", NOON)


@pytest.mark.parametrize("name", ["user_received_message", "user_seen_message", "oa_send_text", "user_click_button", "", "user_reacted_message"])
def test_receipts_and_what_the_account_wrote_itself_mean_nothing(name: str) -> None:
    assert read(name, text="x", msg_id="1") is None


def test_an_event_without_a_number_of_its_own_is_told_apart_by_its_time() -> None:
    first, again, later = (inbound.message_of(event("follow", at=at), BOT, now=NOON) for at in (1.0, 1.0, 2.0))
    assert isinstance(first, Incoming)
    assert isinstance(again, Incoming)
    assert isinstance(later, Incoming)
    assert first.update_id == again.update_id != later.update_id


@pytest.mark.parametrize(
    ("text", "meant"), [("[@9001] khai sinh", "khai sinh"), ("/hoi khai sinh", "khai sinh"), ("/caidat", "/caidat"), ("chiều nay đi chợ", None)]
)
def test_in_a_group_only_what_is_meant_for_the_account_is_taken(text: str, meant: str | None) -> None:
    heard = inbound.message_of({**event("user_send_group_text", text=text, msg_id="g1"), "group_id": "g77"}, BOT, now=NOON, groups=True)
    if meant is None:
        assert heard is None
        return
    assert isinstance(heard, Incoming)
    assert (heard.text, heard.address, heard.sender, heard.addressed) == (meant, "group:g77", "u1", True)


def test_groups_are_not_listened_to_unless_switched_on() -> None:
    assert inbound.message_of({**event("user_send_group_text", text="/hoi x", msg_id="g1"), "group_id": "g77"}, BOT, now=NOON) is None


FIELDS = st.sampled_from(["id", "text", "attachments", "payload", "coordinates", "url", "size"])
garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner),
    max_leaves=8,
)  # fmt: skip


@given(
    body=st.dictionaries(st.sampled_from(["event_name", "sender", "follower", "message", "timestamp", "recipient", "group"]), garbage),
    groups=st.booleans(),
)
def test_whatever_stands_in_an_event_is_read_or_let_go(body: dict[str, Any], *, groups: bool) -> None:
    for name in ("user_send_text", "user_send_location", "user_send_image", "user_send_group_text", "follow"):
        heard = inbound.message_of({**body, "event_name": name}, BOT, now=NOON, groups=groups)
        assert heard is None or isinstance(heard, Incoming | inbound.Left)
