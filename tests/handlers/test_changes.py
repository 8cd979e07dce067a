"""Holders of a list are told, once and in words, what changed in its entry."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from bot.conversation import plain
from bot.db.store import Store
from bot.domain import outbox, people
from handlers import changes
from tests.conftest import TINY
from tests.fakes import NOON, Talk
from tests.handlers.conftest import Build
from tests.handlers.test_listing import finished

FILE = "ho-tich/1.000656.yaml"
DEATH = (TINY / FILE).read_text(encoding="utf-8")
TOMORROW = NOON + dt.timedelta(days=1)
PAPER = "  - {id: photo, name: Ảnh người mất, copies: 2}\nlooked_up:"


def changed(old: str, new: str) -> dict[str, str | None]:
    assert DEATH.count(old) == 1
    return {FILE: DEATH.replace(old, new)}


async def tell(talk: Talk, now: dt.datetime = TOMORROW) -> int:
    return await talk.store.write(changes.tell_holders, talk.dispatcher.premises, now=now)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("looked_up:", PAPER, "Thêm: Ảnh người mất (2 bản sao)."),
        ("when: [{proof: paper}]", "when: [{proof: electronic}]", "Không cần nữa: Giấy báo tử."),
        ("{amount: local, what: Lệ phí đăng ký, set_by: Hội đồng nhân dân tỉnh, ", "{amount: 8000, ", "Lệ phí nay là: 8.000\u00a0đồng."),
        ('{kind: same_day, cutoff: "15:00"}', "{kind: working_days, amount: 3}", "Thời gian nay là: 3 ngày làm việc."),
        ("báo luôn tại quầy", "báo ngay tại quầy", "Có sửa lời hướng dẫn; giấy tờ vẫn như cũ."),
        ("{from: 2025-07-01}", "{until: 2026-11-24}", "Việc này không còn làm như trước. Anh/chị hỏi cán bộ trước khi đến."),
    ],
)  # fmt: skip
async def test_what_changed_is_told_exactly_once(store: Store, build: Build, old: str, new: str, says: str) -> None:
    talk = Talk(store, build())
    await finished(talk)
    assert await tell(talk) == 0, "nothing changed yet"
    talk.dispatcher.premises = build(changed(old, new))
    assert [await tell(talk) for _ in range(3)] == [1, 0, 0]
    (told,) = await talk.unread()
    said = plain.text(told)
    assert "Giấy tờ cho việc “Đăng ký khai tử” đã thay đổi" in said
    assert says in said


async def test_several_processes_at_once_tell_once(store: Store, build: Build, database_url: str) -> None:
    talk = Talk(store, build())
    await finished(talk)
    premises = build(changed("looked_up:", PAPER))
    others = [Store(database_url) for _ in range(3)]
    told = await asyncio.gather(*(one.write(changes.tell_holders, premises, now=TOMORROW) for one in (store, *others)))
    for other in others:
        other.close()
    assert sum(told) == 1
    assert len(await talk.unread()) == 1


async def test_the_told_go_on_from_the_message(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    talk.dispatcher.premises = build(changed("looked_up:", PAPER))
    await tell(talk)
    told = await talk.unread()
    said = plain.text((await talk.press("Lập lại danh sách theo bản mới", replies=told))[0])
    assert "Ảnh người mất" in said
    assert "đã thay đổi" not in said
    assert await tell(talk) == 0


async def test_the_old_list_shows_what_changed_above_it(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    talk.dispatcher.premises = build(changed("looked_up:", PAPER))
    said = await talk.read(payload="l:1")
    assert said.index("Thêm: Ảnh người mất (2 bản sao).") < said.index("Giấy tờ cho trường hợp của anh/chị")
    assert "1. Lập lại danh sách theo bản mới" in said


async def test_a_change_that_does_not_touch_the_situation_is_not_told(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    talk.dispatcher.premises = build(changed("Ví dụ giấy xác nhận chôn cất có cơ quan xác nhận.", "Ví dụ giấy của nghĩa trang."))
    assert await tell(talk) == 0


async def test_old_lists_unfinished_lists_and_forgotten_people_are_left_alone(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    await talk.say("ba em mới mất", person="mai")
    talk.dispatcher.premises = build(changed("looked_up:", PAPER))
    assert await tell(talk, NOON + changes.CONCERNS + dt.timedelta(days=1)) == 0
    account = await store.read(people.find, "terminal", "lan")
    assert account is not None
    await store.write(people.forget, account.person_id)
    assert await tell(talk) == 0


async def test_the_message_is_a_reminder_in_the_outbox(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    talk.dispatcher.premises = build(changed("looked_up:", PAPER))
    await tell(talk)
    assert (await store.read(outbox.log, "terminal", "lan"))[-1].kind == "reminder"


async def test_holders_of_a_replaced_procedure_are_told(store: Store, build: Build) -> None:
    talk = Talk(store, build())
    await finished(talk)
    new = DEATH.replace('"1.000656"', '"1.000777"\nreplaces: ["1.000656"]').replace("looked_up:", PAPER)
    talk.dispatcher.premises = build({FILE: None, "ho-tich/1.000777.yaml": new})
    assert [await tell(talk), await tell(talk)] == [1, 0]
    (told,) = await talk.unread()
    assert "Thêm: Ảnh người mất (2 bản sao)." in plain.text(told)
