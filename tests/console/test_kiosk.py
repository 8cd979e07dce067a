"""The kiosk, used without JavaScript by one visitor after the other."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session

from bot import clock
from bot.app import App
from bot.console import kiosk_deeds as deeds
from bot.conversation.context import Premises
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.store import Store
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import centers, checklists, counters, devices, hours, people, visits
from bot.domain.devices import Device
from bot.domain.visits import Missing, Visit
from handlers import visiting
from tests.channels.webchat.conftest import connected
from tests.channels.webchat.visitor import Page, Visitor
from tests.console.conftest import HERE, THERE

T = TypeVar("T")
CLERK = "staff:1"
_VISIT = upsert.table(Row)


class Kiosk(Visitor):
    """The browser of a kiosk. `device` is what its link stands for."""

    def __init__(self, app: App, client: httpx.AsyncClient, device: Device, token: str) -> None:
        super().__init__(client, f"/ki-ot/{token}")
        self.app, self.device = app, device

    async def go(self, path: str) -> Page:
        return await self.open(f"{self.home}/{path}")

    async def code(self, typed: str, **more: str) -> Page:
        await self.go("co-hen")
        return await self.send(self.page.form(f"{self.home}/co-hen"), [("so", typed), *more.items()])

    async def number(self, group: int = 0, priority: str = "") -> Page:
        await self.go(f"lay-so?nhom={group}")
        form = self.page.form(f"{self.home}/lay-so")
        return await self.send(form, [*form.fields, ("uu-tien", priority)])

    async def done(self) -> Page:
        return await self.press("Xong")

    async def asked(self) -> Visitor:
        """The chat in the frame, until the list is there."""
        page = await self.go("hoi")
        source = page.html.partition('<iframe src="')[2].partition('"')[0].replace("&amp;", "&")
        frame = Visitor(self.client, source)
        await frame.open()
        await frame.say("ba em mới mất")
        await frame.press("Có giấy báo tử")
        await frame.press("Trong 15 ngày")
        return frame

    async def read(self, work: Callable[..., T], *args: Any, **named: Any) -> T:
        return await self.app.store.read(work, *args, **named)

    async def visits(self) -> list[Visit]:
        return await self.read(visits.found, select(*visits.COLUMNS).order_by(_VISIT.c.id))

    async def kept(self) -> dict[str, int]:
        """How many rows there are about people."""
        return await self.read(_kept)


def _kept(session: Session) -> dict[str, int]:
    kinds = (Person, Account, Checklist, Inbox, Outbox)
    return {kind.__name__: session.execute(select(func.count()).select_from(upsert.table(kind))).scalar_one() for kind in kinds}


def _open_all_day(session: Session, *, now: dt.datetime) -> None:
    for center in (HERE, THERE):
        for days in range(-1, 2):
            date = clock.today(now) + dt.timedelta(days=days)
            hours.set_exception(session, center, date, (hours.Span(0, hours.MIDNIGHT),), actor=CLERK, now=now)


@pytest.fixture
async def kiosk(app: App) -> AsyncIterator[Kiosk]:
    now = clock.now()
    await app.store.write(_open_all_day, now=now)
    await app.store.read(app.premises.directory.refresh)
    device, token = await app.store.write(devices.create, HERE, "Cửa chính", now=now)
    async with connected(app) as client:
        made = Kiosk(app, client, device, token)
        await made.open()
        yield made


async def booked(app: App, center: str = HERE, *, days: int = 0) -> Visit:
    """Somebody booked some days from now, at an hour to come."""

    def make(session: Session, *, now: dt.datetime) -> Visit:
        group = counters.groups(session, center)[0]
        starts_at = dt.datetime.combine(clock.today(now) + dt.timedelta(days=days), dt.time(23, 30), clock.VIETNAM)
        row = {"center_id": center, "group_id": group.id, "day": clock.today(starts_at), "state": "booked", "starts_at": starts_at}
        made = visits.add(session, "booked", actor="citizen", now=now, **row, ends_at=starts_at + dt.timedelta(minutes=30), seat=1)
        assert made is not None
        return made

    return await app.store.write(make, now=clock.now())


async def become(app: App, visit: Visit, **columns: Any) -> Visit:
    def change(session: Session) -> Visit | None:
        return visits.change(session, visit, "test", actor=CLERK, now=clock.now(), **columns)

    changed = await app.store.write(change)
    assert changed is not None
    return changed


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


@pytest.mark.parametrize("typed", ["{code}", "{spoken}", "https://motcua.example/phieu/{token}", "  HTTPS://x/phieu/{token}  "])
async def test_who_booked_is_here_by_code_or_by_the_scanned_ticket(kiosk: Kiosk, typed: str) -> None:
    visit = await booked(kiosk.app)
    spoken = f"{visit.code[:3]} {visit.code[3:]}"
    page = await kiosk.code(typed.format(code=visit.code, spoken=spoken, token=visit.token), uu_tien="")
    assert "A001" in page.text
    (here,) = await kiosk.visits()
    assert here.state in ("arrived", "waiting")
    assert (await kiosk.read(visits.events, [visit.id]))[-1].actor == kiosk.device.actor


async def test_checking_in_twice_shows_the_same_number(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await kiosk.code(visit.code)
    await kiosk.done()
    page = await kiosk.code(visit.code)
    assert "A001" in page.text
    assert "Đã ghi nhận từ trước" in page.text


async def test_who_was_called_already_is_sent_to_the_counter(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await kiosk.code(visit.code)
    desk = (await kiosk.read(counters.counters, HERE))[1]
    (here,) = await kiosk.visits()
    await kiosk.app.store.write(visiting.call, here, desk.id, actor=CLERK, now=clock.now())
    page = await kiosk.code(visit.code)
    assert "Đang mời số này" in page.text
    assert "Mời đến quầy 2 ngay" in page.text


async def test_who_missed_the_call_is_in_line_again(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    await become(kiosk.app, visit, state="missed", letter="A", number=1)
    assert "A001" in (await kiosk.code(visit.code)).text
    assert [(one.state, one.returned) for one in await kiosk.visits()] == [("waiting", True)]


async def test_who_comes_back_with_the_papers_another_day_goes_before_others(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app, days=-1)
    missing = '[{"id": "a", "name": "Tờ khai", "why": "missing"}]'
    assert Missing("a", "Tờ khai") in (await become(kiosk.app, visit, state="must_return", letter="A", number=7, missing=missing)).papers_missing
    assert "A001" in (await kiosk.code(visit.code)).text
    assert [one.returned for one in await kiosk.visits()] == [False, True]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("cancelled", "Lịch hẹn này đã hủy"),
        ("done", "đã xong"),
        ("serving", "đang được phục vụ"),
        ("no_show", "đã qua"),
        ("expired", "chưa xác nhận kịp"),
        ("held", "chưa xác nhận"),
    ],
)
async def test_a_code_that_cannot_be_used_any_more_is_answered_kindly(kiosk: Kiosk, state: str, said: str) -> None:
    visit = await booked(kiosk.app)
    await become(kiosk.app, visit, state=state)
    page = await kiosk.code(visit.code)
    assert page.status == 422
    assert said in page.text
    assert [one.state for one in await kiosk.visits()] == [state]


@pytest.mark.parametrize(
    ("typed", "said"), [("", "Chưa có mã"), ("12345", "Chưa thấy mã này"), ("000000", "Chưa thấy mã này"), ("/phieu/khong-co-dau", "mã vuông")]
)
async def test_a_wrong_code_is_answered_kindly(kiosk: Kiosk, typed: str, said: str) -> None:
    page = await kiosk.code(typed)
    assert page.status == 422
    assert said in page.text


async def test_a_code_of_another_day_says_when(kiosk: Kiosk) -> None:
    tomorrow, yesterday = await booked(kiosk.app, days=1), await booked(kiosk.app, days=-1)
    assert "vào ngày khác" in (await kiosk.code(tomorrow.code)).text
    assert clock.day(tomorrow.day) in kiosk.page.text
    assert "đã qua ngày" in (await kiosk.code(yesterday.code)).text
    assert {one.state for one in await kiosk.visits()} == {"booked"}


async def test_a_ticket_of_another_center_is_named(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app, THERE)
    assert "Bình Hòa" in (await kiosk.code(f"https://motcua.example/phieu/{visit.token}")).text
    assert "Chưa thấy mã này" in (await kiosk.code(visit.code)).text


async def test_codes_cannot_be_walked_through(kiosk: Kiosk) -> None:
    visit = await booked(kiosk.app)
    wrong = next(str(number) for number in range(100_000, 100_002) if str(number) != visit.code)
    for _ in range(deeds.MOST_TRIES):
        assert (await kiosk.code(wrong)).status == 422
    page = await kiosk.code(visit.code)
    assert page.status == 429
    assert "Máy vừa nhận nhiều mã quá" in page.text
    assert [one.state for one in await kiosk.visits()] == ["booked"]


def test_tries_count_for_a_minute_and_for_each_kiosk_alone() -> None:
    time = [0.0]
    tries = deeds.Tries(lambda: time[0])
    one, two = (Device(number, HERE, devices.KIOSK, "", clock.now()) for number in (1, 2))
    assert [tries.allowed(one) for _ in range(deeds.MOST_TRIES + 1)] == [True] * deeds.MOST_TRIES + [False]
    assert tries.allowed(two)
    time[0] = deeds.WITHIN_SECONDS
    assert tries.allowed(one)


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
