"""A group is set up by buttons, by who runs it; one of staff only by somebody who may read what citizens ask."""

from __future__ import annotations

import pytest

from bot.conversation.context import Premises
from bot.db.store import Store
from bot.domain import audit
from bot.messages import Reply
from handlers import group_setup
from tests.handlers.conftest import ONE_DATABASE
from tests.handlers.group_talk import HEAD, LAN, GroupTalk, alone, several, shown


@pytest.fixture
def chat(store: Store, tiny: Premises) -> GroupTalk:
    """In an installation of two centers."""
    return GroupTalk(store, several(tiny))


def labels(replies: list[Reply]) -> list[str]:
    return [choice.label for reply in replies for choice in reply.choices]


async def test_brought_in_it_says_two_sentences_and_asks_its_admins(chat: GroupTalk) -> None:
    replies = await chat.bring_in()
    assert len(replies) == 1
    assert str(replies[0].blocks[0].text).count(". ") == 1  # type: ignore[union-attr]
    assert labels(replies) == ["Nhóm bà con hỏi đáp", "Nhóm cán bộ trung tâm"]
    group = await chat.group()
    assert (group.added_by, group.title, group.purpose, group.active) == (HEAD, "Thôn Đoài", "", True)


async def test_a_citizens_group_is_set_up_by_four_presses(chat: GroupTalk) -> None:
    replies = await chat.press("Nhóm bà con", await chat.bring_in())
    assert labels(replies) == ["An Phú", "Bình Hòa"]
    replies = await chat.press("Bình Hòa", replies)
    assert labels(replies) == ["Mọi lúc", "Trong giờ trung tâm mở cửa"]
    replies = await chat.press("Trong giờ", replies)
    assert labels(replies) == ["20 giây", "1 phút", "5 phút", "Không cần cách"]
    replies = await chat.press("1 phút", replies)
    assert "Nhóm bà con hỏi đáp của Trung tâm Bình Hòa. Một Cửa trả lời trong giờ trung tâm mở cửa." in shown(replies)
    assert "cách nhau 1 phút" in shown(replies)
    group = await chat.group()
    assert (group.purpose, group.center_id, group.hours, group.slow_seconds) == ("citizens", "binh-hoa", "center", 60)


@ONE_DATABASE
async def test_every_step_takes_the_place_of_the_one_before_it(chat: GroupTalk) -> None:
    first = await chat.bring_in()
    second = await chat.press("Nhóm bà con", first)
    assert not first[0].in_place
    assert second[0].in_place
    assert first[0].key == second[0].key != ""


@ONE_DATABASE
async def test_with_one_center_nobody_is_asked_which(store: Store, tiny: Premises) -> None:
    chat = GroupTalk(store, alone(tiny))
    assert labels(await chat.press("Nhóm bà con", await chat.bring_in()))[0] == "Mọi lúc"
    assert (await chat.group()).center_id == "trung-tam"


async def test_only_who_runs_the_group_may_and_others_hear_it_once(chat: GroupTalk) -> None:
    replies = await chat.bring_in()
    assert "Chỉ quản trị viên" in shown(await chat.press("Nhóm bà con", replies, sender=LAN))
    assert await chat.press("Nhóm bà con", replies, sender=LAN) == []
    chat.wait(30)
    assert "Chỉ quản trị viên" in await chat.ask("/caidat")
    assert (await chat.group()).purpose == ""


@ONE_DATABASE
async def test_whoever_brings_it_in_without_running_the_group_is_told_who_can(chat: GroupTalk) -> None:
    replies = await chat.bring_in(sender=LAN)
    assert "/caidat" in shown(replies)
    assert labels(replies) == []


async def test_a_staff_group_needs_somebody_who_answers_questions_there(chat: GroupTalk) -> None:
    replies = await chat.bring_in()
    assert "Câu hỏi của người dân chỉ chuyển cho cán bộ" in shown(await chat.press("Nhóm cán bộ", replies))
    await chat.hire(HEAD, "volunteer")
    assert "Chưa đặt được" in shown(await chat.press("Nhóm cán bộ", replies))
    assert (await chat.group()).purpose == ""
    number = await chat.hire(HEAD, "clerk", "binh-hoa", "anh Nam")
    done = await chat.press("Nhóm cán bộ", replies)
    assert "Nhóm cán bộ của Trung tâm Bình Hòa" in shown(done), "the only center where they may"
    assert ((await chat.group()).purpose, (await chat.group()).center_id) == ("staff", "binh-hoa")
    [row] = await chat.store.read(audit.read, audit.Filter(("binh-hoa",), action="chat.staff"), limit=5)
    assert row.actor == f"staff:{number}"


@ONE_DATABASE
async def test_a_button_of_another_center_is_not_enough(chat: GroupTalk) -> None:
    """Somebody made up the press: the right is looked at again when it counts."""
    await chat.hire(HEAD, "clerk", "binh-hoa")
    forged = f"ga:staff:{group_setup.mark(chat.premises.directory.all[0])}"
    replies = await chat.hear(HEAD, kind="choice", payload=forged)
    assert "Chưa đặt được" in shown(replies)
    assert (await chat.group()).purpose == ""


@ONE_DATABASE
@pytest.mark.parametrize("payload", ["ga:staff:00000000", "gf:owner", "gh:center", "gs:60", "gs:7", "gf", "ga:x:y:z"])
async def test_any_other_press_begins_again_and_sets_nothing(chat: GroupTalk, payload: str) -> None:
    assert labels(await chat.hear(HEAD, kind="choice", payload=payload)) == ["Nhóm bà con hỏi đáp", "Nhóm cán bộ trung tâm"]
    group = await chat.group()
    assert (group.purpose, group.hours, group.slow_seconds) == ("", "", 20)


@ONE_DATABASE
async def test_set_up_can_be_opened_again_and_changed(chat: GroupTalk) -> None:
    await chat.set_up(purpose="citizens", center_id="binh-hoa", slow_seconds=60)
    replies = await chat.hear(HEAD, text="/caidat")
    assert "Nhóm bà con hỏi đáp của Trung tâm Bình Hòa" in shown(replies)
    replies = await chat.press("An Phú", await chat.press("Nhóm bà con", replies))
    await chat.press("Không cần cách", await chat.press("Mọi lúc", replies))
    group = await chat.group()
    assert (group.center_id, group.hours, group.slow_seconds) == ("trung-tam", "", 0)


async def test_before_it_is_set_up_it_is_silent_unless_spoken_to(chat: GroupTalk) -> None:
    assert await chat.hear(text="chiều nay họp thôn", addressed=False) == []
    assert "Nhờ quản trị viên của nhóm gõ /caidat" in await chat.ask("làm khai sinh thế nào")
    assert await chat.hear(text="alo") == [], "and says so once a window"
    for kind in ("sticker", "photo", "voice"):
        chat.wait(60)
        assert await chat.hear(kind=kind) == []


@ONE_DATABASE
async def test_brought_in_again_what_was_set_up_still_holds(chat: GroupTalk) -> None:
    await chat.set_up(purpose="citizens", center_id="binh-hoa")
    replies = await chat.bring_in()
    assert "Nhóm bà con hỏi đáp của Trung tâm Bình Hòa" in shown(replies)
    assert labels(replies) == []


@ONE_DATABASE
async def test_what_is_said_in_a_group_makes_nobody_an_account(chat: GroupTalk) -> None:
    await chat.bring_in()
    await chat.ask("làm khai sinh")
    with chat.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM account").scalar_one() == 0
