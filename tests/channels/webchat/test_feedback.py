"""Saying how it was on a page without a script: by the ticket's link, and by the code at the counter."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot import clock
from bot.app import App
from bot.channels.webchat import feedback as page
from bot.channels.webchat import limits
from bot.channels.webchat.limits import Rate
from bot.db import upsert
from bot.db.results import Feedback as Row
from bot.domain import counters, figures, people, questions, queue, staff
from bot.domain.queue import Arrival
from bot.domain.scopes import Scope
from bot.domain.visits import Visit
from handlers import visiting
from tests.channels.webchat.conftest import connected, wire
from tests.channels.webchat.day import CENTER, Day
from tests.channels.webchat.visitor import Visitor

_TABLE = upsert.table(Row)
DEATH = "1.000656"
BIRTH = "1.001193"
GOOD = [(name, "4") for name in page.FIELDS.values()]


async def served(day: Day, *, person: str = "", procedure: str = "") -> Visit:
    account = await day.do(people.account_of, "telegram:1", person, now=day.now) if person else None
    arrival = Arrival(account.person_id, account.account_id, procedure=procedure) if account else Arrival(procedure=procedure)
    [desk, *_] = await day.do(counters.counters, CENTER)
    group = next(group for group in await day.do(counters.groups, CENTER) if group.id in desk.serves)
    await day.do(queue.walk_in, group, arrival, actor="kiosk:1", now=day.now)
    called = await day.do(visiting.call_next, desk.id, actor="staff:1", now=day.now)
    return await day.do(visiting.finish, called, "accepted", actor="staff:1", now=day.now)  # type: ignore[no-any-return]


async def rows(app: App) -> list[Any]:
    return list(await app.store.read(lambda session: session.execute(select(_TABLE).order_by(_TABLE.c.id)).all()))


async def fill(visitor: Visitor, action: str, *said: tuple[str, str]) -> None:
    """Send the form with these fields instead of its own radios."""
    form = visitor.page.form(action)
    given = {name for name, _ in said}
    await visitor.send(form, [*((name, value) for name, value in form.fields if name not in given), *said])


async def test_a_finished_ticket_leads_to_the_page_and_the_page_keeps_what_was_said(app: App, day: Day, visitor: Visitor) -> None:
    visit = await served(day)
    ticket = await visitor.open(f"/phieu/{visit.token}")
    link = ticket.links["Đánh giá lượt này"]
    await visitor.open(link)
    day.now += dt.timedelta(minutes=2)
    await fill(visitor, link, *GOOD[:3], ("ket-qua", "0"), ("them", "Nhanh hơn tôi nghĩ"), ("giay-khac", "Sổ hộ khẩu"))
    assert "Cảm ơn anh/chị đã góp ý" in visitor.page.text
    [row] = await rows(app)
    assert (row.access, row.procedures, row.staff, row.results, row.handling) == (4, 4, 4, 0, None)
    assert (row.comment, json.loads(row.papers)) == ("Nhanh hơn tôi nghĩ", [{"id": "", "name": "Sổ hộ khẩu"}])
    assert (row.visit_id, row.origin, row.channel, row.flags) == (visit.id, "visit", "web", "[]")
    assert row.done_at - row.begun_at == dt.timedelta(minutes=2)


async def test_it_can_be_changed_for_an_hour_and_shows_what_was_said(app: App, day: Day, visitor: Visitor) -> None:
    visit = await served(day)
    link = f"/danh-gia/{visit.token}"
    await visitor.open(link)
    await fill(visitor, link, *GOOD, ("them", "Tốt"))
    again = await visitor.open(visitor.page.links["Sửa đánh giá"])
    assert ("can-bo", "4") in again.form(link).fields
    assert "Tốt</textarea>" in again.html
    await fill(visitor, link, ("can-bo", "2"), ("them", "Nghĩ lại"))
    [row] = await rows(app)
    assert (row.staff, row.access, row.comment) == (2, 4, "Nghĩ lại")
    day.now += dt.timedelta(minutes=61)
    late = await visitor.open(f"{link}?sua=1")
    assert "Lượt này anh/chị đã đánh giá rồi" in late.text
    assert not [form for form in late.forms if form.action == link]
    await visitor.post(link, [("can-bo", "5")])
    assert (await rows(app))[0].staff == 2


async def test_an_empty_form_and_a_secret_keep_what_was_typed_and_write_nothing(app: App, day: Day, visitor: Visitor) -> None:
    link = f"/danh-gia/{(await served(day)).token}"
    await visitor.open(link)
    await fill(visitor, link)
    assert (visitor.page.status, "Chưa chọn câu nào" in visitor.page.text) == (422, True)
    await fill(visitor, link, ("can-bo", "2"), ("them", "mật khẩu là abc12345"))
    assert visitor.page.status == 422
    assert ("can-bo", "2") in visitor.page.form(link).fields
    assert await rows(app) == []


async def test_levels_nobody_offered_are_not_kept(app: App, day: Day, visitor: Visitor) -> None:
    link = f"/danh-gia/{(await served(day)).token}"
    await visitor.open(link)
    await fill(visitor, link, ("den-noi", "9"), ("giay-to", "-1"), ("can-bo", "4"), ("ket-qua", "x"))
    [row] = await rows(app)
    assert (row.access, row.procedures, row.staff, row.results) == (None, None, 4, None)


async def test_what_is_not_over_or_not_there_has_no_page(day: Day, visitor: Visitor, client: httpx.AsyncClient) -> None:
    visit = await served(day)
    group = next(group for group in await day.do(counters.groups, CENTER) if group.id == visit.group_id)
    waiting = await day.do(queue.walk_in, group, Arrival(), actor="kiosk:1", now=day.now)
    for token in (waiting.token, "nothing"):
        assert (await client.get(f"/danh-gia/{token}")).status_code == 404
    assert "Anh/chị thấy thế nào?" not in (await visitor.open(f"/phieu/{waiting.token}")).text
    day.now += dt.timedelta(days=31)
    assert (await client.get(f"/danh-gia/{visit.token}")).status_code == 404


async def test_a_page_of_another_site_rates_nothing(app: App, day: Day, client: httpx.AsyncClient) -> None:
    link = f"/danh-gia/{(await served(day)).token}"
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    assert (await client.post(link, content="can-bo=1", headers=form)).status_code == 403
    assert await rows(app) == []


async def test_a_low_rating_can_ask_to_be_written_to(app: App, day: Day, visitor: Visitor) -> None:
    await day.do(staff.create, "chị Hạnh", CENTER, "lead", now=day.now)
    visit = await served(day, person="lan")
    link = f"/danh-gia/{visit.token}"
    await visitor.open(link)
    await fill(visitor, link, ("can-bo", "1"))
    await visitor.press("Nhờ người phụ trách nhắn lại")
    assert "Đã nhờ người phụ trách nhắn lại" in visitor.page.text
    assert "Nhờ người phụ trách nhắn lại cho tôi" not in visitor.page.text
    [asked] = await app.store.read(questions.of_center, CENTER)
    assert asked.owner_id is not None
    assert (await rows(app))[0].question_id == asked.id


async def test_without_anywhere_to_write_to_it_is_not_offered(day: Day, visitor: Visitor) -> None:
    await day.do(staff.create, "chị Hạnh", CENTER, "lead", now=day.now)
    link = f"/danh-gia/{(await served(day)).token}"
    await visitor.open(link)
    await fill(visitor, link, ("can-bo", "1"))
    assert "nhắn lại" not in visitor.page.text


# by the code at the counter


async def test_somebody_who_never_used_the_bot_says_it_at_the_counter(app: App, day: Day, visitor: Visitor) -> None:
    shown = await visitor.open(f"/gop-y/{CENTER}?quay=1")
    assert "quầy 1" in shown.text
    day.now += dt.timedelta(seconds=3)
    await fill(visitor, f"/gop-y/{CENTER}", *GOOD, ("them", "Phòng chờ nóng"))
    assert "Cảm ơn anh/chị đã góp ý" in visitor.page.text
    [row] = await rows(app)
    assert (row.origin, row.counter, row.visit_id, row.account_id) == ("counter", 1, None, None)
    assert json.loads(row.flags) == ["quick", "straight"]
    assert row.reply_due is not None


async def test_somebody_at_the_counter_names_what_they_came_for_and_picks_a_paper_of_its_list(app: App, day: Day, visitor: Visitor) -> None:
    assert "thu-tuc" not in dict((await visitor.open(f"/gop-y/{CENTER}")).form(f"/gop-y/{CENTER}").fields), "nobody came for anything yet"
    await served(day, procedure=DEATH)
    shown = await visitor.open(f"/gop-y/{CENTER}")
    assert f'<option value="{DEATH}">Đăng ký khai tử</option>' in shown.html
    await fill(visitor, f"/gop-y/{CENTER}", *GOOD, ("thu-tuc", DEATH))
    [row] = await rows(app)
    assert (row.procedure, row.field, row.origin, row.visit_id) == (DEATH, "ho-tich", "counter", None)
    again = await visitor.open(visitor.page.links["Chọn trong danh sách"])
    [offered, *_] = re.findall(r'name="giay" value="([^"]+)"', again.html)
    await fill(visitor, f"/danh-gia/{row.token}", ("giay", offered))
    [row] = await rows(app)
    assert [paper["id"] != "" for paper in json.loads(row.papers)] == [True]
    assert "Chọn trong danh sách" not in visitor.page.links
    found = await app.store.read(figures.by_procedure, Scope(CENTER, day.now.date(), day.now.date()))
    assert (found[DEATH].visits, found[DEATH].ratings, found[DEATH].over_ratings) == (1, 1, 1)


async def test_a_procedure_nobody_offered_is_not_kept(app: App, day: Day, visitor: Visitor) -> None:
    for code in ("9.999999", DEATH, "'"):
        await visitor.open(f"/gop-y/{CENTER}")
        await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "4"), ("thu-tuc", code))
    assert [row.procedure for row in await rows(app)] == ["", "", ""]


async def test_sent_twice_one_page_gives_one_row_and_another_page_another(app: App, day: Day, visitor: Visitor) -> None:
    form = (await visitor.open(f"/gop-y/{CENTER}")).form(f"/gop-y/{CENTER}")
    for _ in range(3):
        await visitor.send(form, [*form.fields, ("can-bo", "4")])
    assert len(await rows(app)) == 1
    await visitor.open(f"/gop-y/{CENTER}")
    await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "1"))
    assert len(await rows(app)) == 2


async def test_a_page_sent_again_is_about_what_was_chosen_last(app: App, day: Day, visitor: Visitor) -> None:
    for code in (BIRTH, DEATH):
        await served(day, procedure=code)
    form = (await visitor.open(f"/gop-y/{CENTER}")).form(f"/gop-y/{CENTER}")
    for code in (BIRTH, DEATH):
        await visitor.send(form, [*form.fields, *GOOD, ("thu-tuc", code)])
    assert [row.procedure for row in await rows(app)] == [DEATH]
    found = await app.store.read(figures.by_procedure, Scope(CENTER, day.now.date(), day.now.date()))
    assert {code: sums.ratings for code, sums in found.items()} == {BIRTH: 0, DEATH: 1}
    day.now += dt.timedelta(hours=1)
    await visitor.send(form, [*form.fields, *GOOD, ("thu-tuc", BIRTH)])
    assert [row.procedure for row in await rows(app)] == [DEATH], "too late"


@pytest.mark.parametrize("mark", ["", "x", "1.abc.def", "99999999999999.a.b"])
async def test_a_form_no_page_of_ours_drew_is_shown_again(app: App, day: Day, visitor: Visitor, mark: str) -> None:
    await visitor.open(f"/gop-y/{CENTER}")
    await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "4"), ("dau", mark))
    assert visitor.page.status == 409
    assert ("can-bo", "4") in visitor.page.form(f"/gop-y/{CENTER}").fields
    assert await rows(app) == []


async def test_a_page_left_open_for_a_day_is_drawn_anew_with_what_was_chosen(app: App, day: Day, visitor: Visitor) -> None:
    await visitor.open(f"/gop-y/{CENTER}")
    day.now += dt.timedelta(hours=13)
    await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "4"))
    assert (visitor.page.status, await rows(app)) == (409, [])
    form = visitor.page.form(f"/gop-y/{CENTER}")
    await visitor.send(form, form.fields)
    assert len(await rows(app)) == 1


async def test_counters_and_centers_nobody_knows_are_not_kept(app: App, day: Day, visitor: Visitor, client: httpx.AsyncClient) -> None:
    assert (await client.get("/gop-y/khong-co")).status_code == 404
    for asked in ("99", "x", "٣", "1" * 40):
        await visitor.open(f"/gop-y/{CENTER}?quay={asked}")
        await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "4"))
    assert [row.counter for row in await rows(app)] == [None] * 4


async def test_a_device_that_sends_without_end_is_asked_to_wait(app: App, day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VISITORS_OF_NETWORK", Rate(1 / limits.OWN_NETWORK, 0.001))
    async with connected(wire(app.store, app.premises, app.settings)) as client:
        visitor = Visitor(client)
        for expected in (200, 429):
            await visitor.open(f"/gop-y/{CENTER}")
            await fill(visitor, f"/gop-y/{CENTER}", ("can-bo", "4"))
            assert visitor.page.status == expected
    assert "Mời thử lại sau một phút" in visitor.page.text
    assert len(await rows(app)) == 1


def test_the_mark_of_a_page_tells_when_it_was_drawn_and_cannot_be_made_elsewhere() -> None:
    now = clock.now().replace(microsecond=0)
    made = page.mark("key", now=now)
    assert page.opened("key", made, now=now + dt.timedelta(minutes=5)) == now
    assert page.opened("another", made, now=now) is None
    assert page.opened("key", f"1{made}", now=now) is None
