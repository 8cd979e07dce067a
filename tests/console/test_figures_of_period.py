"""What stands beside the rollups is of the period and the center that were asked for too: searches that found nothing, notices."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.app import App
from bot.db import upsert
from bot.db.leaving import Notice
from bot.db.results import Recount
from bot.db.tables import Outbox
from bot.domain import ledger, misses
from bot.texts import t
from tests.console.conftest import HERE, THERE, SignIn
from tests.console.figures_days import MONDAY, WEEK, at

WEEK_BEFORE = MONDAY - dt.timedelta(days=7)


def rows(html: str) -> list[list[str]]:
    """Of every table on the page, the head of a row first."""
    found = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', html, re.DOTALL)
    return [[re.sub("<[^>]+>|\u2060", "", cell) for cell in (head, *re.findall(r"<td[^>]*>(.*?)</td>", rest))] for head, rest in found]


async def test_searches_are_those_of_the_period_and_the_center(app: App, sign_in: SignIn) -> None:
    asked = [("bay lên trăng", HERE, MONDAY, 3), ("bay lên trăng", HERE, WEEK_BEFORE, 1), ("lặn xuống biển", THERE, MONDAY, 9)]
    for words, center, day, times in asked:
        for _ in range(times):
            await app.store.write(misses.keep, words, center, now=at(day, 600))
    lead = await sign_in("lead")
    section, first = (await lead.open(f"so-lieu/cau-hoi?{WEEK}")), (await lead.open(f"so-lieu?{WEEK}"))
    assert ["bay lên trăng", "3", "2/3/2026"] in rows(section.html)
    assert "Còn" not in section.text
    assert [("“bay lên trăng”" in row[0], row[-1]) for row in rows(first.html)] == [(True, "3 lần")]
    assert "lặn xuống biển" not in section.text + first.text
    assert ["bay lên trăng", "1", "23/2/2026"] in rows((await lead.open(f"so-lieu/cau-hoi?ky=tuan&ngay={WEEK_BEFORE}")).html)
    assert "bay lên trăng" not in (await lead.open("so-lieu/cau-hoi?ky=tuan&ngay=2026-03-09")).text
    assert "bay lên trăng" not in (await lead.open(f"so-lieu?{WEEK}&kenh=web")).text, "nobody keeps from which channel it was"


async def test_searches_of_before_days_were_noted_are_owned_up_to(app: App, sign_in: SignIn) -> None:
    await app.store.write(misses.keep, "bay lên trăng", HERE, now=at(MONDAY, 600))
    await app.store.write(lambda session: session.execute(text("UPDATE search_miss SET times = 41")))
    page = await (await sign_in("lead")).open(f"so-lieu/cau-hoi?{WEEK}")
    assert "Còn 40 lần từ trước khi máy ghi ngày và trung tâm" in page.text
    assert ["bay lên trăng", "1", "2/3/2026"] in rows(page.html)


@pytest.mark.parametrize(("from_month", "said"), [(None, True), (MONDAY.replace(day=1), True), (dt.date(2026, 4, 1), False)])
async def test_a_page_says_that_its_period_is_still_being_counted_anew(app: App, sign_in: SignIn, from_month: dt.date | None, said: bool) -> None:
    manager = await sign_in("manager", "*")
    pages = (f"so-lieu?{WEEK}", f"so-lieu/giay-to?{WEEK}", f"so-lieu/luot?{WEEK}", f"/ban-lam-viec/so-lieu?{WEEK}")
    sentence = t("figures.recounted")
    assert [sentence in (await manager.open(path)).text for path in pages] == [False] * 4
    await app.store.write(lambda session: session.execute(upsert.table(Recount).insert().values(name="figures", from_month=from_month)))
    assert [sentence in (await manager.open(path)).text for path in pages] == [said] * 4
    for path in (f"{HERE}/so-lieu/tep?{WEEK}", f"so-lieu/tep?{WEEK}"):
        taken = (await manager.client.get(f"/ban-lam-viec/{path}")).content.decode("utf-8-sig")
        assert (sentence in taken) == said


def send(session: Session, center: str, day: dt.date, number: int) -> None:
    """A notice two Telegram users got, one of another bot's, and one on Zalo whom it did not reach. Every other one has its sums on its row only."""
    then, made = at(day, 600 + number), upsert.table(Notice)
    own = {"title": f"Tin {number}", "body": "", "reply": "", "audience": "{}", "urgent": False, "author": "staff:1", "submitted_by": ""}
    row = {"center_id": center, "state": "done", "version": 1, "confirmed_by": "", "recipients": 3, "frozen_at": then}
    notice = session.execute(made.insert().values(**own, **row, created_at=then, changed_at=then).returning(made.c.id)).scalar_one()
    for bot, state in (("telegram:1", "sent"), ("telegram:2", "sent"), ("zalo_oa:1", "refused")):
        about = {"kind": "notice", "key": "", "body": "", "reason": "", "attempts": 1, "created_at": then, "settled_at": then}
        session.execute(upsert.table(Outbox).insert().values(notice_id=notice, bot=bot, address=f"{number}", state=state, **about))
    if number % 2:
        session.execute(made.update().where(made.c.id == notice).values(sums=json.dumps(ledger.by_bot(session, [notice])[notice])))
        session.execute(upsert.table(Outbox).delete().where(upsert.table(Outbox).c.notice_id == notice))


@pytest.mark.parametrize(
    ("channel", "here", "before"),
    [
        ("", ["25", "75", "50", "0", "0", "0", "0", "25", "0"], ["2", "6", "4", "0", "0", "0", "0", "2", "0"]),
        ("&kenh=telegram", ["25", "50", "50", "0", "0", "0", "0", "0", "0"], ["2", "4", "4", "0", "0", "0", "0", "0", "0"]),
        ("&kenh=web", ["0"] * 9, ["0"] * 9),
    ],
)
async def test_all_notices_of_the_period_are_summed_beside_those_before(
    app: App, sign_in: SignIn, channel: str, here: list[str], before: list[str]
) -> None:
    for center, day, count in ((HERE, MONDAY, 25), (HERE, WEEK_BEFORE, 2), (THERE, MONDAY, 4)):
        for number in range(count):
            await app.store.write(send, center, day, number)
    page = await (await sign_in("lead")).open(f"so-lieu/thong-bao?{WEEK}{channel}")
    found = rows(page.html)
    assert found[:2] == [["Tuần 2–8/3/2026", *here], ["Tuần 23/2–1/3/2026", *before]]
    assert len(found) - 2 == int(here[0]), "each of them stands below"
