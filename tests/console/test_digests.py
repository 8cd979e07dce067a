"""The page of a day's obstacles: who may see and work it, nothing of another center, a note for the catalog, words as long as they are kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.app import App
from bot.console.desk import HOME
from bot.db.enums import Role
from bot.domain import digest, feedback, proposals
from bot.domain.digest import Digest
from bot.domain.digest_day import Facts
from bot.domain.feedback import Giver
from bot.domain.obstacles import Evening, Obstacle
from tests.console.conftest import HERE, THERE, Clerk, SignIn
from tests.console.desk_day import MONDAY, DeskDay, at

PAGE = f"{HOME}/{HERE}/cuoi-ngay"
PAPERS = Obstacle("papers", 7, {"procedure": "1.000656", "paper": "death_notice", "week": 15}, 28)


async def made(day: DeskDay, *found: Obstacle, center: str = HERE) -> Digest:
    evening = Evening(center, MONDAY, MONDAY - dt.timedelta(days=1), alone=False)
    return await day.do(digest.make, evening, "page", Facts(came=9, done=2, back=7), found or (PAPERS,))  # type: ignore[no-any-return]


async def deed(clerk: Clerk, name: str, line: int, said: str = "", page: str = PAGE) -> None:
    token = dict(clerk.page.form(f"{HOME}/ra").fields)["ma"]
    await clerk.post(page, {"ma": token, "viec": name, "so": str(line), "ngay": str(MONDAY), "loi": said})


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
    for name in ("xong", "bao", "ghi-chu"):
        await here.open("cuoi-ngay")
        await deed(here, name, (await line(app, THERE)).id)
        assert here.page.status == 409
    assert (await line(app, THERE)).done_at is None


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
    row = await day.do(feedback.at_counter, HERE, "the-token", 1, Giver("web"), begun_at=day.now)
    await day.do(feedback.remark, row, "Chờ quá lâu")
    await made(day, Obstacle("low", 1, {"ids": [row.id]}, 3))
    lead = await sign_in("lead")
    assert "Chờ quá lâu" in (await lead.open("cuoi-ngay")).text
    await app.store.write(feedback.purge, at("8:00", MONDAY + dt.timedelta(days=99)))
    assert "Chờ quá lâu" not in (await lead.open("cuoi-ngay")).text
