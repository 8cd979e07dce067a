"""Replies out: as text, pictures, files; every error of the documentation leads to its next action."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import errors
from bot.channels.zalo_oa import refusals
from bot.channels.zalo_oa.client import Application, Client
from bot.channels.zalo_oa.delivery import Ways, ZaloSender
from bot.channels.zalo_oa.pacer import Pacer
from bot.channels.zalo_oa.tokens import Tokens
from bot.db.store import Store
from bot.domain import attachments, delivery, fates, outbox, people, provider_tokens
from bot.messages import Attached, Choice, Outgoing, OutgoingKind, Reply, Say
from tests.fake_zalo import APP_ID, APP_SECRET, BOT, LONGEST_TEXT, FakeZalo
from tests.fakes import NOON

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (200).to_bytes(4) + (100).to_bytes(4) + b"\x00" * 20
CHOICES = (Choice(number=1, label="Đặt lịch", payload="b:1"), Choice(number=2, label="Trang", link="https://motcua.example/x"))


def sender(store: Store, fake: FakeZalo, **ways: Any) -> ZaloSender:
    tokens = Tokens(store, Client(fake.url, fake.url), BOT, Application(APP_ID, APP_SECRET), now=lambda: NOON)
    return ZaloSender(store, tokens, Pacer(1000), Ways(**ways), now=lambda: NOON)


@pytest.fixture
async def out(store: Store, fake: FakeZalo) -> AsyncIterator[ZaloSender]:
    await store.write(provider_tokens.settle, BOT, fake.refresh_token)
    made = sender(store, fake)
    yield made
    await made.close()


def letter(*blocks: Any, kind: OutgoingKind = "reply", choices: tuple[Choice, ...] = (), parts_sent: int = 0) -> Outgoing:
    reply = Reply(blocks=blocks, choices=choices)
    return Outgoing(id=1, bot=BOT, address="u1", kind=kind, reply=reply, parts_sent=parts_sent)


async def test_a_menu_is_numbered_text(out: ZaloSender, fake: FakeZalo) -> None:
    assert await out.send(letter(Say(text="Chào bà con."), choices=CHOICES)) == "m2"
    assert fake.texts("u1") == ["Chào bà con.\n\n1. Đặt lịch\n2. Trang: https://motcua.example/x"]
    assert "attachment" not in fake.sent[0]["message"]


async def test_buttons_stand_beside_the_numbers_where_they_are_switched_on_and_taken(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    made = sender(store, fake, buttons=True)
    await made.send(letter(Say(text="Chọn."), choices=CHOICES))
    fake.buttons = False
    await made.send(letter(Say(text="Chọn."), choices=CHOICES))
    with_buttons, without = (one["message"] for one in fake.sent)
    assert [button["type"] for button in with_buttons["attachment"]["payload"]["buttons"]] == ["oa.query.hide", "oa.open.url"]
    assert "attachment" not in without
    assert with_buttons["text"] == without["text"]
    await made.close()


async def test_long_text_is_split_at_sentences_and_a_retry_goes_on_after_what_arrived(out: ZaloSender, fake: FakeZalo) -> None:
    text = " ".join(f"Câu số {number} nói một điều." for number in range(200))
    fake.troubles.extend([0, -201])
    with pytest.raises(errors.Refused) as failed:
        await out.send(letter(Say(text=text)))
    assert failed.value.parts_sent == 1
    await out.send(letter(Say(text=text), parts_sent=1))
    assert " ".join(fake.texts("u1")) == text
    assert all(len(part) <= LONGEST_TEXT and part.endswith(".") for part in fake.texts("u1"))


async def test_a_picture_is_uploaded_once_a_week(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    number = await store.write(attachments.keep, PNG, "ảnh.png", now=NOON)
    block = Attached(picture=True, name="ảnh.png", attachment=number)
    for _ in range(3):
        await out.send(letter(block, Say(text="Xem ảnh.")))
    assert fake.paths.count("upload/image") == 1
    fake.clock += 8 * 86_400
    fake.access_tokens = dict.fromkeys(fake.access_tokens, fake.clock + 90_000)
    await out.send(letter(block))
    assert fake.paths.count("upload/image") == 2, "what Zalo forgot is handed over again"
    assert [one["message"]["attachment"]["payload"]["elements"][0]["media_type"] for one in fake.sent if "attachment" in one["message"]] == [
        "image"
    ] * 4


async def test_a_file_goes_by_its_token(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    number = await store.write(attachments.keep, b"%PDF-1.7 x", "don.pdf", now=NOON)
    await out.send(letter(Attached(picture=False, name="don.pdf", attachment=number)))
    assert (fake.paths[0], fake.sent[0]["message"]["attachment"]["type"]) == ("upload/file", "file")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-213, errors.RecipientGone), (-217, errors.RecipientGone), (-227, errors.RecipientGone),
        (-230, errors.WindowClosed), (-232, errors.WindowClosed),
        (-32, errors.TryLater), (-211, errors.TryLater), (-218, errors.TryLater),
        (-224, errors.ChannelMisconfigured), (-221, errors.ChannelMisconfigured), (-223, errors.ChannelMisconfigured),
        (-209, errors.ChannelMisconfigured), (-204, errors.ChannelMisconfigured), (-205, errors.ChannelMisconfigured),
        (-201, errors.Refused), (-233, errors.Refused), (-248, errors.Refused),
        (-234, errors.TryLater), (-133, errors.TryLater), (-99999, errors.TryLater),
        ("502", errors.OutcomeUnknown), ("429", errors.TryLater),
    ],
)  # fmt: skip
async def test_every_error_of_the_documentation_has_its_next_action(
    out: ZaloSender, fake: FakeZalo, code: int | str, error: type[errors.ChannelError]
) -> None:
    fake.troubles.append(code)
    with pytest.raises(errors.ChannelError) as failed:
        await out.send(letter(Say(text="x")))
    assert type(failed.value) is error
    await out.send(letter(Say(text="y")))
    assert fake.texts("u1") == ["y"]


@pytest.mark.parametrize("code", [-32, -211, -218])
def test_a_rate_or_a_quota_holds_up_the_whole_account(code: int) -> None:
    fate = fates.after_failure(refusals.error(code, "", now=NOON), "notice", 1, now=NOON)
    assert (fate.state, fate.pause) == ("retry", True)


@pytest.mark.parametrize(("hour", "until"), [(23, 6), (3, 6)])
def test_what_is_refused_at_night_goes_in_the_morning(hour: int, until: int) -> None:
    night = dt.datetime(2026, 11, 23, hour, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    fate = fates.after_failure(refusals.error(-234, "", now=night), "reminder", 1, now=night)
    assert fate.not_before is not None
    assert fate.not_before.astimezone(night.tzinfo).hour == until
    assert not fate.pause


def test_a_closed_window_is_skipped_and_says_why() -> None:
    fate = fates.after_failure(refusals.error(-230, "out of window", now=NOON), "notice", 1, now=NOON)
    assert (fate.state, fate.reason) == ("skipped", "window closed: -230 out of window")


@pytest.mark.parametrize(
    ("hours", "paid", "kind", "sent"),
    [(47, False, "notice", True), (49, False, "notice", False), (49, True, "notice", True), (169, True, "notice", False), (49, False, "reply", True)],
)
async def test_unasked_messages_go_only_within_the_window(
    store: Store, fake: FakeZalo, out: ZaloSender, hours: int, paid: bool, kind: OutgoingKind, sent: bool
) -> None:  # fmt: skip
    await store.write(people.account_of, BOT, "u1", now=NOON - dt.timedelta(hours=hours))
    made = sender(store, fake, paid_window=paid)
    if sent:
        await made.send(letter(Say(text="x"), kind=kind))
    else:
        with pytest.raises(errors.WindowClosed):
            await made.send(letter(Say(text="x"), kind=kind))
    assert fake.texts("u1") == (["x"] if sent else [])
    await made.close()


async def test_a_reminder_out_of_the_window_goes_as_the_paid_template_where_there_is_one(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    await store.write(people.account_of, BOT, "u1", now=NOON - dt.timedelta(hours=60))
    made = sender(store, fake, template="77", field="noi_dung")
    await made.send(letter(Say(text="Mai 8:30."), kind="reminder"))
    assert fake.sent == [{"user_id": "u1", "template_id": "77", "template_data": {"noi_dung": "Mai 8:30."}}]
    with pytest.raises(errors.WindowClosed):
        await made.send(letter(Say(text="Tin."), kind="notice"))
    await made.close()


async def test_a_groups_message_goes_to_the_group_without_buttons_and_without_a_window(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    made = sender(store, fake, buttons=True)
    sent = letter(Say(text="Nghỉ lễ."), kind="notice", choices=CHOICES).model_copy(update={"address": "group:g77"})
    await made.send(sent)
    assert fake.paths == ["group/message"]
    assert fake.sent[0]["recipient"] == {"group_id": "g77"}
    assert "attachment" not in fake.sent[0]["message"]
    await made.close()


async def test_an_upload_that_broke_off_may_be_tried_again(store: Store, fake: FakeZalo, out: ZaloSender) -> None:
    number = await store.write(attachments.keep, PNG, "ảnh.png", now=NOON)
    fake.break_uploads = 1
    with pytest.raises(errors.TryLater):
        await out.send(letter(Attached(picture=True, name="ảnh.png", attachment=number), kind="notice"))
    await out.send(letter(Attached(picture=True, name="ảnh.png", attachment=number), kind="reply"))
    assert fake.paths[-1] == "message/cs"


async def test_an_answer_that_is_not_zalos_is_not_taken_for_a_success(out: ZaloSender, fake: FakeZalo) -> None:
    fake.troubles.append("no envelope")
    with pytest.raises(errors.OutcomeUnknown):
        await out.send(letter(Say(text="x")))


async def test_a_row_out_of_the_window_is_settled_as_skipped(store: Store, out: ZaloSender) -> None:
    await store.write(people.account_of, BOT, "u1", now=NOON - dt.timedelta(hours=60))
    await store.write(outbox.put, BOT, "u1", Reply(blocks=(Say(text="Mai 8:30."),)), now=NOON, kind="reminder")
    worker = delivery.Worker(store, [out], now=lambda: NOON)
    assert await worker.flush(BOT) == 1
    [row] = await store.read(outbox.log, BOT, "u1")
    assert (row.state, row.reason) == ("skipped", "window closed: the person has not written for 48 hours")
