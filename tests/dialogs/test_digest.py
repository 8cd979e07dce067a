"""Who leads a center answers the end of a day with numbers: sees an obstacle, gives it to a colleague, ticks it off, reports it upward."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.conversation import payloads as codec
from bot.conversation import plain
from bot.db.enums import Role
from bot.domain import audit, digest, obstacles, staff
from bot.domain.digest import Line
from bot.domain.obstacles import Obstacle
from handlers import digest_duties, payloads
from tests.dialogs.citizen import Step, converse, number
from tests.fakes import Talk

CENTER = "trung-tam"
MONDAY = dt.date(2026, 11, 23)
FOUND = [
    Obstacle("papers", 7, {"procedure": "1.000656", "paper": "death_notice", "week": 15}, 28),
    Obstacle("hour", 14, {"hour": 8, "minutes": 52, "room": 9}, 28),
    Obstacle("questions", 4, {"since": "2026-11-22T02:00:00+00:00", "overdue": 1}, 12),
]
GIVE: list[Step] = [
    ("1", "7 người thiếu giấy báo tử", "Nên làm: Soạn thông báo", "1. Giao việc"),
    ("1", "Giao ai: 7 người thiếu giấy báo tử", "bình"),
]


@pytest.fixture
async def evening(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """A lead and two clerks have chats, "tư" has none; the digest of Monday has come."""
    monkeypatch.setattr(obstacles, "find", lambda *_, **__: FOUND)
    for name, role in (("thu", "lead"), ("bình", "clerk"), ("mai", "clerk")):
        await hire(talk, name, role)  # type: ignore[arg-type]
    await talk.store.write(staff.create, "tư", CENTER, "clerk", now=talk.now)
    await talk.read("thông báo", person="thu")  # a menu that was there before
    await close(talk, MONDAY)
    return talk


async def hire(talk: Talk, name: str, role: Role, scope: str = CENTER) -> None:
    number = await talk.store.write(staff.create, name, scope, role, now=talk.now)
    code = await talk.store.write(staff.link, number, "connect", now=talk.now)
    await talk.say(f"nối {code}", person=name)


async def close(talk: Talk, day: dt.date) -> None:
    """That evening, as the duty does it."""
    talk.now += dt.timedelta(hours=5, minutes=30)
    made = await talk.store.write(digest_duties.make, talk.dispatcher.premises, CENTER, day, now=talk.now)
    assert made is not None


async def lines(talk: Talk, day: dt.date = MONDAY) -> list[Line]:
    found = await talk.store.read(digest.of, CENTER, day)
    assert found is not None
    return list(found.lines)


async def told(talk: Talk, person: str) -> list[str]:
    return [plain.text(reply) for reply in await talk.unread(person)]


def coded(payload: codec.Payload) -> str:
    return codec.encode(payload)


async def test_a_number_after_the_digest_means_its_obstacle_and_not_an_older_menu(evening: Talk) -> None:
    (came,) = await told(evening, "thu")
    assert "Vướng mắc. Nhắn 1, 2, 3 để xem và giao việc." in came
    assert "1. 7 người thiếu giấy báo tử (Đăng ký khai tử; bảy ngày qua 15 lượt)" in came
    assert "4. Mở trang cuối ngày: https://" in came
    await converse(evening, [("2", "Chờ trung bình 52 phút", "Mở thêm quầy")], "thu")


async def test_it_is_given_by_number_and_the_colleague_is_told_once_and_ticks_it_off(evening: Talk) -> None:
    shown = await converse(evening, GIVE, "thu")
    await converse(evening, [(number(shown, "bình"), "Đã giao bình và nhắn qua chat.")], "thu")
    (said,) = await told(evening, "bình")
    assert said.startswith("Thu nhờ giúp một việc của ")
    assert "7 người thiếu giấy báo tử" in said
    assert "2. Mở trang việc này: https://motcua.example/ban-lam-viec/trung-tam/cuoi-ngay?ngay=2026-11-23" in said
    await converse(evening, [("xong", "Xong rồi, cảm ơn.", "1. Chưa xong")], "bình")
    line = (await lines(evening))[0]
    assert "Xong rồi, cảm ơn." in await evening.read(payload=coded(payloads.TickObstacle(line.id, done=True)), person="bình")
    assert (line.given_to, line.given_by, line.done_by) == ("staff:2", "staff:1", "staff:2")
    (done,) = await told(evening, "thu")
    assert done.startswith("Bình đã làm xong việc được giao: 7 người thiếu giấy báo tử")
    await converse(evening, [("cuối ngày", "1. 7 người thiếu giấy báo tử (Đăng ký khai tử; bảy ngày qua 15 lượt; đã xong)")], "thu")
    await converse(evening, [("1", "Giao bình: thu giao lúc 17:30", "Xong: bình")], "thu")
    rows = await evening.store.read(audit.read, audit.Filter((CENTER,)), limit=9)
    assert [(row.action, row.actor) for row in rows[:2]] == [("digest.tick", "staff:2"), ("digest.give", "staff:1")]
    assert rows[1].after == '{"owner":"staff:2"}'
    assert await evening.store.read(audit.verify) is None


async def test_who_gave_it_hears_that_it_is_open_again_and_nothing_of_what_they_ticked_themselves(evening: Talk) -> None:
    line = (await lines(evening))[0]
    await evening.read(payload=coded(payloads.GiveObstacleTo(line.id, 2, 0)), person="thu")
    await told(evening, "thu")
    for done in (True, False):
        await evening.read(payload=coded(payloads.TickObstacle(line.id, done=done)), person="bình")
    came = await told(evening, "thu")
    assert [said.partition(":")[0] for said in came] == ["Bình đã làm xong việc được giao", "Bình mở lại việc được giao, chưa xong"]
    await evening.read(payload=coded(payloads.TickObstacle(line.id, done=True)), person="thu")
    assert await told(evening, "thu") == []


async def test_ticked_off_by_another_both_who_gave_it_and_who_has_it_hear_by_whom(evening: Talk) -> None:
    await hire(evening, "hoa", "lead")
    line = (await lines(evening))[0]
    await evening.read(payload=coded(payloads.GiveObstacleTo(line.id, 2, 0)), person="thu")
    for person in ("thu", "bình"):
        await told(evening, person)
    await evening.read(payload=coded(payloads.TickObstacle(line.id, done=True)), person="hoa")
    heard = [await told(evening, person) for person in ("thu", "bình", "hoa")]
    assert [[said.partition(":")[0] for said in each] for each in heard] == [["Hoa đánh dấu đã xong việc giao cho bình"]] * 2 + [[]]


async def test_tapped_twice_it_is_given_once(evening: Talk) -> None:
    line = (await lines(evening))[0]
    button = coded(payloads.GiveObstacleTo(line.id, 2, 0))
    assert "Đã giao bình" in await evening.read(payload=button, person="thu")
    assert "Việc này đã giao bình rồi." in await evening.read(payload=button, person="thu")
    assert len(await told(evening, "bình")) == 1


async def test_given_to_another_both_are_told_and_a_menu_from_before_gives_nothing(evening: Talk) -> None:
    line = (await lines(evening))[0]
    await evening.read(payload=coded(payloads.GiveObstacleTo(line.id, 2, 0)), person="thu")
    await told(evening, "bình")
    shown = await converse(evening, [("1", "Giao ai", "Thôi giao")], "thu")
    assert not [row for row in shown.splitlines() if row.endswith(". bình")]
    await converse(evening, [(number(shown, "mai"), "Đã giao mai và nhắn qua chat.")], "thu")
    (before,), (now,) = await told(evening, "bình"), await told(evening, "mai")
    assert "nay đã có mai lo, cảm ơn" in before
    assert "Thu nhờ giúp một việc" in now
    assert "Vừa có người đổi việc này trước" in await evening.read(payload=coded(payloads.GiveObstacleTo(line.id, 4, 2)), person="thu")
    assert "không còn ở phần mình" in await evening.read(payload=coded(payloads.TickObstacle(line.id, done=True)), person="bình")
    assert [(one.given_to, one.done_at) for one in (await lines(evening))[:1]] == [("staff:3", None)]
    assert (await told(evening, "mai"), await told(evening, "bình")) == ([], [])


async def test_who_has_no_chat_is_to_be_told_by_mouth_and_the_work_is_taken_back(evening: Talk) -> None:
    shown = await converse(evening, GIVE, "thu")
    await converse(evening, [(number(shown, "tư"), "Chat chưa nối nên chưa nhắn được: nói trực tiếp với tư giúp.")], "thu")
    await converse(evening, [("1", "Thôi giao"), ("thôi giao", "Việc này không còn giao ai.", "1. Giao việc")], "thu")
    assert (await lines(evening))[0].given_to == ""


async def test_it_is_reported_upward_with_words_or_without(evening: Talk) -> None:
    await converse(evening, [("1", "Giao việc"), ("→ Báo lên", "Nhắn lời kèm theo"), ("Cần in sẵn mẫu.", "Đã báo lên.", "“Cần in sẵn mẫu.”")], "thu")
    await converse(evening, [("1", "Giao ai"), ("→ Để nguyên", "Các vướng mắc khác")], "thu")
    await evening.read("cuối ngày", person="thu")
    shown = await converse(evening, [("2", "Báo lên trên"), ("báo lên", "1. Báo không kèm lời"), ("1", "Đã báo lên.")], "thu")
    assert "Báo lên trên" not in shown
    assert [(line.reported_by, line.said) for line in await lines(evening)] == [("staff:1", "Cần in sẵn mẫu."), ("staff:1", ""), ("", "")]


async def test_a_button_of_an_earlier_day_shows_how_it_stands_now(evening: Talk) -> None:
    old = (await lines(evening))[1]
    evening.now += dt.timedelta(days=1)
    await close(evening, MONDAY + dt.timedelta(days=2))
    assert "thứ Hai 23/11" in await evening.read(payload=coded(payloads.Obstacle(old.id)), person="thu")
    shown = await evening.read(payload=coded(payloads.TickObstacle(old.id, done=True)), person="thu")
    assert ("Đã đánh dấu." in shown, "Xong: thu" in shown) == (True, True)
    assert "Dòng này đã có người làm trước." in await evening.read(payload=coded(payloads.GiveObstacle(old.id, 0)), person="thu")
    assert [line.done_by for line in await lines(evening, MONDAY + dt.timedelta(days=2))] == ["", "", ""]


@pytest.mark.parametrize(("role", "scope"), [("clerk", CENTER), ("auditor", CENTER), ("lead", "xa-khac")])
async def test_who_may_not_work_it_gives_reports_and_ticks_nothing(evening: Talk, role: Role, scope: str) -> None:
    await hire(evening, "lạ", role, scope)
    line, before = (await lines(evening))[0], await lines(evening)
    for forged in (
        payloads.GiveObstacle(line.id, 0), payloads.GiveObstacleTo(line.id, 2, 0), payloads.ReportObstacle(line.id, bare=True),
        payloads.TickObstacle(line.id, done=True), payloads.TickObstacle(2**62, done=True), payloads.DigestDay(2**62),
    ):  # fmt: skip
        answered = await evening.read(payload=coded(forged), person="lạ")
        assert "Nút này đã cũ" in answered or "không còn ở phần mình" in answered
    assert await lines(evening) == before
    assert await told(evening, "bình") == []
    assert ("7 người" in await evening.read(payload=coded(payloads.Obstacle(line.id)), person="lạ")) == (role == "auditor")
