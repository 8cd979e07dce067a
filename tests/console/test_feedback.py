"""The page of remarks: without who or which visit, oldest due first, answered through the system."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import audit, feedback, visits
from bot.domain.feedback import Counter, Feedback, Giver
from bot.domain.visits import Visit
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, DeskDay, at

PAGE = f"{HOME}/{HERE}/gop-y"
TUESDAY = MONDAY + dt.timedelta(days=1)


async def said(day: DeskDay, words: str, name: str = "lan", **levels: int) -> Feedback:
    """A remark about a visit of that morning, in the row as chat and page leave it."""
    visit: Visit = await day.book("8:00", name=name)
    row = await day.do(feedback.start, visit, "ho-tich", Giver("telegram"))
    await day.do(feedback.rate, row, levels)
    await day.do(feedback.remark, row, words)
    return await day.do(feedback.finish, row)  # type: ignore[no-any-return]


async def stored(app: App, row: Feedback) -> Any:
    return await app.store.read(feedback.get, row.id)


async def reply(clerk: Clerk, row: Feedback, words: str) -> None:
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    await clerk.post(PAGE, {"ma": token, "so": str(row.id), "tra-loi": words})


async def test_a_remark_shows_no_person_no_visit_and_no_hour(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await said(day, "Phòng chờ <b>nóng</b>", name="telegram-of-lan", access=1, staff=5)
    [visit] = await app.store.read(visits.of_day, HERE, dt.date(2026, 11, 25))
    assert "Phòng chờ" not in (await (await sign_in("lead")).open("gop-y")).text
    day.now = at("8:00", TUESDAY)
    page = await (await sign_in("lead", name="anh Tư")).open("gop-y")
    for shown in ("Phòng chờ <b>nóng</b>", "Hạn thứ Ba 15/12", "Góp ý thứ Hai 23/11", "chờ đến lượt: rất kém", "Ở đây không ai biết đó là ai"):
        assert shown in page.text
    main = page.html.split("<main")[1].split("</main")[0]
    for hidden in ("telegram", visit.token, visit.code, row.token, "08:00", "rất tốt"):
        assert hidden not in main.lower(), hidden


@pytest.mark.parametrize(
    ("role", "sees", "answers"),
    [("volunteer", 403, 403), ("clerk", 403, 403), ("lead", 200, 200), ("manager", 200, 200), ("auditor", 200, 403), ("admin", 200, 200)],
)
async def test_who_may_see_and_who_may_answer(app: App, day: DeskDay, sign_in: SignIn, role: Role, sees: int, answers: int) -> None:
    row = await said(day, "chờ lâu")
    day.now = at("8:00", TUESDAY)
    member = await sign_in(role)
    assert (await member.open("gop-y")).status == sees
    assert (await member.open("gop-y/in")).status == sees
    await member.open("gop-y")
    assert ("Gửi và đánh dấu" in member.page.text) == (answers == 200)
    await reply(member, row, "Đã mở thêm quầy.")
    assert member.page.status == answers
    assert ((await stored(app, row)).replied_at is not None) == (answers == 200)


async def test_another_centers_remarks_are_not_read_or_answered_by_changing_the_address(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await said(day, "chờ lâu")
    day.now = at("8:00", TUESDAY)
    there = await sign_in("lead", scope=THERE)
    assert (await there.open(PAGE)).status == 403
    await there.open(f"{HOME}/{THERE}/gop-y")
    token = dict(there.page.form(f"{HOME}/ra").fields)["ma"]
    await there.post(f"{HOME}/{THERE}/gop-y", {"ma": token, "so": str(row.id), "tra-loi": "Không phải việc của tôi"})
    assert there.page.status == 409
    assert (await stored(app, row)).replied_at is None


async def test_an_answer_goes_to_the_person_and_stands_in_the_log_without_them(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await said(day, "Phòng chờ nóng")
    day.now = at("8:00", TUESDAY)
    lead = await sign_in("lead")
    await lead.open("gop-y")
    await lead.send(PAGE, tra_loi="Trung tâm đã lắp thêm hai quạt.")
    assert "Đã trả lời và đánh dấu." in lead.page.text
    [told] = await day.told("lan")
    assert "Phòng chờ nóng" in told
    assert "hai quạt" in told
    [line, *_] = await day.audit()
    assert (line.action, line.subject, line.actor) == ("feedback.reply", f"feedback:{row.id}", lead.actor)
    assert "Phòng chờ nóng" in (await lead.open("gop-y?xem=da-tra-loi")).text
    assert "1 góp ý đã trả lời, 0 trả lời sau hạn." in lead.page.text
    await lead.open("gop-y")
    await reply(lead, row, "Lần nữa")
    assert (lead.page.status, len(await day.told("lan"))) == (409, 1)
    assert await app.store.read(audit.verify) is None


async def test_an_answer_without_words_or_too_long_is_not_taken(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await said(day, "chờ lâu")
    day.now = at("8:00", TUESDAY)
    lead = await sign_in("lead")
    for words in ("", "   ", "a" * 2001):
        await lead.open("gop-y")
        await reply(lead, row, words)
        assert lead.page.status == 422
    assert (await stored(app, row)).replied_at is None


async def test_a_remark_from_the_counter_is_answered_on_its_page(app: App, day: DeskDay, sign_in: SignIn, stranger: Clerk) -> None:
    row = await day.do(feedback.at_counter, Counter(HERE, 1), "the-token", Giver("web"), begun_at=day.now)
    await day.do(feedback.remark, row, "Thiếu ghế")
    await day.do(feedback.finish, row)
    lead = await sign_in("lead")
    page = await lead.open("gop-y")
    assert "Không có nơi gửi" in page.text
    await lead.send(PAGE, tra_loi="Đã kê thêm ghế.")
    assert "Đã kê thêm ghế." in (await stranger.open(f"{HOME}/../danh-gia/the-token")).text


async def test_a_late_one_says_so(day: DeskDay, sign_in: SignIn) -> None:
    await said(day, "chờ lâu")
    day.now = at("8:00", dt.date(2026, 12, 16))
    page = await (await sign_in("manager")).open("gop-y")
    assert "Quá hạn thứ Ba 15/12" in page.text
    assert "1 góp ý chưa trả lời, 1 đã quá hạn." in page.text


async def test_the_sheet_has_a_code_for_the_hall_and_each_counter(app: App, sign_in: SignIn) -> None:
    page = await (await sign_in("lead")).open("gop-y/in")
    address = app.premises.address
    assert f"{address}/gop-y/{HERE}" in page.text
    assert f"{address}/gop-y/{HERE}?quay=1" in page.text
    assert page.html.count('class="qr"') >= 2
