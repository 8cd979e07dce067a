"""A helper in the hall: a fresh chat for the citizen at their side, a booking marked as theirs, paper, and the next one."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlmodel import Session

from bot.app import App
from bot.console.assist import COOKIE
from bot.console.desk import HOME
from bot.db import upsert
from bot.db.day import Visit as Row
from bot.db.enums import Role
from bot.db.tables import Account, Checklist, Inbox, Outbox, Person
from bot.domain import assist, audit, booking, retention, visits
from bot.domain.visits import Visit
from bot.texts import t
from tests.channels.webchat.visitor import Visitor
from tests.console.conftest import HERE, Clerk, SignIn
from tests.console.desk_day import DeskDay, send

BASE = f"{HOME}/{HERE}/giup-ba-con"
BOOK, CONFIRM = t("booking.do_book"), t("booking.do_confirm")
_VISIT = upsert.table(Row)


async def helped(clerk: Clerk) -> Visitor:
    """The chat in the frame, for somebody new."""
    await clerk.open("giup-ba-con")
    page = await clerk.send(BASE, viec="bat-dau")
    frame = Visitor(clerk.client, page.html.partition('<iframe class="assist__chat" src="')[2].partition('"')[0].replace("&amp;", "&"))
    await frame.open()
    return frame


async def asked(frame: Visitor) -> None:
    await frame.say("ba em mới mất")
    await frame.press("Có giấy báo tử")
    await frame.press("Trong 15 ngày")


async def booked(frame: Visitor) -> None:
    """For the citizen of this chat, at the first free time."""
    if BOOK in frame.page.text:
        await frame.press(BOOK)
    else:
        await frame.say("đặt lịch")
    for _ in range(6):
        if CONFIRM in frame.page.text:
            await frame.press(CONFIRM)
            return
        await frame.say("1")


async def made(app: App) -> list[Visit]:
    return await app.store.read(visits.found, select(*visits.COLUMNS).order_by(_VISIT.c.id))


async def kept(app: App) -> dict[str, int]:
    def count(session: Session) -> dict[str, int]:
        kinds = (Person, Account, Checklist, Inbox, Outbox)
        return {kind.__name__: session.execute(select(func.count()).select_from(upsert.table(kind))).scalar_one() for kind in kinds}

    return await app.store.read(count)


async def test_a_helper_asks_prints_and_the_next_one_finds_nothing(app: App, day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    frame = await helped(mai)
    await asked(frame)
    page = await mai.open("giup-ba-con/in")
    assert "Tờ khai đăng ký khai tử" in page.text
    assert "Giấy báo tử" in page.text
    assert (await kept(app))["Checklist"] == 1
    page = await mai.send(BASE, viec="xong")
    assert "Sẵn sàng cho người tiếp theo" in page.text
    assert set((await kept(app)).values()) == {0}
    await frame.open()
    assert "khai tử" not in frame.page.text
    assert COOKIE not in mai.client.cookies


async def test_a_booking_says_who_made_it_and_outlives_the_conversation(app: App, day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    frame = await helped(mai)
    await asked(frame)
    await booked(frame)
    [visit] = await made(app)
    assert (visit.state, visit.behalf, visit.source, visit.procedure) == ("booked", "volunteer", f"assist:{mai.id}", "1.000656")
    page = await mai.open("giup-ba-con/in")
    assert f"Mã 6 số: {visit.code[:3]} {visit.code[3:]}" in page.text
    assert "<svg" in page.html
    await mai.send(BASE, viec="xong")
    [after] = await made(app)
    assert (after.state, after.person_id, after.code) == ("booked", None, visit.code)
    clerk = await sign_in("clerk")
    assert "tình nguyện viên đặt giúp" in (await clerk.open(f"lich-hen/{visit.id}?ngay={visit.day}")).text


async def test_nobody_is_asked_for_whom_at_a_helpers_tablet(day: DeskDay, sign_in: SignIn) -> None:
    frame = await helped(await sign_in("volunteer"))
    await frame.say("đặt lịch")
    await frame.say("1")  # of two centers
    assert t("booking.days_ask") in frame.page.text
    assert t("booking.do_other_person") not in frame.page.text


async def test_a_helper_books_no_more_for_one_day_than_the_limit(app: App, day: DeskDay, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(booking.OTHERS, "volunteer", 2)
    mai = await sign_in("volunteer")
    for _ in range(3):
        frame = await helped(mai)
        await booked(frame)
    rows = await made(app)
    assert len([visit for visit in rows if visit.state == "booked"]) == 2
    assert "Đã giữ đủ số lịch hẹn cho phép" in frame.page.text
    nam = await helped(await sign_in("volunteer"))
    await booked(nam)
    assert len(await made(app)) == 3, "another helper has a limit of their own"


async def test_how_many_they_helped_is_in_the_audit_log_without_a_word_of_whom(app: App, day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer", name="em Mai")
    for _ in range(2):
        await asked(await helped(mai))
    await helped(mai)  # began the third, who went without a word: pressing again is no help either
    await helped(mai)
    await mai.open("giup-ba-con")
    await mai.send(BASE, viec="xong")
    rows = [row for row in await day.audit() if row.action == assist.DONE]
    assert [(row.actor, row.center_id, row.subject, row.after) for row in rows] == [(mai.actor, HERE, "", '{"lists":1,"visits":0}')] * 2
    assert "Hôm nay đã giúp 2 người" in (await mai.open("giup-ba-con")).text
    assert "Ai đã giúp bà con" not in mai.page.text
    lead = await sign_in("lead")
    assert "em Mai 2 2" in (await lead.open("giup-ba-con")).text
    assert await app.store.read(audit.verify) is None


async def test_pressed_twice_it_counts_once(day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    await asked(await helped(mai))
    cookie = mai.client.cookies[COOKIE]
    await mai.open("giup-ba-con")
    await mai.send(BASE, viec="xong")
    token = dict(mai.page.form(f"{HOME}/ra").fields)["ma"]
    mai.client.cookies.set(COOKIE, cookie, path=BASE)
    await mai.post(BASE, {"ma": token, "viec": "xong"})
    assert len([row for row in await day.audit() if row.action == assist.DONE]) == 1


async def test_another_helper_cannot_open_or_end_the_conversation(app: App, day: DeskDay, sign_in: SignIn) -> None:
    mai, nam = await sign_in("volunteer"), await sign_in("volunteer")
    await asked(await helped(mai))
    nam.client.cookies.set(COOKIE, mai.client.cookies[COOKIE], path=BASE)
    assert "<iframe" not in (await nam.open("giup-ba-con")).html
    await nam.send(BASE, viec="bat-dau")
    assert (await kept(app))["Checklist"] == 1


async def test_who_was_left_behind_is_forgotten_after_a_while(app: App, day: DeskDay, sign_in: SignIn) -> None:
    await asked(await helped(await sign_in("volunteer")))
    seen = await app.store.read(lambda session: session.execute(select(upsert.table(Account).c.last_seen_at)).scalar_one())
    for minutes, left in ((29, 1), (31, 0)):
        now = seen + dt.timedelta(minutes=minutes)
        await app.store.write(retention.purge, now=now, keep=retention.days(90))
        assert (await kept(app))["Account"] == left
    assert set((await kept(app)).values()) == {0}


def test_only_addresses_of_the_web_that_we_made_are_a_helpers() -> None:
    address = assist.address(7)
    assert assist.helper_of("web", address) == 7
    for bot, other in (
        ("telegram:1", address),
        ("web", "assist-7"),
        ("web", "assist-x-" + "0" * 32),
        ("web", address + "0"),
        ("web", "kiosk-7-" + "0" * 32),
    ):
        assert assist.helper_of(bot, other) is None


# rights


async def test_a_volunteer_sees_their_own_pages_and_nothing_else(day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    page = await mai.open(HOME)
    assert str(page.answer.url).endswith("/giup-ba-con")
    nav = page.html.partition('<nav class="mast__nav"')[2].partition("</nav>")[0]
    assert nav.count("<a href=") == 2
    assert {link for words, link in page.links.items() if link.startswith(f"{HOME}/")} == {BASE, f"{HOME}/{HERE}/luyen-tap"}
    for slug in ("quay", "lich-hen", "ngay", "gio", "thiet-lap", "cau-chua-hieu", "nguoi", "nhat-ky"):
        assert (await mai.open(slug)).status == 403, slug


async def test_a_volunteer_cannot_work_by_hand_either(day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    for slug in ("quay", "gio", "nguoi", "thiet-lap"):
        assert (await send(mai, "giup-ba-con", "x")).status == 200
        token = dict(mai.page.form(f"{HOME}/ra").fields)["ma"]
        assert (await mai.post(f"{HOME}/{HERE}/{slug}", {"ma": token, "viec": "x"})).status == 403, slug


@pytest.mark.parametrize(("role", "status"), [("clerk", 200), ("lead", 200), ("manager", 200), ("admin", 200), ("auditor", 403)])
async def test_staff_may_help_too_and_auditors_only_look_on(day: DeskDay, sign_in: SignIn, role: Role, status: int) -> None:
    assert (await (await sign_in(role)).open("giup-ba-con")).status == status


async def test_a_form_of_another_page_does_nothing(app: App, day: DeskDay, sign_in: SignIn) -> None:
    mai = await sign_in("volunteer")
    assert (await mai.post(BASE, {"ma": "x", "viec": "bat-dau"})).status == 403
    assert COOKIE not in mai.client.cookies
