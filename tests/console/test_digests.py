"""The page of a day's obstacles: who may see and work it, nothing of another center, a note for the catalog, words as long as they are kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import digest, feedback, proposals, staff
from bot.domain.digest import Digest
from bot.domain.digest_day import Facts
from bot.domain.feedback import Counter, Giver
from bot.domain.obstacles import Evening, Obstacle
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, DeskDay, at

PAGE = f"{HOME}/{HERE}/cuoi-ngay"
PAPERS = Obstacle("papers", 7, {"procedure": "1.000656", "paper": "death_notice", "week": 15}, 28)


async def made(day: DeskDay, *found: Obstacle, center: str = HERE) -> Digest:
    evening = Evening(center, MONDAY, MONDAY - dt.timedelta(days=1), alone=False)
    return await day.do(digest.make, evening, "page", Facts(came=9, done=2, back=7), found or (PAPERS,))  # type: ignore[no-any-return]


async def deed(clerk: Clerk, name: str, line: int, said: str = "", page: str = PAGE, **more: str) -> None:
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    await clerk.post(page, {"ma": token, "viec": name, "so": str(line), "ngay": str(MONDAY), "loi": said, **more})


async def line(app: App, center: str = HERE) -> Any:
    found = await app.store.read(digest.of, center, MONDAY)
    assert found is not None
    return found.lines[0]


@pytest.mark.parametrize(
    ("role", "sees", "works"),
    [("volunteer", 403, 403), ("clerk", 403, 403), ("lead", 200, 200), ("manager", 200, 200), ("auditor", 200, 403), ("admin", 200, 200)],
)
async def test_who_may_see_and_who_may_tick(app: App, day: DeskDay, sign_in: SignIn, role: Role, sees: int, works: int) -> None:
    await made(day)
    member = await sign_in(role)
    assert ((await member.open("cuoi-ngay/tat-ca")).status, (await member.open("cuoi-ngay")).status) == (sees, sees)
    assert ("7 người thiếu giấy báo tử" in member.page.text) == (sees == 200)
    assert ("Đánh dấu xong" in member.page.text) == (works == 200)
    await deed(member, "xong", (await line(app)).id)
    assert (member.page.status, (await line(app)).done_by == member.actor) == (works, works == 200)


async def test_another_centers_line_is_neither_seen_nor_ticked_by_changing_the_address(app: App, day: DeskDay, sign_in: SignIn) -> None:
    await made(day, center=THERE)
    here = await sign_in("lead")
    assert (await here.open(f"{HOME}/{THERE}/cuoi-ngay")).status == 403
    assert "7 người" not in (await here.open("cuoi-ngay/tat-ca")).text
    for name in ("xong", "bao", "ghi-chu", "giao"):
        await here.open("cuoi-ngay")
        await deed(here, name, (await line(app, THERE)).id, cho=str(here.id))
        assert here.page.status == 409
    assert ((await line(app, THERE)).done_at, (await line(app, THERE)).given_to) == (None, "")


async def test_a_note_is_proposed_to_the_catalog_once(app: App, day: DeskDay, sign_in: SignIn) -> None:
    one = (await made(day)).lines[0]
    lead = await sign_in("lead")
    for status in (200, 409):
        await lead.open("cuoi-ngay")
        await deed(lead, "ghi-chu", one.id)
        assert lead.page.status == status
    [wish] = await app.store.read(proposals.waiting)
    assert (wish.code, wish.kind, "giấy báo tử" in wish.words) == ("1.000656", "note", True)


async def test_what_is_reported_stands_on_the_page_of_all_centers_with_its_words(day: DeskDay, sign_in: SignIn) -> None:
    one = (await made(day)).lines[0]
    lead = await sign_in("lead")
    await lead.open("cuoi-ngay")
    await deed(lead, "bao", one.id, "Cần in sẵn mẫu.")
    manager = await sign_in("manager", scope="*")
    assert "“Cần in sẵn mẫu.”" in (await manager.open("cuoi-ngay/tat-ca")).text


async def test_words_of_citizens_are_gone_when_they_are_erased(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await day.do(feedback.at_counter, Counter(HERE, 1), "the-token", Giver("web"), begun_at=day.now)
    await day.do(feedback.remark, row, "Chờ quá lâu")
    await made(day, Obstacle("low", 1, {"ids": [row.id]}, 3))
    lead = await sign_in("lead")
    assert "Chờ quá lâu" in (await lead.open("cuoi-ngay")).text
    await app.store.write(feedback.purge, at("8:00", MONDAY + dt.timedelta(days=99)))
    assert "Chờ quá lâu" not in (await lead.open("cuoi-ngay")).text


async def connect(day: DeskDay, clerk: Clerk, name: str) -> None:
    code = await day.do(staff.link, clerk.id, "connect")
    assert await day.do(staff.connect, code, "telegram:1", name) is not None


async def test_it_is_given_on_the_page_once_and_ticked_off_by_who_was_given_it(app: App, day: DeskDay, sign_in: SignIn) -> None:
    one = (await made(day, PAPERS, Obstacle("unserved", 2, {}, 12))).lines[0]
    lead, clerk = await sign_in("lead", name="bà Thu"), await sign_in("clerk", name="anh Bình")
    await connect(day, clerk, "binh")
    await connect(day, lead, "thu")
    for said, status in (("Đã giao và nhắn qua chat.", 200), ("Việc này đã giao từ trước.", 200)):
        await lead.open("cuoi-ngay")
        await deed(lead, "giao", one.id, cho=str(clerk.id), tu="0")
        assert (said in lead.page.text, lead.page.status) == (True, status)
    assert "Giao anh Bình: bà Thu giao lúc 08:00 thứ Hai 23/11" in lead.page.text
    (told,) = await day.told("binh")
    assert f"/ban-lam-viec/{HERE}/cuoi-ngay?ngay={MONDAY}" in told
    text = (await clerk.open((await clerk.open("quay")).links["Việc được giao"])).text
    assert ("7 người thiếu giấy báo tử" in text, "2 người có mặt" in text) == (True, False)
    await deed(clerk, "xong", one.id)
    assert "Xong: anh Bình" in clerk.page.text
    (told,) = await day.told("thu")
    assert "Anh Bình đã làm xong việc được giao: 7 người thiếu giấy báo tử" in told
    assert "Việc được giao" not in (await clerk.open("quay")).links
    assert "Việc được giao" not in (await lead.open("quay")).links
    assert [row.action for row in await day.audit()][:2] == ["digest.tick", "digest.give"]


async def test_who_was_given_one_line_does_nothing_else_and_reads_no_words_of_citizens(app: App, day: DeskDay, sign_in: SignIn) -> None:
    row = await day.do(feedback.at_counter, Counter(HERE, 1), "the-token", Giver("web"), begun_at=day.now)
    await day.do(feedback.remark, row, "Chờ quá lâu")
    low, other = (await made(day, Obstacle("low", 1, {"ids": [row.id]}, 3), PAPERS)).lines
    lead, clerk = await sign_in("lead"), await sign_in("clerk")
    await lead.open("cuoi-ngay")
    await deed(lead, "giao", low.id, cho=str(clerk.id), tu="0")
    assert "chưa nối chat" in lead.page.text
    assert "Chờ quá lâu" not in (await clerk.open("cuoi-ngay")).text
    for name, number, status in (("xong", other.id, 409), ("bao", low.id, 404), ("giao", low.id, 404)):
        await clerk.open("cuoi-ngay")
        await deed(clerk, name, number, cho="0", tu=str(clerk.id))
        assert clerk.page.status == status
    assert (await clerk.open("cuoi-ngay/tat-ca")).status == 403
    await lead.open("cuoi-ngay")
    await deed(lead, "giao", low.id, cho="0", tu=str(clerk.id))
    assert (await clerk.open("cuoi-ngay")).status == 403
    found = await app.store.read(digest.of, HERE, MONDAY)
    assert found is not None
    assert [(one.given_to, one.done_by, one.reported_by) for one in found.lines] == [("", "", "")] * 2


async def test_an_old_page_and_somebody_who_does_no_work_there_are_refused(app: App, day: DeskDay, sign_in: SignIn) -> None:
    one = (await made(day)).lines[0]
    lead, clerk, volunteer = await sign_in("lead"), await sign_in("clerk"), await sign_in("volunteer")
    for to, was, said in ((volunteer.id, 0, "Người này không nhận việc"), (lead.id, clerk.id, "Vừa có người đổi")):
        await lead.open("cuoi-ngay")
        await deed(lead, "giao", one.id, cho=str(to), tu=str(was))
        assert (lead.page.status, said in lead.page.text) == (409, True)
    assert (await line(app)).given_to == ""
