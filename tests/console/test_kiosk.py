"""The kiosk, used without JavaScript by one visitor after the other."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import select, update
from sqlmodel import Session

from bot import clock
from bot.console import kiosk_deeds as deeds
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.store import Store
from bot.db.tables import Account
from bot.domain import centers, checklists, counters, devices, hours, people, visits
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.visitor import Visitor
from tests.console.conftest import HERE
from tests.console.kiosk import CLERK, Kiosk


async def test_three_things_to_choose_from(kiosk: Kiosk) -> None:
    links = kiosk.page.links
    assert links["Tôi có hẹn, hoặc quay lại"] == f"{kiosk.home}/co-hen"
    assert links["Lấy số"] == f"{kiosk.home}/lay-so"
    assert links["Hỏi giấy tờ"] == f"{kiosk.home}/hoi"
    assert 'data-size="larger"' in kiosk.page.html


async def test_a_number_for_a_group_with_priority_shown_and_logged(kiosk: Kiosk) -> None:
    page = await kiosk.go("lay-so")
    assert {"Hộ tịch, chứng thực", "Chưa rõ việc"} <= set(page.links)
    group = (await kiosk.read(counters.groups, HERE))[0]
    page = await kiosk.number(group.id, "elderly")
    assert "A001" in page.text
    assert "Gọi tại quầy 1, 2" in page.text
    assert "Ưu tiên: người cao tuổi" in page.text
    (visit,) = await kiosk.visits()
    assert (visit.priority, visit.source, visit.state) == ("elderly", "kiosk", "waiting")
    (event,) = await kiosk.read(visits.events, [visit.id])
    assert (event.actor, event.changes["priority"]) == (kiosk.device.actor, [None, "elderly"])
    assert f"/phieu/{visit.token}" not in page.html, "only the drawing leads to the ticket's page"
    assert f"{visit.code[:3]} {visit.code[3:]}" in page.text


async def test_who_does_not_know_what_for_goes_to_the_group_for_everything_else(kiosk: Kiosk) -> None:
    assert "D001" in (await kiosk.number()).text


async def test_a_priority_nobody_offered_is_none(kiosk: Kiosk) -> None:
    await kiosk.number(priority="mayor")
    assert [visit.priority for visit in await kiosk.visits()] == [""]


async def test_a_double_press_gives_one_number(kiosk: Kiosk) -> None:
    await kiosk.go("lay-so?nhom=0")
    form = kiosk.page.form(f"{kiosk.home}/lay-so")
    answers = await asyncio.gather(*(kiosk.post(form.action, form.fields) for _ in range(4)))
    assert {answer.headers["location"] for answer in answers} == {f"{kiosk.home}/phieu"}
    assert [visit.ticket for visit in await kiosk.visits()] == ["D001"]
    assert "D001" in (await kiosk.go("phieu")).text


async def test_asked_for_many_times_at_once_it_is_one_number_on_either_database(database_url: str, two_centers: Premises) -> None:
    store, now = Store(database_url), clock.now()
    await store.write(centers.settle, two_centers.directory.all, now=now)
    device, _ = await store.write(devices.create, HERE, "Cửa chính", now=now)
    wanted = deeds.Wanted(0)
    asked = (store.write(deeds.walk_in, two_centers, device, f"{device.visitors}1", wanted, now=now) for _ in range(8))
    given = await asyncio.gather(*asked)
    assert {visit.ticket for visit in given} == {"D001"}
    assert len(await store.read(visits.of_day, HERE, clock.today(now))) == 1
    store.close()


async def test_the_form_of_somebody_who_left_gives_no_number(kiosk: Kiosk) -> None:
    await kiosk.go("lay-so?nhom=0")
    form = kiosk.page.form(f"{kiosk.home}/lay-so")
    await kiosk.done()
    answer = await kiosk.post(form.action, form.fields)
    assert answer.headers["location"] == kiosk.home
    assert await kiosk.visits() == []


async def test_the_next_visitor_takes_a_number_of_their_own(kiosk: Kiosk) -> None:
    for ticket in ("D001", "D002"):
        assert ticket in (await kiosk.number()).text
        assert (await kiosk.done()).text.count("Anh/chị cần gì?") == 1
    assert (await kiosk.go("phieu")).text.count("Anh/chị cần gì?") == 1, "the number of the one before is not shown"


async def test_on_a_day_without_hours_no_number_is_given(kiosk: Kiosk) -> None:
    await kiosk.app.store.write(hours.set_exception, HERE, clock.today(clock.now()), (), actor=CLERK, now=clock.now())
    await kiosk.read(kiosk.app.premises.directory.refresh)
    assert "Giờ này không lấy số" in (await kiosk.open()).text
    assert "Giờ này trung tâm không phát số" in (await kiosk.go("lay-so")).text


async def test_from_a_question_to_a_printed_list_and_a_number_that_knows_it(kiosk: Kiosk) -> None:
    assert "Chưa có danh sách giấy tờ" in (await kiosk.go("giay-to")).text
    await kiosk.asked()
    page = await kiosk.go("giay-to")
    assert "Tờ khai đăng ký khai tử" in page.text
    assert 'class="qr"' not in page.html, "the list is gone when its holder leaves"
    page = await kiosk.go("lay-so?viec=1")
    assert "Việc: Đăng ký khai tử" in page.text
    form = page.form(f"{kiosk.home}/lay-so")
    page = await kiosk.send(form, form.fields)
    assert "A001" in page.text
    (visit,) = await kiosk.visits()
    account = await kiosk.read(people.find, "web", (await kiosk.read(_addresses))[0])
    assert account is not None
    (kept,) = await kiosk.read(checklists.latest, account.person_id)
    assert (visit.procedure, visit.checklist_id, visit.person_id) == ("1.000656", kept.id, account.person_id)


def _addresses(session: Session) -> list[str]:
    return list(session.execute(select(upsert.table(Account).c.address)).scalars())


@pytest.mark.parametrize("way", ["done", "start"])
async def test_everything_of_the_visitor_is_forgotten_and_the_number_stays(kiosk: Kiosk, way: str) -> None:
    await kiosk.asked()
    await kiosk.number()
    assert min((await kiosk.kept()).values()) > 0
    await (kiosk.done() if way == "done" else kiosk.open())
    assert set((await kiosk.kept()).values()) == {0}
    (visit,) = await kiosk.visits()
    assert (visit.state, visit.ticket) == ("waiting", "D001")
    assert (visit.person_id, visit.account_id, visit.checklist_id) == (None, None, None)
    assert await kiosk.read(visits.untrue, HERE, visit.day) == []


async def test_the_next_visitor_sees_nothing_of_the_chat_before(kiosk: Kiosk) -> None:
    old = await kiosk.asked()
    await kiosk.done()
    assert "Đăng ký khai tử" not in (await Visitor(kiosk.client, old.home).open()).text
    assert "Chưa có danh sách giấy tờ" in (await kiosk.go("giay-to")).text
    page = await kiosk.go("hoi")
    assert old.home not in page.html.replace("&amp;", "&")


async def test_whoever_a_power_cut_left_behind_is_forgotten_at_the_start(kiosk: Kiosk) -> None:
    await kiosk.asked()
    kiosk.client.cookies.clear()
    await kiosk.open()
    assert (await kiosk.kept())["Person"] == 1, "somebody may stand at a second screen with this link"
    accounts = upsert.table(Account)
    before = update(accounts).values(last_seen_at=clock.now() - devices.LEFT_BEHIND - dt.timedelta(minutes=1))
    await kiosk.app.store.write(lambda session: session.execute(before) and None)
    await kiosk.open()
    assert set((await kiosk.kept()).values()) == {0}


async def test_only_our_own_pages_may_frame_the_chat_and_nobody_the_kiosk(kiosk: Kiosk) -> None:
    page = await kiosk.go("hoi")
    policy = page.answer.headers["content-security-policy"]
    assert "frame-src 'self'" in policy
    assert policy.endswith("frame-ancestors 'none'")
    frame = await Visitor(kiosk.client).open(page.html.partition('<iframe src="')[2].partition('"')[0])
    assert frame.answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")


async def test_pages_come_back_to_the_start_without_javascript(kiosk: Kiosk) -> None:
    for path in ("co-hen", "lay-so", "hoi"):
        assert f';url={kiosk.home}"></noscript>' in (await kiosk.go(path)).html


async def test_a_link_that_was_switched_off_opens_nothing(kiosk: Kiosk) -> None:
    await kiosk.app.store.write(devices.revoke, kiosk.device.id, now=clock.now())
    for path in ("", "/lay-so", "/hoi"):
        page = await kiosk.open(f"{kiosk.home}{path}")
        assert page.status == 404
        assert "đã tắt" in page.text
        assert "set-cookie" not in page.answer.headers


async def test_a_form_of_another_site_is_refused(kiosk: Kiosk) -> None:
    await kiosk.go("lay-so?nhom=0")
    form = kiosk.page.form(f"{kiosk.home}/lay-so")
    headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    answer = await kiosk.client.post(form.action, content="&".join(f"{name}={value}" for name, value in form.fields), headers=headers)
    assert answer.status_code == 403
    assert await kiosk.visits() == []


async def test_the_cookie_of_one_kiosk_means_nothing_to_another(kiosk: Kiosk) -> None:
    await kiosk.number()
    _, token = await kiosk.app.store.write(devices.create, HERE, "Cửa sau", now=clock.now())
    cookie = next(kept.value for kept in kiosk.client.cookies.jar if kept.name == "motcua_kiot")
    async with connected(kiosk.app) as other:
        answer = await other.get(f"/ki-ot/{token}/phieu", headers={"cookie": f"motcua_kiot={cookie}"})
    assert answer.headers["location"] == f"/ki-ot/{token}"
